"""Every rule of the judge, on logs of a few lines: what it lets pass, and what it does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from aggregator.model.feed import Hints
from benchmarks.judging import conditions, manners, places, sites, waits
from benchmarks.judging.demands import DAY, HOUR, Demands
from benchmarks.judging.judge import RULES, judge, table
from benchmarks.judging.log import Exchange, read_log, write_log
from benchmarks.month.__main__ import main

MONDAY = 1_774_224_000.0  # 2026-03-23, at midnight
URL = "https://courier.example/feed"
OTHER = "https://blog.courier.example/feed"
NEW = "https://new.example/feed"
DATE = "Mon, 23 Mar 2026 00:00:00 GMT"


def ask(
    hours: float,
    status: int | None = 200,
    *,
    url: str = URL,
    took: float = 0.1,
    asked: Mapping[str, str] | None = None,
    hints: Hints = Hints(),  # noqa: B008 - frozen
    **answered: str,
) -> Exchange:
    at = MONDAY + hours * HOUR
    return Exchange(
        at=at,
        ended=at + took,
        url=url,
        asked=asked or {},
        status=status,
        answered={"date": DATE} | {name.replace("_", "-"): it for name, it in answered.items()},
        body="same" if status == 200 else "",
        length=4 if status == 200 else 0,
        hints=hints,
    )


def broken(*log: Exchange, **demands: object) -> set[str]:
    verdicts = judge(log, Demands(**demands))  # type: ignore[arg-type]
    return {verdict.rule for verdict in verdicts if verdict.ok is False}


SKIPPING = Hints(skip_hours=frozenset({3, 4}), skip_days=frozenset({"Tuesday"}))
TAG = {"if-none-match": '"a"'}
MOVED = [ask(day * 24, 301, location=NEW) for day in range(12)]
FOUND = [ask(0, 302, location=NEW), ask(0.001, url=NEW)]

CASES: list[tuple[str | None, list[Exchange]]] = [
    (None, []),
    (None, [ask(0), ask(1), ask(0, url=NEW)]),
    (waits.HAMMER, [ask(0), ask(0.2)]),
    (waits.RETRY, [ask(0, 429, retry_after="7200"), ask(1.9)]),
    (None, [ask(0, 429, retry_after="7200"), ask(2.01)]),
    (waits.RETRY, [ask(0, 503, retry_after="Mon, 23 Mar 2026 03:00:00 GMT"), ask(2.9)]),
    (None, [ask(0, 503, retry_after="Mon, 23 Mar 2026 03:00:00 GMT"), ask(3.1)]),
    (None, [ask(0, 429, retry_after="99999999"), ask(7 * 24 + 0.1)]),  # a cap
    (waits.FRESH, [ask(0, cache_control='private, max-age="7200"'), ask(1.9)]),
    (None, [ask(0, cache_control="max-age=7200", age="3600"), ask(1.1)]),
    (None, [ask(0, cache_control="no-cache, max-age=7200"), ask(1)]),
    (None, [ask(0, cache_control="max-age=9999999"), ask(24)]),
    (waits.FRESH, [ask(0, expires="Mon, 23 Mar 2026 05:00:00 GMT"), ask(4)]),
    (None, [ask(0, expires="0"), ask(1)]),
    (waits.FRESH, [ask(0, cache_control="max-age=7200"), ask(2, 304), ask(3.9)]),
    (None, [ask(0, cache_control="max-age=7200"), ask(2, 304, cache_control="max-age=9"), ask(3)]),
    (waits.TTL, [ask(0, hints=Hints(ttl_minutes=120)), ask(1.9)]),
    (waits.TTL, [ask(0, hints=Hints(update_period_seconds=86_400)), ask(20)]),
    (waits.SKIP, [ask(0, hints=SKIPPING), ask(4.5)]),
    (waits.SKIP, [ask(0, hints=SKIPPING), ask(30)]),
    (None, [ask(0, hints=SKIPPING), ask(5)]),
    (waits.BACKOFF, [ask(0, 500), ask(1, 404), ask(2, None)]),
    (None, [ask(0, 500), replace(ask(1, None), cut_off=True), ask(2, 500)]),
    (None, [ask(0, 500), ask(1, 404), ask(3, None), ask(7, 500)]),
    (waits.GONE, [ask(0, 410), ask(99)]),
    (sites.ALONE, [ask(0, took=30), ask(0.005, url=OTHER)]),
    (sites.GAP, [ask(0), ask(0.0001, url=OTHER)]),
    (None, [ask(0), ask(0.0001, url=NEW)]),
    (sites.SITE_RETRY, [ask(0, 429, retry_after="7200"), ask(1, url=OTHER)]),
    (conditions.VERBATIM, [ask(0, last_modified=DATE), ask(1, etag='"b"')]),
    (None, [ask(0, etag='"a"'), ask(1, 304, asked=TAG), ask(2, 304, asked=TAG)]),
    (
        None,
        [ask(0, etag='"a"'), ask(1, 301, asked=TAG, location=NEW), ask(2)],
    ),  # it had let go of it
    (places.LEARNED, MOVED),
    (None, MOVED[:9]),
    (places.HASTY, [*FOUND, ask(2, url=NEW)]),
    (places.HASTY, [*MOVED[:4], ask(80, url=NEW)]),
    (None, [*MOVED[:9], ask(8 * 24 + 1, url=NEW)]),
    (None, [ask(-1, url=NEW), *FOUND, ask(2, url=NEW)]),  # it was followed by itself
    (manners.COOKIES, [ask(0, asked={"cookie": "a=1"})]),
    (manners.REFERRER, [ask(0, asked={"referer": URL})]),
    (manners.BUSTING, [ask(0, asked={"cache-control": "no-cache"})]),
    (manners.BUSTING, [ask(n, url=f"{URL}?t={n}") for n in range(12)]),
    (manners.NAMED, [ask(0, asked={"user-agent": "Mozilla/5.0"})]),
    (None, [ask(0, asked={"user-agent": "reader (+https://reader.example/)"})]),
]


@pytest.mark.parametrize(("rule", "log"), CASES)
def test_a_rule_is_broken_by_what_breaks_it_and_nothing_else_is(
    rule: str | None, log: list[Exchange]
) -> None:
    assert broken(*log) == ({rule} if rule else set())


def test_what_is_downloaded_again_is_counted_and_what_the_server_is_to_blame_for_is_not() -> None:
    first = ask(0, etag='"a"')
    careless = broken(first, ask(1, etag='"a"'))
    assert careless == {conditions.VERBATIM, conditions.AGAIN, conditions.SHARE}
    assert broken(first, ask(1, etag='"a"', asked=TAG)) == set()  # it answers nobody with 304
    changing = [first, ask(1, etag='"b"', asked=TAG), ask(2, asked={"if-none-match": '"b"'})]
    assert broken(*changing) == set()


def test_every_rule_is_broken_by_some_case() -> None:
    assert set(RULES) - {rule for rule, _ in CASES} == {conditions.AGAIN}


def test_a_site_that_means_single_feeds_is_taken_at_its_word() -> None:
    log = [ask(0, 429, retry_after="7200"), ask(1, url=OTHER)]
    assert broken(*log, narrow=frozenset({"courier.example"})) == set()


def test_a_log_comes_back_as_it_was_written(tmp_path: Path) -> None:
    log = [one for _, case in CASES for one in case]
    file = tmp_path / "log.jsonl"
    write_log(file, log)
    assert sorted(map(repr, read_log(file))) == sorted(map(repr, log))


def test_a_line_that_is_none_is_named(tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    file.write_text('{"time": 0, "url": "https://a.example/", "status": 200}\n\n{"time": 1}\n')
    with pytest.raises(ValueError, match=r"log\.jsonl:3: KeyError\('url'\)"):
        read_log(file)


def test_the_judge_on_the_command_line_says_which_rule_and_ends_with_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "log.jsonl"
    for log, code in (([ask(0), ask(0.1)], 1), ([ask(0), ask(DAY / HOUR)], 0)):
        write_log(file, log)
        monkeypatch.setattr("sys.argv", ["month", "--log", str(file)])
        assert main() == code
        [line] = [one for one in capsys.readouterr().out.splitlines() if waits.HAMMER in one]
        assert line.endswith("NO" if code else "yes")


def test_examples_stand_below_their_rule() -> None:
    text = table(judge([ask(0), ask(0.1)]))
    assert f"    {URL} at {MONDAY + 360:.3f} after 360.000 s" in text
