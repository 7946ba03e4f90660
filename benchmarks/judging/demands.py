"""What is demanded of a reader, in figures, and the verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from aggregator.reading import schedule
from aggregator.services import redirects
from benchmarks.judging.log import Exchange

HOUR, DAY = 3600.0, 86_400.0
SHOWN = 5  # examples of each offence


def _seconds(span: timedelta) -> float:
    return span.total_seconds()


@dataclass(frozen=True, kw_only=True)
class Demands:
    """Bounds of each rule, in seconds; the defaults are those that this program promises.

    A publisher's word is believed up to a cap, because mistakes ask for a year; whoever judges
    another reader keeps its caps in mind.
    """

    gap: float = 1.0  # between the end of a request to a site and the next one
    shortest: float = _seconds(schedule.SHORTEST)  # between two requests to one address
    longest_hint: float = _seconds(schedule.LONGEST_HINT)
    longest_retry_after: float = _seconds(schedule.LONGEST_RETRY_AFTER)
    first_backoff: float = _seconds(schedule.FIRST_BACKOFF)
    longest_backoff: float = _seconds(schedule.LONGEST_BACKOFF)
    # A move is believed after this, with the first answer that comes then.
    moved_within: float = _seconds(redirects.BELIEVED_AFTER) + 2 * DAY
    not_modified: float = 0.95  # of the answers that could have been a 304
    narrow: frozenset[str] = frozenset()  # sites whose Retry-After is for one address alone


PROMISED = Demands()


@dataclass(frozen=True, kw_only=True)
class Offence:
    """One exchange against one rule."""

    rule: str
    at: float
    url: str
    what: str = ""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What was found about one rule. `ok` None: a figure of which nothing is demanded."""

    rule: str
    measured: str
    demanded: str
    ok: bool | None
    examples: tuple[str, ...] = field(default=())


def none_of(rule: str, offences: Sequence[Offence]) -> Verdict:
    """Return the verdict on a rule that nobody may offend against."""
    return Verdict(
        rule=rule,
        measured=f"{len(offences):,}",
        demanded="0",
        ok=not offences,
        examples=tuple(f"{one.url} at {one.at:.3f} {one.what}" for one in offences[:SHOWN]),
    )


def by_url(log: Iterable[Exchange]) -> dict[str, list[Exchange]]:
    """Return the exchanges with each address, in their order."""
    found: dict[str, list[Exchange]] = {}
    for one in log:
        found.setdefault(one.url, []).append(one)
    return found


def verdicts(rules: Iterable[str], offences: Iterable[Offence]) -> Iterator[Verdict]:
    """Return one verdict for each rule."""
    found: dict[str, list[Offence]] = {rule: [] for rule in rules}
    for offence in offences:
        found[offence.rule].append(offence)
    return (none_of(rule, offending) for rule, offending in found.items())
