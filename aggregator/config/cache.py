"""What feeds.yaml said the last time, so that a large one need not be parsed for every poll.

Parsing YAML takes about a millisecond per feed, reading this a hundredth of that. The cache holds
plain keys and values, which are checked again; it is believed only for the very bytes it was made
from, by the same version of the program. Whatever is wrong with it, feeds.yaml is read instead.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from aggregator import __version__
from aggregator.config.convert import settings_of
from aggregator.config.schema import File
from aggregator.config.settings import Settings

NAME = "settings-cache.json"

# A smaller file is parsed in less than a twentieth of a second.
WORTH_KEEPING = 4096

_DATA = re.compile(
    rb"""^data:[ \t]+(?P<quote>["']?)(?P<folder>[^"'#\r\n]+?)(?P=quote)[ \t]*\r?$""", re.M
)


def find(content: bytes, path: Path) -> Settings | None:
    """Return the settings that these bytes gave before, or None."""
    if len(content) < WORTH_KEEPING:
        return None
    try:
        with (_folder(content, path) / NAME).open("rb") as file:
            key, _, kept = file.read().partition(b"\n")
        if key.decode("ascii") != _key(content, kept):
            return None
        settings, problems = settings_of(File.model_validate(json.loads(kept)), path)
    except (OSError, ValueError, ValidationError, RecursionError):
        return None
    return None if problems else settings


def keep(plain: dict[str, Any], content: bytes, settings: Settings) -> None:
    """Keep what the bytes said, in the folder for data; fail silently."""
    folder = _folder(content, settings.path)
    if len(content) < WORTH_KEEPING or folder != settings.data:
        return
    with contextlib.suppress(OSError, ValueError, TypeError):
        kept = json.dumps(plain).encode("ascii")
        folder.mkdir(exist_ok=True)  # the database is going to be there as well
        # mkstemp lets only the owner read it: private feeds are named in it.
        descriptor, name = tempfile.mkstemp(prefix=NAME, suffix=".new", dir=folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(_key(content, kept).encode("ascii") + b"\n" + kept)
            os.replace(name, folder / NAME)  # noqa: PTH105 - `name` is a string
        except OSError:
            os.unlink(name)  # noqa: PTH108


def _key(content: bytes, kept: bytes) -> str:
    digests = (hashlib.sha256(part).hexdigest() for part in (content, kept))
    return " ".join((__version__, *digests))


def _folder(content: bytes, path: Path) -> Path:
    """Return where `data` lies, guessed without parsing; a wrong guess costs time, no more."""
    match = _DATA.search(content)
    written = match["folder"].decode("utf-8", errors="replace") if match else "data"
    return path.absolute().parent / written
