"""Rows to nouns and back. JSON columns hold a noun's fields, absent ones left out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from aggregator.model.feed import Entry, EntryStatus, Feed, Hints, Link, Source, StoredEntry
from aggregator.model.poll import FailureKind, FoundFeed, Move, PollState, Rhythm, Validators
from aggregator.model.push import Hub
from aggregator.model.subscription import Subscription


def feed_to_json(feed: Feed) -> dict[str, Any]:
    """Return the fields of a feed that say something."""
    hints = {
        "ttl_minutes": feed.hints.ttl_minutes,
        "update_period_seconds": feed.hints.update_period_seconds,
        "skip_hours": sorted(feed.hints.skip_hours),
        "skip_days": sorted(feed.hints.skip_days),
    }
    fields = {
        "title": feed.title,
        "subtitle": feed.subtitle,
        "id": feed.id,
        "link": feed.link,
        "self_link": feed.self_link,
        "hubs": list(feed.hubs),
        "author": feed.author,
        "rights": feed.rights,
        "language": feed.language,
        "icon": feed.icon,
        "updated": feed.updated.isoformat() if feed.updated else None,
        "hints": _said(hints),
    }
    return _said(fields)


def feed_from_json(fields: dict[str, Any]) -> Feed:
    """The reverse of `feed_to_json`."""
    hints = fields.get("hints", {})
    updated = fields.get("updated")
    return Feed(
        title=fields.get("title", ""),
        subtitle=fields.get("subtitle", ""),
        id=fields.get("id"),
        link=fields.get("link"),
        self_link=fields.get("self_link"),
        hubs=tuple(fields.get("hubs", ())),
        author=fields.get("author"),
        rights=fields.get("rights"),
        language=fields.get("language"),
        icon=fields.get("icon"),
        updated=datetime.fromisoformat(updated) if updated else None,
        hints=Hints(
            ttl_minutes=hints.get("ttl_minutes"),
            update_period_seconds=hints.get("update_period_seconds"),
            skip_hours=frozenset(hints.get("skip_hours", ())),
            skip_days=frozenset(hints.get("skip_days", ())),
        ),
    )


def _said(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


def subscription_columns(subscription: Subscription) -> dict[str, Any]:
    """Return the columns of `feeds` that hold the author's decisions."""
    return {
        "url": subscription.url,
        "title": subscription.title,
        "tags": list(subscription.tags),
        "interval_seconds": _seconds(subscription.interval),
        "identity": subscription.identity,
        "encoding": subscription.encoding,
        "private": subscription.private,
        "paused": subscription.paused,
        "login": subscription.login,
    }


def subscription_of(row: Row[Any]) -> Subscription:
    """Read a subscription from a row of `feeds`."""
    return Subscription(
        url=row.url,
        title=row.title,
        tags=tuple(row.tags),
        interval=_span(row.interval_seconds),
        identity=row.identity,
        encoding=row.encoding,
        private=row.private,
        paused=row.paused,
        login=row.login,
    )


def state_columns(state: PollState) -> dict[str, Any]:
    """Return the columns of `poll_states` that hold a state; the claim's are left alone."""
    return {
        "etag": state.validators.etag,
        "last_modified": state.validators.last_modified,
        "validators_url": state.validators.url,
        "body_hash": state.body_hash,
        "identity_policy": state.identity_policy,
        "last_polled_at": state.last_polled_at,
        "last_success_at": state.last_success_at,
        "next_poll_at": state.next_poll_at,
        "reason": state.reason,
        "failures": state.failures,
        "failing_since": state.failing_since,
        "last_failure": state.last_failure.value if state.last_failure else None,
        "last_error": state.last_error,
        "gone": state.gone,
        "hint_seconds": _seconds(state.hint),
        "not_before": state.not_before,
        "polls": state.polls,
        "deliveries": state.deliveries,
        "hub": state.hub.url if state.hub else None,
        "topic": state.hub.topic if state.hub else None,
        "gap_seconds": _seconds(state.rhythm.gap),
        "newest_at": state.rhythm.newest_at,
        "watched_since": state.rhythm.since,
        **learned_columns(state),
    }


