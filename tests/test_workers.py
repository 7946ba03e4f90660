"""Documents are read in processes that may die, and nobody else's document dies with them."""

from __future__ import annotations

import gzip
import os
import pickle
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.config.settings import ParseSettings
from aggregator.errors import ReadersError
from aggregator.model.poll import FailureKind
from aggregator.reading.document import read_document
from aggregator.reading.request import ReadFailure, ReadRequest, ReadResult
from aggregator.workers.answers import unpacked
from aggregator.workers.pool import ParserPool

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def request(body: bytes, *, max_entries: int = 2000) -> ReadRequest:
    return ReadRequest(
        url="https://news.example/feed",
        body=body,
        content_type="application/rss+xml",
        now=NOW,
        max_entries=max_entries,
    )


def rss(items: str, head: str = "") -> bytes:
    text = f'<?xml version="1.0"?>{head}<rss version="2.0"><channel><title>A</title>{items}'
    return (text + "</channel></rss>").encode()


def good(number: int = 0) -> bytes:
    return rss(f"<item><guid>{number}</guid><title>Story {number}</title></item>")


def entity_chain(depth: int) -> bytes:
    """A chain of entities that another one declares, so that nobody can count them unread."""
    chain = "".join(f'&#60;!ENTITY e{one} "&#38;e{one - 1};">' for one in range(1, depth))
    declared = f"""<!ENTITY e0 "x"><!ENTITY % all '{chain}'> %all;"""
    items = f"<item><title>&e{depth - 1};</title></item>"
    return rss(items, f"<!DOCTYPE rss [{declared}]>")


def slow() -> bytes:
    """A document that keeps its reader busy for long: attributes by the ten thousand."""
    defaults = "".join(f'a{one} CDATA "v" ' for one in range(20_000))
    head = f"<!DOCTYPE rss [<!ATTLIST item {defaults}>]>"
    return rss("<item><title>x</title></item>" * 200, head)


def children_of(process: int) -> set[int]:
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == process and fields[0] != "Z":
            found.add(int(stat.parent.name))
    return found


def workers() -> set[int]:
    """Return the ids of the worker processes: grandchildren of ours, by the fork server."""
    return {one for server in children_of(os.getpid()) for one in children_of(server)}


def wait_until(condition: object, seconds: float = 8) -> None:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.02)


def steady(result: ReadResult | ReadFailure) -> object:
    """Leave the order of attributes out: the cleaner writes those it adds in any order."""
    if isinstance(result, ReadFailure):
        return result
    texts = [sorted(re.split(r"[ >]", one.entry.content)) for one in result.changes]
    bare = [replace(one, entry=replace(one.entry, content="")) for one in result.changes]
    return replace(result, changes=tuple(bare)), texts


def failure(result: ReadResult | ReadFailure) -> str:
    assert isinstance(result, ReadFailure), result
    assert result.kind is FailureKind.PARSER
    return result.message


@pytest.fixture(scope="module")
def pool() -> Iterator[ParserPool]:
    one = ParserPool(ParseSettings(timeout=timedelta(seconds=8)))
    yield one
    one.close()


@pytest.fixture(scope="module")
def hasty() -> Iterator[ParserPool]:
    one = ParserPool(ParseSettings(timeout=timedelta(seconds=0.5)))
    assert isinstance(one.read(request(good())), ReadResult)
    yield one
    one.close()


def test_a_worker_reads_what_this_process_would_read(pool: ParserPool, corpus: Path) -> None:
    paths = sorted((corpus / "feeds").rglob("*.*"))[::18]
    for path in paths:
        asked = request(path.read_bytes())
        assert steady(pool.read(asked)) == steady(read_document(asked)), path


def test_a_document_that_cannot_be_read_is_a_value(pool: ParserPool) -> None:
    empty = pool.read(request(b" \n"))
    assert isinstance(empty, ReadFailure)
    assert empty.kind is FailureKind.EMPTY
    page = pool.read(
        request(b"<!doctype html><link rel=alternate type=application/rss+xml href=f>")
    )
    assert isinstance(page, ReadFailure)
    assert [one.url for one in page.found] == ["https://news.example/f"]


