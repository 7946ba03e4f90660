"""feeds.yaml → Settings, from the cache when it has not changed."""

from __future__ import annotations

import stat
from pathlib import Path

from aggregator.config import cache
from aggregator.config.settings import Settings
from aggregator.errors import ConfigError

# Ten thousand feeds with titles and tags take about a megabyte.
LARGEST_FILE = 16 * 1024 * 1024


def load_settings(path: Path) -> Settings:
    """Return what the file says, checked, with paths made absolute.

    Raises ConfigError; its text lists everything that is wrong, its fields name the first.
    """
    content = read_config(path)
    settings = cache.find(content, path)
    if settings is None:
        # Imported here: with the cache at hand neither parser nor checker is needed.
        from aggregator.config.check import check

        settings = check(content, path).settings
        cache.keep(content, settings)
    return settings


def read_config(path: Path) -> bytes:
    """Return the bytes of the file. Raises ConfigError."""
    try:
        mode = path.stat().st_mode
        # Opening a pipe would wait for somebody to write into it.
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise ConfigError(
                "this is a pipe or a device; expected a file such as feeds.yaml", path=path
            )
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        raise ConfigError(
            "there is no such file; `aggregator init` writes one to begin with", path=path
        ) from None
    except IsADirectoryError:
        raise ConfigError(
            "this is a folder; expected a file such as feeds.yaml", path=path
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(f"the file cannot be read: {reason}", path=path) from error
    if len(content) > LARGEST_FILE:
        raise ConfigError(f"the file is larger than {LARGEST_FILE:,} bytes", path=path)
    return content
