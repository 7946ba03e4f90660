"""Recording a poll: the state, the new entries and the new texts of known ones, at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    bindparam,
    case,
    insert,
    select,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert

from aggregator.model.feed import EntryStatus
from aggregator.model.poll import EntryChange, KnownEntry, PollOutcome, PollState
from aggregator.storage.among import among
from aggregator.storage.hubprotocol import READ_WITHIN
from aggregator.storage.hubrows import mark_broken
from aggregator.storage.pollog import log_polls
from aggregator.storage.protocol import Claim
from aggregator.storage.tables import entries, entry_aliases, entry_versions, feeds, poll_states
from aggregator.storage.values import entry_columns, feed_to_json, state_columns, state_of

_SAVE_STATE = (
    update(poll_states)
    .where(poll_states.c.feed_id == bindparam("at"))
    .values(
        claimed_until=None,
        told_at=bindparam("told_at"),
        unread=bindparam("unread"),
        **{name: bindparam(name) for name in state_columns(PollState())},
    )
)

_HELD = select(
    poll_states.c.feed_id, poll_states.c.fence, poll_states.c.told_at, poll_states.c.unread
).where(among(poll_states.c.feed_id, "numbers"))

# Statements are made once: making one takes longer than running it.
_NEWEST = (
    select(
        entries.c.id,
        entries.c.entry_id,
        entries.c.hash,
        entries.c.link_key,
        entries.c.text_key,
        entries.c.versions,
        entries.c.sort_at,
        case((entries.c.status != EntryStatus.ARCHIVED.value, entries.c.first_seen)).label("seen"),
    )
    .where(entries.c.feed_id == bindparam("feed"))
    .order_by(entries.c.sort_at.desc(), entries.c.id.desc())
    .limit(bindparam("most"))
    .subquery()
)
_KNOWN = (
    select(_NEWEST, entry_aliases.c.alias)
    .join_from(_NEWEST, entry_aliases, entry_aliases.c.entry == _NEWEST.c.id, isouter=True)
    .order_by(_NEWEST.c.sort_at.desc(), _NEWEST.c.id.desc())
)
_AMONG = union_all(
    select(entries.c.feed_id, entries.c.entry_id, entries.c.id).where(
        tuple_(entries.c.feed_id, entries.c.entry_id).in_(bindparam("names", expanding=True))
    ),
    select(entry_aliases.c.feed_id, entry_aliases.c.alias, entry_aliases.c.entry).where(
        tuple_(entry_aliases.c.feed_id, entry_aliases.c.alias).in_(
            bindparam("names", expanding=True)
        )
    ),
)
_INSERT = insert(entries)

# Before it nothing was published; what stands there came from an archive without dates.
UNDATED = datetime(1970, 1, 2, tzinfo=UTC)

# SQLite takes 32,766 bound values in one statement; a name is four of them.
NAMES = 5_000

Name = tuple[int, str]  # of an entry: the number of its feed, and an id or alias


def known_entries(connection: Connection, feed_number: int, *, limit: int) -> list[KnownEntry]:
    """Return what comparing needs of a feed's newest entries, newest first."""
    rows = connection.execute(_KNOWN, {"feed": feed_number, "most": limit}).all()
    known: dict[int, KnownEntry] = {}
    for number, entry_id, digest, link_key, text_key, versions, at, seen, alias in rows:
        aliases = (alias,) if alias is not None else ()
        if number in known:  # a row for each alias
            aliases = known[number].aliases + aliases
        known[number] = KnownEntry(
            number=number,
            id=entry_id,
            hash=digest,
            link_key=link_key,
            text_key=text_key,
            versions=versions,
            at=at if at >= UNDATED else None,
            seen=seen,
            aliases=aliases,
        )
    return list(known.values())


def last_search(connection: Connection, page: str) -> PollState | None:
    """Return the state of the feed for which a page was looked through last."""
    learned = poll_states.c.learned
    statement = (
        select(poll_states)
        .where(learned["searched"].as_string() == page)
        .order_by(learned["searched_at"].as_string().desc())
        .limit(1)
    )
    row = connection.execute(statement).one_or_none()
    return state_of(row) if row else None