@pytest.mark.parametrize("depth", [400, 50_000, 200_000])
def test_a_chain_of_entities_costs_its_own_feed_at_most(pool: ParserPool, depth: int) -> None:
    result = pool.read(request(entity_chain(depth)))
    assert isinstance(result, ReadFailure) or result.entries == 1
    assert isinstance(pool.read(request(good())), ReadResult)


def test_twenty_good_documents_come_back_beside_killed_ones(pool: ParserPool) -> None:
    pool.read(request(good()))
    wait_until(workers)
    with ThreadPoolExecutor(12) as threads:
        bad_one = replace(request(slow()), last_success_at=NOW)  # its feed was never any trouble
        bad = [threads.submit(pool.read, bad_one) for _ in range(2)]
        wait_until(lambda: len(workers()) == 2)
        time.sleep(0.3)
        waiting = [threads.submit(pool.read, request(good(one))) for one in range(20)]
        for one in workers():
            os.kill(one, signal.SIGSEGV)
        results = [one.result(timeout=20) for one in waiting]
        for one in bad:
            assert "crashed its reader" in failure(one.result(timeout=20))
    assert [one.changes[0].entry.id for one in results if isinstance(one, ReadResult)] == [
        str(number) for number in range(20)
    ]
    assert isinstance(pool.read(request(good())), ReadResult)


def test_a_worker_killed_while_it_reads_is_one_feeds_failure(pool: ParserPool) -> None:
    pool.read(request(good()))
    wait_until(workers)
    with ThreadPoolExecutor(1) as threads:
        reading = threads.submit(pool.read, request(slow()))
        time.sleep(0.3)
        killed = workers()
        for one in killed:
            os.kill(one, signal.SIGSEGV)
        assert "crashed its reader (signal 11)" in failure(reading.result(timeout=8))
    wait_until(lambda: not killed & workers())  # the idle one may be slow to die
    for number in range(5):
        assert isinstance(pool.read(request(good(number))), ReadResult)


def test_workers_killed_while_they_are_idle_are_no_documents_failure() -> None:
    others = workers()
    pool = ParserPool(ParseSettings())
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda one: pool.read(request(good(one))), range(20)))
    for one in workers() - others:
        os.kill(one, signal.SIGKILL)
    for number in range(10):
        assert isinstance(pool.read(request(good(number))), ReadResult)
        for one in workers() - others:  # and now just before it is asked
            os.kill(one, signal.SIGKILL)
    pool.close()


def test_a_signal_for_the_whole_group_does_not_cost_the_documents_being_read() -> None:
    others = workers()
    pool = ParserPool(ParseSettings(workers=1))
    with ThreadPoolExecutor(1) as threads:
        pool.read(request(good()))
        reading = threads.submit(pool.read, request(rss("<item><title>x</title></item>" * 3000)))
        for one in workers() - others:
            os.kill(one, signal.SIGTERM)
            os.kill(one, signal.SIGINT)
        assert isinstance(reading.result(timeout=20), ReadResult)
    pool.close()


def test_a_worker_that_is_stopped_costs_its_time_and_no_more() -> None:
    others = workers()
    pool = ParserPool(ParseSettings(workers=1, timeout=timedelta(seconds=1)))
    pool.read(request(good()))
    for one in workers() - others:
        os.kill(one, signal.SIGSTOP)
    large = rss(f"<item><title>x</title><description>{'x ' * 2_000_000}</description></item>")
    before = time.monotonic()
    assert "took more than 1 s" in failure(pool.read(request(large)))
    assert time.monotonic() - before < 8
    assert isinstance(pool.read(request(good())), ReadResult)
    pool.close()


