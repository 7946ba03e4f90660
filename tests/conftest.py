"""Fixtures that every room's tests may use."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def pytest_xdist_auto_num_workers() -> int:
    """Return one more than there are processors: a quarter of the time tests wait for a clock."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Return the folder of real feeds kept outside the project; skip where it is absent."""
    folder = Path(os.environ.get("AGGREGATOR_CORPUS", ROOT.parent / "shared" / "corpus"))
    if not (folder / "expected.json").is_file():
        pytest.skip("the corpus of real feeds is not here; AGGREGATOR_CORPUS may name its folder")
    return folder


@pytest.fixture
def wait_until() -> Callable[[Callable[[], object]], None]:
    """Return a function that waits for something, ten seconds at most."""

    def wait(done: Callable[[], object]) -> None:
        end = time.monotonic() + 10
        while not done():
            assert time.monotonic() < end, "it did not happen"
            time.sleep(0.02)

    return wait
