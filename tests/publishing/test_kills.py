"""`publish`, killed at random points, leaves whole files and a site that the next run completes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Where nothing waits for a disk; a kill, unlike a power cut, does not care.
QUICK = Path("/dev/shm")  # noqa: S108


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that can be forked")
def test_twenty_kills_leave_no_half_file_and_no_site_that_cannot_be_completed(
    tmp_path: Path,
) -> None:
    place = QUICK if os.access(QUICK, os.W_OK) else tmp_path
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.kills", "--kills", "20", "--posts", "10"],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(place), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    assert "20 kills, and every next run made it good" in done.stdout
