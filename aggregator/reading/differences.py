"""What an edit changed, word by word. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

# More words than that are compared by paragraphs: comparing takes their number squared.
MOST_WORDS = 4_000
_WORD = re.compile(r"\n+|[^\S\n]+|\w+|[^\w\s]")


class Part(StrEnum):
    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True)
class Piece:
    """Some text, and whether it was there before and is there now."""

    part: Part
    text: str


def differences(before: str, after: str) -> list[Piece]:
    """Return the pieces of two texts; SAME and GONE are the earlier one, SAME and NEW the later."""
    if before == after:
        return [Piece(Part.SAME, before)] if before else []
    old, new = _WORD.findall(before), _WORD.findall(after)
    head = _alike(old, new)
    tail = _alike(old[head:][::-1], new[head:][::-1])
    middle = old[head : len(old) - tail], new[head : len(new) - tail]
    if max(map(len, middle)) > MOST_WORDS:
        middle = _paragraphs(middle[0]), _paragraphs(middle[1])
    pieces = [Piece(Part.SAME, "".join(old[:head]))]
    pieces += _compared(*middle)
    pieces.append(Piece(Part.SAME, "".join(old[len(old) - tail :])))
    return list(_joined(pieces))


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many words are the same at the beginning."""
    for place, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return place
    return min(len(one), len(other))


def _paragraphs(words: Sequence[str]) -> list[str]:
    return re.findall(r"[^\n]*\n+|[^\n]+", "".join(words))


def _compared(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    matcher = SequenceMatcher(None, old, new, autojunk=len(old) > MOST_WORDS // 4)
    for _, first, last, begin, end in matcher.get_opcodes():
        before, after = "".join(old[first:last]), "".join(new[begin:end])
        if before == after:
            yield Piece(Part.SAME, before)
        else:
            yield Piece(Part.GONE, before)
            yield Piece(Part.NEW, after)


def _joined(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Return pieces put together where only a space stands between changes."""
    gone = new = ""
    waiting = ""  # white space that is the same, between two changes maybe
    for piece in pieces:
        if not piece.text:
            continue
        if piece.part is Part.SAME:
            if (gone or new) and not piece.text.strip() and "\n" not in piece.text:
                waiting += piece.text
                continue
            yield from _changed(gone, new)
            yield Piece(Part.SAME, waiting + piece.text)
            gone = new = waiting = ""
        elif piece.part is Part.GONE:
            gone, new, waiting = gone + waiting + piece.text, new + waiting, ""
        else:
            gone, new, waiting = gone + waiting, new + waiting + piece.text, ""
    yield from _changed(gone, new)
    if waiting:
        yield Piece(Part.SAME, waiting)


def _changed(gone: str, new: str) -> Iterator[Piece]:
    if gone:
        yield Piece(Part.GONE, gone)
    if new:
        yield Piece(Part.NEW, new)
