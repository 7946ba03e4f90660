"""Whose server an address is at."""

from __future__ import annotations

import pytest

from aggregator.reading.sites import site_of, site_of_host


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://news.example.com/rss", "example.com"),
        ("http://EXAMPLE.com.:8080/", "example.com"),
        ("https://a.b.example.co.uk/x", "example.co.uk"),
        ("https://ana.github.io/feed", "ana.github.io"),  # a publisher each
        ("https://127.0.0.1:8000/a", "127.0.0.1"),
        ("https://[2001:DB8::1]/a", "2001:db8::1"),
        ("http://localhost:99/", "localhost"),
        ("https://github.io/", "github.io"),
        ("https://zeitung.example/", "zeitung.example"),
        ("demo://courier.example/rss.xml", None),
        ("nonsense", None),
        ("http://[::1", None),
        ("https:///feed", None),
    ],
)
def test_a_site_is_a_registrable_domain_or_an_address(url: str, site: str | None) -> None:
    assert site_of(url) == site


@pytest.mark.parametrize(
    ("host", "site"),
    [
        ("news.example.com", "example.com"),
        ("a.b.example.co.uk.", "example.co.uk"),
        ("127.0.0.1", "127.0.0.1"),
        ("2001:db8:0::1", "2001:db8::1"),
        ("localhost", "localhost"),
    ],
)
def test_a_host_alone_says_whose_server_it_is(host: str, site: str) -> None:
    assert site_of_host(host) == site
