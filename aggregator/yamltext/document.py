"""YAML text → plain values, and where in the text each of them stands.

The rules are those of YAML 1.2's core schema (§10.3), so `yes` is a word and a date is the text
that was typed. What a file of settings never needs is refused: tags, several documents, keys
that are not words, and texts that grow when read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from aggregator.yamltext.errors import YamlError, in_plain_words, short

LARGEST_TEXT = 16 * 1024 * 1024  # characters
DEEPEST = 50
# Values, aliases counted as often as they are used; 64 characters of text count as one more.
MOST_VALUES = 500_000
LONGEST_NUMBER = 300  # characters; Python refuses to print an integer of more than 4300 digits

_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_SURROGATE = re.compile("[\ud800-\udfff]")
_WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}

Place = tuple[int, int]


@dataclass(slots=True)
class _Node:
    """A value where it stands. An alias stands for the very node of its anchor."""

    place: Place
    value: Any = None  # of a list or mapping: nodes, each after the place of its item or key
    text: str | None = None  # as typed; None when it is a list or mapping
    size: int = 1  # as MOST_VALUES counts
    height: int = 0  # how many levels stand in it


class YamlDocument:
    """What was read, with places. It can be asked again and again, and never changes."""

    def __init__(self, root: _Node | None) -> None:
        self._root = root

    def plain(self) -> Any:
        """Return dict, list, str, int, float, bool and None, made anew; None for an empty text.

        Keys are strings, as they were typed.
        """
        return None if self._root is None else _plain(self._root)

    def position(self, path: tuple[str | int, ...]) -> Place | None:
        """Return line and column, from 1: of a key in a mapping, of a value in a list.

        None when there is nothing at that path; () is the whole.
        """
        node, place = self._root, self._root.place if self._root else None
        for step in path:
            found: tuple[Place, _Node] | None = None
            value = node.value if node else None
            if isinstance(value, dict):
                found = value.get(str(step))
            elif isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value):
                found = value[step]
            if found is None:
                return None
            place, node = found
        return place


def load(text: str, *, name: str) -> YamlDocument:
    """Return what a text in YAML says; `name` is what errors call it.

    Raises YamlError, and nothing else, whatever the text.
    """
    if len(text) > LARGEST_TEXT:
        raise YamlError(f"the text is longer than {LARGEST_TEXT:,} characters", name=name)
    try:
        return YamlDocument(_Builder(_events(text)).document())
    except YamlError as error:
        raise YamlError(
            error.reason, error.line, error.column, other_line=error.other_line, name=name
        ) from error.__cause__
    except ReaderError as error:
        before = text[: error.position]
        raise YamlError(
            f"the character U+{error.character:04X} cannot stand in YAML",
            before.count("\n") + 1,
            len(before) - before.rfind("\n"),
            name=name,
        ) from error
    except MarkedYAMLError as error:
        told = in_plain_words(error, text)
        place = told.spot or (None, None)
        raise YamlError(
            told.message, *place, other_line=told.other_line, link=told.link, name=name
        ) from error
    except Exception as error:  # the parser fails in many ways on text made to break it
        raise YamlError("this is not valid YAML", name=name) from error


def _events(text: str) -> Iterator[Event]:
    events: Iterator[Event] = YAML(typ="safe", pure=True).parse(text)
    return events


def _plain(node: _Node) -> Any:
    if isinstance(node.value, list):
        return [_plain(item) for _, item in node.value]
    if isinstance(node.value, dict):
        return {key: _plain(value) for key, (_, value) in node.value.items()}
    return node.value


class _Builder:
    """Makes nodes of the parser's events, and stops when they are too many or too deep."""

    def __init__(self, events: Iterator[Event]) -> None:
        self._events = events
        self._anchors: dict[str, _Node] = {}
        self._values = 0

    def document(self) -> _Node | None:
        root: _Node | None = None
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                if root is not None:
                    raise YamlError(
                        "expected one document; a line `---` begins another", *_place(event)
                    )
                root = self._node(next(self._events), 0)
        return root

    def _node(self, event: Event, depth: int) -> _Node:
        place, tag = _place(event), getattr(event, "tag", None)
        if tag is not None:
            tag = short(str(tag).replace("tag:yaml.org,2002:", "!!"))
            raise YamlError(f"the tag {tag} is not understood; leave it out", *place)
        if isinstance(event, AliasEvent):
            node = self._anchors.get(event.anchor)
            if node is None:
                name = f"`*{short(event.anchor)}`"
                raise YamlError(
                    f"{name} stands for nothing; text that begins with * needs quotes", *place
                )
            self._check(node.size, depth + node.height, place)
            return node
        node = _scalar(event, place) if isinstance(event, ScalarEvent) else _Node(place)
        self._check(node.size, depth, place)
        if isinstance(event, MappingStartEvent):
            self._fill_mapping(node, depth)
        elif isinstance(event, SequenceStartEvent):
            self._fill_list(node, depth)
        anchor = getattr(event, "anchor", None)
        if anchor is not None:
            self._anchors[anchor] = node
        return node

    def _fill_list(self, made: _Node, depth: int) -> None:
        made.value = []
        while not isinstance(event := next(self._events), SequenceEndEvent):
            node = self._node(event, depth + 1)
            made.value.append((_place(event), node))
            made.size += node.size
            made.height = max(made.height, node.height + 1)

    def _fill_mapping(self, made: _Node, depth: int) -> None:
        made.value = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            key, place = self._node(event, depth + 1), _place(event)
            if key.text is None:
                raise YamlError("expected a word as key; text with brackets needs quotes", *place)
            node = self._node(next(self._events), depth + 1)
            if key.text in made.value:
                words, first = short(key.text), made.value[key.text][0][0]
                raise YamlError(f"the key `{words}` is given twice", *place, other_line=first)
            made.value[key.text] = (place, node)
            made.size += key.size + node.size
            made.height = max(made.height, node.height + 1)

    def _check(self, values: int, depth: int, place: Place) -> None:
        if depth > DEEPEST:
            raise YamlError(f"the values are nested more than {DEEPEST} deep", *place)
        self._values += values
        if self._values > MOST_VALUES:
            raise YamlError(f"the text stands for more than {MOST_VALUES:,} values", *place)


def _scalar(event: ScalarEvent, place: Place) -> _Node:
    text = _without_surrogates(event.value, place)
    value = _typed(text, place) if event.style is None else text
    return _Node(place, value=value, text=text, size=1 + len(text) // 64)


def _without_surrogates(text: str, place: Place) -> str:
    """Return the text with the pairs made whole that JSON writes, as in "\\ud83d\\ude00"."""
    if not _SURROGATE.search(text):
        return text
    try:
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        raise YamlError("half a character is written here, a lone surrogate", *place) from None


def _typed(text: str, place: Place) -> str | int | float | bool | None:
    """Return what an unquoted word means (YAML 1.2 §10.3.2)."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    for pattern, number in _NUMBERS:
        if pattern.fullmatch(text):
            if len(text) > LONGEST_NUMBER:
                raise YamlError("the number is too long; text made of digits needs quotes", *place)
            return number(text)
    return text


def _integer(text: str) -> int:
    return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))


_NUMBERS: Final[tuple[tuple[re.Pattern[str], Callable[[str], int | float]], ...]] = (
    (_INTEGER, _integer),
    (_FLOAT, float),
    (_NOT_FINITE, lambda text: float(text.replace(".", ""))),
)


def _place(event: Event) -> Place:
    return event.start_mark.line + 1, event.start_mark.column + 1
