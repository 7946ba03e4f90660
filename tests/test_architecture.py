"""The load-bearing walls: imports go one way, and each library has one home."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "aggregator"

# A room may import the rooms named beside it, and itself. docs/architecture.md draws this.
MAY_IMPORT: dict[str, set[str]] = {
    "__init__": set(),
    "model": set(),
    "errors": {"model"},
    "disk": set(),
    "passwords": set(),
    "yamltext": {"errors"},
    "markup": {"errors", "model"},
    "config": {"disk", "yamltext", "errors", "model"},
    "document": {"markup", "yamltext", "errors", "model"},
    "reading": {"markup", "errors", "model"},
    "publishing": {"disk", "markup", "config", "errors", "model", "storage.protocol"},
    "preview": {"publishing", "markup", "errors", "model"},
    "migration": {
        "reading",
        "publishing",
        "document",
        "markup",
        "errors",
        "model",
    },
    "fetch": {"config", "errors", "model"},
    "storage": {"disk", "errors", "model"},
    "workers": {"reading", "config", "errors", "model"},
    "demo": set(),
    "services": {
        "migration",
        "preview",
        "reading",
        "publishing",
        "document",
        "markup",
        "config",
        "errors",
        "model",
        "storage.protocol",
        "storage.hubprotocol",
        "storage.noticeprotocol",
        "storage.accountprotocol",
        "storage.inboxprotocol",
        "storage.draftprotocol",
        "passwords",
        "fetch",
    },
    "web": {"services", "errors", "model"},
    "scheduler": set(),
    "metrics": {"services", "model"},
    "app": {"*"},
    "cli": {"*"},
    "__main__": {"cli"},
}

HOMES: dict[str, set[str]] = {
    "httpx": {"fetch"},
    "brotli": {"fetch", "web"},  # reads there, writes here
    "sqlalchemy": {"storage"},
    "alembic": {"storage"},
    "sqlite3": {"storage"},
    "pysqlite3": {"storage"},
    "feedparser": {"reading"},
    "lxml": {"reading", "publishing", "migration"},  # reads, writes, takes HTML apart
    "feedgen": {"publishing"},
    "jinja2": {"publishing"},
    "nh3": {"markup"},
    "markdown_it": {"markup"},
    "mdit_py_plugins": {"markup"},
    "ruamel": {"yamltext"},
    "pydantic": {"config"},
    "click": {"cli"},
    "rich": {"cli"},
    "h11": {"fetch"},
    "multiprocessing": {"workers"},
    "apscheduler": {"scheduler"},
    "prometheus_client": {"metrics"},
    "publicsuffixlist": {"reading"},
    "flask": {"web"},
    "werkzeug": {"web"},
    "waitress": {"web"},
    "argon2": {"passwords"},
}

# Pure rooms turn values into values; what reads a clock or the world has no business there.
PURE = {"reading", "publishing", "preview", "document", "migration", "markup", "model"}
IMPURE_MODULES = {"socket", "subprocess", "threading", "multiprocessing", "time", "random", "os"}
CLOCKS = {"datetime", "date", "dt"}
IMPURE_CALLS = {"now", "utcnow", "today", "getenv"}
# It writes files, and says so in its name.
ALLOWED_IMPURITY = {"publishing/writer.py"}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    inside = path.relative_to(PACKAGE)
    return inside.parts[0] if len(inside.parts) > 1 else inside.stem


def imports(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute here"
            assert node.module
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node.lineno


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down_only(path: Path) -> None:
    room = room_of(path)
    allowed = MAY_IMPORT[room] | {room}
    for name, line in imports(path):
        if not name.startswith("aggregator.") or "*" in allowed:
            continue
        target = name.removeprefix("aggregator.")
        fine = target == "__version__" or any(
            target == one or target.startswith(one + ".") for one in allowed
        )
        assert fine, f"{path.name}:{line}: {room} must not import {name}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_each_library_has_one_home(path: Path) -> None:
    for name, line in imports(path):
        homes = HOMES.get(name.split(".")[0])
        assert homes is None or room_of(path) in homes, (
            f"{path.name}:{line}: {name} is used in {' and '.join(sorted(homes or ()))} only"
        )


def test_every_room_has_its_place_in_the_plan() -> None:
    assert {room_of(path) for path in modules()} == set(MAY_IMPORT)


def test_the_nouns_need_nothing_but_the_standard_library() -> None:
    for path in (PACKAGE / "model").glob("*.py"):
        for name, line in imports(path):
            outside = name.split(".")[0] in HOMES
            assert not outside, f"{path.name}:{line}: model must not import {name}"


@pytest.mark.parametrize(
    "path", [path for path in modules() if room_of(path) in PURE], ids=lambda path: path.stem
)
def test_pure_rooms_read_no_clock_network_or_environment(path: Path) -> None:
    if str(path.relative_to(PACKAGE)) in ALLOWED_IMPURITY:
        return
    for name, line in imports(path):
        assert name.split(".")[0] not in IMPURE_MODULES, f"{path}:{line}: {name} in a pure room"
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and node.attr in IMPURE_CALLS:
            # `request.now` is a value that was passed in; `datetime.now` is a clock, called or not.
            clock = isinstance(node.value, ast.Name) and node.value.id in CLOCKS
            assert not clock, f"{path}:{node.lineno}: .{node.attr} is not pure"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = node.func.attr
            assert name not in IMPURE_CALLS, f"{path}:{node.lineno}: .{name}() is not pure"


def test_rooms_stay_small() -> None:
    long = {
        str(path.relative_to(PACKAGE)): lines
        for path in modules()
        if (lines := path.read_text().count("\n")) > 300
    }
    assert long == {}
