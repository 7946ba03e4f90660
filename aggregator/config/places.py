"""Where published files may go: what is written there is given to the world."""

from __future__ import annotations

import os
from pathlib import Path

from aggregator.config.settings import Settings


def why_not_published_to(output: Path, settings: Settings) -> list[str]:
    """Return what would be wrong with publishing into `output`: nothing private may lie in it."""
    private = (
        (f"{settings.path.name} itself", settings.path),
        ("the database, which `data` puts there", settings.data),
    )
    return [
        f"expected a folder of its own; {what}, would be published with it"
        for what, place in private
        if _real(place).is_relative_to(_real(output))
    ]


def is_within(path: Path, folder: Path) -> bool:
    """Whether a path lies in a folder, links followed as far as they lead."""
    return _real(path).is_relative_to(_real(folder))


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))  # unlike Path.resolve, it does not raise for a loop
