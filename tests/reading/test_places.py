"""Where a feed may be, and which of a page's feeds comes first."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aggregator.model.poll import FoundFeed
from aggregator.reading.discover import feeds_of_page, is_of_comments
from aggregator.reading.places import usual_places


def test_the_folder_of_a_page_comes_before_the_site() -> None:
    places = usual_places("https://a.example:8443/~joe/about.html?x=1")
    assert places[:2] == (
        "https://a.example:8443/~joe/feed",
        "https://a.example:8443/~joe/feed/",
    )
    assert places[9:] == tuple(place.replace("/~joe/", "/") for place in places[:9])
    assert len(set(places)) == 18


@pytest.mark.parametrize(
    ("page", "count"),
    [
        ("https://a.example", 9),
        ("https://a.example/", 9),
        ("https://a.example/index.html", 9),
        ("https://a.example/feed/", 17),  # that is the page itself
        ("https://a.example/blog/", 18),
        ("demo://a.example/", 0),
        ("", 0),
    ],
)
def test_a_page_has_so_many_places_and_is_none_of_them(page: str, count: int) -> None:
    places = usual_places(page)
    assert len(places) == count
    assert page not in places


@pytest.mark.parametrize(
    ("url", "title", "comments"),
    [
        ("https://a.example/comments/feed/", "", True),
        ("https://a.example/?feed=comments-rss2", "", True),
        ("https://a.example/2026/post/feed/", "Comments on: A post", True),
        ("https://a.example/2026/post/feed/", "Blog » Kommentar-Feed", True),
        ("https://a.example/2026/post/feed/", "Flux des commentaires", True),
        ("https://a.example/2026/post/feed/", "Feed de los comentarios", True),
        ("https://a.example/feed/", "The Courier", False),
        ("https://commentary.example/feed/", "Commentary", False),
    ],
)
def test_comments_are_known_by_name_or_address(url: str, title: str, comments: bool) -> None:
    assert is_of_comments(FoundFeed(url=url, title=title)) == comments


def test_real_pages_name_their_comments_last(corpus: Path) -> None:
    expected = json.loads((corpus / "html" / "expected.json").read_text())
    for name, wanted in expected.items():
        found = feeds_of_page((corpus / "html" / name).read_bytes(), url="https://a.example/")
        order = [is_of_comments(one) for one in found]
        assert order == sorted(order)
        if wanted["feeds"]:
            assert not order[0], name
