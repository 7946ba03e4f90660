"""What readers understood beside what authors meant, and the differences that readers make."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.readback.told import PROPERTIES, Told, words_of


@dataclass(kw_only=True)
class Column:
    """One property as one reader tells it of one format."""

    told: int = 0  # entries of which the reader says it at all
    equal: int = 0
    explained: dict[str, int] = field(default_factory=dict)  # how often, by the reason
    unexplained: list[str] = field(default_factory=list)


@dataclass(kw_only=True)
class Row:
    """What one reader makes of the documents of one format."""

    reader: str
    format: str
    entries: int = 0
    columns: dict[str, Column] = field(
        default_factory=lambda: {name: Column() for name in PROPERTIES}
    )
    faults: list[str] = field(default_factory=list)  # entries lost, repeated or invented

    @property
    def unexplained(self) -> list[str]:
        return [
            *self.faults,
            *(one for column in self.columns.values() for one in column.unexplained),
        ]


def compared(
    reader: str,
    format_: str,
    read: Iterable[Sequence[Told]],
    meant: Mapping[str, Told],
    *,
    silent: Sequence[str] = (),
) -> Row:
    """Return what a reader made of documents that together hold the entries `meant`.

    An entry that several documents hold has to be the same in each of them, and stands in none
    twice. `silent` are the properties of which the reader says nothing.
    """
    row = Row(reader=reader, format=format_)
    seen: set[str | None] = set()
    for document in read:
        ids = [told.id for told in document]
        row.faults += [f"an entry twice: {id_}" for id_, times in Counter(ids).items() if times > 1]
        seen |= set(ids)
        for told in document:
            row.entries += 1
            if told.id is None or told.id not in meant:
                row.faults.append(f"an entry nobody wrote: {told.id!r}")
                continue
            for name, said in told.properties():
                if said is not None:
                    _count(row.columns[name], row, name, getattr(meant[told.id], name), said)
    row.faults += [f"an entry is lost: {id_}" for id_ in sorted(meant.keys() - seen)]
    row.faults += [
        f"{name}: told of {column.told} entries out of {row.entries}"
        for name, column in row.columns.items()
        if name not in silent and column.told < row.entries
    ]
    return row


def _count(column: Column, row: Row, name: str, meant: object, said: object) -> None:
    column.told += 1
    if said == meant:
        column.equal += 1
        return
    for known in REASONS:
        if known.covers(row, name) and known.explains(str(meant), str(said)):
            column.explained[known.words] = column.explained.get(known.words, 0) + 1
            return
    column.unexplained.append(f"{name}: meant {_cut(meant, said)!r}, read {_cut(said, meant)!r}")


@dataclass(frozen=True, kw_only=True)
class Reason:
    """A difference that a reader makes by itself, whatever we write."""

    words: str
    reader: str
    format: str | None = None  # None: any
    properties: Sequence[str] = ("title",)
    explains: Callable[[str, str], bool]

    def covers(self, row: Row, name: str) -> bool:
        return (
            row.reader == self.reader
            and self.format in {None, row.format}
            and name in self.properties
        )


def _undone(meant: str, said: str) -> bool:
    """Whether the words differ only by UTF-8 that looked as if it was encoded twice."""
    pairs = re.compile("[\u00c2-\u00f4][\u0080-\u00bf]+")
    return pairs.sub(lambda found: _decoded(found[0]), meant) == said


def _decoded(text: str) -> str:
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


REASONS = (
    Reason(
        words="takes “Ã©” for “é” that was encoded twice",
        reader="feedparser",
        properties=("title", "words", "author"),
        explains=_undone,
    ),
    Reason(
        words="takes an RSS title with markup for HTML; RSS has no way to say which it is",
        reader="feedparser",
        format=".rss",
        explains=lambda meant, said: meant != said and words_of(meant) == said,
    ),
)


def _cut(text: object, other: object) -> str:
    """Return the part of a text where it differs from the other."""
    one, two = str(text), str(other)
    pairs = enumerate(zip(one, two, strict=False))
    at = next((place for place, (a, b) in pairs if a != b), min(len(one), len(two)))
    return one[max(0, at - 20) : at + 60]
