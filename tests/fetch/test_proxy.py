"""Proxies: used where the settings say so, and nowhere else."""

from __future__ import annotations

import base64
import socket
import threading
from contextlib import suppress
from typing import Any

import pytest

from aggregator.errors import ConfigError, FetchError
from aggregator.fetch.proxy import Proxies
from aggregator.model.poll import FailureKind
from servers import Request, response, serving

FEED = b"<rss version='2.0'><channel><title>A</title></channel></rss>"


def test_without_the_setting_the_environments_proxies_are_left_alone(
    make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        serving(lambda _: response(200, b"proxy")) as proxy,
        serving(lambda _: response(200, FEED)) as server,
    ):
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url())
        monkeypatch.delenv("no_proxy", raising=False)
        assert make().fetch(server.url("/feed")).body == FEED
        assert proxy.requests == []


def test_with_it_the_proxy_is_asked_in_absolute_form(
    make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(lambda _: response(200, FEED)) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url(user="ana:s3%63ret@"))
        monkeypatch.setenv("no_proxy", "direct.example")
        got = make(proxy=True).fetch("http://news.example/feed?a=1")
        assert got.body == FEED
        [asked] = proxy.requests
        assert asked.target == "http://news.example/feed?a=1"
        assert asked.headers["host"] == "news.example"
        pair = asked.headers["proxy-authorization"].removeprefix("Basic ")
        assert base64.b64decode(pair) == b"ana:s3cret"
        with pytest.raises(FetchError) as refused:
            make(proxy=True).fetch("http://direct.example/feed")
        assert refused.value.kind is FailureKind.DNS


def test_an_address_written_as_a_number_is_checked_all_the_same(
    make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(lambda _: response(200, FEED)) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url())
        monkeypatch.delenv("no_proxy", raising=False)
        for host in ("10.0.0.1", "[::1]", "169.254.169.254"):
            with pytest.raises(FetchError) as refused:
                make(proxy=True).fetch(f"http://{host}/feed")
            assert refused.value.kind is FailureKind.FORBIDDEN_ADDRESS
        assert proxy.requests == []


def test_tls_goes_through_a_tunnel_and_checks_the_hosts_name(
    make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []
    hello: list[bytes] = []

    def run(listener: socket.socket) -> None:
        with suppress(OSError):
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(5)
                asked.append(connection.recv(4096))
                connection.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
                hello.append(connection.recv(4096))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=run, args=(listener,), daemon=True)
        thread.start()
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{listener.getsockname()[1]}")
        monkeypatch.delenv("no_proxy", raising=False)
        with pytest.raises(FetchError) as failed:
            make(proxy=True).fetch("https://news.example/feed")
        thread.join(5)
    assert failed.value.kind in {FailureKind.TLS, FailureKind.CONNECT}
    assert asked[0].startswith(b"CONNECT news.example:443 HTTP/1.1\r\n")
    assert hello[0][0] == 22  # a TLS handshake
    assert b"news.example" in hello[0]  # the name that the certificate must be for


def test_a_proxy_that_refuses_is_named(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(request: Request) -> bytes:
        return response(407)

    with serving(refuse) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url())
        monkeypatch.delenv("no_proxy", raising=False)
        with pytest.raises(FetchError, match=r"the proxy 127\.0\.0\.1 does not connect .*407"):
            make(proxy=True).fetch("https://news.example/feed")


def test_what_is_no_http_proxy_is_told_at_once() -> None:
    with pytest.raises(ConfigError, match=r"http://proxy\.example:3128"):
        Proxies({"https": "socks5://127.0.0.1:9050"})
    assert Proxies({}).for_host("http", "a.example") is None
    assert Proxies({"all": "proxy.example"}).for_host("https", "a.example")
