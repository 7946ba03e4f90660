"""The judge is no yes-man: readers that are rude, or forget, break the rules they should break."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.errors import FetchError
from aggregator.fetch.client import Fetched, NotModified
from aggregator.model.poll import Freshness, Validators
from aggregator.services.polling import Fetcher
from benchmarks.judging import conditions, places, sites, waits
from benchmarks.judging.demands import Verdict
from benchmarks.judging.judge import judge
from benchmarks.month.clock import Clock
from benchmarks.month.month import Result, live
from benchmarks.month.network import WorldFetcher
from benchmarks.month.population import START, world
from benchmarks.month.publisher import DAY

Answer = Fetched | NotModified


def broken(verdicts: Iterable[Verdict]) -> set[str]:
    return {verdict.rule for verdict in verdicts if verdict.ok is False}


def test_who_asks_everybody_all_the_time_for_everything_breaks_nearly_every_rule() -> None:
    around, clock = world(3, 60), Clock(START)
    fetcher = WorldFetcher(around, clock, gap=timedelta(0))
    for minute in range(0, 16 * 24 * 60, 240):
        for publisher in around.publishers:
            for at in (minute, minute + 10):
                clock.seconds = START + at * 60
                for follow in range(2):
                    if follow and not publisher.detours:
                        continue
                    where = publisher.detours[0].target if follow else publisher.url
                    try:
                        fetcher.fetch(where)
                    except FetchError:
                        continue
    found = broken(judge(fetcher.log))
    assert found >= {
        waits.RETRY,
        waits.FRESH,
        waits.TTL,
        waits.SKIP,
        waits.HAMMER,
        waits.BACKOFF,
        waits.GONE,
        sites.GAP,
        sites.SITE_RETRY,
        conditions.VERBATIM,
        conditions.AGAIN,
        conditions.SHARE,
        places.LEARNED,
    }


class Spoiled:
    """Stands between the poller and the network."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher

    def fetch(
        self, url: str, validators: Validators = Validators(), *, login: str | None = None
    ) -> Answer:
        return self._fetcher.fetch(url, validators)


class Forgetful(Spoiled):
    """Has no validators."""

    def fetch(
        self, url: str, validators: Validators = Validators(), *, login: str | None = None
    ) -> Answer:
        return self._fetcher.fetch(url)


class Deaf(Spoiled):
    """Hears nothing of what answers say about time."""

    def fetch(
        self, url: str, validators: Validators = Validators(), *, login: str | None = None
    ) -> Answer:
        try:
            answer = self._fetcher.fetch(url, validators)
        except FetchError as error:
            error.retry_after = None
            raise
        return replace(answer, freshness=Freshness())


class Hasty(Spoiled):
    """Takes every redirect for one for good."""

    def __init__(self, fetcher: Fetcher) -> None:
        super().__init__(fetcher)
        self._led: dict[str, str] = {}

    def fetch(
        self, url: str, validators: Validators = Validators(), *, login: str | None = None
    ) -> Answer:
        answer = self._fetcher.fetch(self._led.get(url, url), validators)
        self._led[url] = answer.url
        return answer


@pytest.mark.parametrize(
    ("spoiled", "days", "rules"),
    [
        (Forgetful, 3, {conditions.VERBATIM, conditions.AGAIN, conditions.SHARE}),
        (Deaf, 12, {waits.RETRY, waits.FRESH, sites.SITE_RETRY}),
        (Hasty, 12, {places.HASTY}),
    ],
)
def test_one_bad_habit_breaks_its_rules_and_no_others(
    spoiled: Callable[[Fetcher], Fetcher], days: int, rules: set[str]
) -> None:
    result = live(3, 60, days=days, spoiled=spoiled)
    assert broken(judge(result.arrived(), result.demands)) == rules


@pytest.fixture(scope="module")
def fortnight() -> Result:
    return live(4, 60, days=18)


def spoilt(result: Result, **changes: object) -> set[str]:
    """Return the rules that are broken when the reader's memory is another one."""
    memory = replace(result.memory, **changes)  # type: ignore[arg-type]
    return {rule.partition(",")[0] for rule in broken(replace(result, memory=memory).verdicts())}


def test_what_is_lost_doubled_or_missed_shows(fortnight: Result) -> None:
    assert spoilt(fortnight) == set()
    feeds = fortnight.memory.feeds
    place = next(n for n, kept in enumerate(feeds) if any(v > [1] for v in kept.texts.values()))
    kept = feeds[place]

    def with_texts(texts: dict[str, list[int]]) -> set[str]:
        others = [*feeds[:place], replace(kept, texts=texts), *feeds[place + 1 :]]
        return spoilt(fortnight, feeds=others)

    assert with_texts({}) == {"entries lost"}
    assert with_texts({title: [*n, *n] for title, n in kept.texts.items()}) == {
        "entries stored twice"
    }
    assert with_texts({title: [9] for title in kept.texts}) == {"edits seen that were none"}


def test_what_becomes_of_feeds_shows(fortnight: Result) -> None:
    memory = fortnight.memory
    gone = [replace(kept, gone=True) for kept in memory.feeds]
    assert spoilt(fortnight, feeds=gone) == {"feeds wrongly taken for gone"}
    moved = [replace(kept, url="https://elsewhere.example/") for kept in memory.feeds]
    assert "moves that nobody made" in spoilt(fortnight, feeds=moved)
    assert spoilt(fortnight, held={}) == {"floods let in"}
    assert "feeds held back that did not flood" in spoilt(
        fortnight, held={kept.url: 99 for kept in memory.feeds}
    )
    assert spoilt(fortnight, blamed=["x"]) == {"failures counted while our own network was down"}
    assert spoilt(fortnight, unexplained=["x"]) == {"feeds silent without a stated reason"}


def test_who_stops_asking_gives_feeds_up_and_who_asks_twice_asks_too_much(
    fortnight: Result,
) -> None:
    log = fortnight.memory.log
    early = [one for one in log if one.at < START + 8 * DAY]
    assert "feeds given up that can be had" in spoilt(fortnight, log=early)
    assert "requests" in spoilt(fortnight, log=[*log, *log])
