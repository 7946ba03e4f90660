"""Conditional GETs, statuses and redirects, as a publisher sees and answers them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from aggregator.demo.server import serve as demo
from aggregator.errors import FetchError
from aggregator.fetch.client import Fetched, HttpFetcher, NotModified
from aggregator.model.poll import FailureKind, Hop, Validators
from servers import Request, response, serving

FEED = b"<rss/>"
LATER = "Tue, 31 Mar 2026 13:00:00 GMT"


def failure(fetch: Callable[..., object], *arguments: Any) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetch(*arguments)
    assert str(caught.value).isprintable()
    return caught.value


def test_a_full_answer_carries_all_that_a_poll_needs(fetcher: HttpFetcher) -> None:
    answer = response(
        200,
        FEED,
        content_type="application/rss+xml; charset=utf-8",
        etag='W/"v1"',
        last_modified=LATER,
        cache_control="max-age=600",
        retry_after="7",
    )
    with serving(lambda _: answer) as server:
        got = fetcher.fetch(server.url("/feed?a=1#top"))
    url = server.url("/feed?a=1")
    assert isinstance(got, Fetched)
    assert (got.url, got.body, got.hops) == (url, FEED, ())
    assert got.content_type == "application/rss+xml; charset=utf-8"
    assert got.validators == Validators(etag='W/"v1"', last_modified=LATER, url=url)
    assert got.freshness.max_age == timedelta(seconds=600)
    assert got.freshness.retry_after == timedelta(seconds=7)


def test_the_request_says_who_asks_and_for_what_and_no_more(fetcher: HttpFetcher) -> None:
    with serving(lambda _: response(200, FEED)) as server:
        fetcher.fetch(server.url("/feed"))
    [request] = server.requests
    assert (request.method, request.target) == ("GET", "/feed")
    assert request.headers["user-agent"] == "test/1"
    assert request.headers["accept-encoding"] == "gzip, br"
    assert request.headers["host"] == f"127.0.0.1:{server.port}"
    assert "application/atom+xml" in request.headers["accept"]
    assert set(request.headers) == {
        "host",
        "user-agent",
        "accept",
        "accept-encoding",
        "connection",
    }


def test_validators_are_sent_back_verbatim_and_304_means_not_modified(
    fetcher: HttpFetcher,
) -> None:
    with serving(lambda _: response(304, etag='"v2"', cache_control="max-age=60")) as server:
        old = Validators(etag='W/"\xffodd"', last_modified="some day", url=server.url("/feed"))
        got = fetcher.fetch(server.url("/feed"), old)
    [request] = server.requests
    assert request.headers["if-none-match"] == 'W/"\xffodd"'
    assert request.headers["if-modified-since"] == "some day"
    assert isinstance(got, NotModified)
    # What the 304 does not name stays as it was.
    assert got.validators == Validators(
        etag='"v2"', last_modified="some day", url=server.url("/feed")
    )
    assert got.freshness.max_age == timedelta(seconds=60)


def test_a_full_answer_without_validators_forgets_the_old_ones(fetcher: HttpFetcher) -> None:
    with serving(lambda _: response(200, FEED)) as server:
        url = server.url("/feed")
        got = fetcher.fetch(url, Validators(etag='"v1"', url=url))
    assert got.validators == Validators(url=url)


def test_a_304_that_nobody_asked_for_is_an_error(fetcher: HttpFetcher) -> None:
    with serving(lambda _: response(304)) as server:
        assert failure(fetcher.fetch, server.url()).kind is FailureKind.PROTOCOL
        elsewhere = Validators(etag='"v1"', url="https://other.example/feed")
        assert failure(fetcher.fetch, server.url(), elsewhere).kind is FailureKind.PROTOCOL


def test_validators_go_to_their_own_address_only(fetcher: HttpFetcher) -> None:
    with (
        serving(lambda _: response(200, FEED)) as there,
        serving(lambda _: response(302, location=there.url("/new"))) as here,
    ):
        fetcher.fetch(here.url("/feed"), Validators(etag='"v1"', url=here.url("/feed")))
        assert here.requests[0].headers["if-none-match"] == '"v1"'
        assert "if-none-match" not in there.requests[0].headers

        fetcher.fetch(here.url("/feed"), Validators(etag='"v1"', url=there.url("/new")))
        assert "if-none-match" not in here.requests[1].headers
        assert there.requests[1].headers["if-none-match"] == '"v1"'

        fetcher.fetch(there.url("/new"), Validators(etag='"v1"'))  # of unknown origin
        assert "if-none-match" not in there.requests[2].headers

        # What was redirected for a while may answer by itself again, with an older date.
        fetcher.fetch(there.url("/old"), Validators(etag='"v1"', url=there.url("/new")))
        assert "if-none-match" not in there.requests[3].headers


@pytest.mark.parametrize(
    ("status", "headers", "kind"),
    [
        (204, {}, FailureKind.HTTP_STATUS),
        (206, {}, FailureKind.HTTP_STATUS),
        (300, {}, FailureKind.HTTP_STATUS),
        (400, {}, FailureKind.HTTP_STATUS),
        (401, {}, FailureKind.HTTP_STATUS),
        (403, {}, FailureKind.THROTTLED),
        (403, {"retry_after": "60"}, FailureKind.THROTTLED),
        (404, {}, FailureKind.NOT_FOUND),
        (410, {}, FailureKind.GONE),
        (429, {}, FailureKind.THROTTLED),
        (429, {"retry_after": "60"}, FailureKind.THROTTLED),
        (500, {"retry_after": "60"}, FailureKind.SERVER),
        (503, {}, FailureKind.SERVER),
        (503, {"retry_after": "60"}, FailureKind.THROTTLED),
        (503, {"retry_after": "oops"}, FailureKind.SERVER),
        (999, {}, FailureKind.SERVER),
    ],
)
def test_every_other_status_is_a_failure_with_its_kind(
    fetcher: HttpFetcher, status: int, headers: dict[str, str], kind: FailureKind
) -> None:
    with serving(lambda _: response(status, **headers)) as server:
        error = failure(fetcher.fetch, server.url())
    assert (error.kind, error.status) == (kind, status)
    asked = timedelta(seconds=60) if headers.get("retry_after") == "60" else None
    assert error.retry_after == asked
    assert str(status) in str(error)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed_and_told(fetcher: HttpFetcher, status: int) -> None:
    def answer(request: Request) -> bytes:
        if request.target == "/new?q=%C3%A9":
            return response(200, FEED, etag='"n"')
        return response(status, b"moved", location="../new?q=\xc3\xa9#frag")

    with serving(answer) as server:
        got = fetcher.fetch(server.url("/old/feed"))
    new = server.url("/new?q=%C3%A9")
    assert got.url == got.validators.url == new
    assert got.hops == (Hop(status=status, url=server.url("/old/feed"), location=new),)
    assert all(request.method == "GET" for request in server.requests)


def test_five_redirects_are_followed_and_six_are_too_many(fetcher: HttpFetcher) -> None:
    def answer(request: Request) -> bytes:
        left = int(request.target[1:])
        return response(302, location=f"/{left - 1}") if left else response(200, FEED)

    with serving(answer) as server:
        assert len(fetcher.fetch(server.url("/5")).hops) == 5
        server.requests.clear()
        error = failure(fetcher.fetch, server.url("/6"))
        assert error.kind is FailureKind.REDIRECTS
        assert len(error.hops) == 6
        assert len(server.requests) == 6


def test_a_redirect_loop_is_noticed_at_once(fetcher: HttpFetcher) -> None:
    other = {"/a": "/b", "/b": "/a"}
    with serving(lambda request: response(302, location=other[request.target])) as server:
        error = failure(fetcher.fetch, server.url("/a"))
    assert error.kind is FailureKind.REDIRECTS
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "location",
    [
        None,
        "",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "data:text/xml,hi",
        "demo://courier.example/rss.xml",
        "http://",
        "http:///x",
        "http://[::1",
        "http://a b/",
        "http://127.0.0.1:99999/",
        "javascript:alert(1)",
    ],
)
def test_redirects_that_lead_nowhere_are_refused(make: Any, location: str | None) -> None:
    fetcher = make(local={"demo": demo})
    with serving(lambda _: response(301, location=location)) as server:
        error = failure(fetcher.fetch, server.url())
    assert error.kind is FailureKind.REDIRECTS


@pytest.mark.parametrize(
    "url",
    [
        "",
        "feed.xml",
        "/etc/passwd",
        "file:///etc/passwd",
        "ftp://a.example/",
        "data:text/xml,hi",
        "unix:/tmp/x",
        "http://",
        "http:///feed",
        "http://a..example/",
        "http://.example/",
        "http://a%00b.example/",
        "http://[::1%25eth0]/",
        "http://a.example:0/",
        "http://a.example:99999/",
        "http://a.example:x/",
        "http://a.example/\x00",
        "http://a.example/" + "x" * 10_000,
        "http://" + "a" * 64 + ".example/",
        "demo://courier.example/rss.xml",
    ],
)
def test_what_is_not_a_web_address_is_not_asked(fetcher: HttpFetcher, url: str) -> None:
    assert failure(fetcher.fetch, url).kind is FailureKind.BAD_URL


def test_credentials_go_to_their_origin_and_nowhere_else(fetcher: HttpFetcher) -> None:
    def answer(request: Request) -> bytes:
        where = {"/feed": "/inside", "/inside": there.url("/new")}
        return response(302, location=where[request.target])

    with serving(lambda _: response(200, FEED)) as there, serving(answer) as here:
        got = fetcher.fetch(here.url("/feed", user="jo:p%40ss@"))
    expected = "Basic am86cEBzcw=="  # jo:p@ss
    assert [request.headers.get("authorization") for request in here.requests] == [expected] * 2
    assert "authorization" not in there.requests[0].headers
    assert "p%40ss" not in repr(got)
    assert "p@ss" not in repr(got)
    assert got.hops[0].url == here.url("/feed")


def test_credentials_are_never_told(fetcher: HttpFetcher, caplog: Any) -> None:
    caplog.set_level(logging.INFO)
    with serving(lambda _: response(404)) as server:
        error = failure(fetcher.fetch, server.url("/?key=secret2", user="jo:secret1@"))
    assert "secret" not in str(error) + repr(error.hops) + caplog.text
    for address in ("@/x", "@a..b/", "/ab@a.example/", "@a.example:x/"):
        for scheme in ("http", "ftp"):
            error = failure(fetcher.fetch, f"{scheme}://jo:secret1{address}")
            assert "secret1" not in str(error)


def test_credentials_in_a_redirect_are_left_out(fetcher: HttpFetcher) -> None:
    def answer(request: Request) -> bytes:
        if request.target == "/new":
            return response(200, FEED)
        return response(302, location=server.url("/new", user="x:secret@"))

    with serving(answer) as server:
        got = fetcher.fetch(server.url("/feed"))
    assert "authorization" not in server.requests[1].headers
    assert got.hops[0].location == got.url == server.url("/new")


def test_cookies_are_neither_kept_nor_sent(fetcher: HttpFetcher) -> None:
    def answer(request: Request) -> bytes:
        if request.target == "/new":
            return response(200, FEED)
        return response(302, location="/new", set_cookie="id=1; Path=/")

    with serving(answer) as server:
        fetcher.fetch(server.url("/feed"))
        fetcher.fetch(server.url("/feed"))
    assert not any("cookie" in r.headers or "referer" in r.headers for r in server.requests)


def test_proxies_of_the_environment_are_not_used(fetcher: HttpFetcher, monkeypatch: Any) -> None:
    with (
        serving(lambda _: response(200, b"proxy")) as proxy,
        serving(lambda _: response(200, FEED)) as server,
    ):
        monkeypatch.setenv("http_proxy", proxy.url())
        monkeypatch.setenv("ALL_PROXY", proxy.url())
        got = fetcher.fetch(server.url())
    assert isinstance(got, Fetched)
    assert got.body == FEED
    assert proxy.connections == 0


def test_threads_share_a_fetcher(fetcher: HttpFetcher) -> None:
    with serving(lambda request: response(200, request.target.encode())) as server:

        def ask(number: int) -> bytes:
            got = fetcher.fetch(server.url(f"/{number}"))
            assert isinstance(got, Fetched)
            return got.body

        with ThreadPoolExecutor(16) as threads:
            assert list(threads.map(ask, range(300))) == [b"/%d" % n for n in range(300)]


def test_a_local_scheme_is_answered_as_the_network_would(make: Any) -> None:
    fetcher = make(local={"demo": demo})
    url = "demo://courier.example/rss.xml"
    first = fetcher.fetch(url)
    assert isinstance(first, Fetched)
    assert first.content_type.startswith("application/rss+xml")
    assert first.validators == Validators(etag='"courier-1"', url=url)
    second = fetcher.fetch(url, first.validators)
    assert isinstance(second, Fetched)
    assert second.body != first.body
    third = fetcher.fetch(url, second.validators)
    assert isinstance(third, NotModified)
    assert third.validators == second.validators
    missing = failure(fetcher.fetch, "demo://nobody.example/")
    assert (missing.kind, missing.status) == (FailureKind.NOT_FOUND, 404)


def test_only_what_is_new_may_be_sent_where_we_say_what_we_have(fetcher: HttpFetcher) -> None:
    answers = [
        response(200, FEED, etag='"1"'),
        response(226, FEED, etag='"2"', im="feed"),
        response(226, FEED, etag='"3"'),
        response(304),
    ]
    with serving(lambda _: answers.pop(0)) as server:
        url = server.url("/feed")
        first = fetcher.fetch(url)
        assert isinstance(first, Fetched)
        assert not first.delta
        second = fetcher.fetch(url, first.validators)
        assert isinstance(second, Fetched)
        assert (second.delta, second.status, second.validators.etag) == (True, 226, '"2"')
        unasked = failure(fetcher.fetch, url, second.validators)  # it does not say of what kind
        assert unasked.kind is FailureKind.PROTOCOL
        fetcher.fetch(url, Validators(last_modified="Tue, 31 Mar 2026 12:00:00 GMT", url=url))
        asked = [request.headers.get("a-im") for request in server.requests]
        assert asked == [None, "feed", "feed", None]  # RFC 3229 §5.3 needs an entity tag
