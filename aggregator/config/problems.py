"""What is wrong with feeds.yaml, in words its author can act on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from aggregator.config.schema import (
    AuthorKeys,
    FeedKeys,
    FetchKeys,
    File,
    KeepKeys,
    ParseKeys,
    PollKeys,
    SiteKeys,
    SiteRulesKeys,
    WebKeys,
    WebSubKeys,
)

Path = tuple[str | int, ...]

SECTIONS: Mapping[str, type[BaseModel]] = {
    "": File,
    "site": SiteKeys,
    "author": AuthorKeys,
    "authors": AuthorKeys,
    "fetch": FetchKeys,
    "poll": PollKeys,
    "sites": SiteRulesKeys,
    "parse": ParseKeys,
    "keep": KeepKeys,
    "web": WebKeys,
    "websub": WebSubKeys,
    "feeds": FeedKeys,
}

EXAMPLES = {
    "": "`site:` and `feeds:`",
    "author": "`name: …`",
    "authors": "`name: …`",
    "sites": "`site: news.example`",
    "feeds": "`url: https://…`",
}


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong. `path` leads to it from the top: keys, and places from 0.

    `other` is a second place whose line the reader should know, too.
    """

    path: Path
    message: str
    other: Path | None = None

    def __str__(self) -> str:
        return f"{name_of(self.path)}: {self.message}" if self.path else self.message


def name_of(path: Path) -> str:
    """Return how a place is called: `poll.interval`, `feeds item 4, interval`."""
    name = ""
    for part in path:
        if isinstance(part, int):
            name += f" item {part + 1},"
        else:
            name += (" " if name.endswith(",") else "." if name else "") + part
    return name.removesuffix(",")


def problems_of(error: ValidationError) -> list[Problem]:
    """Return everything that did not fit the schema."""
    return [
        _problem(detail["type"], _path(detail["loc"]), detail["msg"], detail["input"])
        for detail in error.errors(include_url=False)
    ]


def shown(value: object) -> str:
    """Return a value as a message may show it: short, in JSON's manner, without passwords."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "keys and values"
    if isinstance(value, list | tuple):
        return "a list"
    words = re.sub(r"//[^/@\s]*@", "//…@", str(value))
    words = "".join(char if char.isprintable() else "�" for char in words)
    if len(words) > 60:
        words = words[:59] + "…"
    return f'"{words}"' if isinstance(value, str) else words


def _path(loc: tuple[int | str, ...]) -> Path:
    return tuple(part for part in loc if part != "[key]")


def _problem(kind: str, path: Path, message: str, value: Any) -> Problem:
    section = _section(path)
    if kind == "expected":
        if not message.startswith("expected"):
            return Problem(path=path, message=message)
        expected, mark, hint = message.partition(";")
        return Problem(path=path, message=f"{expected}, not {shown(value)}{mark}{hint}")
    if kind == "missing":
        return _missing(path)
    if kind == "extra_forbidden":
        return Problem(path=path, message=_unknown(str(path[-1]), _section(path[:-1])))
    if kind == "invalid_key":
        return Problem(path=path[:-1], message=f"expected a word as key, not {shown(value)}")
    if kind in {"model_type", "dict_type", "model_attributes_type"}:
        example = EXAMPLES.get(section)
        wanted = "keys and values" + (f" such as {example}" if example else "")
        return Problem(path=path, message=f"expected {wanted}, not {shown(value)}")
    if kind == "tuple_type":
        return Problem(path=path, message=f"expected a list, not {shown(value)}")
    if kind == "too_short":
        return Problem(path=path, message="expected at least one in this list")
    return Problem(path=path, message=f"{message}, not {shown(value)}")


def _section(path: Path) -> str:
    """Return the name of the section that a path lies in or is."""
    return next((part for part in reversed(path) if isinstance(part, str)), "")


def _missing(path: Path) -> Problem:
    if path == ("feeds",):
        return Problem(
            path=(), message="`feeds` is missing; write `feeds: []` while no feed is followed"
        )
    return Problem(path=path[:-1], message=f"`{path[-1]}` is missing")


def _unknown(key: str, section: str) -> str:
    if section and key in File.model_fields:
        return "unknown key here; it belongs at the left margin"
    homes = [name for name in SECTIONS if name and key in SECTIONS[name].model_fields]
    if homes and not section and homes[0] != "author":
        return f"unknown key here; it belongs under `{homes[0]}`"
    known = list(SECTIONS[section].model_fields) if section in SECTIONS else []
    close = get_close_matches(key.lower(), known, n=1)
    if close:
        return f"unknown key; did you mean `{close[0]}`?"
    return f"unknown key; expected one of {', '.join(known)}"
