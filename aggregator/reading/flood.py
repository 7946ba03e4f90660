"""The flood brake: a known feed in which most entries suddenly look new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from aggregator.model.feed import Entry

FEWEST = 10  # fewer are read through in a minute


def is_flood(
    new: Sequence[Entry], *, total: int, known: int, last_success_at: datetime | None
) -> bool:
    """Whether the `new` entries, out of `total` in the document, should be held back.

    A feed seen before (`known` entries of it, read last at `last_success_at`) floods when ten
    entries or more, and more than half of the document, look new although they are dated before
    we last looked, or not at all, or all in the same second. What was published since is news.
    """
    if not known or last_success_at is None or len(new) < FEWEST or len(new) * 2 <= total:
        return False
    dates = [entry.published or entry.updated for entry in new]
    stale = sum(date is None or date <= last_success_at for date in dates)
    if stale * 2 > len(new):
        return True
    [(_, same_second)] = Counter(date for date in dates if date is not None).most_common(1)
    return same_second * 2 > len(new)
