"""The desk's rooms: a new one is a line here, and a module beside this."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint

from aggregator.web.desk import (
    account,
    entry,
    feeds,
    filters,
    follow,
    front,
    inbox,
    signin,
    trouble,
)
from aggregator.web.desk.parts import Parts


@dataclass(frozen=True)
class Room:
    """Pages that belong together; with a label, the bar on top leads to their `front` page."""

    pages: Callable[[Parts], Blueprint]
    label: str = ""
    front: str = ""  # an endpoint


ROOMS = (
    Room(front.pages),
    Room(inbox.pages, "Inbox", "inbox.show"),
    Room(entry.pages),
    Room(trouble.pages),
    Room(filters.pages),
    Room(feeds.pages, "Feeds", "feeds.show"),
    Room(follow.pages),
    Room(signin.pages),
    Room(account.pages),
)
