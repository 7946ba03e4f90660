"""What filters catch. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from aggregator.errors import BadFilter
from aggregator.markup.text import plain_text
from aggregator.model.filter import Caught, Filter, FilterAction, FilterField

LONGEST = 200  # characters of a pattern
MOST_TEXT = 50_000  # characters of an entry that are looked at
_HAS_WORD = re.compile(r"\w")
_LETTER = re.compile("[0-9A-Za-z_\u00aa-\u0dff\u10a0-\u177f\u1e00-\u1fff\uac00-\ud7a3]")


@dataclass(kw_only=True)
class Sifted:
    """What filters found, by what is to be done."""

    star: list[int] = field(default_factory=list)
    mute: list[int] = field(default_factory=list)
    tag: list[tuple[int, str]] = field(default_factory=list)


def sift(filters: Sequence[Filter], entries: Sequence[Caught]) -> Sifted:
    """Return what filters do with entries."""
    found = Sifted()
    tests = [(one, catches(one)) for one in filters]
    for entry in entries:
        for one, caught in tests:
            if not caught(entry):
                continue
            if one.action is FilterAction.STAR:
                found.star.append(entry.number)
            elif one.action is FilterAction.MUTE:
                found.mute.append(entry.number)
            elif one.tag:
                found.tag.append((entry.number, one.tag))
    return found


def catches(one: Filter) -> Callable[[Caught], bool]:
    """Return what says whether a filter catches an entry. Raises BadFilter."""
    pattern = compiled(one.pattern)

    def caught(entry: Caught) -> bool:
        if one.feed is not None and entry.feed != one.feed:
            return False
        return any(pattern.search(text) for text in _texts(one.field, entry))

    return caught


@lru_cache(maxsize=256)
def compiled(pattern: str) -> re.Pattern[str]:
    """Return the expression of a pattern. Raises BadFilter, which says what is wrong.

    No author's expression is run: one that takes for ever is written too easily.
    """
    if len(pattern) > LONGEST:
        raise BadFilter(f"A pattern is at most {LONGEST} characters long.")
    choices = [part.split() for part in pattern.split("|")]
    if not all(any(_HAS_WORD.search(word) for word in words) for words in choices):
        raise BadFilter("A filter needs a word to look for, on each side of a |.")
    told = "|".join(r"\s+".join(map(_word, words)) for words in choices)
    return re.compile(told, re.IGNORECASE)


def _word(word: str) -> str:
    core = word.strip("*")
    if "*" in core:
        raise BadFilter(f"A * stands at the beginning or end of a word, not inside: {word}")
    if not core:
        return r"\w+"
    # Scripts without spaces have no word's end to look for.
    begin = "" if word.startswith("*") or not _LETTER.match(core[0]) else r"(?<!\w)"
    end = "" if word.endswith("*") or not _LETTER.match(core[-1]) else r"(?!\w)"
    # What a star stands for beside another word is the rest of its own.
    before, behind = (r"\w*" if word[at] == "*" else "" for at in (0, -1))
    return f"{before}{begin}{re.escape(core)}{end}{behind}"


def _texts(place: FilterField, entry: Caught) -> list[str]:
    match place:
        case FilterField.TITLE:
            return [entry.title]
        case FilterField.AUTHOR:
            return [entry.author]
        case FilterField.LINK:
            return [entry.link]
        case FilterField.TEXT:
            return [plain_text(entry.html)[:MOST_TEXT]]
        case FilterField.ANY:
            return [entry.title, entry.author, entry.link, plain_text(entry.html)[:MOST_TEXT]]
