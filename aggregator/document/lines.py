"""A document as lines: where its front matter ends, and what stands in a range of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from aggregator.errors import DocumentError
from aggregator.markup.markdown import LARGEST

_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+\Z")
_OPENING = re.compile(r"---[ \t]*")
_CLOSING = re.compile(r"(?:---|\.\.\.)[ \t]*")


@dataclass(frozen=True, kw_only=True)
class Parts:
    """A document cut in two. Lines are without their ends; `body_at` is the body's first line,
    from 0. Without front matter `front` is None and the body is everything."""

    front: str | None
    body: list[str]
    body_at: int


def typed_lines(document: str) -> list[str]:
    """Return the lines as typed, with their ends: CRLF, CR and LF all end a line."""
    return _LINE.findall(document)


def split(document: str) -> Parts:
    """Return front matter and body. Raises DocumentError when the front matter never ends."""
    if len(document) > LARGEST:
        raise DocumentError(
            f"the document has {len(document):,} characters; the most are {LARGEST:,}", line=1
        )
    text = document.removeprefix("\ufeff").replace("\0", "\ufffd")
    lines = [line.rstrip("\r\n") for line in typed_lines(text)]
    if not lines or not _OPENING.fullmatch(lines[0]):
        return Parts(front=None, body=lines, body_at=0)
    for number, line in enumerate(lines[1:], 1):
        if _CLOSING.fullmatch(line):
            front = "\n".join(lines[1:number])
            return Parts(front=front, body=lines[number + 1 :], body_at=number + 1)
    raise DocumentError("the front matter is never closed; end it with a line `---`", line=1)


def is_blank(line: str) -> bool:
    """Whether Markdown sees an empty line (CommonMark 0.31 §2.1: spaces and tabs only)."""
    return not line.strip(" \t")


def trimmed(lines: list[str]) -> list[str]:
    """Return the lines without blank ones at both ends."""
    first, last = 0, len(lines)
    while first < last and is_blank(lines[first]):
        first += 1
    while last > first and is_blank(lines[last - 1]):
        last -= 1
    return lines[first:last]


def untabbed(line: str, column: int = 0) -> str:
    """Return the line with spaces for the tabs before its first word (§2.2: stops of 4).

    `column` is where the line begins.
    """
    words = line.lstrip(" \t")
    end = column
    for character in line[: len(line) - len(words)]:
        end += 1 if character == " " else 4 - end % 4
    return " " * (end - column) + words


def cut_indent(line: str, width: int) -> str:
    """Return the line without the spaces before its first word, at most `width` of them."""
    return line[min(width, len(line) - len(line.lstrip(" "))) :]
