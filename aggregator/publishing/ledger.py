"""What is ours in a published directory, before, while and after a run writes."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from aggregator.errors import OutputError
from aggregator.publishing import manifest
from aggregator.publishing.manifest import UNKNOWN, Known, Manifest
from aggregator.publishing.placing import Placer


class Ledger:
    """The books of one directory. Raises OutputError when they cannot be read.

    `files` are ours. `tidy` says that no run was stopped before its end: while one writes, the
    names that are new lie in a file beside the manifest, so that a killed one leaves no files of
    nobody, and the next one knows that it was.
    """

    def __init__(self, directory: Path, placer: Placer) -> None:
        self._directory, self._placer = directory, placer
        self._before = self._read()
        begun = self._begun()
        self.tidy = begun is None and self._before.complete
        self.files: Mapping[str, Known] = {
            **dict.fromkeys(begun or (), UNKNOWN),
            **self._before.files,
        }
        self._open = False

    def begin(self, paths: Iterable[str]) -> None:
        """Note that these shall be ours, before the first of them exists."""
        if self._open:
            return
        self._open = True
        new = sorted({*self.files, *paths} - set(self._before.files))
        text = json.dumps({"files": new}, ensure_ascii=False)
        self._place(manifest.UNFINISHED, text.encode())

    def forget(self) -> None:
        """Undo `begin`, nothing having come of it."""
        if self._open and self.tidy:
            with contextlib.suppress(OSError):  # the next run takes it as it is
                (self._directory / manifest.UNFINISHED).unlink()

    def close(self, files: Mapping[str, Known]) -> None:
        """Note that these are ours, and no others."""
        made = Manifest(files)
        if made != self._before or not (self._directory / manifest.NAME).exists():
            self._place(manifest.NAME, made.to_bytes())
        if self._open or not self.tidy:
            (self._directory / manifest.UNFINISHED).unlink(missing_ok=True)

    def _place(self, name: str, content: bytes) -> None:
        ready = self._placer.prepare(name, content)
        try:
            self._placer.put({name: ready})
        except BaseException:
            self._placer.discard([ready])
            raise

    def _read(self) -> Manifest:
        path = self._directory / manifest.NAME
        try:
            return manifest.read(path.read_bytes())
        except FileNotFoundError:
            return Manifest()
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise OutputError(
                f"{path} is damaged, so our files cannot be told from yours. Delete it and "
                "everything that an earlier `publish` wrote beside it, or publish to an empty "
                "directory with --to"
            ) from error

    def _begun(self) -> list[str] | None:
        """Return the names that a stopped run was about to make ours; None: there was none."""
        try:
            text = (self._directory / manifest.UNFINISHED).read_bytes()
        except FileNotFoundError:
            return None
        with contextlib.suppress(ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return [path for path in json.loads(text)["files"] if manifest.is_safe(path)]
        return []
