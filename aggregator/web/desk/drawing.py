"""Small drawings in SVG, which need no script."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from aggregator.services.feedroom import Tried

HEIGHT = 32  # of the tallest bar
SLOWEST = 30.0  # seconds; slower ones are as tall


@dataclass(frozen=True)
class Bar:
    """One poll: how long it took, and how it ended."""

    x: int
    height: int
    kind: str  # "news", "same" or "failed"
    told: str


def bars(tried: Sequence[Tried]) -> list[Bar]:
    """Return a bar for each poll, the oldest first; ten times as slow is as much taller."""
    drawn = []
    for place, one in enumerate(reversed(tried)):
        share = math.log10(1 + 99 * min(one.attempt.seconds, SLOWEST) / SLOWEST) / 2
        told = f"{one.attempt.at:%Y-%m-%d %H:%M} UTC, {one.attempt.seconds:.1f} s: {one.words}"
        drawn.append(Bar(place * 12, max(round(share * HEIGHT), 3), one.kind, told))
    return drawn
