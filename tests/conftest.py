"""Fixtures that every room's tests may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Return the folder of real feeds kept outside the project; skip where it is absent."""
    folder = Path(os.environ.get("AGGREGATOR_CORPUS", ROOT.parent / "shared" / "corpus"))
    if not (folder / "expected.json").is_file():
        pytest.skip("the corpus of real feeds is not here; AGGREGATOR_CORPUS may name its folder")
    return folder
