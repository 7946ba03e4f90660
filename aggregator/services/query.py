"""The language of the search: words, and the operators people know. Pure.

budget council            both words, anywhere
"city council"            side by side
-football                 not that
mayor OR council          one of them
budg*                     words that begin so
title:budget author:reyes in that place alone
feed:courier tag:city     of such a feed; several: of one of them
before:2026-03 after:2026-03-15
is:starred is:unread is:read is:changed
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aggregator.errors import BadQuery
from aggregator.markup.text import scrub
from aggregator.model.inbox import Query, Words

LONGEST = 500  # characters
_MARKS = {"starred": "starred", "unread": "unread", "changed": "changed", "read": "unread"}
_PLACES = {"title", "author"}
_OPERATORS = {"feed", "tag", "before", "after", "is", *_PLACES}
_TOKEN = re.compile(r"""(-?)(?:([a-zA-Z]+):)?(?:["“”„«»]([^"“”„«»]*)["“”„«»]?(\*?)|([^\s"“”]+))""")
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
# Scripts without spaces between words: each character is looked for as a word of its own.
_UNSPACED = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])"
)


@dataclass(frozen=True)
class Token:
    """One word or operator of a query as it was typed."""

    typed: str
    negated: bool
    key: str  # "" for plain words
    value: str
    quoted: bool
    prefix: bool


def spaced(text: str) -> str:
    """Return `text` with spaces between characters of scripts that write none."""
    return text if text.isascii() else _UNSPACED.sub(r" \1 ", text)


def parse_query(text: str) -> Query:
    """Return what is asked for. Raises BadQuery, which says what was expected."""
    if len(text) > LONGEST:
        raise BadQuery(f"A search is at most {LONGEST} characters; this one has {len(text):,}.")
    text = scrub(text)  # SQLite takes a NUL for the end of it
    told: dict[str, Any] = {}
    groups: list[tuple[Words, ...]] = []
    joined = False  # the word before was OR
    for token in _tokens(text):
        if token.value == "OR" and not (token.key or token.quoted or token.negated):
            if not groups or groups[-1][0].negated:
                raise BadQuery("OR stands between two words: mayor OR council.")
            joined = True
            continue
        if token.key in _OPERATORS - _PLACES:
            if joined:
                raise BadQuery(f"OR stands between words; {token.typed} is none.")
            _take(token, told)
            continue
        words = _words(token)
        if joined and words.negated:
            raise BadQuery("OR stands between two words that are looked for, not against.")
        if joined:
            groups[-1] = (*groups[-1], words)
        else:
            groups.append((words,))
        joined = False
    if joined:
        raise BadQuery("Another word is missing behind OR.")
    if told.get("after") and told.get("before") and told["after"] >= told["before"]:
        raise BadQuery("Nothing is both that early and that late: after: lies behind before:.")
    return Query(words=tuple(groups), **told)


def _tokens(text: str) -> Iterator[Token]:
    for match in _TOKEN.finditer(text):
        minus, key, quoted, star, plain = match.groups()
        key = (key or "").lower()
        value = quoted if quoted is not None else plain
        if key and key not in _OPERATORS:  # 12:30, C++:, https://…
            value, key = (f"{match[2]}:{value}"), ""
        yield Token(
            typed=match[0],
            negated=bool(minus),
            key=key,
            value=value,
            quoted=quoted is not None,
            prefix=bool(star) or (quoted is None and value.endswith("*")),
        )


def _words(token: Token) -> Words:
    text = " ".join(spaced(token.value.strip("*")).split())
    if not any(character.isalnum() for character in text):
        raise BadQuery(f"There is no word to look for in {token.typed}.")
    return Words(text=text, field=token.key, prefix=token.prefix, negated=token.negated)


def _take(token: Token, told: dict[str, Any]) -> None:
    """Note what an operator says."""
    value = token.value.strip()
    if not value:
        raise BadQuery(f"Something is missing behind {token.typed}")
    if token.key in ("feed", "tag"):
        name = ("not_" if token.negated else "") + token.key + "s"
        told[name] = (*told.get(name, ()), value)
    elif token.key == "is":
        mark = _MARKS.get(value.lower())
        if mark is None:
            expected = ", ".join(f"is:{name}" for name in _MARKS)
            raise BadQuery(f"{token.typed} is not known; there are {expected}.")
        wanted = (value.lower() != "read") != token.negated
        if told.get(mark, wanted) != wanted:
            raise BadQuery(f"Nothing is both {mark} and not {mark}.")
        told[mark] = wanted
    else:
        if token.negated:
            other = "after" if token.key == "before" else "before"
            raise BadQuery(f"Say {other}: in place of -{token.key}:.")
        told[token.key] = _moment(token)


def _moment(token: Token) -> datetime:
    """Return the beginning of a day, month or year: `before` and `after` both count from there."""
    match = _DATE.fullmatch(token.value)
    try:
        if match is None:
            raise ValueError
        year, month, day = (int(part) if part else 1 for part in match.groups())
        return datetime(year, month, day, tzinfo=UTC)
    except ValueError as error:
        raise BadQuery(
            f"{token.typed} is no date; expected {token.key}:2026, {token.key}:2026-03 or "
            f"{token.key}:2026-03-31."
        ) from error
