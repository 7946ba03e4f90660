"""What commands share: opening the app, writing times, JSON and lines."""

from __future__ import annotations

import contextlib
import json
import shlex
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from aggregator.app import App


def open_app() -> App:
    """Return the app for the settings named on the command line. Raises ConfigError."""
    from aggregator.app import App

    return App(Path(click.get_current_context().find_root().obj))


def command(*words: str) -> str:
    """Return a command of ours as a shell takes it.

    Addresses are chosen by whoever publishes them: unquoted, one with `;` in it would run the
    rest as a command of its own when it is pasted.
    """
    return shlex.join(("aggregator", *words))


def stamp(at: datetime | None) -> str | None:
    """Return a time as RFC 3339 writes it, in UTC; None stays None."""
    if at is None:
        return None
    precision = "milliseconds" if at.microsecond and not at.microsecond % 1000 else "auto"
    return at.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")


def day_and_time(at: datetime, *, seconds: bool = False) -> str:
    """Return a time for people, in the zone of this machine: "2026-03-31 16:05+02:00".

    `--at` takes it as it is.
    """
    with contextlib.suppress(OverflowError, ValueError):  # the first and the last year there are
        at = at.astimezone()
    return at.isoformat(sep=" ", timespec="seconds" if seconds else "minutes")


def echo_json(value: Any) -> None:
    """Print JSON in UTF-8, whatever the terminal's own encoding."""
    text = json.dumps(value, ensure_ascii=False, indent=1)
    sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()


def fitting(line: str) -> str:
    """Cut a line to the terminal's width; whole when the output is no terminal."""
    if not sys.stdout.isatty():
        return line
    width = shutil.get_terminal_size().columns
    return line if len(line) <= width else line[: width - 1] + "…"


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return "1 feed", "2 feeds"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
