"""Posts for the pictures, beside the demo's own: about the same invented sources."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.demo.posts import post_text, update_text

COUNCIL = "the-council-blinked"
COUNCIL_AT = datetime(2026, 3, 31, 8, 5, tzinfo=UTC)
UPDATE, UPDATE_AFTER = update_text(), timedelta(hours=6)


def _typed(name: str) -> str:
    return Path(__file__).with_name(f"{name}.md").read_text(encoding="utf-8")


# The document of each post, and when it was published; the oldest first.
POSTS = (
    (_typed("eleven-minutes"), datetime(2026, 3, 30, 11, 0, tzinfo=UTC)),
    (post_text(), COUNCIL_AT),
    (_typed("plain-no"), datetime(2026, 4, 1, 7, 40, tzinfo=UTC)),
)
