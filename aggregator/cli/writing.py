"""Where a document's text comes from; whatever goes wrong afterwards, it is kept."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from io import BufferedReader
from itertools import pairwise
from pathlib import Path
from typing import cast

import click

from aggregator.cli.rescue import NEW, Purpose, keep, place_to_write
from aggregator.errors import AggregatorError

_NOT_KEPT = "What came by standard input was looked at and is not saved: keep it where it came from"


class Words:
    """The author's text for one command. `data` is where it is kept, once that is known."""

    def __init__(self, file: str | None, purpose: Purpose, data: Path | None = None) -> None:
        """`file` is a path, "-" for standard input, or None for the editor."""
        self._file, self._purpose, self.data = file, purpose, data
        self._raw: bytearray | None = None  # what there is of it so far
        self._place: Path | None = None  # the editor's file

    def read_ahead(self) -> None:
        """Read at once what can be read only once; a terminal's user has not typed it yet.

        Raises UsageError.
        """
        if self._file is None or (self._file == "-" and sys.stdin.isatty()):
            return
        if self._file == "-" or (Path(self._file).exists() and not self._lasts()):
            self._read()

    def text(
        self, *, start: str = "", may_stay: bool = False, editor_optional: bool = False
    ) -> str:
        """Return the text. Raises UsageError when there is none.

        The editor begins with `start`, and must make something else of it unless it `may_stay`.
        Without an editor and a terminal, `start` is the text if the editor is optional.
        """
        if self._file is not None:
            if self._raw is None:
                self._read()
            return _decoded(self._raw or b"", self._name)
        if (editor := _editor()) is not None:
            return self._edited(editor, start, may_stay=may_stay)
        if editor_optional:
            return start
        raise click.UsageError("give a FILE.md, or - for standard input, or set EDITOR")

    def saved(self) -> None:
        """Say that the text is where it should be. Only now the editor's file may go."""
        self._raw = None
        if self._place:
            self._place.unlink(missing_ok=True)
            self._place = None

    def rescued(self) -> str:
        """Keep what is not saved, and return where in words; "" when there is nothing to keep."""
        if not (self._raw or b"").strip() or self._lasts():
            return ""
        written, self._raw = bytes(self._raw or b""), None
        path = keep(written, self.data, self._purpose)
        if path and self._place:
            self._place.unlink(missing_ok=True)
        if path := path or self._place:
            then = self._purpose.command(path)
            return f"Your text is kept in {path}; mend it there, then: {then}"
        text = written.decode("utf-8", "replace")
        return f"Your text could be written nowhere; here it is:\n\n{text}"

    def file_to_mend(self) -> str:
        """Return the name of the file that holds the text anyway; "" when there is none."""
        return self._file if self._file is not None and self._lasts() else ""

    def _lasts(self) -> bool:
        """Whether the text stands in a file that will still be there: no pipe, none unlinked."""
        if self._file is None or self._file == "-":
            return False
        with contextlib.suppress(OSError):
            path = Path(self._file)
            return path.is_file() and path.stat().st_nlink > 0
        return False

    @property
    def _name(self) -> str:
        return "standard input" if self._file == "-" else str(self._file)

    def _read(self) -> None:
        self._raw = bytearray()
        try:
            with _opened(self._file) as source:
                # As it comes: what has come stays ours when the rest is interrupted.
                while piece := source.read1(65536):
                    self._raw += piece
        except OSError as error:
            raise click.UsageError(f"{self._name}: {error.strerror}") from error

    def _edited(self, editor: str, start: str, *, may_stay: bool) -> str:
        """Return what the author makes of `start` in the editor. Raises UsageError."""
        try:
            path = place_to_write(start, self.data, self._purpose)
        except OSError as error:
            raise click.UsageError(
                f"there is no place for the editor's file: {error}; give a FILE.md, or -"
            ) from error
        ended = _run(editor, path)
        try:
            raw = path.read_bytes()
        except FileNotFoundError:
            raise click.UsageError(
                f"the editor {editor!r} removed its file {path}, so nothing was saved"
            ) from None
        except OSError as error:
            raise click.UsageError(f"{path}: {error.strerror}; what you wrote is there") from error
        same = raw == start.encode("utf-8")
        if ended != 0:
            if same:
                path.unlink()
                raise click.UsageError(f"the editor {editor!r} failed; nothing was saved")
            raise click.UsageError(f"the editor {editor!r} failed; what you wrote is in {path}")
        if not raw.strip() or (same and not may_stay):
            path.unlink()
            raise click.UsageError("nothing was written, so nothing was saved")
        self._raw, self._place = bytearray(raw), path
        return _decoded(raw, "what you wrote")


