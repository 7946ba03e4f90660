"""Only the beginning of a page is fetched: endless and broken ones are no trouble."""

from __future__ import annotations

import gzip
import itertools
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from aggregator.errors import FetchError
from aggregator.model.poll import FailureKind
from servers import response, serving

SOON = timedelta(seconds=1)
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n"


def test_the_first_bytes_of_a_page_and_its_fields_come_back(fetcher) -> None:
    answer = response(200, b"0123456789", content_type="text/html", link="</a>; rel=webmention")
    with serving(lambda request: answer) as server:
        page = fetcher.fetch_beginning(server.url("/page"), most=4, within=SOON)
    assert (page.body, page.links) == (b"0123", "</a>; rel=webmention")
    assert page.url == server.url("/page")


def test_a_page_above_every_limit_is_no_failure(make) -> None:
    def endless(request) -> Iterator[bytes]:
        return itertools.chain([HEAD], itertools.repeat(b"x" * 65536))

    with serving(endless) as server:
        page = make(max_bytes=1024).fetch_beginning(server.url(), most=100_000, within=SOON)
        assert page.body == b"x" * 100_000
    large = response(200, b"y" * 4096)
    with serving(lambda request: large) as server:
        page = make(max_bytes=1024).fetch_beginning(server.url(), most=100, within=SOON)
        assert page.body == b"y" * 100


def test_a_bomb_is_cut_and_a_coding_that_breaks_off_counts_as_far_as_it_goes(fetcher) -> None:
    bomb = gzip.compress(b"z" * 50_000_000)
    for body in (bomb, bomb[:1000]):
        answer = response(200, body, content_encoding="gzip")
        with serving(lambda request, answer=answer: answer) as server:
            page = fetcher.fetch_beginning(server.url(), most=1000, within=SOON)
        assert page.body == b"z" * 1000


def test_one_who_dribbles_costs_what_was_given_and_no_more(fetcher) -> None:
    def dribble(request) -> Iterator[bytes]:
        yield HEAD
        while True:
            time.sleep(0.05)
            yield b"<"

    begun = time.monotonic()
    with serving(dribble) as server, pytest.raises(FetchError) as caught:
        fetcher.fetch_beginning(server.url(), most=1000, within=SOON)
    assert caught.value.kind is FailureKind.TIMEOUT
    assert time.monotonic() - begun < 3


def test_a_form_is_sent_within_the_time_given_and_an_endless_refusal_is_cut(fetcher) -> None:
    def refuse(request) -> Iterator[bytes]:
        yield b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\n\r\nno such page\n"
        while True:
            yield b" " * 65536

    with serving(refuse) as server, pytest.raises(FetchError, match="no such page"):
        fetcher.post_form(server.url(), {"source": "https://blog.example/"}, within=SOON)

    def sleep(request) -> Iterator[bytes]:
        time.sleep(3)
        yield response(200)

    begun = time.monotonic()
    with serving(sleep) as server, pytest.raises(FetchError, match="within 1 s"):
        fetcher.post_form(server.url(), {}, within=SOON)
    assert time.monotonic() - begun < 2.5
