"""What fails in the tests that two files share is told as well as what fails in theirs."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("promised")
