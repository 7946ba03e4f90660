"""Where values end in YAML's flow notation: brackets, quotes, words."""

from __future__ import annotations

import re


class UnknownNotation(Exception):
    """The text is written in a way that is not understood here."""


def flow_end(text: str, start: int) -> int:
    """Return where the value ends that begins at `start` in flow notation.

    Brackets, quotes and comments are followed (YAML 1.2.2 §7.3, §7.4); a plain value ends before
    the comma or bracket after it. Raises UnknownNotation when there is no end.
    """
    depth, at, fresh = 0, start, True  # fresh: a quote here would open a quoted text
    while at < len(text):
        char = text[at]
        if char in "\"'" and fresh:
            at = _quoted_end(text, at)
            if not depth:
                return at
            fresh = False
            continue
        if char == "#" and (at == 0 or text[at - 1] in " \t\r\n"):
            if not depth:
                return start + len(text[start:at].rstrip())
            at = text.find("\n", at)
            if at < 0:
                break
        elif char in "[{":
            depth += 1
        elif char in "]},":
            if not depth:
                return start + len(text[start:at].rstrip())
            depth -= char != ","
            if not depth and char != ",":
                return at + 1
        fresh = char in "[{,:" or (fresh and char in " \t\r\n")
        at += 1
    raise UnknownNotation


def _quoted_end(text: str, start: int) -> int:
    pattern = r'"(?:[^"\\]|\\.)*"' if text[start] == '"' else r"'(?:[^']|'')*'"
    match = re.compile(pattern, re.DOTALL).match(text, start)
    if match is None:
        raise UnknownNotation
    return match.end()
