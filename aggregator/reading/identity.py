"""Which entry is which: the ids a document gives, and the entries that are known already.

A feed has a policy, recorded between polls: its entries are told apart by `id`, or where the
source repeats ids by `link`, or where that repeats too by `text`. Within a policy an entry that
lacks the one is known by the next.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace

from aggregator.model.feed import Entry
from aggregator.model.poll import KnownEntry
from aggregator.reading.changes import any_text_key, link_key, same_text, text_key

POLICIES = ("id", "link", "text")
# One mistake in a long document is a mistake; more is a habit.
TOLERATED_REPEATS = 0.05
_APART = re.compile(r"#[0-9a-f]{12}\Z")
_SCHEME = re.compile(r"https?://(?:www\.)?", re.IGNORECASE)


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
    entries: Sequence[Entry],
    known: Sequence[KnownEntry],
    *,
    policy: str,
    forced: str | None,
    taken: frozenset[int] = frozenset(),
) -> Identities:
    """Give every entry an id that is unique in its feed, and find the known entry it is.

    `policy` is the recorded one, `forced` the author's word. The policy that is returned never
    goes back from `link` to `id` by itself: ids that were repeated once will be again. `taken`
    are numbers of known entries that are recognized already and not among `entries`.
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
        entries=_matched(kept, index, set(taken), policy_changed=chosen != policy),
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
        self.shared_ids = {one.id[:-13] for one in known if _APART.search(one.id)}
        self._known = known
        self._alternates: tuple[dict[str, KnownEntry], ...] | None = None

    def alternates(self) -> tuple[dict[str, KnownEntry], ...]:
        """Return known entries by id without scheme, by link and by text."""
        if self._alternates is None:
            self._alternates = (
                _unique((_without_scheme(one.id), one) for one in self._known),
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
        if counts[one] == 1 and one not in index.shared_ids:
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
        plain = _name(shared, members, index)
        different += len(members) - plain
        named += members
    _avoid_aliases(named, index)
    _make_unique(named)
    notes = []
    if dropped:
        notes.append(f"{dropped} entries stand in it twice")
    if different:
        notes.append(f"{different} different entries share an id with another")
    return sorted(named, key=lambda one: one.place), tuple(notes)


def _name(shared: str, members: Sequence[_Named], index: _Index) -> int:
    """Give ids to different entries that share one; return how many (0 or 1) keep it.

    An entry goes on under the id it had before, whatever the others do by now.
    """
    links = Counter(link_key(one.entry) for one in members)
    strangers = []
    for one in members:
        link = link_key(one.entry)
        by_text = _apart(shared, any_text_key(one.entry))
        by_link = _apart(shared, link) if link and links[link] == 1 else by_text
        one.id = by_text if by_text in index.by_id else by_link
        if one.id not in index.by_id:
            strangers.append(one)
    plain = _keeps_the_id(strangers, index.by_id.get(shared))
    if plain is not None:
        plain.id = shared
    return int(plain is not None)


def _keeps_the_id(members: Sequence[_Named], known: KnownEntry | None) -> _Named | None:
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


def _apart(shared: str, own: str) -> str:
    return f"{shared}#{hashlib.sha256(own.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


def _avoid_aliases(named: Sequence[_Named], index: _Index) -> None:
    """Tell apart two entries of the document that were one when we last looked."""
    claimed = {index.by_id[one.id].number for one in named if one.id in index.by_id}
    for one in named:
        known = None if one.id in index.by_id else index.by_alias.get(one.id)
        if known is None:
            continue
        if known.number in claimed:
            one.id = _apart(one.id, link_key(one.entry) or any_text_key(one.entry))
        claimed.add(known.number)


def _make_unique(named: Sequence[_Named]) -> None:
    """Tell apart what a source gave the very ids that we make."""
    used: set[str] = set()
    for one in named:
        while one.id in used:
            one.id = _apart(one.id, any_text_key(one.entry))
        used.add(one.id)


def _without_scheme(identifier: str) -> str | None:
    """Return what an address has in common with itself before the move to https."""
    match = _SCHEME.match(identifier)
    return identifier[match.end() :] if match else None


def _matched(
    named: Sequence[_Named], index: _Index, taken: set[int], *, policy_changed: bool
) -> tuple[Identified, ...]:
    found: dict[int, KnownEntry] = {}
    strangers: list[_Named] = []
    for one in named:
        known = index.by_id.get(one.id) or index.by_alias.get(one.id)
        if known is None:
            strangers.append(one)
        else:
            found[one.place] = known
    taken |= {known.number for known in found.values()}
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
        link, text, key = link_key(one.entry), text_key(one.entry), _without_scheme(one.id)
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
        return Identified(entry=_named(one.entry, one.id), place=one.place)
    aliases = () if one.id == known.id or one.id in known.aliases else (one.id,)
    return Identified(
        entry=_named(one.entry, known.id), known=known, aliases=aliases, place=one.place
    )


def _named(entry: Entry, name: str) -> Entry:
    return entry if entry.id == name else replace(entry, id=name)
