"""Changes to the author's text that leave every other byte of it alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from aggregator.document.blocks import Body, UpdateHeading
from aggregator.document.citing import add_cites
from aggregator.document.lines import Parts, is_blank, split, typed_lines
from aggregator.document.parse import parse_document
from aggregator.document.times import written
from aggregator.document.write import write_update
from aggregator.errors import DocumentError
from aggregator.model.post import Block, Citation, Commentary, Quotation, Update, UpdateKind

_PROBE = (Commentary(markdown="."),)
_BARE = re.compile(r"( {0,3}##[ \t]+[A-Za-z]+)([ \t#]*[\r\n]*)")


def append_update(document: str, update: Update, cites: Iterable[Citation]) -> str:
    """Return the document with one more update at its end, and its cites in the front matter.

    Raises DocumentError when the document's end would swallow the update, or the two texts
    give one name or address different meanings.
    """
    before = parse_document(document)
    longer = add_cites(document, tuple(cites))
    end = "\r\n" if "\r\n" in document else "\n"
    if not longer.endswith(("\n", "\r")):
        longer += end
    if not re.search(r"(?:\r\n?|\n)[ \t]*(?:\r\n?|\n)\Z", longer):
        longer += end
    longer += write_update(update).replace("\n", end) + end
    after = parse_document(longer)
    last_line = len(typed_lines(document))
    if [new.at for new in after.updates] != [*(old.at for old in before.updates), update.at]:
        raise DocumentError(
            "the post ends inside a code block that is never closed, which would swallow the "
            "update; close it first",
            line=last_line,
        )
    probe = Update(at=update.at + timedelta(seconds=1), kind=UpdateKind.UPDATE, blocks=_PROBE)
    if len(parse_document(longer + end + write_update(probe)).updates) == len(after.updates):
        raise DocumentError(
            "the update ends inside a code block that is never closed, which would swallow the "
            "next one; close it first",
        )
    expected = [before.blocks, *(old.blocks for old in before.updates), update.blocks]
    found = [after.blocks, *(new.blocks for new in after.updates)]
    if [_meaning(blocks) for blocks in found] != [_meaning(blocks) for blocks in expected]:
        raise DocumentError(
            "a link name such as [1] would mean another address, in the post or in the update; "
            "give it another name in the update",
            line=last_line,
        )
    return longer


def line_of_update(document: str, at: datetime) -> int | None:
    """Return the number of the line, from 1, of the heading with this time; None: there is none."""
    body = Body(split(document))
    return next((body.line(head.line) for head in body.headings() if head.at == at), None)


def _meaning(blocks: Iterable[Block]) -> list[Block]:
    """Return the blocks without the details of citations, which the front matter may add to."""
    return [
        replace(block, citation=Citation(url=block.citation.url))
        if isinstance(block, Quotation) and block.citation
        else block
        for block in blocks
    ]


def stamp_updates(document: str, now: datetime, *, before: str) -> str:
    """Return the document with a time in each update heading that was typed without one.

    Headings that stood so in the document `before` stay: they open no update. The time is `now`,
    or the first millisecond after it that no other update has. Raises DocumentError when the
    front matter never ends or a typed time is none.
    """
    parts = split(document)
    headings = list(Body(parts).headings())
    bare = _new_ones(parts, split(before))
    at = now.astimezone(UTC)
    taken = {heading.at for heading in headings}
    lines = typed_lines(document)
    for heading in bare:
        while at in taken:
            at += timedelta(milliseconds=1)
        taken.add(at)
        index = parts.body_at + heading.line
        lines[index] = _BARE.sub(rf"\g<1> {written(at)}\g<2>", lines[index], count=1)
    return "".join(lines)


def _new_ones(parts: Parts, before: Parts) -> list[UpdateHeading]:
    """Return the headings without a time that were not there before, in order."""
    bare = [heading for heading in Body(parts).headings() if heading.at is None]
    old = [heading for heading in Body(before).headings() if heading.at is None]
    new: list[UpdateHeading] = []
    for kind in UpdateKind:
        # Known by what stands below; where that was changed as well, new ones stand last.
        known = Counter(_below(before, heading) for heading in old if heading.kind is kind)
        mine = [heading for heading in bare if heading.kind is kind]
        more = max(len(mine) - known.total(), 0)
        unknown = []
        for heading in mine:
            below = _below(parts, heading)
            if known[below]:
                known[below] -= 1
            else:
                unknown.append(heading)
        new += unknown[len(unknown) - more :]
    return sorted(new, key=lambda heading: heading.line)


def _below(parts: Parts, heading: UpdateHeading) -> str:
    return next((line for line in parts.body[heading.line + 1 :] if not is_blank(line)), "")
