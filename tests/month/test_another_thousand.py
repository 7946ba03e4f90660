"""The other half of the simulated month."""

from __future__ import annotations

from promised import Promises


class TestAnotherThousandPublishers(Promises):
    seed = 2
