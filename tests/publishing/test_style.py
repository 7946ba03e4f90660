"""The style sheet: readable for everyone, small, and in need of nothing from elsewhere."""

from __future__ import annotations

import re
from itertools import product

import pytest

from aggregator.publishing.pages import templates_of

CSS = templates_of(None).files()["style.css"].decode()
# In the order in which they stand: light first, then dark.
SCHEMES = [dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", block)) for block in CSS.split("@media")]


def luminance(colour: str) -> float:
    """Return the relative luminance of #rrggbb (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_every_text_has_enough_contrast(scheme: int) -> None:
    colours = SCHEMES[scheme]
    for text, ground in product(("ink", "soft", "accent"), ("paper", "tint")):
        dark, light = sorted(luminance(colours[name]) for name in (text, ground))
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, ground)


def test_it_is_small_and_asks_nobody_for_anything() -> None:
    assert CSS.count("\n") <= 200
    assert "url(" not in CSS
    assert "@import" not in CSS


def test_keyboard_focus_is_visible() -> None:
    assert re.search(r"focus-visible[^{]*\{ outline: 2px solid", CSS)
    assert not re.search(r"outline:\s*(?:none|0)", CSS)
