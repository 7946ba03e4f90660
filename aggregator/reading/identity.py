"""Which entry is which: the ids a document gives, and the entries that are known already.

A feed has a policy, recorded between polls: its entries are told apart by `id`, or where the
source repeats ids by `link`, or where that repeats too by `text`. Within a policy an entry that
lacks the one is known by the next.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace

from aggregator.model.feed import Entry
from aggregator.model.poll import KnownEntry
from aggregator.reading.changes import any_text_key, link_key, text_key
from aggregator.reading.urls import identity_key

POLICIES = ("id", "link", "text")
# One mistake in a long document is a mistake; more is a habit.
TOLERATED_REPEATS = 0.05


@dataclass(frozen=True, kw_only=True)
class Identified:
    """An entry with the id we keep it under, and the known entry that it is, if any.

    `aliases` are other ids under which the source now shows it.
    """

    entry: Entry
    known: KnownEntry | None = None
    aliases: tuple[str, ...] = ()
    place: int  # in the sequence that was given


@dataclass(frozen=True, kw_only=True)
class Identities:
    policy: str
    entries: tuple[Identified, ...]
    notes: tuple[str, ...] = ()


def identify(
    entries: Sequence[Entry], known: Sequence[KnownEntry], *, policy: str, forced: str | None
) -> Identities:
    """Give every entry an id that is unique in its feed, and find the known entry it is.

    `policy` is the recorded one, `forced` the author's word. The policy that is returned never
    goes back from `link` to `id` by itself: ids that were repeated once will be again.
    """
    chosen = forced or policy
    ids = [_id(entry, chosen) for entry in entries]
    while forced is None and chosen != POLICIES[-1] and _repeats(ids, entries):
        chosen = POLICIES[POLICIES.index(chosen) + 1]
        ids = [_id(entry, chosen) for entry in entries]
    index = _Index(known)
    kept, notes = _told_apart(entries, ids, index)
    return Identities(
        policy=chosen,
        entries=_matched(kept, index, policy_changed=chosen != policy),
        notes=notes,
    )


def _id(entry: Entry, policy: str) -> str:
    own, link = entry.id, entry.link
    if policy == "id" and own:
        return own
    if policy == "text":
        return f"text:{any_text_key(entry)}"
    return link or own or f"text:{any_text_key(entry)}"


def _repeats(ids: Sequence[str], entries: Sequence[Entry]) -> bool:
    """Whether different entries share an id so often that it is the source's habit."""
    counts = Counter(ids)
    if len(counts) == len(ids):
        return False
    different = {(one, any_text_key(entry)) for one, entry in zip(ids, entries, strict=True)}
    repeats = len(different) - len(counts)
    return repeats >= 2 and repeats > TOLERATED_REPEATS * len(ids)


class _Index:
    """The known entries, by all that tells them apart; ambiguous keys tell nothing."""

    def __init__(self, known: Sequence[KnownEntry]) -> None:
        self.by_id = {one.id: one for one in known}
        self.by_alias = {alias: one for one in known for alias in one.aliases}
        self.shared_ids = {one.id.rpartition("#")[0] for one in known if "#" in one.id}
        self._known = known
        self._alternates: tuple[dict[str, KnownEntry], ...] | None = None

    def alternates(self) -> tuple[dict[str, KnownEntry], ...]:
        """Return known entries by id without scheme, by link and by text."""
        if self._alternates is None:
            self._alternates = (
                _unique((identity_key(one.id), one) for one in self._known),
                _unique((one.link_key, one) for one in self._known),
                _unique((one.text_key, one) for one in self._known),
            )
        return self._alternates


def _unique(pairs: Iterable[tuple[str | None, KnownEntry]]) -> dict[str, KnownEntry]:
    found: dict[str, KnownEntry] = {}
    twice: set[str] = set()
    for key, one in pairs:
        if key is None:
            continue
        if key in found and found[key].number != one.number:
            twice.add(key)
        found[key] = one
    return {key: one for key, one in found.items() if key not in twice}


@dataclass(slots=True)
class _Named:
    entry: Entry
    id: str
    place: int


