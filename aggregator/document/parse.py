"""Documents → posts."""

from __future__ import annotations

from datetime import UTC, datetime

from aggregator.document.blocks import Body
from aggregator.document.front import parse_front
from aggregator.document.lines import split
from aggregator.errors import DocumentError
from aggregator.model.post import Citation, Post, Update, UpdateKind


def parse_document(text: str) -> Post:
    """Return what a document means. Raises DocumentError, always with the line as typed."""
    parts = split(text)
    if parts.front is None:
        raise DocumentError(
            'there is no title; begin with a line `---`, then `title: "…"`, then `---`', line=1
        )
    front = parse_front(parts.front)
    if not front.title:
        raise DocumentError('there is no title; write `title: "…"` below the first `---`', line=1)
    blocks, updates = Body(parts, front.cites).updates()
    return Post(
        title=front.title,
        blocks=blocks,
        updates=updates,
        slug=front.slug,
        language=front.language,
        author=front.author,
        tags=front.tags,
        published=front.published,
        cites=front.cites,
    )


def parse_update(
    text: str, *, at: datetime, kind: UpdateKind
) -> tuple[Update, tuple[Citation, ...]]:
    """Return an update, and the details of what it cites.

    The text holds blocks only; front matter may stand before them, with `cites` in it. Raises
    DocumentError, when the text says nothing too.
    """
    parts = split(text)
    cites = parse_front(parts.front, keys=("cites",)).cites if parts.front is not None else ()
    body = Body(parts, cites)
    for heading in body.headings():
        raise DocumentError(
            "one update cannot hold another; take this heading out, its time is added by itself",
            line=body.line(heading.line),
        )
    blocks = body.blocks()
    if not blocks:
        raise DocumentError("the update says nothing", line=1)
    return Update(at=at.astimezone(UTC), kind=kind, blocks=blocks), cites
