"""What is done with entries after they came in: filters, then the index of words.

Both follow what was stored, in transactions of their own, so that polls need not wait. Whoever
looks catches up first.
"""

from __future__ import annotations

import threading
import time

from aggregator.markup.text import plain_text
from aggregator.services.query import spaced
from aggregator.services.sieve import sift
from aggregator.storage.inboxprotocol import FilterStorage, IndexStorage

AT_ONCE = 250  # entries in one transaction, so that polls and the author need not wait
PATIENCE = 1.0  # seconds that a search waits for the index


class Intake:
    """Threads share it; of each kind, one at a time catches up."""

    def __init__(self, index: IndexStorage, filters: FilterStorage) -> None:
        self._index, self._filters = index, filters
        self._indexing, self._filtering = threading.Lock(), threading.Lock()

    def catch_up(self, *, seconds: float = PATIENCE) -> int:
        """Put what came in into the index; return how many entries are not in it yet."""
        end = time.monotonic() + seconds
        while time.monotonic() <= end:
            with self._indexing:  # for each some: who searches is not kept from it by a long run
                if self._index.index(AT_ONCE, words_of) < AT_ONCE:
                    break
        return self.waiting()

    def waiting(self) -> int:
        """Return how many entries are not in the index yet."""
        return self._index.to_index()

    def filter_news(self) -> None:
        """Have the filters look at what came in since they last did."""
        filters = self._filters.filters()
        if not filters:
            return
        active = [one for one in filters if not one.paused]
        with self._filtering:
            while news := self._filters.filterable(limit=AT_ONCE):
                found = sift(active, news)
                self._filters.filtered(
                    news[-1].number, star=found.star, mute=found.mute, tag=found.tag
                )
                if len(news) < AT_ONCE:
                    break


def words_of(html: str) -> str:
    """Return what is looked through of HTML or plain text."""
    return spaced(plain_text(html))