@contextlib.contextmanager
def written(file: str | None, purpose: Purpose) -> Iterator[Words]:
    """Yield the author's words. What the block does not save is kept, whatever stopped it.

    What is piped to us is read before anything else is done.
    """
    words = Words(file, purpose, _data_of(_config()))
    try:
        words.read_ahead()
        yield words
    except BaseException as error:
        told = words.rescued()
        if isinstance(error, AggregatorError):
            where = words.file_to_mend()
            said = f"{where}: {error}" if where else str(error)
            error.args = ("\n".join(filter(None, (said, told))),)
        elif isinstance(error, click.ClickException):
            if told:
                raise click.UsageError(f"{error.message}\n{told}") from error
        elif told:
            with contextlib.suppress(OSError):
                click.echo(told, err=True)
        raise
    words.saved()


@contextlib.contextmanager
def looked_at(file: str) -> Iterator[Words]:
    """Yield words that are only shown: they are saved neither when that succeeds nor when not."""
    words = Words(file, NEW)
    try:
        words.read_ahead()
        yield words
    except AggregatorError as error:
        where = words.file_to_mend()
        error.args = (f"{where}: {error}" if where else f"{error}\n{_NOT_KEPT}",)
        raise


def keep_unread(error: click.ClickException, typed: list[str]) -> str:
    """Keep what was piped to a command line that could not be understood.

    Returns where in words; "" when nothing was.
    """
    if "-" not in typed or "preview" in typed:
        return ""
    context = getattr(error, "ctx", None)
    config = context.find_root().obj if context else None
    words = Words("-", _purpose_of(typed), _data_of(config or "feeds.yaml"))
    with contextlib.suppress(click.UsageError):
        words.read_ahead()
    return words.rescued()


def _purpose_of(typed: list[str]) -> Purpose:
    words = [word for word in typed if not word.startswith("-")]
    for verb, slug in pairwise(words):
        if verb in ("edit", "update"):
            return Purpose(verb, slug)
    return NEW


def _config() -> str:
    return str(click.get_current_context().find_root().obj)


def _data_of(config: str) -> Path | None:
    """Return where data lies as far as a feeds.yaml tells that may be broken; None: no idea."""
    from aggregator.config.cache import data_folder
    from aggregator.config.load import read_config

    path = Path(config)
    with contextlib.suppress(AggregatorError, OSError, ValueError):
        folder = data_folder(read_config(path), path)
        # It is a guess: only the usual place is made for it.
        if folder.is_dir() or folder == path.absolute().parent / "data":
            return folder
    return None


def _opened(file: str | None) -> AbstractContextManager[BufferedReader]:
    if file == "-":
        return nullcontext(cast("BufferedReader", sys.stdin.buffer))
    return Path(str(file)).open("rb")


def _decoded(data: bytes | bytearray, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise click.UsageError(f"{name}: line {line} is not UTF-8; save it as UTF-8") from error


def _editor() -> str | None:
    """Return the command of the author's editor; None when there is none to be had."""
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor and sys.stdin.isatty() and sys.stderr.isatty():
        return "vi"
    return editor or None


def _run(editor: str, path: Path) -> int:
    """Let the author edit the file and return how the editor ended. Raises UsageError."""
    # Ctrl-C is the editor's while it runs; ending it would take the unsaved words along.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        # $EDITOR may hold options: "code --wait".
        command = [*shlex.split(editor), str(path)]
        return subprocess.run(command, check=False).returncode
    except (OSError, ValueError) as error:
        path.unlink()
        raise click.UsageError(f"the editor {editor!r} cannot be run: {error}") from error
    finally:
        signal.signal(signal.SIGINT, before)
