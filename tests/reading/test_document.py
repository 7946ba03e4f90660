"""A document read whole, and the feeds that a web page names."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin

import pytest

from aggregator.model.poll import EntryChange, FailureKind, KnownEntry
from aggregator.reading.discover import feeds_of_page
from aggregator.reading.document import MOST_VERSIONS, read_document
from aggregator.reading.request import ReadFailure, ReadRequest, ReadResult

NOW = datetime(2026, 11, 23, tzinfo=UTC)
URL = "https://a.example/"
LONG = (
    "The council put off its vote on Tuesday, and nobody who was asked could say until when. " * 2
)


def rss(*texts: str) -> bytes:
    items = "".join(
        f"<item><guid>{number}</guid><title>Story {number}</title>"
        f"<description>&lt;p onclick=&quot;x()&quot;&gt;{text}</description></item>"
        for number, text in enumerate(texts, start=1)
    )
    return f'<rss version="2.0"><channel><title>A</title>{items}</channel></rss>'.encode()


def request(body: bytes, known: Sequence[KnownEntry] = (), policy: str = "id") -> ReadRequest:
    return ReadRequest(
        url=URL,
        body=body,
        content_type="",
        now=NOW,
        encoding=None,
        forced_identity=None,
        identity_policy=policy,
        known=tuple(known),
        last_success_at=None,
        max_entries=2000,
    )


def read(body: bytes, known: Sequence[KnownEntry] = (), policy: str = "id") -> ReadResult:
    result = read_document(request(body, known, policy))
    assert isinstance(result, ReadResult), result
    return result


def known_of(changes: Sequence[EntryChange], versions: int = 1) -> list[KnownEntry]:
    return [
        KnownEntry(
            number=number,
            id=change.entry.id,
            hash=change.hash,
            link_key=change.link_key,
            text_key=change.text_key,
            versions=versions,
            aliases=change.aliases,
        )
        for number, change in enumerate(changes, start=1)
    ]


def test_only_new_and_changed_entries_are_cleaned_and_given_back() -> None:
    first = read(rss(LONG, "two", "three"))
    assert [one.number for one in first.changes] == [None, None, None]
    assert all("onclick" not in one.entry.content for one in first.changes)
    known = known_of(first.changes)
    assert read(rss(LONG, "two", "three"), known).changes == ()
    second = read(rss(LONG, "two, edited", "three", "four"), known)
    assert [(one.number, one.entry.title) for one in second.changes] == [
        (2, "Story 2"),
        (None, "Story 4"),
    ]
    assert second.entries == 4


def test_an_entry_that_is_rewritten_without_end_keeps_no_more_versions() -> None:
    first = read(rss("one"))
    for versions, kept in ((1, True), (MOST_VERSIONS - 1, True), (MOST_VERSIONS, False)):
        again = read(rss("edited"), known_of(first.changes, versions))
        assert [one.keep_version for one in again.changes] == [kept]


def test_an_id_that_changed_is_learned_once() -> None:
    first = read(rss(LONG))
    moved = rss(LONG).replace(b"<guid>1<", b"<guid>new<")
    known = known_of(first.changes)
    again = read(moved, known)
    assert [(one.number, one.entry.id, one.aliases) for one in again.changes] == [
        (1, "1", ("new",))
    ]
    known = known_of(again.changes)
    assert read(moved, known).changes == ()


def test_reading_any_real_feed_again_changes_nothing(corpus: Path) -> None:
    for path in sorted((corpus / "feeds").rglob("*.*"))[::6]:
        first = read_document(request(path.read_bytes()))
        if isinstance(first, ReadResult):
            ids = [one.entry.id for one in first.changes]
            assert len(set(ids)) == len(ids), path
            assert all(ids), path
            again = read(path.read_bytes(), known_of(first.changes), first.identity_policy)
            assert again.changes == (), path
            assert again.identity_policy == first.identity_policy


def test_a_page_names_its_feeds() -> None:
    page = (
        b"<!doctype html><base href='/blog/'><link rel='alternate' type='application/rss+xml' "
        b"href='feed' title='The <b> feed'><link rel=alternate type=application/atom+xml href='/'>"
    )
    result = read_document(request(page))
    assert isinstance(result, ReadFailure)
    assert result.kind is FailureKind.NOT_A_FEED
    # What is no feed does not point at itself.
    assert [(one.url, one.title) for one in result.found] == [
        ("https://a.example/blog/feed", "The <b> feed")
    ]
    assert "https://a.example/blog/feed" in result.message


def test_a_page_that_names_none_says_so() -> None:
    result = read_document(request(b"<html><body>Hello"))
    assert isinstance(result, ReadFailure)
    assert result.message == "this is a web page, and it points at no feed"


def test_real_pages_name_the_feeds_that_browsers_see(corpus: Path) -> None:
    expected = json.loads((corpus / "html" / "expected.json").read_text())
    for name, wanted in expected.items():
        found = feeds_of_page((corpus / "html" / name).read_bytes(), url=URL)
        urls = [one.url for one in found]
        for one in wanted["feeds"]:
            assert urljoin(URL, one["href"]) in urls, name


def test_pages_of_the_autodiscovery_suite(corpus: Path) -> None:
    lines = (corpus / "suites" / "autodiscovery-html4.jsonl").read_text().splitlines()
    for line in lines:
        record = json.loads(line)
        body = base64.b64decode(record["base64"]) if "base64" in record else record["text"].encode()
        found = feeds_of_page(body, url=URL)
        wanted = record["expect_feed_href_ends_with"]
        assert any(one.url.endswith(wanted) for one in found), record["description"]
    assert len(lines) > 30


@pytest.mark.parametrize(
    "link",
    [
        "<link rel=stylesheet type=application/rss+xml href=x>",
        "<link rel='alternate stylesheet' type=text/xml href=x>",
        "<link rel=alternate type=text/html href=x>",
        "<link rel=alternate type=application/rss+xml href='javascript:x'>",
        "<link rel=alternate type=application/rss+xml href=''>",
        "<link rel=alternate type=application/rss+xml>",
        "<link rel=alternate type=application/json+oembed href=x>",
        "<link rel=alternate type=application/json href='https://a.example/wp-json/wp/v2/pages/2'>",
        "<!-- <link rel=alternate type=application/rss+xml href=x> -->",
    ],
)
def test_what_is_no_link_to_a_feed(link: str) -> None:
    assert feeds_of_page(f"<html><head>{link}".encode(), url=URL) == ()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\0",
        b"<",
        b"<html>" * 50_000,
        b"<link>" * 50_000,
        b"\xff\xfe<\0",
        b"<base href='http://['>",
    ],
)
def test_no_page_is_an_error(body: bytes) -> None:
    assert feeds_of_page(body, url=URL) == ()


def test_a_page_with_a_thousand_feeds_names_the_first_twenty() -> None:
    links = "".join(
        f"<link rel=alternate type=application/rss+xml href='/{one}'>" for one in range(1000)
    )
    found = feeds_of_page(links.encode(), url=URL)
    assert [one.url for one in found] == [f"https://a.example/{one}" for one in range(20)]


PLAIN = "First, of two.\r\nStill <first>.\n \n\nSecond."


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(
            {
                "version": "https://jsonfeed.org/version/1.1",
                "title": "A",
                "items": [{"id": "1", "content_text": PLAIN}],
            }
        ),
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title><entry><id>1</id>'
        f"<content type='text'>{PLAIN.replace('<', '&lt;')}</content></entry></feed>",
    ],
    ids=["JSON Feed", "Atom"],
)
def test_a_plain_text_keeps_its_lines_and_paragraphs(body: str) -> None:
    [change] = read(body.encode()).changes
    assert change.entry.content == ("<p>First, of two.<br>Still &lt;first&gt;.</p><p>Second.</p>")
    known = known_of([change])
    spaced = body.replace("\n \n", "\n\n").replace("\\n \\n", "\\n\\n")
    assert spaced != body
    assert read(spaced.encode(), known).changes == ()
