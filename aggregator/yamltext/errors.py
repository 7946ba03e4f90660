"""What is wrong with a YAML text, in words for whoever typed it."""

from __future__ import annotations

import re

from ruamel.yaml.error import MarkedYAMLError


class YamlError(Exception):
    """The text cannot be used. `line` and `column` count from 1; None when unknown.

    `first_line` is where it stands for the first time what must stand there only once.
    """

    def __init__(
        self,
        reason: str,
        line: int | None = None,
        column: int | None = None,
        *,
        first_line: int | None = None,
        name: str = "",
    ) -> None:
        self.reason, self.line, self.column, self.first_line = reason, line, column, first_line
        self.message = self.message_below(0)
        place = "" if line is None else f":{line}" + (f":{column}" if column is not None else "")
        super().__init__(f"{name}{place}: {self.message}" if name or place else self.message)

    def message_below(self, lines: int) -> str:
        """Return the message for a reader who sees so many lines above the text."""
        first = self.first_line
        return self.reason if first is None else f"{self.reason}, first in line {first + lines}"


def short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"


# What the parser says, in part → what its reader needs to know. `@` before the text: the place
# where the matter began tells more than the place where the parser gave up.
_PLAIN_WORDS = (
    (r"character '\\t'", "expected spaces; tabs cannot stand here"),
    (r"character (?P<it>.+) that cannot start", "{it} cannot stand here; such text needs quotes"),
    (r"could not find expected ':'", "@expected `key: value`; there is no colon and space"),
    (r"mapping values are not allowed", "a colon cannot stand here; such text needs quotes"),
    (r"end of stream", "@the quotation mark opened here is never closed"),
    (r"unknown escape character (?P<it>.+)",
     "a backslash and {it} mean nothing in double quotes; double it or use single quotes"),
    (r"expected escape sequence", "an escape in double quotes is not complete"),
    (r"expected ',' or '(?P<it>.)'", "expected a comma or the closing `{it}`"),
    (r"expected <block end>", "this does not fit the lines above; look at indentation and quotes"),
    (r"sequence entries are not allowed", "a list cannot begin here; put it on a line of its own"),
    (r"expected <document start>", "this does not fit what stands above; look at the indentation"),
    (r"undefined tag handle", "a tag is not understood; text that begins with ! needs quotes"),
    (r"document separator", "@the quotation mark opened here is never closed"),
)  # fmt: skip


def in_plain_words(error: MarkedYAMLError) -> tuple[str, tuple[int | None, int | None]]:
    said, message = str(error.problem or ""), "this is not valid YAML"
    for pattern, words in _PLAIN_WORDS:
        if match := re.search(pattern, said):
            message = words.format(**match.groupdict())
            break
    marks = [error.problem_mark, error.context_mark]
    if message.startswith("@"):
        message = message[1:]
        marks.reverse()
    mark = next((mark for mark in marks if mark is not None), None)
    return message, (None, None) if mark is None else (mark.line + 1, mark.column + 1)
