"""The bytes that go out: nothing that came in from elsewhere can become a second line of them."""

from __future__ import annotations

import h11
import pytest

from aggregator.fetch.client import HttpFetcher
from aggregator.fetch.transport import _head
from aggregator.model.poll import Validators
from servers import response, serving


@pytest.mark.parametrize(
    "fields",
    [
        [(b"If-None-Match", b'"a"\r\nX-Evil: 1')],
        [(b"If-None-Match", b'"a"\nX-Evil: 1')],
        [(b"If-None-Match\r\nX-Evil", b"1")],
        [(b"A", b"b\0c")],
    ],
)
def test_a_field_that_is_no_single_line_is_never_sent(fields: list[tuple[bytes, bytes]]) -> None:
    with pytest.raises(h11.LocalProtocolError):
        _head("GET", b"/feed", [(b"Host", b"news.example"), *fields])


@pytest.mark.parametrize("target", [b"/a b", b"/a\r\nb", b"/a HTTP/1.1\r\nX-Evil: 1"])
def test_nor_is_a_target_that_is_none(target: bytes) -> None:
    with pytest.raises(h11.LocalProtocolError):
        _head("GET", target, [(b"Host", b"news.example")])


def test_a_whole_head_reads_back_as_it_was_meant() -> None:
    fields = [(b"Host", b"news.example"), (b"Accept", b"*/*"), (b"X-Empty", b"")]
    server = h11.Connection(h11.SERVER)
    server.receive_data(_head("GET", b"/feed?a=%20b", fields))
    asked = server.next_event()
    assert isinstance(asked, h11.Request)
    assert (asked.method, asked.target) == (b"GET", b"/feed?a=%20b")
    assert asked.headers.raw_items() == fields


def test_validators_with_line_breaks_are_left_out_of_a_request(fetcher: HttpFetcher) -> None:
    with serving(lambda _: response(200, b"<rss/>")) as server:
        url = server.url("/feed")
        fetcher.fetch(url, Validators(etag='"a"\r\nX-Evil: 1', last_modified="x", url=url))
    [request] = server.requests
    assert "x-evil" not in request.headers
    assert "if-none-match" not in request.headers
    assert request.headers["if-modified-since"] == "x"