def _told_apart(
    entries: Sequence[Entry], ids: Sequence[str], index: _Index
) -> tuple[list[_Named], tuple[str, ...]]:
    """Give each entry an id of its own; leave out those that stand in the document twice."""
    counts = Counter(ids)
    groups: dict[str, list[_Named]] = {}
    named: list[_Named] = []
    for place, (entry, one) in enumerate(zip(entries, ids, strict=True)):
        if counts[one] == 1:
            if one in index.shared_ids and _apart(one, entry) in index.by_id:
                one = _apart(one, entry)  # noqa: PLW2901 - the other that had this id has gone
            named.append(_Named(entry, one, place))
        else:
            groups.setdefault(one, []).append(_Named(entry, one, place))
    dropped = different = 0
    for shared, group in groups.items():
        texts: dict[Hashable, _Named] = {}
        for member in group:
            texts.setdefault((any_text_key(member.entry), link_key(member.entry)), member)
        dropped += len(group) - len(texts)
        members = list(texts.values())
        plain = _keeps_the_id(members, index.by_id.get(shared))
        for member in members:
            if member is not plain:
                member.id = _apart(shared, member.entry)
                different += 1
        named += members
    notes = []
    if dropped:
        notes.append(f"{dropped} entries stand in it twice")
    if different:
        notes.append(f"{different} different entries share an id with another")
    return sorted(named, key=lambda one: one.place), tuple(notes)


def _keeps_the_id(members: Sequence[_Named], known: KnownEntry | None) -> _Named:
    """Return the entry that goes on under the shared id: the one that had it before."""
    if known is not None:
        for member in members:
            if known.link_key is not None and link_key(member.entry) == known.link_key:
                return member
            if known.text_key is not None and text_key(member.entry) == known.text_key:
                return member
    return members[0]


def _apart(shared: str, entry: Entry) -> str:
    """Return an id for one of several entries that share one; its link makes the difference."""
    own = link_key(entry) or any_text_key(entry)
    return f"{shared}#{hashlib.sha256(own.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


def _matched(
    named: Sequence[_Named], index: _Index, *, policy_changed: bool
) -> tuple[Identified, ...]:
    found: dict[int, KnownEntry] = {}
    taken: set[int] = set()
    strangers: list[_Named] = []
    for one in named:
        known = index.by_id.get(one.id) or index.by_alias.get(one.id)
        if known is None:
            strangers.append(one)
        elif known.number not in taken:
            found[one.place] = known
            taken.add(known.number)
        else:
            strangers.append(one)
    if strangers and index.by_id:
        _match_strangers(strangers, index, found, taken, policy_changed=policy_changed)
    return tuple(_identified(one, found.get(one.place)) for one in named)


def _match_strangers(
    strangers: Sequence[_Named],
    index: _Index,
    found: dict[int, KnownEntry],
    taken: set[int],
    *,
    policy_changed: bool,
) -> None:
    """Recognize entries whose id has changed: http to https, a new domain, a new system."""
    by_key, by_link, by_text = index.alternates()
    links = Counter(link_key(one.entry) for one in strangers)
    texts = Counter(text_key(one.entry) for one in strangers)
    for one in strangers:
        link, text, key = link_key(one.entry), text_key(one.entry), identity_key(one.id)
        candidates = []
        if key is not None:
            candidates.append(by_key.get(key))
        if link is not None and links[link] == 1:
            same_page = by_link.get(link)
            # One page may carry a new entry every day, so the link alone proves little.
            if same_page is not None and (
                policy_changed or not one.entry.id or (text and same_page.text_key == text)
            ):
                candidates.append(same_page)
        if text is not None and texts[text] == 1:
            candidates.append(by_text.get(text))
        for known in candidates:
            if known is not None and known.number not in taken:
                found[one.place] = known
                taken.add(known.number)
                break


def _identified(one: _Named, known: KnownEntry | None) -> Identified:
    if known is None:
        return Identified(entry=replace(one.entry, id=one.id), place=one.place)
    aliases = () if one.id == known.id or one.id in known.aliases else (one.id,)
    return Identified(
        entry=replace(one.entry, id=known.id), known=known, aliases=aliases, place=one.place
    )