def _seconds(span: timedelta | None) -> float | None:
    return span.total_seconds() if span is not None else None


def _span(seconds: float | None) -> timedelta | None:
    return timedelta(seconds=seconds) if seconds is not None else None


def learned_columns(state: PollState) -> dict[str, Any]:
    """Return the column that holds what redirects and searches have taught; None, mostly."""
    move = state.move
    fields = {
        "move": {"url": move.url, "since": move.since.isoformat(), "times": move.times}
        if move
        else None,
        "stays": state.stays,
        "offers": [_said({"url": x.url, "title": x.title, "type": x.type}) for x in state.offers],
        "searched": state.searched,
        "searched_at": state.searched_at.isoformat() if state.searched_at else None,
    }
    return {"learned": _said(fields) or None}


def state_of(row: Row[Any]) -> PollState:
    """Read a poll state from a row of `poll_states`."""
    return PollState(
        validators=Validators(
            etag=row.etag, last_modified=row.last_modified, url=row.validators_url
        ),
        body_hash=row.body_hash,
        identity_policy=row.identity_policy,
        last_polled_at=row.last_polled_at,
        last_success_at=row.last_success_at,
        next_poll_at=row.next_poll_at,
        reason=row.reason,
        failures=row.failures,
        failing_since=row.failing_since,
        last_failure=FailureKind(row.last_failure) if row.last_failure else None,
        last_error=row.last_error,
        gone=row.gone,
        hint=_span(row.hint_seconds),
        not_before=row.not_before,
        polls=row.polls,
        deliveries=row.deliveries,
        hub=Hub(url=row.hub, topic=row.topic) if row.hub else None,
        rhythm=Rhythm(gap=_span(row.gap_seconds), newest_at=row.newest_at, since=row.watched_since),
        **(_from_learned(row.learned) if row.learned else {}),
    )


def _from_learned(fields: dict[str, Any]) -> dict[str, Any]:
    """The reverse of `learned_columns`."""
    move, searched = fields.get("move"), fields.get("searched_at")
    return {
        "move": Move(
            url=move["url"], since=datetime.fromisoformat(move["since"]), times=move["times"]
        )
        if move
        else None,
        "stays": fields.get("stays"),
        "offers": tuple(FoundFeed(**found) for found in fields.get("offers", ())),
        "searched": fields.get("searched"),
        "searched_at": datetime.fromisoformat(searched) if searched else None,
    }


def entry_columns(entry: Entry) -> dict[str, Any]:
    """Return the columns of `entries` that hold what the source says, its id left out."""
    return {
        "title": entry.title,
        "link": entry.link,
        "author": entry.author,
        "published": entry.published,
        "updated": entry.updated,
        "content": entry.content,
        "summary": entry.summary,
        "language": entry.language,
        "tags": list(entry.tags),
        "links": [
            _said(
                {"href": x.href, "rel": x.rel, "type": x.type, "title": x.title, "length": x.length}
            )
            for x in entry.links
        ],
        "source": _said(
            {"title": entry.source.title, "url": entry.source.url, "link": entry.source.link}
        )
        if entry.source
        else None,
    }


def entry_of(row: Row[Any]) -> Entry:
    """Read what the source says from a row of `entries`."""
    return Entry(
        id=row.entry_id,
        title=row.title,
        link=row.link,
        author=row.author,
        published=row.published,
        updated=row.updated,
        content=row.content,
        summary=row.summary,
        language=row.language,
        tags=tuple(row.tags),
        links=tuple(Link(**fields) for fields in row.links),
        source=Source(**row.source) if row.source else None,
    )


def stored_entry_of(row: Row[Any]) -> StoredEntry:
    """Read a row of `entries` joined with its feed's `url`, `feed_title` and `about`."""
    return StoredEntry(
        number=row.id,
        feed_url=row.url,
        feed_title=row.feed_title or row.about.get("title") or row.url,
        entry=entry_of(row),
        first_seen=row.first_seen,
        changed_at=row.changed_at,
        versions=row.versions,
        status=EntryStatus(row.status),
        starred=row.starred,
    )
