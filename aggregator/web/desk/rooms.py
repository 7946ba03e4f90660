"""The desk's rooms: a new one is a line here, and a module beside this."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint

from aggregator.web.desk import (
    account,
    add,
    compose,
    compose_keep,
    compose_preview,
    entry,
    feeds,
    filters,
    follow,
    front,
    inbox,
    posts,
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
    also: tuple[str, ...] = ()  # the blueprints of other pages that belong to it


ROOMS = (
    Room(front.pages),
    Room(inbox.pages, "Inbox", "inbox.show"),
    Room(entry.pages),
    Room(trouble.pages),
    Room(filters.pages),
    Room(feeds.pages, "Feeds", "feeds.show"),
    Room(follow.pages),
    Room(posts.pages, "Posts", "posts.show", ("compose", "add")),
    Room(compose.pages),
    Room(compose_keep.pages),
    Room(compose_preview.pages),
    Room(add.pages),
    Room(signin.pages),
    Room(account.pages),
)
