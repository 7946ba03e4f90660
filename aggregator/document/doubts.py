"""What an author most likely meant otherwise than a document says it.

A stored document is read as it stands; these are for what is being typed now.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from aggregator.document.blocks import HEADINGS
from aggregator.document.lines import split
from aggregator.document.times import EXAMPLE, looks_like_date, moment
from aggregator.markup.clean import TAGS
from aggregator.markup.markdown import outline
from aggregator.markup.parser import TAKEAWAYS
from aggregator.markup.rawhtml import raw_html

_HEADING = re.compile(r"\W*([A-Za-z]+)(.*)", re.DOTALL)
_MARKS = re.compile(r" {0,3}(#+)(.*)")
_TAG = re.compile(r"<([A-Za-z][A-Za-z0-9]*)[\s/>]")
_ELEMENTS = TAGS | set("button embed font form iframe input object script style".split())
# A value without quotes, and behind it what YAML takes for a comment.
_COMMENTED = re.compile(r"[ \t-]*(title|author|outlet):[ \t]+([^\s\"'#|>{\[].*?)[ \t]+(#.*)")
_FENCE = re.compile(r" {0,3}:{2,}[ \t]*([A-Za-z]+)(?:[ \t-]*([A-Za-z]+))?.*")


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """`line` counts from 1 in the document; `typed` is what stands there."""

    line: int
    typed: str
    message: str


def near_misses(document: str) -> list[Doubt]:
    """Return headings that open no update and fences that hold no takeaways, though they seem to.

    So are words behind a `#` in the front matter, which is a comment there. Raises DocumentError
    when the front matter never ends.
    """
    parts = split(document)
    found = list(_lost_in_front(parts.front or ""))
    for block in outline("\n".join(parts.body)):
        for index in range(block.start, block.end):
            typed = parts.body[index]
            if block.kind == "heading":
                message = _missed_heading(typed, block.text) if index == block.start else None
            elif block.kind == "paragraph":
                message = _missed_in_paragraph(typed)
            else:
                continue
            if message:
                line = parts.body_at + index + 1
                found.append(Doubt(line=line, typed=typed, message=message))
    return found


def _lost_in_front(front: str) -> Iterator[Doubt]:
    for number, typed in enumerate(front.split("\n"), 2):
        if lost := _COMMENTED.fullmatch(typed):
            key, value, comment = lost.groups()
            yield Doubt(
                line=number,
                typed=typed,
                message=f"{_short(comment)} would be no part of the {key}; put all of it in "
                f'quotes, as in `{key}: "{value} {comment}"`, or the comment on a line of its own',
            )


def _missed_heading(typed: str, text: str) -> str | None:
    found = _HEADING.fullmatch(text)
    if not found or not (kind := _kind_like(found[1])):
        return None
    said = found[2].strip()
    marks = _MARKS.fullmatch(typed)
    opens = marks and len(marks[1]) == 2 and found[1].capitalize() == kind and moment(said)
    return _heading_expected(typed, kind) if looks_like_date(said) and not opens else None


def _missed_in_paragraph(typed: str) -> str | None:
    marks, fence = _MARKS.fullmatch(typed), _FENCE.fullmatch(typed)
    if marks and len(marks[1]) > 1 and (found := _HEADING.fullmatch(marks[2].rstrip(" \t#"))):
        kind = _kind_like(found[1])
        if kind and (not found[2].strip() or looks_like_date(found[2].strip())):
            return _heading_expected(typed, kind)
    if fence:
        words = (fence[1], fence[1] + (fence[2] or ""))
        if any(get_close_matches(word.lower(), [TAKEAWAYS], 1, 0.75) for word in words):
            return (
                f"`{typed.strip()[:60]}` holds no takeaways; write `::: takeaways prose` or "
                "`::: takeaways list`"
            )
    return None


def _kind_like(word: str) -> str | None:
    return next(iter(get_close_matches(word.capitalize(), HEADINGS, 1, 0.75)), None)


def _heading_expected(typed: str, kind: str) -> str:
    return (
        f"`{typed.strip()[:60]}` opens no update, only `## {kind} {EXAMPLE}` does; in a published "
        f"post `## {kind}` is enough, and the time is filled in"
    )


def comments(document: str) -> list[Doubt]:
    """Return HTML comments: readers would see them, for raw HTML is shown as typed."""
    return [
        Doubt(
            line=line,
            typed=text,
            message=f"readers would see this comment, {_short(text)}; take it out",
        )
        for line, text, is_comment in _raw_html(document)
        if is_comment
    ]


def markup_shown(document: str) -> list[Doubt]:
    """Return other raw HTML that stands by itself."""
    return [
        Doubt(
            line=line,
            typed=text,
            message=f"{_short(text)} is shown as these characters, for HTML is not obeyed",
        )
        for line, text, is_comment in _raw_html(document)
        if not is_comment
    ]


def _raw_html(document: str) -> Iterator[tuple[int, str, bool]]:
    parts = split(document)
    for piece in raw_html("\n".join(parts.body)):
        if piece.is_comment or piece.is_block or _is_element(piece.text):
            yield parts.body_at + piece.line + 1, piece.text, piece.is_comment


def _is_element(text: str) -> bool:
    """Whether it opens an element of HTML; `Vec<T>` does not."""
    opened = _TAG.match(text)
    return opened is not None and opened[1].lower() in _ELEMENTS


def _short(text: str) -> str:
    line = " ".join(text.split())
    return f"`{line if len(line) <= 60 else line[:59] + '…'}`"
