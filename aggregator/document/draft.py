"""Entries → drafts that quote and cite them."""

from __future__ import annotations

from aggregator.document.write import write_document
from aggregator.markup.markdown import escaped, link, web_address
from aggregator.markup.text import excerpt, plain_text, scrub
from aggregator.model.feed import StoredEntry
from aggregator.model.post import Block, Citation, Commentary, Post, Quotation

LONGEST_QUOTE = 1_200  # characters; the author cuts it, which is quicker than copying
LONGEST_TITLE = 300


def draft_from_entry(
    stored: StoredEntry,
    *,
    english: bool = True,
    untitled: str = "Untitled",
    private: bool = False,
) -> str:
    """Return a draft's document: a lead-in, the entry's first words quoted, and its details.

    The author cuts the quotation and writes the rest. An entry without a link gives a draft
    without a citation, for a citation is an address; one that says nothing is not quoted, and
    the draft is called `untitled`. Only an `english` draft has a lead-in: that of another
    language is made when the post is published. The name of a `private` feed is left out.
    """
    entry = stored.entry
    url = web_address(entry.link) if entry.link else None
    author, outlet = _line(entry.author), "" if private else _line(stored.feed_title)
    paragraphs = _paragraphs(plain_text(scrub(entry.content or entry.summary, bidi=True)))
    said = _line(entry.title)
    title = said or (excerpt(paragraphs[0], 80) if paragraphs else untitled)
    who = author or outlet or title
    lead_in = f"{link(who, url) if url else escaped(who)} reports:" if english else None
    cite = url and Citation(
        url=url,
        title=said or None,
        author=author or None,
        outlet=outlet or None,
        published=entry.published,
        entry=stored.number,
    )
    block: Block | None = None
    if paragraphs:
        block = Quotation(
            text="\n\n".join(map(escaped, paragraphs)),
            lead_in=lead_in,
            credit=f"<{url}>" if url and not english else None,
        )
    elif said:
        block = Quotation(text=link(said, url) if url else escaped(said), lead_in=lead_in)
    elif url:
        block = Commentary(markdown=link(who, url))
    return write_document(
        Post(title=title, blocks=(block,) if block else (), cites=(cite,) if cite else ())
    )


def _line(text: str | None) -> str:
    return excerpt(scrub(text or "", bidi=True), LONGEST_TITLE)


def _paragraphs(text: str) -> list[str]:
    found: list[str] = []
    room = LONGEST_QUOTE
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
