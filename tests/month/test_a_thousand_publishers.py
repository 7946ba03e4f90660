"""Half of the simulated month; the other half is in a file of its own, for another processor."""

from __future__ import annotations

from promised import Promises


class TestAThousandPublishersThatLie(Promises):
    seed = 1
