"""A desk on a real database, with a clock that a test sets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.config.settings import Site
from aggregator.document import parse_document
from aggregator.model.post import StoredPost
from aggregator.services.desk import Desk
from aggregator.storage.sql import SqlStorage

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)

POST = """\
---
title: "The council blinked"
tags: [city]
---
[Ana Reyes](https://courier.example/vote) reports:

> The council put off its vote.

So why vote in June at all?
"""

REACTION = """\
Joe Lane says it best:

> [Talk to the hand](https://joe.example/talk)
"""


class House:
    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.now = NOON
        self.storage = SqlStorage(folder / "a.sqlite", parse=parse_document)
        self.site = Site(base_url="https://blog.example/")
        self.desk = Desk(self.storage, self.site, clock=lambda: self.now)

    def published(self, document: str = POST) -> str:
        """Publish a post and return its slug."""
        slug = self.desk.new(document).slug
        self.desk.publish(slug)
        return slug

    def post(self, slug: str) -> StoredPost:
        return self.storage.post(slug)
