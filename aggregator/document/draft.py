"""Entries and links → drafts that quote and cite them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from aggregator.document.write import write_document
from aggregator.markup.markdown import escaped, link, web_address
from aggregator.markup.text import excerpt, plain_text, scrub
from aggregator.model.feed import Entry, StoredEntry
from aggregator.model.post import Block, Citation, Commentary, Post, Quotation

LONGEST_QUOTE = 1_200  # characters; the author cuts it, which is quicker than copying
LONGEST_TITLE = 300
VERBS = ("reports", "writes", "points out")


@dataclass(frozen=True, kw_only=True)
class Cited:
    """What is cited, and by which name. `title` and `who` are plain text."""

    who: str
    title: str  # "": it has none
    cite: Citation | None  # None: it has no address, and a citation is one
    english: bool = True  # only then there is a lead-in; other languages have theirs made later

    def lead_in(self, verb: str = VERBS[0]) -> str | None:
        """Return "[Ana Reyes](…) reports:"; None: it is made when the post is published."""
        if not self.english:
            return None
        name = link(self.who, self.cite.url) if self.cite else escaped(self.who)
        return f"{name} {verb}:"

    @property
    def credit(self) -> str | None:
        """The closing line of a quotation that has no lead-in to name its source."""
        return f"<{self.cite.url}>" if self.cite and not self.english else None


def cited_entry(stored: StoredEntry, *, english: bool = True, private: bool = False) -> Cited:
    """Return an entry as what is cited. The name of a `private` feed is left out."""
    entry = stored.entry
    url = web_address(entry.link) if entry.link else None
    author, outlet = _line(entry.author), "" if private else _line(stored.feed_title)
    title = _line(entry.title)
    cite = url and Citation(
        url=url,
        title=title or None,
        author=author or None,
        outlet=outlet or None,
        published=entry.published,
        via=None if private else _via(entry, url),
        entry=stored.number,
    )
    return Cited(who=author or outlet or title, title=title, cite=cite or None, english=english)


def cited_link(url: str, title: str, *, via: str = "", english: bool = True) -> Cited | None:
    """Return a page as what is cited; None when its address is none of the web."""
    address = web_address(url)
    if address is None:
        return None
    said = _line(title)
    seen = web_address(via) if via else None
    host = (urlsplit(address).hostname or address).removeprefix("www.")
    cite = Citation(url=address, title=said or None, via=seen if seen != address else None)
    return Cited(who=host, title=said, cite=cite, english=english)


def draft_from_entry(
    stored: StoredEntry,
    *,
    english: bool = True,
    untitled: str = "Untitled",
    private: bool = False,
    words: str = "",
    via: str = "",
) -> str:
    """Return a draft's document: a lead-in, the entry's first words quoted, and its details.

    The author cuts the quotation and writes the rest. An entry without a link gives a draft
    without a citation, for a citation is an address; one that says nothing is not quoted, and
    the draft is called `untitled`. Only an `english` draft has a lead-in: that of another
    language is made when the post is published. The name of a `private` feed is left out.
    With `words`, plain text, those are quoted instead; `via` is where the author found it, for an
    entry that does not say.
    """
    entry = stored.entry
    cited = cited_entry(stored, english=english, private=private)
    seen = web_address(via) if via else None
    if seen and cited.cite and not cited.cite.via and seen != cited.cite.url:
        cited = replace(cited, cite=replace(cited.cite, via=seen))
    said = plain_text(scrub(entry.content or entry.summary, bidi=True))
    paragraphs = paragraphs_of(scrub(words, bidi=True)) or _paragraphs(said)
    return draft_of(cited, paragraphs, untitled=untitled)


def draft_of(cited: Cited, paragraphs: Sequence[str], *, untitled: str = "Untitled") -> str:
    """Return the document of a draft that quotes these paragraphs, plain text, of what is cited."""
    title = cited.title or (excerpt(paragraphs[0], 80) if paragraphs else untitled)
    if not cited.who:
        # The name is the title, and that was made of the first words.
        cited = replace(cited, who=title)
    url = cited.cite.url if cited.cite else None
    block: Block | None = None
    if paragraphs:
        block = Quotation(
            text="\n\n".join(map(escaped, paragraphs)),
            lead_in=cited.lead_in(),
            credit=cited.credit,
        )
    elif cited.title:
        said = link(cited.title, url) if url else escaped(cited.title)
        block = Quotation(text=said, lead_in=cited.lead_in())
    elif url:
        block = Commentary(markdown=link(cited.who, url))
    cites = (cited.cite,) if cited.cite else ()
    return write_document(Post(title=title, blocks=(block,) if block else (), cites=cites))


def _via(entry: Entry, url: str) -> str | None:
    """Return where an entry says that it was found, or came from."""
    named = [one.href for one in entry.links if one.rel == "via"]
    if entry.source and entry.source.link:
        named.append(entry.source.link)
    found = filter(None, map(web_address, named))
    return next((one for one in found if one != url), None)


def _line(text: str | None) -> str:
    return excerpt(scrub(text or "", bidi=True), LONGEST_TITLE)


def paragraphs_of(text: str, *, most: int = 1_000_000) -> list[str]:
    """Return the paragraphs of plain text, `most` characters of it about."""
    found: list[str] = []
    room = most
    for line in text.split("\n"):
        if not line.strip():
            continue
        if found and room < 80:
            return [*found, "…"]
        found.append(excerpt(line, max(room, 2)))
        room -= len(found[-1])
        if found[-1].endswith("…") and not line.endswith("…"):
            break
    return found


def _paragraphs(text: str) -> list[str]:
    return paragraphs_of(text, most=LONGEST_QUOTE)
