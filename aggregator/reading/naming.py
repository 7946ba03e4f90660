"""An id of its own for every entry of a document, the same one whenever the entry returns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from aggregator.model.feed import Entry
from aggregator.model.poll import KnownEntry
from aggregator.reading.changes import (
    any_text_key,
    link_key,
    same_exactly,
    same_text,
    text_key,
)
from aggregator.reading.known import Index, apart


@dataclass(slots=True)
class Named:
    """An entry on its way to an id. `known` is set where it is the one known without a date."""

    entry: Entry
    id: str
    place: int  # in the document
    date: str  # "" where its own id tells it apart, or where it has none
    segment: str | None
    known: KnownEntry | None = None


def told_apart(named: Sequence[Named], index: Index) -> tuple[list[Named], tuple[str, ...]]:
    """Give each entry an id of its own; leave out those that stand in the document twice."""
    counts = Counter(one.id for one in named)
    groups: dict[str, list[Named]] = {}
    kept: list[Named] = []
    for one in named:
        if counts[one.id] == 1 and one.id not in index.shared_ids:
            kept.append(one)
        else:
            groups.setdefault(one.id, []).append(one)
    dropped = different = 0
    for shared, group in groups.items():
        texts: dict[Hashable, Named] = {}
        for member in group:
            entry = member.entry
            texts.setdefault((any_text_key(entry), link_key(entry), member.date), member)
        dropped += len(group) - len(texts)
        members = list(texts.values())
        plain = _name(shared, members, index)
        different += len(members) - plain
        kept += members
    _avoid_aliases(kept, index)
    _make_unique(kept)
    notes = []
    if dropped:
        notes.append(f"{dropped} entries stand in it twice")
    if different:
        notes.append(f"{different} different entries share an id with another")
    return sorted(kept, key=lambda one: one.place), tuple(notes)


def _name(shared: str, members: Sequence[Named], index: Index) -> int:
    """Give ids to different entries that share one; return how many (0 or 1) keep it.

    An entry goes on under the id it had before, whatever the others do by now.
    """
    plain = index.by_id.get(shared)
    others = _told_by_date(shared, members, index)
    links = Counter(link_key(one.entry) for one in others)
    strangers = []
    for one in others:
        link = link_key(one.entry)
        by_text = apart(shared, any_text_key(one.entry))
        by_link = apart(shared, link) if link and links[link] == 1 else by_text
        one.id = by_link if index.named(by_text) is None else by_text
        if index.named(one.id) is None:
            strangers.append(one)
    if plain is not None and any((one.known or index.named(one.id)) is plain for one in members):
        return 0
    keeper = _keeps_the_id(strangers, plain)
    if keeper is not None:
        keeper.id = shared
    return int(keeper is not None)


def _told_by_date(shared: str, members: Sequence[Named], index: Index) -> list[Named]:
    """Give ids to what only its date tells apart, now or before; return the others."""
    twins = Counter((any_text_key(one.entry), link_key(one.entry)) for one in members)
    others = []
    claimed: set[int] = set()
    for one in members:
        text = any_text_key(one.entry)
        by_text = apart(shared, text)
        alike = twins[text, link_key(one.entry)] > 1 or by_text in index.shared_ids
        if not one.date or not alike:
            others.append(one)
            continue
        one.id = apart(by_text, one.date)
        if index.named(one.id) is None:
            # It may have been the only one of its kind when we last looked.
            for before in (index.by_id.get(shared), index.by_id.get(by_text)):
                if before is None or before.number in claimed:
                    continue
                if same_exactly(one.entry, before.hash, one.segment):
                    one.known = before
                    claimed.add(before.number)
                    break
    return others


def _keeps_the_id(members: Sequence[Named], known: KnownEntry | None) -> Named | None:
    """Return the entry that goes on under the shared id: the one that had it before."""
    if known is None:
        return members[0] if members else None
    for one in members:
        if same_text(one.entry, known.hash):
            return one
    for one in members:
        link, text = link_key(one.entry), text_key(one.entry)
        if (link is not None and link == known.link_key) or (text and text == known.text_key):
            return one
    return None


def _avoid_aliases(named: Sequence[Named], index: Index) -> None:
    """Tell apart two entries of the document that were one when we last looked."""
    claimed = {index.by_id[one.id].number for one in named if one.id in index.by_id}
    claimed |= {one.known.number for one in named if one.known is not None}
    for one in named:
        known = None if one.id in index.by_id else index.by_alias.get(one.id)
        if known is None:
            continue
        if known.number in claimed:
            one.id = apart(one.id, link_key(one.entry) or any_text_key(one.entry))
        claimed.add(known.number)


def _make_unique(named: Sequence[Named]) -> None:
    """Tell apart what a source gave the very ids that we make."""
    used: set[str] = set()
    for one in named:
        while one.id in used:
            one.id = apart(one.id, any_text_key(one.entry))
        used.add(one.id)
