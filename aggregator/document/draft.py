"""Entries → drafts that quote and cite them."""

from __future__ import annotations

from aggregator.document.write import write_document
from aggregator.markup.markdown import escaped, link, web_address
from aggregator.markup.text import excerpt, plain_text, scrub
from aggregator.model.feed import StoredEntry
from aggregator.model.post import Citation, Post, Quotation

LONGEST_QUOTE = 1_200  # characters; the author cuts it, which is quicker than copying
LONGEST_TITLE = 300
UNTITLED = "Untitled"


def draft_from_entry(stored: StoredEntry) -> str:
    """Return a draft's document: a lead-in, the entry's first words quoted, and its details.

    The author cuts the quotation and writes the rest. An entry without a link gives a draft
    without a citation, for a citation is an address.
    """
    entry = stored.entry
    url = web_address(entry.link) if entry.link else None
    author, outlet = _line(entry.author), _line(stored.feed_title)
    paragraphs = _paragraphs(plain_text(scrub(entry.content or entry.summary, bidi=True)))
    title = _line(entry.title) or (excerpt(paragraphs[0], 80) if paragraphs else UNTITLED)
    if not paragraphs:
        text = link(title, url) if url else escaped(title)
    else:
        text = "\n\n".join(escaped(paragraph) for paragraph in paragraphs)
    who = author or outlet or title
    cite = url and Citation(
        url=url,
        title=_line(entry.title) or None,
        author=author or None,
        outlet=outlet or None,
        published=entry.published,
        entry=stored.number,
    )
    quotation = Quotation(text=text, lead_in=f"{link(who, url) if url else escaped(who)} reports:")
    return write_document(Post(title=title, blocks=(quotation,), cites=(cite,) if cite else ()))


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
