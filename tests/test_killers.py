"""Documents made to kill, hang or starve whoever reads them: each costs its own feed a bounded
time, and nobody else anything."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.config.settings import ParseSettings
from aggregator.reading.request import ReadFailure, ReadRequest, ReadResult
from aggregator.workers.pool import ParserPool

NOW = datetime(2026, 11, 23, tzinfo=UTC)
SECONDS = 3.0
HEAD = "<rss version='2.0'><channel><title>A</title>"
END = "</channel></rss>"


def request(body: str | bytes, content_type: str = "application/rss+xml") -> ReadRequest:
    return ReadRequest(
        url="https://news.example/feed",
        body=body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body,
        content_type=content_type,
        now=NOW,
    )


GOOD = request(f"{HEAD}<item><guid>1</guid><title>Good</title></item>{END}")


def rss(item: str, doctype: str = "") -> str:
    return f"<?xml version='1.0'?>{doctype}{HEAD}<item><title>T</title>{item}</item>{END}"


def chain(depth: int, before: str = "", after: str = "") -> str:
    entities = '<!ENTITY e0 "x">' + "".join(f'<!ENTITY e{n} "&e{n - 1};">' for n in range(1, depth))
    doctype = f"{before}<!DOCTYPE rss [{entities}]>{after}"
    return rss(f"<description>&e{depth - 1};</description>", doctype)


def laughs(levels: int, times: int) -> str:
    entities = '<!ENTITY l0 "ha">' + "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * times}">' for n in range(1, levels)
    )
    return rss(f"<description>&l{levels - 1};</description>", f"<!DOCTYPE rss [{entities}]>")


def defaults(count: int) -> str:
    attributes = "".join(f'a{n} CDATA "v" ' for n in range(count))
    items = "<item><title>x</title></item>" * 50
    return f"<?xml version='1.0'?><!DOCTYPE rss [<!ATTLIST item {attributes}>]>{HEAD}{items}{END}"


KILLERS: dict[str, ReadRequest] = {
    "entity chain on the declaration's line": request(chain(50_000)),
    "entity chain on a line of its own": request(chain(50_000, before="\n")),
    "entity chain after a comment": request(chain(50_000, before="<!-- x -->")),
    "entity chain without a declaration": request(chain(50_000).partition("?>")[2]),
    "billion laughs": request(laughs(10, 10)),
    "quadratic entity": request(
        rss(
            f"<description>{'&q;' * 20_000}</description>",
            f"<!DOCTYPE rss [<!ENTITY q '{'x' * 20_000}'>]>",
        )
    ),
    "attributes by the ten thousand": request(
        rss("<x " + " ".join(f'a{n}="v"' for n in range(40_000)) + "/>")
    ),
    "default attributes by the ten thousand": request(defaults(20_000)),
    "a million elements in each other": request(rss("<a>" * 1_000_000)),
    "HTML in HTML in HTML": request(rss(f"<description>{'&lt;div>' * 100_000}</description>")),
    "comments left open": request(rss(f"<description>{'&lt;!--' * 100_000}</description>")),
    "one style of 400 KB": request(
        rss(f'<description>&lt;p style="{"a:b;" * 100_000}">x&lt;/p></description>')
    ),
    "a title of ten megabytes": request(rss(f"<category>{'x' * 10_000_000}</category>")),
    "half a character": request(rss("<description>&#xD800;</description>")),
    "a character beyond all": request(rss("<description>&#x110000;</description>")),
    "an encoding that raises": request("<?xml version='1.0' encoding='punycode'?>" + HEAD + END),
    "a hundred thousand entries": request(HEAD + "<item><title>x</title></item>" * 100_000 + END),
    "zeros": request(b"\0" * 5_000_000),
    "brackets": request("[" * 200_000, "application/feed+json"),
    "a number without end": request(
        '{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": ' + "9" * 100_000 + "}]}",
        "application/feed+json",
    ),
    "open tags": request("<" * 3_000_000),
    "a page without end": request("<html>" + "<link rel=alternate>" * 200_000, "text/html"),
}


@pytest.fixture(scope="module")
def pool() -> Iterator[ParserPool]:
    opened = ParserPool(ParseSettings(timeout=timedelta(seconds=SECONDS)))
    assert isinstance(opened.read(GOOD), ReadResult)
    yield opened
    opened.close()


@pytest.mark.parametrize("name", KILLERS)
def test_it_costs_its_own_feed_a_bounded_time(pool: ParserPool, name: str) -> None:
    began = time.monotonic()
    result = pool.read(KILLERS[name])
    # What the clock allows, and what a busy machine may take to end and begin a process.
    assert time.monotonic() - began < SECONDS + 6
    if isinstance(result, ReadFailure):
        assert len(result.message) < 500
        assert result.message.isprintable()
    else:
        assert len(result.changes) <= 2000
        for change in result.changes:
            assert len(change.entry.content) < 2_000_000
            change.entry.content.encode()
    assert isinstance(pool.read(GOOD), ReadResult)


LARGE = request(rss("<x " + " ".join(f'a{n}="v"' for n in range(40_000)) + "/>"))
SLOW = KILLERS["default attributes by the ten thousand"]


@pytest.mark.parametrize(
    "doubtful",
    [
        pytest.param(replace(SLOW, suspect=True), id="of feeds that broke their reader before"),
        pytest.param(LARGE, id="large ones of feeds that nobody has read yet"),
    ],
)
def test_good_documents_do_not_wait_for_doubtful_ones(doubtful: ReadRequest) -> None:
    pool = ParserPool(ParseSettings(timeout=timedelta(seconds=2)))
    pool.read(GOOD)
    with ThreadPoolExecutor(12) as threads:
        # One reader is always left for the others.
        bad = [threads.submit(pool.read, doubtful) for _ in range(4)]
        time.sleep(0.2)
        began = time.monotonic()
        good = [threads.submit(pool.read, GOOD) for _ in range(40)]
        assert all(isinstance(one.result(timeout=20), ReadResult) for one in good)
        assert time.monotonic() - began < 1.9  # less than it takes to give one up
        for one in bad:
            one.cancel()
        pool.close()


def test_large_documents_of_feeds_that_were_read_before_may_have_every_reader() -> None:
    pool = ParserPool(ParseSettings(timeout=timedelta(seconds=2)))
    pool.read(GOOD)
    with ThreadPoolExecutor(2) as threads:
        began = time.monotonic()
        known = replace(LARGE, last_success_at=NOW)
        both = [threads.submit(pool.read, known) for _ in range(2)]
        assert all(isinstance(one.result(timeout=20), ReadFailure) for one in both)
        assert time.monotonic() - began < 3.5  # at the same time
        pool.close()
