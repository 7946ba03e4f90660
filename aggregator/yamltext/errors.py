"""What is wrong with a YAML text, in words for whoever typed it."""

from __future__ import annotations

import re
from typing import NamedTuple

from ruamel.yaml.error import MarkedYAMLError

from aggregator.yamltext import layout
from aggregator.yamltext.layout import Spot


class YamlError(Exception):
    """The text cannot be used. `line` and `column` count from 1; None when unknown.

    `other_line` is a second line that the reader should know; `link` stands before its number.
    """

    def __init__(
        self,
        reason: str,
        line: int | None = None,
        column: int | None = None,
        *,
        other_line: int | None = None,
        link: str = "first in",
        name: str = "",
    ) -> None:
        self.reason, self.line, self.column = reason, line, column
        self.other_line, self.link = other_line, link
        self.message = self.message_below(0)
        place = "" if line is None else f":{line}" + (f":{column}" if column is not None else "")
        super().__init__(f"{name}{place}: {self.message}" if name or place else self.message)

    def message_below(self, lines: int) -> str:
        """Return the message for a reader who sees so many lines above the text."""
        if self.other_line is None:
            return self.reason
        return f"{self.reason}, {self.link} line {self.other_line + lines}"


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
    (r"node content, but found ','", "expected something before this comma; it is one too many"),
    (r"node content, but found '(?P<it>[\]}}])'", "expected something before this `{it}`"),
    (r"<block end>, but found ','",
     "this comma is one too many; only inside of brackets things are told apart by commas"),
    (r"<block end>, but found '(?P<it>[\]}}])'", "`{it}` closes nothing; no bracket is open here"),
    (r"expected <block end>", "this does not fit the lines above; look at indentation and quotes"),
    (r"sequence entries are not allowed", "a list cannot begin here; put it on a line of its own"),
    (r"expected '?<document start>", "this does not fit the lines above; look at indentation"),
    (r"undefined tag handle", "a tag is not understood; text that begins with ! needs quotes"),
    (r"document separator", "@the quotation mark opened here is never closed"),
)  # fmt: skip

_MISPLACED = re.compile(r"(?:<block end>|<document start>').*(?:start>|'-'|'\?')")
_END = re.compile(r"'(?:<stream end>|<document start>|<document end>)'")


class Told(NamedTuple):
    """What is wrong, where, and a second line with the words that stand before its number."""

    message: str
    spot: Spot | None = None
    other_line: int | None = None
    link: str = ""


def in_plain_words(error: MarkedYAMLError, text: str) -> Told:
    """Return what the parser's error means for `text`."""
    said = str(error.problem or "")
    lines = re.split(r"\r\n|[\n\r\x85\u2028\u2029]", text)
    problem, context = _spot(error.problem_mark), _spot(error.context_mark)
    if problem:
        told = (
            _about_brackets(said, text, problem, context)
            or _about_indentation(said, lines, problem)
            or _about_colons(said, lines, problem)
        )
        if told:
            return told
    message = "this is not valid YAML"
    for pattern, words in _PLAIN_WORDS:
        if match := re.search(pattern, said):
            message = words.format(**match.groupdict())
            break
    places = [problem, context]
    if message.startswith("@"):
        message = message[1:]
        places.reverse()
    place = next((one for one in places if one), None)
    return Told(message, place and layout.inside(lines, place))


def _spot(mark: object) -> Spot | None:
    line, column = getattr(mark, "line", None), getattr(mark, "column", None)
    return None if line is None or column is None else Spot(line + 1, column + 1)


def _about_brackets(said: str, text: str, problem: Spot, context: Spot | None) -> Told | None:
    """A bracket that is not closed: the line in which it was opened is the one to look at."""
    comma = re.search(r"expected ',' or '(?P<close>.)'", said)
    if comma and context:
        opened, bracket = context, "[" if comma["close"] == "]" else "{"
    elif "node content" in said and _END.search(said):
        found = layout.open_bracket(text, problem)
        if found is None:
            return None
        opened, bracket = found
    else:
        return None
    close = "]" if bracket == "[" else "}"
    if _END.search(said):
        return Told(f"the `{bracket}` opened here is never closed; expected `{close}`", opened)
    if problem.line > opened.line:
        reason = f"the `{bracket}` opened here is not closed; expected a comma or `{close}`"
        return Told(reason, opened, problem.line, "before or in")
    return None


def _about_indentation(said: str, lines: list[str], problem: Spot) -> Told | None:
    """A line that begins in another column than those it could belong to."""
    line = layout.line_at(lines, problem.line)
    if line is None:
        return None
    first = line.dash or line.words
    if "mapping values are not allowed" in said:
        above = layout.line_above(lines, problem.line)
        # Further in than a line that is complete, it was read as more of that line's text.
        if above is None or first <= above.words or not _is_key(line.text, line.words, problem):
            return None
    elif not _MISPLACED.search(said) or problem.column not in (first, line.words):
        return None
    expected = layout.where_to_begin(lines, problem.line)
    if expected is None or expected.column == first:
        return None
    reason = f"wrong indentation: expected this line to begin in column {expected.column}"
    return Told(reason, Spot(line.number, first), expected.line, "as does")


def _about_colons(said: str, lines: list[str], problem: Spot) -> Told | None:
    """A line without a colon and space, which was read as the beginning of the next one."""
    line, above = layout.line_at(lines, problem.line), layout.line_above(lines, problem.line)
    if "mapping values are not allowed" not in said or line is None or above is None:
        return None
    is_key = _is_key(line.text, line.words, problem)
    if not is_key or line.words != above.words or re.search(r":(?: |$)", above.text):
        return None
    return Told(
        "expected `key: value`; there is no colon and space", Spot(above.number, above.words)
    )


def _is_key(line: str, begin: int, colon: Spot) -> bool:
    """Whether what stands before the colon is the first word of its line."""
    return not re.search(r"[:{\[\"']", line[begin - 1 : colon.column - 1])
