"""Forms go the way of polls: past the same guard, within the same limits."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest

from aggregator.errors import FetchError
from aggregator.fetch.client import HttpFetcher
from aggregator.fetch.pace import Pace
from aggregator.model.poll import FailureKind
from servers import Request, response, serving

FORM = {"hub.mode": "subscribe", "hub.topic": "https://news.example/?a=1&b=ä"}


def failure(fetcher: HttpFetcher, url: str) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetcher.post_form(url, FORM)
    assert str(caught.value).isprintable()
    return caught.value


def body(request: Request) -> dict[str, list[str]]:
    return parse_qs(request.raw.partition(b"\r\n\r\n")[2].decode("ascii"))


def test_a_form_arrives_as_a_browser_would_send_it(fetcher: HttpFetcher) -> None:
    with serving(lambda _: response(202)) as server:
        assert fetcher.post_form(server.url("/hub?x=1"), FORM) == 202
    [request] = server.requests
    assert (request.method, request.target) == ("POST", "/hub?x=1")
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert {name: value[0] for name, value in body(request).items()} == FORM


@pytest.mark.parametrize("status", [307, 308])
def test_a_redirect_that_keeps_the_method_is_followed(fetcher: HttpFetcher, status: int) -> None:
    def answer(request: Request) -> bytes:
        return response(status, location="/there") if request.target == "/" else response(204)

    with serving(answer) as server:
        assert fetcher.post_form(server.url("/"), FORM) == 204
    assert [(one.method, one.target) for one in server.requests] == [
        ("POST", "/"),
        ("POST", "/there"),
    ]
    assert body(server.requests[1]) == body(server.requests[0])


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_redirect_that_does_not_is_not(fetcher: HttpFetcher, status: int) -> None:
    with serving(lambda _: response(status, location="/there")) as server:
        assert failure(fetcher, server.url("/")).status == status
    assert len(server.requests) == 1


def test_redirects_have_an_end(fetcher: HttpFetcher) -> None:
    def onward(request: Request) -> bytes:
        return response(307, location=request.target + "x")

    with serving(onward) as server:
        assert failure(fetcher, server.url("/")).kind is FailureKind.REDIRECTS
    assert len(server.requests) <= 6


def test_a_form_goes_nowhere_a_poll_may_not_go(fetcher: HttpFetcher) -> None:
    with serving(lambda _: response(202), host="127.0.0.2") as canary:
        assert failure(fetcher, canary.url("/")).kind is FailureKind.FORBIDDEN_ADDRESS
        with serving(lambda _: response(307, location=canary.url("/"))) as server:
            assert failure(fetcher, server.url("/")).kind is FailureKind.FORBIDDEN_ADDRESS
        assert canary.connections == 0
    for url in ("file:///etc/passwd", "demo://courier.example/", "ftp://hub.example/"):
        assert failure(fetcher, url).kind is FailureKind.BAD_URL


@pytest.mark.parametrize(
    ("status", "more", "kind"),
    [
        (400, {}, FailureKind.HTTP_STATUS),
        (404, {}, FailureKind.HTTP_STATUS),
        (429, {"retry_after": "60"}, FailureKind.THROTTLED),
        (503, {"retry_after": "60"}, FailureKind.THROTTLED),
        (503, {}, FailureKind.SERVER),
    ],
)
def test_a_refusal_is_an_error_that_says_why(
    fetcher: HttpFetcher, status: int, more: dict[str, Any], kind: FailureKind
) -> None:
    answer = response(status, b"no \x1b[31m\nsuch topic", content_type="text/plain", **more)
    with serving(lambda _: answer) as server:
        error = failure(fetcher, server.url("/"))
    assert (error.kind, error.status) == (kind, status)
    assert str(error).endswith(": no [31m such topic")
    assert error.retry_after == (timedelta(seconds=60) if more else None)


def test_a_hub_that_does_not_answer_is_left_at_the_deadline(make: Any) -> None:
    def silent(request: Request) -> Any:
        for _ in range(100):
            time.sleep(0.05)
            yield b""

    with serving(silent) as server:
        begun = time.monotonic()
        error = failure(make(timeout=timedelta(seconds=0.3)), server.url("/"))
        assert time.monotonic() - begun < 2
    assert error.kind is FailureKind.TIMEOUT


def test_an_endless_excuse_is_not_heard_out(make: Any) -> None:
    def endless(request: Request) -> Any:
        yield b"HTTP/1.1 500 Oops\r\ncontent-type: text/plain\r\n\r\n"
        while True:
            yield b"x" * 65536

    with serving(endless) as server:
        error = failure(make(max_bytes=1024 * 1024), server.url("/"))
    assert re.fullmatch("127.0.0.1 answered 500 Internal Server Error: x{119}…", str(error))


def test_a_form_waits_for_its_turn_at_the_site(make: Any) -> None:
    waits: list[float] = []
    pace = Pace(lambda origin: "127.0.0.1", lambda site: 1.0, clock=lambda: 0.0, sleep=waits.append)
    with serving(lambda _: response(202)) as server:
        fetcher = make(pace=pace)
        fetcher.post_form(server.url("/"), FORM)
        fetcher.post_form(server.url("/"), FORM)
    assert waits == [1.0]
