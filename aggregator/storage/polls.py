"""Recording a poll: the state, the new entries and the new texts of known ones, at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, union_all, update
from sqlalchemy.dialects.sqlite import insert as upsert

from aggregator.model.feed import EntryStatus
from aggregator.model.poll import EntryChange, KnownEntry, PollOutcome, PollState
from aggregator.storage.protocol import Claim
from aggregator.storage.tables import entries, entry_aliases, entry_versions, feeds, poll_states
from aggregator.storage.values import entry_columns, feed_to_json, state_columns

_SAVE_STATE = (
    update(poll_states)
    .where(poll_states.c.feed_id == bindparam("at"))
    .values(claimed_until=None, **{name: bindparam(name) for name in state_columns(PollState())})
)

_FENCES = select(poll_states.c.feed_id, poll_states.c.fence).where(
    poll_states.c.feed_id.in_(bindparam("numbers", expanding=True))
)

# Statements are made once: making one takes longer than running it.
_KNOWN = (
    select(
        entries.c.id,
        entries.c.entry_id,
        entries.c.hash,
        entries.c.link_key,
        entries.c.text_key,
        entries.c.versions,
    )
    .where(entries.c.feed_id == bindparam("feed"))
    .order_by(entries.c.id.desc())
    .limit(bindparam("most"))
)
_ALIASES = select(entry_aliases.c.entry, entry_aliases.c.alias).where(
    entry_aliases.c.feed_id == bindparam("feed")
)
_AMONG = union_all(
    select(entries.c.entry_id, entries.c.id).where(
        entries.c.feed_id == bindparam("feed"),
        entries.c.entry_id.in_(bindparam("ids", expanding=True)),
    ),
    select(entry_aliases.c.alias, entry_aliases.c.entry).where(
        entry_aliases.c.feed_id == bindparam("feed"),
        entry_aliases.c.alias.in_(bindparam("ids", expanding=True)),
    ),
)
_INSERT = insert(entries)


def known_entries(connection: Connection, feed_number: int, *, limit: int) -> list[KnownEntry]:
    """Return what comparing needs of a feed's newest entries, newest first."""
    rows = connection.execute(_KNOWN, {"feed": feed_number, "most": limit}).all()
    aliases: dict[int, list[str]] = {}
    if rows:
        for number, alias in connection.execute(_ALIASES, {"feed": feed_number}):
            aliases.setdefault(number, []).append(alias)
    return [
        KnownEntry(
            number=number,
            id=entry_id,
            hash=digest,
            link_key=link_key,
            text_key=text_key,
            versions=versions,
            aliases=tuple(aliases.get(number, ())),
        )
        for number, entry_id, digest, link_key, text_key, versions in rows
    ]


def save_polls(
    connection: Connection, saves: Sequence[tuple[Claim, PollOutcome]]
) -> list[tuple[int, int] | None]:
    """Record polls and give their claims back; see the protocol.

    The caller's transaction holds the lock on writing, so fences read here stay as they are.
    """
    numbers = [claim.number for claim, _ in saves]
    fences = {row[0]: row[1] for row in connection.execute(_FENCES, {"numbers": numbers})}
    held = [fences.get(claim.number) == claim.fence for claim, _ in saves]
    states = [
        {"at": claim.number, **state_columns(outcome.state)}
        for (claim, outcome), ours in zip(saves, held, strict=True)
        if ours
    ]
    if states:
        connection.execute(_SAVE_STATE, states)
    return [
        _save_contents(connection, claim, outcome) if ours else None
        for (claim, outcome), ours in zip(saves, held, strict=True)
    ]


def _save_contents(connection: Connection, claim: Claim, outcome: PollOutcome) -> tuple[int, int]:
    if outcome.feed is not None and outcome.feed != claim.feed:
        about = feed_to_json(outcome.feed)
        connection.execute(update(feeds).where(feeds.c.id == claim.number).values(about=about))
    if not outcome.changes:
        return 0, 0
    changes = _with_forgotten(connection, claim.number, outcome.changes)
    fresh = [change for change in changes if change.number is None]
    edited = [change for change in changes if change.number is not None]
    if fresh:
        status = EntryStatus.HELD if outcome.held else EntryStatus.INBOX
        rows = [_new_row(claim.number, change, outcome.at, status) for change in fresh]
        connection.execute(_INSERT, rows)
    changed = sum(_save_text(connection, change, outcome.at) for change in edited)
    _learn_aliases(connection, claim.number, changes)
    return len(fresh), changed


def _with_forgotten(
    connection: Connection, feed_number: int, changes: Sequence[EntryChange]
) -> list[EntryChange]:
    """Give their number to entries that only look new because comparing saw the newest few."""
    ids = [change.entry.id for change in changes if change.number is None]
    if not ids:
        return list(changes)
    known = connection.execute(_AMONG, {"feed": feed_number, "ids": ids})
    by_id: dict[str, int] = {row[0]: row[1] for row in known}
    return [
        replace(change, number=by_id.get(change.entry.id)) if change.number is None else change
        for change in changes
    ]


def _new_row(
    feed_number: int, change: EntryChange, at: datetime, status: EntryStatus
) -> dict[str, Any]:
    return {
        "feed_id": feed_number,
        "entry_id": change.entry.id,
        **_text_columns(change),
        "first_seen": at,
        "text_seen": at,
        "changed_at": None,
        # A date in the future would keep the entry on top of the inbox until then.
        "sort_at": min(change.entry.published or change.entry.updated or at, at),
        "versions": 1,
        "status": status.value,
        "starred": False,
    }


def _text_columns(change: EntryChange) -> dict[str, Any]:
    return {
        **entry_columns(change.entry),
        "hash": change.hash,
        "link_key": change.link_key,
        "text_key": change.text_key,
    }


def _save_text(connection: Connection, change: EntryChange, at: datetime) -> bool:
    """Store a known entry's text; return whether it differs from the one before.

    The earlier text is kept as a version, unless the source rewrites the entry without end.
    """
    row = connection.execute(select(entries).where(entries.c.id == change.number)).one()
    columns = _text_columns(change)
    if row.hash == change.hash:
        return False
    if change.keep_version:
        connection.execute(insert(entry_versions), _version(row, at))
        columns |= {"versions": row.versions + 1, "changed_at": at, "text_seen": at}
    connection.execute(update(entries).where(entries.c.id == row.id).values(columns))
    return change.keep_version


def _version(row: Row[Any], at: datetime) -> dict[str, Any]:
    return {
        "entry": row.id,
        "title": row.title,
        "link": row.link,
        "author": row.author,
        "content": row.content,
        "summary": row.summary,
        "seen_at": row.text_seen,
        "replaced_at": at,
    }


def _learn_aliases(
    connection: Connection, feed_number: int, changes: Sequence[EntryChange]
) -> None:
    taught = [change for change in changes if change.aliases]
    if not taught:
        return
    nameless = [change.entry.id for change in taught if change.number is None]
    known = connection.execute(_AMONG, {"feed": feed_number, "ids": nameless})
    numbers: dict[str, int] = {row[0]: row[1] for row in known}
    rows = [
        {"feed_id": feed_number, "alias": alias, "entry": change.number or numbers[change.entry.id]}
        for change in taught
        for alias in change.aliases
    ]
    connection.execute(upsert(entry_aliases).on_conflict_do_nothing(), rows)
