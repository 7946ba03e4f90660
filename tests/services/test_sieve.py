"""What filters catch: words as people mean them, in any script."""

from __future__ import annotations

import pytest

from aggregator.services.sieve import compiled


@pytest.mark.parametrize(
    ("pattern", "text", "caught"),
    [
        ("budget", "The BUDGET, again", True),
        ("budget", "budgets", False),
        ("budget*", "budgets", True),
        ("*budget", "midbudget", True),
        ("city council", "city\n council", True),
        ("city council", "city's council", False),
        ("transfer | loan deal", "a loan deal", True),
        ("C++", "in C++ again", True),
        ("C++", "in C", False),
        ("预算", "市议会预算表决", True),
        ("Haushalt*", "Haushaltsplan", True),
        ("é", "café", False),
        ("vote* june", "voting june", False),
        ("vot* june", "voting june", True),
    ],
)
def test_a_pattern_catches_what_it_says(pattern: str, text: str, caught: bool) -> None:
    assert bool(compiled(pattern).search(text)) is caught
