"""The list of feeds as it stands in the text of feeds.yaml, and changes of that text.

The parser says where things begin; here it is found out where they end, so that a change
touches the lines of one feed and no others. Whoever calls this reads the result again and
compares: what is written here need not be right for every notation, it must only never be
believed unchecked.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aggregator.config.flowtext import UnknownNotation, flow_end

# What the parser counts as the end of a line.
_LINE = re.compile(r"[^\n\r\x85\u2028\u2029]*(?:\r\n|[\n\r\x85\u2028\u2029]|\Z)")
_DASH = re.compile(r"(?P<indent> *)-(?=[ \t\r\n]|$)")
_COMMENT = re.compile(r"[ \t]*(?:#|[\r\n\x85\u2028\u2029]|$)")
_NOTHING = re.compile(r"[ \t]*(?:~|null|Null|NULL)?(?=[ \t]*(?:[#,}\r\n]|$))")
_SPACES = re.compile(" *")
_COMMA = re.compile(r"\s*,")
_REST = re.compile(r"[ \t]*(?:#[^\r\n]*)?(?:\r?\n|$)")

Position = Callable[[tuple[str | int, ...]], tuple[int, int] | None]


@dataclass(frozen=True)
class Item:
    """A feed in the text, from `begin` to `end`; `node` is where its value begins.

    In a block list it is whole lines, from the one with the dash on.
    """

    begin: int
    node: int
    end: int


class FeedList:
    """The feeds of a text, with the text."""

    def __init__(self, text: str, count: int, position: Position) -> None:
        """Find `count` feeds by what `position` says, line and column from 1 of a path.

        Raises UnknownNotation.
        """
        self.text, self._position = text, position
        self._lines = [match.start() for match in _LINE.finditer(text)]
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self.value = self._value_of_feeds()
        self.in_flow = text.startswith("[", self.value)
        self.json = text.lstrip().startswith("{")
        nodes = [self._offset(("feeds", place)) for place in range(count)]
        if self.in_flow:
            self.items = [Item(node, node, flow_end(text, node)) for node in nodes]
        else:
            self.items = self._block_items(nodes)

    def removed(self, place: int) -> tuple[str, str]:
        """Return the text without a feed, and the text that was taken out."""
        if self.in_flow:
            return self._removed_from_brackets(place)
        begin, end = self.items[place].begin, self.items[place].end
        before, after = self.text[:begin], self.text[end:]
        if not after and not self.text.endswith("\n"):
            before = before.removesuffix("\n").removesuffix("\r")
        return before + after, self.text[begin:end]

    def added(self, written: Callable[[str], str], flow: Callable[[], Sequence[str]]) -> str:
        """Return the text with more feeds at the end of the list, one at least.

        `written` gives the lines of block items for an indent, `flow` the items for a list in
        brackets.
        """
        if not self.in_flow and self.items:
            last = self.items[-1]
            match = _DASH.match(self.text, last.begin)
            lines = written(match["indent"] if match else "")
            return self.joined(self.text[: last.end], lines, self.text[last.end :])
        if not self.in_flow:
            return self._first_of_nothing(written, flow)
        if self.items:
            return self._after_last(flow())
        return self._first_in_brackets(written, flow)

    def with_address(self, place: int, old: str, new: str) -> str:
        """Return the text with `new` in the place of the address `old` of a feed."""
        path: tuple[str | int, ...] = ("feeds", place, "url")
        if self._position(path) is None:  # the address is all that is said of the feed
            begin = self.items[place].node
        else:
            key = re.compile(r"""(?:url|"url"|'url')[ \t]*:\s*""").match(
                self.text, self._offset(path)
            )
            if key is None:
                raise UnknownNotation
            begin = key.end()
        if self.text.startswith(old, begin):
            end = begin + len(old)
        elif self.text[begin] in "\"'":
            end = flow_end(self.text, begin)
        else:
            raise UnknownNotation
        return self.text[:begin] + new + self.text[end:]

    def offset_of(self, place: int, key: str) -> int | None:
        """Return where a key of a feed stands; None: nowhere."""
        path: tuple[str | int, ...] = ("feeds", place, key)
        return None if self._position(path) is None else self._offset(path)

    def line_start(self, offset: int) -> int:
        """Return where the line begins that `offset` lies in."""
        return self.text.rfind("\n", 0, offset) + 1

    def _offset(self, path: tuple[str | int, ...]) -> int:
        place = self._position(path)
        if place is None or place[0] > len(self._lines):
            raise UnknownNotation
        return self._lines[place[0] - 1] + place[1] - 1

    def _value_of_feeds(self) -> int:
        """Return where the value of `feeds` begins, white space skipped."""
        match = re.compile(r"""(["']?)feeds\1[ \t]*:""").match(self.text, self._offset(("feeds",)))
        if match is None:
            raise UnknownNotation
        rest = re.compile(r"[ \t]*(?:(?:#[^\n]*)?\r?\n[ \t]*)*(?=\[)|[ \t]*")
        found = rest.match(self.text, match.end())
        return found.end() if found else match.end()

    def _block_items(self, nodes: list[int]) -> list[Item]:
        begins = [self._dash_line(node) for node in nodes]
        ends = [*begins[1:], self._end_of_block(begins[-1])] if begins else []
        return [
            Item(begin, node, self._without_trailing_comments(begin, node, end))
            for begin, node, end in zip(begins, nodes, ends, strict=True)
        ]

    def _dash_line(self, node: int) -> int:
        """Return where the line begins with the dash of the item whose value is at `node`."""
        begin = self.line_start(node)
        if _DASH.match(self.text, begin):
            return begin
        if self.text[begin:node].strip():
            raise UnknownNotation
        while begin:
            begin = self.line_start(begin - 1)
            if _DASH.match(self.text, begin):
                return begin
            if not _COMMENT.match(self.text, begin):
                break
        raise UnknownNotation

    def _end_of_block(self, begin: int) -> int:
        """Return where the block list ends whose last item begins at `begin`."""
        indent = self._indent(begin)
        for start in self._lines[bisect_left(self._lines, begin + 1) :]:
            if not _COMMENT.match(self.text, start) and self._indent(start) <= indent:
                return start
        return len(self.text)

    def _without_trailing_comments(self, begin: int, node: int, end: int) -> int:
        """Return where the last line of an item ends that is more than a comment or blank."""
        first = bisect_left(self._lines, max(begin, self.line_start(node)))
        for start in reversed(self._lines[first : bisect_left(self._lines, end)]):
            if start <= node or not _COMMENT.match(self.text, start):
                match = _LINE.match(self.text, start)
                return match.end() if match else end
        return end

    def _indent(self, start: int) -> int:
        match = _SPACES.match(self.text, start)
        return match.end() - start if match else 0

    def joined(self, before: str, lines: str, after: str) -> str:
        """Return `before` with `lines` after it; a text without a last line end keeps it so."""
        if before and not before.endswith("\n"):
            return before + self.newline + lines.removesuffix(self.newline) + after
        return before + lines + after

    def _first_of_nothing(
        self, written: Callable[[str], str], flow: Callable[[], Sequence[str]]
    ) -> str:
        """Add to `feeds:` without a value, or with `null`."""
        match = _NOTHING.match(self.text, self.value)
        if match is None:
            raise UnknownNotation
        if self.json:
            return f"{self.text[: self.value]}[{', '.join(flow())}]{self.text[match.end() :]}"
        return self._new_list(match.end(), written)

    def _first_in_brackets(
        self, written: Callable[[str], str], flow: Callable[[], Sequence[str]]
    ) -> str:
        end = flow_end(self.text, self.value)
        alone = not self.text[self.value + 1 : end - 1].strip(" \t")
        if alone and not self.json and _REST.match(self.text, end):
            return self._new_list(end, written)
        return f"{self.text[: self.value + 1]}{', '.join(flow())}{self.text[self.value + 1 :]}"

    def _new_list(self, end: int, written: Callable[[str], str]) -> str:
        """Put a block list in the place of the value of `feeds` that ends at `end`."""
        key = self._offset(("feeds",))
        line = _LINE.match(self.text, end)
        after = line.end() if line else end
        head = self.text[: self.value]
        if end > self.value:
            head = head.rstrip(" \t")
        head += self.text[end:after]
        indent = " " * (key - self.line_start(key) + 2)
        return self.joined(head, written(indent), self.text[after:])

    def _after_last(self, new: Sequence[str]) -> str:
        """Add to a list in brackets that has items."""
        text, last = self.text, self.items[-1]
        start = self.line_start(last.node)
        indent = text[start : last.node]
        comma = _COMMA.match(text, last.end)
        end = comma.end() if comma else last.end
        rest = _REST.match(text, end)
        if indent.strip() or rest is None or not rest.group().endswith("\n"):
            return f"{text[: last.end]}, {', '.join(new)}{text[last.end :]}"
        head = text[: last.end] + ("" if comma else ",") + text[last.end : rest.end()]
        lines = f",{self.newline}".join(f"{indent}{one}" for one in new)
        return f"{head}{lines}{',' if comma else ''}{self.newline}{text[rest.end() :]}"

    def _removed_from_brackets(self, place: int) -> tuple[str, str]:
        """Take out an item and its comma; for the last one, the comma before it."""
        text, item = self.text, self.items[place]
        comma = _COMMA.match(text, item.end)
        end = comma.end() if comma else item.end
        begin, rest = item.begin, _REST.match(text, end)
        own_line = rest and not text[self.line_start(begin) : begin].strip()
        if rest and own_line:
            begin, end = self.line_start(begin), rest.end()
        elif comma:
            end += len(text[end:]) - len(text[end:].lstrip(" \t"))
        head = text[:begin]
        if place and not comma:
            last = self.items[place - 1].end
            before = _COMMA.match(text, last)
            between = text[before.end() : begin] if before else ""
            head = text[:last] + (between if own_line or "#" in between else "")
        return head + text[end:], text[begin:end]
