"""Where a document's text comes from, and where it is kept when it cannot be saved."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from aggregator.errors import AggregatorError


@contextlib.contextmanager
def typed(
    file: str | None,
    data: Path,
    *,
    start: str = "",
    may_stay: bool = False,
    editor_optional: bool = False,
) -> Iterator[str]:
    """Yield the author's text: of a file, of standard input for "-", of the editor for None.

    The editor begins with `start`, and must make something else of it unless it `may_stay`.
    Without an editor and a terminal, `start` is the text if the editor is optional. When the
    block cannot save the text, whatever stopped it, the text is kept in a file under `data`,
    and the author is told where. Raises UsageError when there is no text.
    """
    place = None
    if file is not None:
        text = _given(file, data)
    elif (editor := _editor()) is not None:
        place = _writing_place(data)
        text = _edited(editor, place, start, may_stay=may_stay)
    elif editor_optional:
        text = start
    else:
        raise click.UsageError("give a FILE.md, or - for standard input, or set EDITOR")
    try:
        yield text
    except BaseException as error:
        where, told = "", ""
        if file is not None and Path(file).is_file():
            where = f"{file}: "
        else:
            told = _rescue(text.encode("utf-8", "surrogatepass"), data, place)
        if isinstance(error, AggregatorError):
            error.args = ("\n".join(filter(None, (f"{where}{error}", told))),)
        elif told:
            with contextlib.suppress(OSError):
                click.echo(told, err=True)
        raise
    # Only now: until it is saved, the editor's file may hold the only copy.
    if place:
        place.unlink(missing_ok=True)


def _given(file: str, data: Path) -> str:
    """Return the text of a file or, for "-", of standard input. Raises UsageError."""
    if file == "-":
        raw, name = sys.stdin.buffer.read(), "standard input"
    else:
        raw, name = _bytes_of(Path(file)), file
    try:
        return _decoded(raw, name)
    except click.UsageError as error:
        raise click.UsageError(f"{error.message}\n{_rescue(raw, data)}") from error


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise click.UsageError(f"{path}: {error.strerror}") from error


def _decoded(data: bytes, name: str) -> str:
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


def _edited(editor: str, path: Path, start: str, *, may_stay: bool) -> str:
    """Return what the author makes of `start` in the editor. Raises UsageError."""
    path.write_text(start, encoding="utf-8")
    # Ctrl-C is the editor's while it runs; ending it would take the unsaved words along.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        # $EDITOR may hold options: "code --wait".
        command = [*shlex.split(editor), str(path)]
        ended = subprocess.run(command, check=False)
    except (OSError, ValueError) as error:
        path.unlink()
        raise click.UsageError(f"the editor {editor!r} cannot be run: {error}") from error
    finally:
        signal.signal(signal.SIGINT, before)
    try:
        text = _decoded(_bytes_of(path), str(path))
    except click.UsageError as error:
        raise click.UsageError(f"{error.message}; what you wrote is there") from error
    if ended.returncode != 0:
        if text == start:
            path.unlink()
            raise click.UsageError(f"the editor {editor!r} failed; nothing was saved")
        raise click.UsageError(f"the editor {editor!r} failed; what you wrote is in {path}")
    if text == start and not may_stay:
        path.unlink()
        raise click.UsageError("nothing was written, so nothing was saved")
    return text


def _rescue(written: bytes, data: Path, place: Path | None = None) -> str:
    """Keep what was written, and return where in words.

    `place` is the editor's file. It is removed once there is another copy.
    """
    name = f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%S.%f}.md"
    for folder in (data / "rescued", Path(tempfile.gettempdir())):
        path = folder / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                file.write(written)
        except OSError:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
            continue
        if place:
            place.unlink(missing_ok=True)
        return f"Your text is kept in {path}; mend it there and give that file."
    if place:
        return f"Your text is kept in {place}; mend it there and give that file."
    text = written.decode("utf-8", "replace")
    return f"Your text could be written nowhere; here it is:\n\n{text}"


def _writing_place(data: Path) -> Path:
    """Return a new, empty file for the editor: under `data`, else where files may be made."""
    folder = data / "writing"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(suffix=".md", prefix="post-", dir=folder)
    except OSError:
        handle, name = tempfile.mkstemp(suffix=".md", prefix="post-")
    os.close(handle)
    return Path(name)
