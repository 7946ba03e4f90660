"""All rules over one log."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from aggregator.reading.sites import site_of as registrable
from benchmarks.judging import conditions, manners, places, sites, waits
from benchmarks.judging.demands import PROMISED, Demands, Offence, Verdict, by_url, verdicts
from benchmarks.judging.log import Exchange

RULES = (*waits.RULES, *sites.RULES, *conditions.RULES, *places.RULES, *manners.RULES)


def judge(
    log: Sequence[Exchange],
    demands: Demands = PROMISED,
    *,
    site_of: Callable[[str], str | None] = registrable,
) -> list[Verdict]:
    """Return the verdicts on a reader, one for each rule, from the log of its requests.

    `site_of` says which site an address is at. A log with nothing in it passes every rule that
    forbids something: how much was asked for is in the last verdict.
    """
    log = sorted(log, key=lambda one: one.at)
    conditional = conditions.read_conditions(log)

    def all_offences() -> Iterator[Offence]:
        for exchanges in by_url(log).values():
            yield from waits.too_early(exchanges, demands)
            yield from places.stale(exchanges, demands)
        for name, exchanges in sites.by_site(log, site_of).items():
            yield from sites.crowding(name, exchanges, demands)
        yield from places.hasty(log)
        yield from conditional.offences
        yield from manners.talkative(log)

    return [
        *verdicts(RULES, all_offences()),
        conditional.share(demands),
        manners.name_given(log),
        Verdict(rule="requests", measured=f"{len(log):,}", demanded="", ok=None),
    ]


def table(found: Sequence[Verdict]) -> str:
    """Return verdicts as lines for people, offences with examples."""
    width = max(len(one.rule) for one in found)
    lines = [f"{'rule':<{width}}  {'measured':>24}  {'demanded':>20}  ok?"]
    for one in found:
        ok = {True: "yes", False: "NO", None: ""}[one.ok]
        lines.append(f"{one.rule:<{width}}  {one.measured:>24}  {one.demanded:>20}  {ok}".rstrip())
        lines += [f"    {example}" for example in one.examples]
    return "\n".join(lines)
