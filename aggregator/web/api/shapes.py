"""What programs are told of entries, posts and feeds: plain values for JSON, and their schemas."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from aggregator.model.feed import EntryStatus
from aggregator.model.inbox import Done
from aggregator.model.post import PostStatus, StoredPost
from aggregator.services.feedroom import Fares
from aggregator.services.inbox import Line, told
from aggregator.services.reader import Reading

Shape = dict[str, Any]

TEXT: Shape = {"type": "string"}
NUMBER: Shape = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
COUNT: Shape = {"type": "integer", "minimum": 0}
TRUTH: Shape = {"type": "boolean"}
TIME: Shape = {"type": "string", "format": "date-time"}


def maybe(shape: Shape) -> Shape:
    """Return the schema of a value that may be null."""
    return {"anyOf": [shape, {"type": "null"}]}


def listed(shape: Shape, **more: int) -> Shape:
    return {"type": "array", "items": shape, **more}


def whole(**fields: Shape) -> Shape:
    """Return the schema of an object that has all of these fields."""
    return {"type": "object", "properties": fields, "required": list(fields)}


def needing(*names: str, **fields: Shape) -> Shape:
    """Return the schema of what is sent: of these fields, the named ones are needed."""
    return {
        "type": "object",
        "properties": fields,
        "required": list(names),
        "additionalProperties": False,
    }


def ref(name: str) -> Shape:
    return {"$ref": f"#/components/schemas/{name}"}


_LINE = {
    "number": NUMBER,
    "title": TEXT,
    "opening": TEXT,
    "link": maybe(TEXT),
    "author": maybe(TEXT),
    "at": TIME,
    "feed": whole(number=NUMBER, title=TEXT),
    "status": {"enum": [status.value for status in EntryStatus]},
    "read": TRUTH,
    "starred": TRUTH,
    "changed": TRUTH,
    "others": COUNT,
}
_POST = {
    "slug": TEXT,
    "title": TEXT,
    "status": {"enum": [status.value for status in PostStatus]},
    "broken": TEXT,
    "id": maybe(TEXT),
    "created": TIME,
    "edited": TIME,
    "published": maybe(TIME),
    "updated": maybe(TIME),
    "scheduled": maybe(TIME),
    "tags": listed(TEXT),
    "updates": COUNT,
}
SCHEMAS: dict[str, Shape] = {
    "Entry": whole(**_LINE),
    "WholeEntry": whole(**_LINE, html=TEXT, id=TEXT, tags=listed(TEXT), versions=COUNT),
    "Page": whole(entries=listed(ref("Entry")), next=maybe(TEXT), newest=COUNT, unsearched=COUNT),
    "Done": whole(number=NUMBER, deed=TEXT, count=COUNT, told=TEXT),
    "Post": whole(**_POST),
    "WholePost": whole(**_POST, document=TEXT, notes=listed(TEXT), site=listed(TEXT)),
    "Feed": whole(
        number=NUMBER,
        url=TEXT,
        name=TEXT,
        title=TEXT,
        link=maybe(TEXT),
        tags=listed(TEXT),
        state={"enum": ["paused", "gone", "failing", "new", "well"]},
        interval=TEXT,
        paused=TRUTH,
        private=TRUTH,
        next_poll_at=maybe(TIME),
        reason=TEXT,
        troubles=listed(TEXT),
    ),
    "Problem": whole(status={"type": "integer"}, title=TEXT, detail=TEXT),
}


def time(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def line(one: Line) -> Shape:
    entry = one.entry
    return {
        "number": entry.number,
        "title": one.title,
        "opening": one.opening,
        "link": entry.link,
        "author": entry.author,
        "at": time(entry.at),
        "feed": {"number": entry.feed_number, "title": entry.feed_title},
        "status": entry.status.value,
        "read": entry.read,
        "starred": entry.starred,
        "changed": entry.changed,
        "others": entry.others,
    }


def reading(one: Reading) -> Shape:
    stored = one.stored
    return line(one.line) | {
        "html": one.html,
        "id": stored.entry.id,
        "tags": list(stored.entry.tags),
        "versions": stored.versions,
    }


def done(one: Done | None) -> Shape | None:
    if one is None:
        return None
    return {"number": one.number, "deed": one.deed.value, "count": one.count, "told": told(one)}


def post(stored: StoredPost) -> Shape:
    return {
        "slug": stored.slug,
        "title": stored.post.title,
        "status": stored.status.value,
        "broken": stored.broken,
        "id": stored.id,
        "created": time(stored.created),
        "edited": time(stored.edited),
        "published": time(stored.published),
        "updated": time(stored.updated),
        "scheduled": time(stored.scheduled),
        "tags": list(stored.post.tags),
        "updates": len(stored.post.updates),
    }


def tag_of(stored: StoredPost) -> str:
    """Return the entity tag of a post: another for every other document (RFC 9110 §8.8.3)."""
    return f'"{sha256(stored.document.encode()).hexdigest()[:32]}"'


def feed(one: Fares) -> Shape:
    stored, subscription = one.feed, one.feed.subscription
    return {
        "number": stored.number,
        "url": subscription.url,
        "name": one.name,
        "title": stored.feed.title,
        "link": stored.feed.link,
        "tags": list(subscription.tags),
        "state": one.state,
        "interval": one.interval,
        "paused": subscription.paused,
        "private": subscription.private,
        "next_poll_at": time(stored.state.next_poll_at),
        "reason": stored.state.reason,
        "troubles": [trouble.what for trouble in one.troubles],
    }
