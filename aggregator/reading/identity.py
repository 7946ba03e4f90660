"""Which entry is which: the ids a document gives, and the entries that are known already.

A feed has a policy, recorded between polls: its entries are told apart by `id`, or where the
source repeats ids by `link`, or where that repeats too by `text`. Within a policy an entry that
lacks the one is known by the next, and the date tells apart those that nothing else does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from aggregator.model.feed import Entry
from aggregator.model.poll import KnownEntry
from aggregator.reading.changes import any_text_key, link_key, text_key
from aggregator.reading.known import Index, apart, bases_of, without_scheme
from aggregator.reading.naming import Named, told_apart

POLICIES = ("id", "link", "text")
# One mistake in a long document is a mistake; more is a habit.
TOLERATED_REPEATS = 0.05
# Some sources date every entry anew with every answer; such dates are not worth remembering.
MOST_DATES = 24
TEXT_ID = "text:"


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
    dates: Sequence[str] | None = None,
    segments: Sequence[str | None] | None = None,
) -> Identities:
    """Give every entry an id that is unique in its feed, and find the known entry it is.

    `policy` is the recorded one, `forced` the author's word. The policy that is returned never
    goes back from `link` to `id` by itself: ids that were repeated once will be again. `taken`
    are numbers of known entries that are recognized already and not among `entries`. `dates`
    are the entries' dates, believed or not, and `segments` the hashes of their bytes.
    """
    if dates is None:
        dates = [one.published.isoformat() if one.published else "" for one in entries]
    dates = ["" if one.id else date for one, date in zip(entries, dates, strict=True)]
    chosen = forced or policy
    ids = _ids(entries, dates, chosen)
    while forced is None and chosen != POLICIES[-1] and _repeats(ids, entries):
        chosen = POLICIES[POLICIES.index(chosen) + 1]
        ids = _ids(entries, dates, chosen)
    index = Index(known)
    named, notes = told_apart(
        [
            Named(entry, ids[place], place, dates[place], segments[place] if segments else None)
            for place, entry in enumerate(entries)
        ],
        index,
    )
    return Identities(
        policy=chosen,
        entries=_matched(named, index, set(taken), policy_changed=chosen != policy),
        notes=notes,
    )


def _ids(entries: Sequence[Entry], dates: Sequence[str], policy: str) -> list[str]:
    return [_id(entry, date, policy) for entry, date in zip(entries, dates, strict=True)]


def _id(entry: Entry, date: str, policy: str) -> str:
    own, link = entry.id, entry.link
    if policy == "id" and own:
        return own
    if policy != "text" and (link or own):
        return link or own
    name = TEXT_ID + any_text_key(entry)
    # "Daily prayer", day after day: without a page of its own it is another one every day.
    return apart(name, date) if date and not link else name


def _repeats(ids: Sequence[str], entries: Sequence[Entry]) -> bool:
    """Whether different entries share an id so often that it is the source's habit."""
    counts = Counter(ids)
    if len(counts) == len(ids):
        return False
    different = {(one, any_text_key(entry)) for one, entry in zip(ids, entries, strict=True)}
    repeats = len(different) - len(counts)
    return repeats >= 2 and repeats > TOLERATED_REPEATS * len(ids)


def _matched(
    named: Sequence[Named], index: Index, taken: set[int], *, policy_changed: bool
) -> tuple[Identified, ...]:
    found: dict[int, KnownEntry] = {}
    for one in named:
        known = index.named(one.id)
        if known is not None:
            found[one.place] = known
    taken |= {known.number for known in found.values()}
    for one in named:
        if one.known is not None and one.place not in found and one.known.number not in taken:
            found[one.place] = one.known
            taken.add(one.known.number)
    strangers = [one for one in named if one.place not in found]
    if strangers and index.by_id:
        _match_strangers(strangers, index, found, taken, policy_changed=policy_changed)
    return tuple(_identified(one, found.get(one.place)) for one in named)


def _match_strangers(
    strangers: Sequence[Named],
    index: Index,
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
        link, text, key = link_key(one.entry), text_key(one.entry), without_scheme(one.id)
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
        if one.date:
            candidates.append(_undated(one.id, index))
        for known in candidates:
            if known is not None and known.number not in taken:
                found[one.place] = known
                taken.add(known.number)
                break


def _undated(name: str, index: Index) -> KnownEntry | None:
    """Return what was known by its text before it had a date; None once it has one."""
    for base in bases_of([name]):
        known = index.by_id.get(base) if base.startswith(TEXT_ID) else None
        if known is not None and base not in bases_of(known.aliases):
            return known
    return None


def _identified(one: Named, known: KnownEntry | None) -> Identified:
    if known is None:
        return Identified(entry=_with_id(one.entry, one.id), place=one.place)
    learned = one.id != known.id and one.id not in known.aliases
    if one.date and len(known.aliases) >= MOST_DATES:
        learned = False
    return Identified(
        entry=_with_id(one.entry, known.id),
        known=known,
        aliases=(one.id,) if learned else (),
        place=one.place,
    )


def _with_id(entry: Entry, name: str) -> Entry:
    return entry if entry.id == name else replace(entry, id=name)