def test_a_limit_that_stands_already_is_kept() -> None:
    # Not ours to raise: an unprivileged process that lowered it cannot.
    script = """
import resource
from datetime import datetime, UTC
from aggregator.config.settings import ParseSettings
from aggregator.reading.request import ReadRequest, ReadResult
from aggregator.workers.pool import ParserPool
if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CPU, (3600, 3600))
    body = b"<rss version='2.0'><channel><item><title>x</title></item></channel></rss>"
    pool = ParserPool(ParseSettings())
    request = ReadRequest(
        url="https://a.example/", body=body, content_type="", now=datetime(2026, 1, 1, tzinfo=UTC)
    )
    assert isinstance(pool.read(request), ReadResult)
    pool.close()
"""
    command = [sys.executable, "-c", script]
    if os.getuid() == 0:  # who may raise any limit
        if not shutil.which("setpriv"):
            pytest.skip("we run as root, and there is no setpriv to give up its rights")
        less = ["--bounding-set=-sys_resource", "--inh-caps=-sys_resource"]
        command = ["setpriv", *less, *command]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_document_that_takes_too_long_is_given_up(hasty: ParserPool) -> None:
    before = time.monotonic()
    assert "took more than 0.5 s" in failure(hasty.read(request(slow())))
    assert time.monotonic() - before < 5
    assert isinstance(hasty.read(request(good())), ReadResult)


def test_good_documents_do_not_wait_for_a_slow_one(hasty: ParserPool) -> None:
    with ThreadPoolExecutor(4) as threads:
        reading = threads.submit(hasty.read, request(slow()))
        results = list(threads.map(lambda one: hasty.read(request(good(one))), range(20)))
        assert all(isinstance(one, ReadResult) for one in results)
        failure(reading.result())


def test_a_document_that_needs_too_much_memory_says_so() -> None:
    small = ParserPool(ParseSettings(workers=1, memory_bytes=200 * 1024 * 1024))
    try:
        assert isinstance(small.read(request(good())), ReadResult)
        bomb = gzip.compress(rss(f"<item><title>{'&lt;b>' * 10_000_000}</title></item>"), 1)
        said = failure(small.read(request(bomb)))
        assert "memory" in said
        assert isinstance(small.read(request(good())), ReadResult)
    finally:
        small.close()


def test_closing_ends_every_worker_and_what_is_being_read() -> None:
    others = workers()
    closing = ParserPool(ParseSettings())
    with ThreadPoolExecutor(3) as threads:
        assert isinstance(closing.read(request(good())), ReadResult)
        reading = [threads.submit(closing.read, request(slow())) for _ in range(2)]
        time.sleep(0.3)
        assert workers() - others
        closing.close()
        assert {failure(one.result(timeout=8)) for one in reading}
    wait_until(lambda: not workers() - others)
    assert "stopped" in failure(closing.read(request(good())))
    assert not workers() - others
    closing.close()


def test_a_machine_that_starts_no_process_is_no_documents_failure() -> None:
    pool = ParserPool(ParseSettings())
    least, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(list(Path("/proc/self/fd").iterdir())), most))
    try:
        with pytest.raises(ReadersError, match="cannot be started"):
            pool.read(request(good()))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (least, most))
    assert isinstance(pool.read(request(good())), ReadResult)
    pool.close()


def test_an_answer_can_hold_nothing_but_our_own_values() -> None:
    class Evil:
        def __reduce__(self) -> object:
            return os.system, ("exit 3",)

    with pytest.raises(pickle.UnpicklingError, match="no part of an answer"):
        unpacked(pickle.dumps(Evil()))


def test_a_worker_is_replaced_after_its_share() -> None:
    others = workers()
    pool = ParserPool(ParseSettings(workers=1), documents_per_worker=3)
    seen = set()
    for number in range(7):
        assert isinstance(pool.read(request(good(number))), ReadResult)
        seen |= workers() - others
    assert len(seen) == 3
    pool.close()


def test_a_pool_that_was_never_used_closes_without_having_begun() -> None:
    others = workers()
    ParserPool(ParseSettings()).close()
    assert workers() == others
