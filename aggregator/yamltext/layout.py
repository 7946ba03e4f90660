"""Where brackets were opened and lines should begin, in a text that is not valid YAML."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.tokens import (
    FlowMappingEndToken,
    FlowMappingStartToken,
    FlowSequenceEndToken,
    FlowSequenceStartToken,
)

_BEGIN = re.compile(r" *(?P<dashes>(?:- +)*)(?P<rest>[^ \t\r#-].*|-[^ ].*|-$)?")


class Spot(NamedTuple):
    """A place in a text; both count from 1."""

    line: int
    column: int


def open_bracket(text: str, before: Spot) -> tuple[Spot, str] | None:
    """Return the innermost bracket that is open at a place, and which it is; None: none is."""
    opened: list[tuple[Spot, str]] = []
    with contextlib.suppress(Exception):  # the scanner fails in many ways on such a text
        for token in _tokens(text):
            spot = Spot(token.start_mark.line + 1, token.start_mark.column + 1)
            if spot >= before:
                break
            if isinstance(token, FlowSequenceStartToken):
                opened.append((spot, "["))
            elif isinstance(token, FlowMappingStartToken):
                opened.append((spot, "{"))
            elif isinstance(token, FlowSequenceEndToken | FlowMappingEndToken) and opened:
                opened.pop()
    return opened[-1] if opened else None


def _tokens(text: str) -> Iterator[Any]:
    tokens: Iterator[Any] = YAML(typ="safe", pure=True).scan(text)
    return tokens


class Line(NamedTuple):
    """A line that says something: the column of its first dash (0: it has none), of its words."""

    number: int
    dash: int
    words: int
    text: str


def line_at(lines: list[str], number: int) -> Line | None:
    """Return a line by its number; None when it is blank or a comment."""
    text = lines[number - 1] if 0 < number <= len(lines) else ""
    match = _BEGIN.match(text)
    if match is None or match["rest"] is None:
        return None
    dash = match.start("dashes") + 1 if match["dashes"] or match["rest"] == "-" else 0
    return Line(number, dash, match.start("rest") + 1, text)


def line_above(lines: list[str], number: int) -> Line | None:
    """Return the nearest line above that says something."""
    above = (line_at(lines, one) for one in range(number - 1, 0, -1))
    return next((one for one in above if one), None)


def where_to_begin(lines: list[str], number: int) -> Spot | None:
    """Return the column in which a line should begin, and the line above that begins there.

    It is the nearest of those that are still open; None when there is no line above.
    """
    line = line_at(lines, number)
    if line is None:
        return None
    begins = line.dash or line.words
    found: list[Spot] = []
    above, left = line_above(lines, number), 1_000_000
    while above is not None and left > 1:
        column = above.dash if line.dash else above.words
        if 0 < column < left:
            found.append(Spot(above.number, column))
        left = min(left, above.dash or above.words)
        above = line_above(lines, above.number)
    return min(found, key=lambda spot: (abs(spot.column - begins), -spot.column), default=None)


def inside(lines: list[str], spot: Spot) -> Spot:
    """Return a place as it is, or, when it lies behind the last words, their end."""
    said = (number for number in range(len(lines), 0, -1) if _says_something(lines[number - 1]))
    last = next(said, spot.line)
    return spot if spot.line <= last else Spot(last, len(lines[last - 1].rstrip()) + 1)


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")
