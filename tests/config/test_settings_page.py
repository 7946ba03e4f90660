"""docs/settings.md names every key there is, with examples and defaults that are true."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from aggregator.config.check import check
from aggregator.config.schema import File
from aggregator.config.settings import Settings

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "settings.md").read_text()
CODE = re.compile(r"`([^`]+)`")

# What must stand beside a key for it to be right.
BESIDE = {"feeds": "url: 'https://x.example/'", "authors": "name: X", "sites": "site: x.example"}


class Key(typing.NamedTuple):
    """A key with the keys above it; `lists` are those of them that hold lists."""

    path: tuple[str, ...]
    lists: frozenset[str]

    @property
    def name(self) -> str:
        return ".".join(self.path)


def models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in typing.get_args(annotation):
        yield from models_in(inner)


TOP = Key((), frozenset())


def keys_of(model: type[BaseModel], above: Key, seen: set[object]) -> Iterator[Key]:
    """Yield every key; a kind of thing that stands in two places is told in the first."""
    for name, field in model.model_fields.items():
        key = Key((*above.path, name), above.lists)
        yield key
        for inner in models_in(field.annotation):
            if inner not in seen:
                seen.add(inner)
                lists = {name} if "tuple[" in str(field.annotation) else set()
                yield from keys_of(inner, Key(key.path, above.lists | lists), seen)


KEYS = {key.name: key for key in keys_of(File, TOP, set())}
ROWS = {
    cells[0].strip("`"): cells
    for line in PAGE.splitlines()
    if line.startswith("| `")
    for cells in [[cell.strip() for cell in line.strip().strip("|").split("|")]]
}


def settings(text: str) -> Settings:
    return check(text.encode(), Path("/nowhere/feeds.yaml")).settings


def file_with(key: Key, written: str) -> str:
    """Return a whole file in which `written` stands in the place of a key."""
    *above, _ = key.path
    for name in reversed(above):
        if name in key.lists:
            beside = BESIDE.get(name, "")
            same = not beside or beside.partition(":")[0] == written.partition(":")[0]
            written = f"{name}: [{{{written if same else f'{beside}, {written}'}}}]"
        else:
            written = f"{name}: {{{written}}}"
    others = "" if key.path[0] != "websub" else "\nweb: {listen: '127.0.0.1:8321'}"
    return written + others + ("" if key.path[0] == "feeds" else "\nfeeds: []") + "\n"


def test_every_key_has_its_row_and_every_row_its_key():
    assert [name for name in KEYS if name not in ROWS] == []
    assert [name for name in ROWS if name not in KEYS] == []
    for name, (_, means, values, *_) in ROWS.items():
        assert means, name
        assert values, name


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if CODE.search(row[-1])])
def test_every_example_is_right_and_means_something(name):
    [example] = CODE.findall(ROWS[name][-1])
    assert example.startswith(name.rpartition(".")[2] + ":")
    with_it = settings(file_with(KEYS[name], example))
    if name not in {"feeds.url", "site.authors.name", "poll", "fetch"}:
        assert with_it != settings("feeds: []\n")


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if CODE.fullmatch(row[3])])
def test_every_default_is_what_a_missing_key_means(name):
    key, written = KEYS[name], f"{name.rpartition('.')[2]}: {ROWS[name][3].strip('`')}"
    lists = key.lists - {key.path[-1]}
    nothing = file_with(key, BESIDE[key.path[-2]]) if lists else "feeds: []\n"
    assert settings(file_with(key, written)) == settings(nothing)


def test_only_what_cannot_have_an_example_has_none():
    without = {name for name, row in ROWS.items() if not CODE.search(row[-1])}
    assert without <= {"database"}