def save_polls(
    connection: Connection, saves: Sequence[tuple[Claim, PollOutcome]]
) -> list[tuple[int, int] | None]:
    """Record polls and give their claims back; see the protocol.

    The caller's transaction holds the lock on writing, so fences read here stay as they are.
    """
    numbers = [claim.number for claim, _ in saves]
    rows = {row.feed_id: row for row in connection.execute(_HELD, {"numbers": numbers})}
    held = [claim.number in rows and rows[claim.number].fence == claim.fence for claim, _ in saves]
    mine = [save for save, ours in zip(saves, held, strict=True) if ours]
    if mine:
        states = [_state_row(*save, rows[save[0].number]) for save in mine]
        connection.execute(_SAVE_STATE, states)
    failed = [(c.number, o.at, o.push_failed) for c, o in mine if o.push_failed]
    mark_broken(connection, failed)
    brought = _save_contents(connection, mine)
    logged = zip(mine, brought, strict=True)
    log_polls(connection, [(*save, new, changed) for save, (new, changed) in logged])
    counts = iter(brought)
    return [next(counts) if ours else None for ours in held]


def _state_row(claim: Claim, outcome: PollOutcome, stored: Row[*tuple[Any, ...]]) -> dict[str, Any]:
    """Return a state as it is stored: while news are unread, the feed is due soon.

    A poll that asked after the hub told has read them all, a delivery only itself.
    """
    told_at, unread = stored.told_at, stored.unread
    if outcome.pushed:
        unread = max(unread - 1, 0)
    elif outcome.asked and told_at is not None and told_at <= (outcome.asked_at or outcome.at):
        unread = 0
    row = {"at": claim.number, **state_columns(outcome.state), "told_at": None, "unread": 0}
    if told_at is None or not unread:
        return row
    row |= {"told_at": told_at, "unread": unread}
    soon = told_at + READ_WITHIN
    if outcome.state.next_poll_at is not None and outcome.state.next_poll_at > soon:
        row |= {"next_poll_at": soon, "reason": "its hub told us of news that are not read yet"}
    return row


def _save_contents(
    connection: Connection, saves: Sequence[tuple[Claim, PollOutcome]]
) -> list[tuple[int, int]]:
    """Store what the polls brought; return how many entries are new and changed, each."""
    for claim, outcome in saves:
        if outcome.feed is not None and outcome.feed != claim.feed:
            about = feed_to_json(outcome.feed)
            connection.execute(update(feeds).where(feeds.c.id == claim.number).values(about=about))
    # What only looks new because comparing saw the newest few has a number.
    looks_new = [
        (claim.number, change.entry.id)
        for claim, outcome in saves
        for change in outcome.changes
        if change.number is None
    ]
    numbers = numbers_of(connection, looks_new)
    fresh: list[dict[str, Any]] = []
    counts = []
    for claim, outcome in saves:
        status = EntryStatus.HELD if outcome.held else EntryStatus.INBOX
        new = changed = 0
        for change in outcome.changes:
            number = change.number or numbers.get((claim.number, change.entry.id))
            if number is None:
                fresh.append(new_row(claim.number, change, outcome.at, status))
                new += 1
            else:
                changed += _save_text(connection, number, change, outcome.at)
        counts.append((new, changed))
    if fresh:
        connection.execute(_INSERT, fresh)
    _learn_aliases(connection, saves, numbers)
    return counts


def numbers_of(connection: Connection, names: Sequence[Name]) -> dict[Name, int]:
    """Return the numbers of those entries that are stored."""
    found: dict[Name, int] = {}
    for start in range(0, len(names), NAMES):
        rows = connection.execute(_AMONG, {"names": names[start : start + NAMES]})
        found |= {(feed, name): number for feed, name, number in rows}
    return found


def new_row(
    feed_number: int, change: EntryChange, at: datetime, status: EntryStatus
) -> dict[str, Any]:
    """Return the row of an entry that is first seen at `at`."""
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


def _save_text(connection: Connection, number: int, change: EntryChange, at: datetime) -> bool:
    """Store a known entry's text; return whether it differs from the one before.

    The earlier text is kept as a version, unless the source rewrites the entry without end.
    """
    row = connection.execute(select(entries).where(entries.c.id == number)).one()
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
    connection: Connection, saves: Sequence[tuple[Claim, PollOutcome]], numbers: dict[Name, int]
) -> None:
    taught = [
        (claim.number, change)
        for claim, outcome in saves
        for change in outcome.changes
        if change.aliases
    ]
    if not taught:
        return
    names = [(feed, change.entry.id) for feed, change in taught if change.number is None]
    numbers = numbers | numbers_of(connection, [one for one in names if one not in numbers])
    rows = [
        {
            "feed_id": feed,
            "alias": alias,
            "entry": change.number or numbers[feed, change.entry.id],
        }
        for feed, change in taught
        for alias in change.aliases
    ]
    connection.execute(upsert(entry_aliases).on_conflict_do_nothing(), rows)
