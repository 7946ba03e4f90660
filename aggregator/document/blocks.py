"""A body's lines → blocks and updates, as Markdown's own block structure has them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator.document.lines import Parts, is_blank, trimmed, untabbed
from aggregator.document.takeaways import parse_takeaways
from aggregator.document.times import EXAMPLE, looks_like_time, moment
from aggregator.errors import DocumentError
from aggregator.markup.markdown import (
    Definitions,
    Outlined,
    definitions,
    first_link,
    only_link,
    outline,
    words,
)
from aggregator.model.post import Block, Citation, Commentary, Quotation, Update, UpdateKind

HEADINGS = {
    "Update": UpdateKind.UPDATE,
    "Correction": UpdateKind.CORRECTION,
    "Reaction": UpdateKind.REACTION,
    "Withdrawn": UpdateKind.WITHDRAWAL,
}
COLONS = (":", "：")

_HEADING = re.compile(rf"({'|'.join(HEADINGS)})(?:[ \t]+(.+))?", re.IGNORECASE | re.DOTALL)
_ATX = re.compile(r" {0,3}##(?:[ \t]|$)")
_QUOTE_MARK = re.compile(r" {0,3}>")
_CREDIT = re.compile(r" {0,3}(?:—|–|―|--(?!-))[ \t]*(.*[^ \t])[ \t]*")


@dataclass(frozen=True, kw_only=True)
class UpdateHeading:
    """A heading that opens an update; `line` counts from 0 in the body.

    Without a time (`at` is None) it opens none, and is a heading like any other.
    """

    line: int
    kind: UpdateKind
    at: datetime | None


class Body:
    """A body, read once; `cites` are the details that its citations are given."""

    def __init__(self, parts: Parts, cites: Sequence[Citation] = ()) -> None:
        self._lines = parts.body
        self._offset = parts.body_at
        text = "\n".join(parts.body)
        self._outline = outline(text)
        self._known: Definitions = definitions(text)
        self._cites: Mapping[str, Citation] = {cite.url: cite for cite in cites}

    def line(self, index: int) -> int:
        """Return the number, from 1 in the document, of a line of the body."""
        return self._offset + index + 1

    def headings(self) -> Iterator[UpdateHeading]:
        """Yield headings of updates, with and without a time. Raises DocumentError for a time
        that is none."""
        for block in self._outline:
            if block.level != 2 or not _ATX.match(self._lines[block.start]):
                continue
            found = _HEADING.fullmatch(block.text)
            if not found:
                continue
            kind = HEADINGS[found[1].capitalize()]
            at = moment(found[2]) if found[2] else None
            if found[2] and at is None:
                if not looks_like_time(found[2]):
                    continue  # "Update on the budget" is a heading like any other
                raise DocumentError(
                    f"{found[2][:60]!r} is not a time; write one such as {EXAMPLE}",
                    line=self.line(block.start),
                )
            yield UpdateHeading(line=block.start, kind=kind, at=at)

    def blocks(self, start: int = 0, end: int | None = None) -> tuple[Block, ...]:
        """Return the blocks of a range of lines. Raises DocumentError."""
        until = len(self._lines) if end is None else end
        return tuple(block for _, block in self._blocks(start, until))

    def quotations(self) -> Iterator[tuple[int, int, Quotation]]:
        """Yield every quotation, and the lines of the body it stands in, without its lead-in.

        Raises DocumentError.
        """
        for place, block in self._blocks(0, len(self._lines)):
            if isinstance(block, Quotation):
                yield place.start, place.end, block

    def updates(self) -> tuple[tuple[Block, ...], tuple[Update, ...]]:
        """Return the post's own blocks, and its updates. Raises DocumentError."""
        opened = [(head.line, head.at, head.kind) for head in self.headings() if head.at]
        ends = [start for start, _, _ in opened] + [len(self._lines)]
        own = self.blocks(0, ends[0])
        updates: list[Update] = []
        taken: dict[datetime, int] = {}
        for (start, at, kind), end in zip(opened, ends[1:], strict=True):
            line = self.line(start)
            if at in taken:
                raise DocumentError(
                    f"the update in line {taken[at]} has the same time; make this one a second "
                    "later",
                    line=line,
                )
            blocks = self.blocks(start + 1, end)
            if not blocks:
                raise DocumentError(
                    "the update says nothing; write it below its heading", line=line
                )
            taken[at] = line
            updates.append(Update(at=at, kind=kind, blocks=blocks))
        return own, tuple(updates)

    def _blocks(self, start: int, end: int) -> Iterator[tuple[Outlined, Block]]:
        said: int | None = None  # where the commentary began that is not yet yielded
        before: Outlined | None = None
        for block in self._pieces(start, end):
            if block.kind not in ("blockquote", "takeaways"):
                said = block.start if said is None else said
                before = block
                continue
            until, lead_in = block.start, None
            if block.kind == "blockquote" and before and self._leads_in(before):
                until, lead_in = before.start, before
            if said is not None and said < until:
                yield self._commentary(said, until)
            said, before = None, None
            if block.kind == "takeaways":
                inside = self._lines[block.start : block.end]
                yield block, parse_takeaways(inside, block.text, self.line(block.start))
            else:
                yield block, self._quotation(block, lead_in)
        if said is not None:
            yield self._commentary(said, end)

    def _pieces(self, start: int, end: int) -> Iterator[Outlined]:
        """Yield the outline's blocks within the lines, and as "other" what is none of them."""
        place = start
        for block in self._outline:
            if not start <= block.start < end:
                continue
            yield from self._between(place, block.start)
            # The container's closing line is not counted as its own.
            place = min(block.end + (block.kind == "takeaways"), end)
            yield replace(block, end=place)
        yield from self._between(place, end)

    def _between(self, start: int, end: int) -> Iterator[Outlined]:
        while start < end and is_blank(self._lines[start]):
            start += 1
        if start < end:
            yield Outlined(kind="other", start=start, end=end)

    def _commentary(self, start: int, end: int) -> tuple[Outlined, Commentary]:
        place = Outlined(kind="other", start=start, end=end)
        return place, Commentary(markdown="\n".join(trimmed(self._lines[start:end])))

    def _leads_in(self, block: Outlined) -> bool:
        # As readers see it: the colon may stand inside a link or emphasis.
        return block.kind == "paragraph" and words(block.text, self._known).endswith(COLONS)

    def _quotation(self, block: Outlined, lead: Outlined | None) -> Quotation:
        lines = trimmed([_unquoted(line) for line in self._lines[block.start : block.end]])
        if not lines:
            raise DocumentError(
                "the quotation is empty; quote some words, or take the `>` away",
                line=self.line(block.start),
            )
        credit = self._credit(lines)
        if credit is not None:
            lines = trimmed(lines[:-1])
        text = "\n".join(lines)
        lead_in = None
        if lead:
            lead_in = "\n".join(self._lines[lead.start : lead.end]).strip(" \t\n")
        return Quotation(
            text=text,
            citation=self._citation(lead_in, credit, text),
            lead_in=lead_in,
            credit=credit,
        )

    def _credit(self, lines: list[str]) -> str | None:
        found = _CREDIT.fullmatch(lines[-1])
        if not found or not trimmed(lines[:-1]) or not first_link(found[1], self._known):
            return None
        last = outline("\n".join(lines))[-1]
        return found[1] if last.kind in ("paragraph", "list", "blockquote") else None

    def _citation(self, lead_in: str | None, credit: str | None, text: str) -> Citation | None:
        links = [
            (said, found)
            for said in (lead_in, credit)
            if said and (found := first_link(said, self._known))
        ]
        if [block.kind for block in outline(text)] == ["paragraph"] and (
            whole := only_link(text, self._known)
        ):
            # The link that is quoted is what is cited; another one leads to its author, mostly.
            names = [link[1] for said, link in links if self._names_author(said, link[1])]
            cite = self._cites.get(whole[0], Citation(url=whole[0]))
            return replace(
                cite,
                title=cite.title or whole[1] or None,
                author=cite.author or next(iter(names), None),
            )
        if not links:
            return None
        url = links[0][1][0]
        return self._cites.get(url, Citation(url=url))

    def _names_author(self, said: str, linked: str) -> bool:
        """Whether the words of a link are a name for sure: it opens the phrase, in capitals."""
        parts = linked.split()
        return (
            2 <= len(parts) <= 5
            and words(said, self._known).startswith(linked)
            and all(part[0].isalpha() and not part[0].islower() for part in parts)
        )


def _unquoted(line: str) -> str:
    """Return a line of a quotation without its mark; a lazy one has none (CommonMark §5.1)."""
    mark = _QUOTE_MARK.match(line)
    if mark:
        rest = untabbed(line[mark.end() :], mark.end())
        line = rest.removeprefix(" ")
    else:
        line = untabbed(line)
    return "" if is_blank(line) else line
