"""Where a feed may be, which of a page's feeds comes first, and where a document goes on."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.model.poll import FoundFeed, KnownEntry
from aggregator.reading.discover import feeds_of_page, is_of_comments
from aggregator.reading.document import read_document
from aggregator.reading.places import usual_places
from aggregator.reading.request import ReadRequest, ReadResult

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


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


def result(document: str) -> ReadResult:
    answer = read_document(
        ReadRequest(
            url="https://a.example/blog/feed", body=document.encode(), content_type="", now=NOON
        )
    )
    assert isinstance(answer, ReadResult)
    return answer


ATOM = (
    "<feed xmlns='http://www.w3.org/2005/Atom'><title>t</title>{}<entry><id>1</id></entry></feed>"
)
RSS = (
    "<rss version='2.0' xmlns:a='http://www.w3.org/2005/Atom'><channel><title>t</title>{}"
    "<item><guid>1</guid></item></channel></rss>"
)


@pytest.mark.parametrize(
    ("links", "older"),
    [
        ("", None),
        ("<link rel='prev-archive' href='2026/02'/>", "https://a.example/blog/2026/02"),
        ("<link rel='next' href='?page=2'/>", "https://a.example/blog/feed?page=2"),
        (
            "<link rel='next' href='/n'/><link rel='prev-archive' href='/p'/>",
            "https://a.example/p",
        ),
        (
            "<link rel='http://www.iana.org/assignments/relation/prev-archive' href='/p'/>",
            "https://a.example/p",
        ),
        ("<link rel='next-archive' href='/p'/><link rel='previous' href='/q'/>", None),
        ("<link rel='next' href='javascript:x'/>", None),
    ],
)
def test_a_document_says_where_it_goes_on(links: str, older: str | None) -> None:
    assert result(ATOM.format(links)).older == older
    assert result(RSS.format(links.replace("<link", "<a:link"))).older == older
    # The reader of last resort sees the same.
    assert result("<!DOCTYPE feed>" + ATOM.format(links)).older == older


@pytest.mark.parametrize("encoding", [None, "utf-8"], ids=["by their bytes", "by their ids"])
def test_known_entries_of_a_document_are_told_by_their_numbers(encoding: str | None) -> None:
    body = RSS.format("<item><guid>2</guid><title>two</title></item>").encode()
    request = ReadRequest(
        url="https://a.example/", body=body, content_type="", now=NOON, encoding=encoding
    )
    first = read_document(request)
    assert isinstance(first, ReadResult)
    assert first.known == frozenset()
    known = tuple(
        KnownEntry(
            number=number, id=change.entry.id, hash=change.hash, link_key=None, text_key=None
        )
        for number, change in enumerate(first.changes, start=7)
    )
    again = read_document(replace(request, known=known))
    assert isinstance(again, ReadResult)
    assert (again.known, again.changes) == (frozenset({7, 8}), ())
