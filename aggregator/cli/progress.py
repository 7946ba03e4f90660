"""A sign of life from what takes longer than a second."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

import click

BETWEEN_LINES = 10.0  # where the output is no terminal


@contextlib.contextmanager
def sign_of_life() -> Iterator[Callable[[str], None]]:
    """Give a function that takes how far we are: shown in place on a terminal's standard error.

    Elsewhere it is a line now and then, so that logs stay short.
    """
    if _is_terminal(sys.stderr):
        from rich.console import Console

        console = Console(stderr=True, highlight=False, markup=False)
        with console.status("…", spinner="line") as status:
            yield status.update
        return
    due = time.monotonic() + BETWEEN_LINES

    def line(text: str) -> None:
        nonlocal due
        if time.monotonic() >= due:
            due = time.monotonic() + BETWEEN_LINES
            click.echo(text, err=True)

    yield line


def can_ask() -> bool:
    """Whether somebody sits at a terminal who can be asked."""
    return _is_terminal(sys.stdin) and _is_terminal(sys.stdout)


def _is_terminal(stream: object) -> bool:
    return bool(getattr(stream, "isatty", lambda: False)())
