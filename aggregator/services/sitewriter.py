"""Writing the site for the desk, which goes on whatever becomes of it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from aggregator.config.settings import Settings
from aggregator.errors import AggregatorError
from aggregator.publishing.library import Memory
from aggregator.services.announcing import Announcer
from aggregator.services.syndication import publish
from aggregator.storage.protocol import Storage


class SiteWriter:
    """Threads share it: one writes, and who comes meanwhile waits for it."""

    def __init__(
        self,
        storage: Storage,
        settings: Callable[[], Settings],
        announcer: Announcer | None,
        memory: Memory | None = None,
    ) -> None:
        self._storage, self._settings = storage, settings
        self._announcer, self._memory = announcer, memory
        self._lock = threading.Lock()
        self._troubles: tuple[str, ...] = ()

    @property
    def troubles(self) -> tuple[str, ...]:
        """What went wrong when the site was last written from here, in words."""
        return self._troubles

    def mended(self) -> None:
        """Take note that the site was written whole, by somebody else."""
        self._troubles = ()

    def write(self) -> tuple[str, ...]:
        """Write the site; return what went wrong. What is published stays so, in any case."""
        settings = self._settings()
        with self._lock:
            try:
                done = publish(
                    self._storage,
                    settings.site,
                    settings.output,
                    announcer=self._announcer,
                    memory=self._memory,
                )
            except (AggregatorError, OSError) as error:
                self._troubles = (f"The site could not be written: {error}",)
            else:
                left_out = [f"Left out of the site: {problem}" for problem in done.problems]
                untold = [f"Nobody is told of it yet: {done.untold}"] if done.untold else []
                self._troubles = (*left_out, *untold)
        return self._troubles
