"""Words of a source put into a document where the author is writing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aggregator.document.blocks import COLONS, Body
from aggregator.document.citing import add_cites
from aggregator.document.draft import Cited
from aggregator.document.front import parse_front
from aggregator.document.lines import Parts, is_blank, split, trimmed
from aggregator.document.write import write_cite
from aggregator.errors import DocumentError
from aggregator.markup.markdown import escaped, first_link, outline
from aggregator.markup.text import scrub
from aggregator.model.post import Quotation

_ELLIPSIS = "…"


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A document with the words in it, and the place, in characters, where writing goes on."""

    document: str
    at: int


def place_quotation(
    document: str, at: int, words: str, cited: Cited, *, verb: str, drafted: str = ""
) -> Placed:
    """Return the document with `words`, plain text, quoted at the place `at`.

    A second passage of the same source is stitched to the quotation the place is in, or right
    behind; one that is still as the document `drafted` had it is replaced. Words that are not
    stitched get a lead-in with that `verb`, unless one is typed right before them. The document's
    lines end in LF; without front matter it is an update's. Raises DocumentError.
    """
    said = [escaped(" ".join(line.split())) for line in scrub(words, bidi=True).split("\n")]
    paragraphs = [line for line in said if line]
    if not paragraphs:
        raise DocumentError("there are no words to quote; select some in the source first")
    behind = max(len(document) - at, 0)
    document = _with_cite(document, cited)
    parts = split(document)
    typed = document.split("\n")
    head, lines = typed[: parts.body_at], typed[parts.body_at :]
    line = document.count("\n", 0, len(document) - behind) - parts.body_at
    if line < 0:
        line = len(lines) - 1  # in the front matter nothing is quoted
    if found := _at_hand(parts, lines, line, cited):
        start, end, quotation = found
        is_untouched = drafted and quotation.text in _texts(drafted)
        new = _quote(paragraphs, quotation.credit) if is_untouched else None
        passage = new or _stitched(lines[start:end], quotation, paragraphs)
        until = end
    else:
        start = until = _gap(lines, line)
        passage = _led_in(lines[:start], paragraphs, cited, verb)
    before, after = lines[:start], lines[until:]
    while before and is_blank(before[-1]) and len(before) > 1 and is_blank(before[-2]):
        before.pop()
    if before and not is_blank(before[-1]) and not found:
        before.append("")
    while after and is_blank(after[0]):
        after.pop(0)
    top = [*head, *before, *passage, "", ""]
    return Placed(document="\n".join([*top, *(["", *after] if after else [])]), at=_length(top) - 1)


def _length(lines: Sequence[str]) -> int:
    return sum(len(line) + 1 for line in lines)


def _with_cite(document: str, cited: Cited) -> str:
    """Return the document with the details of what is cited, unless it has some."""
    cite, front = cited.cite, split(document).front
    if cite is None:
        return document
    if front is None:
        return f"---\ncites:\n  - {write_cite(cite)}\n---\n\n{document}"
    known = {one.url for one in parse_front(front).cites}
    return document if cite.url in known else add_cites(document, [cite])


def _at_hand(
    parts: Parts, lines: list[str], line: int, cited: Cited
) -> tuple[int, int, Quotation] | None:
    """Return the quotation of this source at the place, or with nothing but space between."""
    url = cited.cite.url if cited.cite else None
    front = parse_front(parts.front) if parts.front is not None else None
    for start, end, quotation in Body(parts, front.cites if front else ()).quotations():
        same = quotation.citation.url == url if quotation.citation else url is None
        here = start <= line < end or (line >= end and all(map(is_blank, lines[end : line + 1])))
        if same and here:
            return start, start + len(trimmed(lines[start:end])), quotation
    return None


def _texts(drafted: str) -> set[str]:
    return {quotation.text for _, _, quotation in Body(split(drafted)).quotations()}


def _quote(paragraphs: Sequence[str], credit: str | None) -> list[str]:
    lines = "\n\n".join(paragraphs).split("\n")
    if credit:
        lines += ["", f"— {credit}"]
    return [f"> {line}" if line else ">" for line in lines]


def _stitched(lines: Sequence[str], quotation: Quotation, paragraphs: Sequence[str]) -> list[str]:
    kept = list(lines)
    closing: list[str] = []
    if quotation.credit:
        closing = [">", kept.pop()]
        while kept and not re.sub(r"^ {0,3}>", "", kept[-1]).strip():
            kept.pop()
    first, *others = paragraphs
    in_words = outline(quotation.text)[-1].kind == "paragraph"
    if in_words and kept[-1].rstrip().endswith(_ELLIPSIS):
        kept[-1] = f"{kept[-1].rstrip()} {first}"
    elif in_words:
        kept[-1] = f"{kept[-1].rstrip()} {_ELLIPSIS} {first}"
    else:
        kept += [">", f"> {_ELLIPSIS} {first}"]
    for paragraph in others:
        kept += [">", f"> {paragraph}"]
    return [*kept, *closing]


def _gap(lines: Sequence[str], line: int) -> int:
    """Return the line before which a block can stand: a blank one, or behind the block there."""
    for block in outline("\n".join(lines)):
        end = block.end + (block.kind == "takeaways")
        if block.start <= line < end:
            return end
    if line >= len(lines):
        return len(lines)
    while line < len(lines) and not is_blank(lines[line]):
        line += 1
    return line


def _led_in(before: Sequence[str], paragraphs: Sequence[str], cited: Cited, verb: str) -> list[str]:
    """Return a quotation with what names its source: the author's own lead-in, or one of ours."""
    blocks = outline("\n".join(before))
    own = blocks[-1].text if blocks and blocks[-1].kind == "paragraph" else ""
    if own.rstrip().endswith(COLONS):
        link = first_link(own)
        named = cited.cite is None or (link is not None and link[0] == cited.cite.url)
        name = None if named or cited.cite is None else f"[{escaped(cited.who)}]({cited.cite.url})"
        return _quote(paragraphs, name)
    lead_in = cited.lead_in(verb)
    return [*([lead_in, ""] if lead_in else []), *_quote(paragraphs, cited.credit)]
