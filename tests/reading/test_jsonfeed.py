"""JSON Feeds, right and wrong."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from aggregator.errors import ReadError
from aggregator.model.poll import FailureKind
from aggregator.reading.parse import ParsedDocument, parse_document

NOW = datetime(2026, 11, 23, tzinfo=UTC)
VERSION = "https://jsonfeed.org/version/1.1"
KEYS = """id url external_url title content_html content_text summary image date_published
date_modified author authors tags language attachments""".split()
TOP = "title home_page_url feed_url description icon favicon authors author language hubs".split()


def parse(body: bytes | str) -> ParsedDocument:
    body = body if isinstance(body, bytes) else body.encode()
    return parse_document(body, url="https://a.example/feed.json", content_type="", now=NOW)


def feed(*items: object, **top: object) -> str:
    return json.dumps({"version": VERSION, "title": "A", **top, "items": list(items)})


def test_a_whole_feed() -> None:
    item = {
        "id": "1",
        "url": "/1",
        "external_url": "https://b.example/",
        "title": "One &amp; two",
        "content_html": "<p>x</p>",
        "summary": "a < b",
        "date_published": "2026-03-31T14:05:00+02:00",
        "authors": [{"name": "Ana"}, {"name": "Joe"}],
        "tags": ["city"],
        "attachments": [
            {"url": "a.mp3", "mime_type": "audio/mpeg", "title": "T", "size_in_bytes": 12}
        ],
    }
    seen = parse(feed(item, hubs=[{"type": "WebSub", "url": "https://hub.example/"}]))
    [entry] = seen.entries
    assert seen.format == "json11"
    assert seen.feed.hubs == ("https://hub.example/",)
    assert (entry.id, entry.link, entry.title) == ("1", "https://a.example/1", "One & two")
    assert (entry.content, entry.summary) == ("<p>x</p>", "a &lt; b")
    assert (entry.author, entry.tags) == ("Ana, Joe", ("city",))
    assert entry.published == datetime(2026, 3, 31, 12, 5, tzinfo=UTC)
    assert [(one.rel, one.href, one.length) for one in entry.links] == [
        ("related", "https://b.example/", None),
        ("enclosure", "https://a.example/a.mp3", 12),
    ]


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("How the <table> tag broke <i> and Vec<T>", "How the <table> tag broke <i> and Vec<T>"),
        ("<p> tag explained", "<p> tag explained"),
        ("What <b>bold</b> means", "What <b>bold</b> means"),
        ("Fish &amp; chips &#8211; a&copy=1", "Fish & chips – a&copy=1"),
        ("The &lt;b&gt; tag", "The <b> tag"),
    ],
)
def test_titles_are_plain_text_as_the_specification_says(written: str, title: str) -> None:
    seen = parse(feed({"id": "1", "title": written}, title=written))
    assert (seen.feed.title, seen.entries[0].title) == (title, title)


WRONG = [None, True, 5, 1.5, "x", [], {}, [None], [[]], {"a": 1}, [{"name": []}], "\ud800", "\0"]


@pytest.mark.parametrize("value", WRONG)
def test_wrong_types_count_as_absent(value: object) -> None:
    good = {"id": "good", "title": "Good"}
    for key in KEYS:
        seen = parse(feed({**good, key: value}, {"id": "other"}))
        assert seen.entries[-1].id == "other"
        repr(seen).encode()
    for key in TOP:
        assert len(parse(feed(good, **{"title": "A", key: value})).entries) == 1
    seen = parse(feed(value, good))
    assert seen.entries[-1].id == "good"


@pytest.mark.parametrize("items", [None, 5, "x", {}, True, {"id": 1}])
def test_without_a_list_of_items_it_is_no_feed(items: object) -> None:
    with pytest.raises(ReadError) as caught:
        parse(json.dumps({"version": VERSION, "items": items}))
    assert caught.value.kind is FailureKind.NOT_A_FEED


def test_a_document_that_breaks_off_gives_its_whole_items() -> None:
    text = feed(*({"id": str(one), "title": f"Story {one}"} for one in range(10)))
    for cut in range(text.index("items") + 60, len(text) - 1, 7):
        seen = parse(text[:cut])
        assert [one.id for one in seen.entries] == [str(one) for one in range(len(seen.entries))]
        assert len(seen.entries) >= text[:cut].count("}")
        assert seen.notes


def test_the_last_of_two_equal_keys_counts() -> None:
    text = f'{{"version": "{VERSION}", "title": "A", "items": [{{"id": "1", "id": "2"}}]}}'
    assert [one.id for one in parse(text).entries] == ["2"]


@pytest.mark.parametrize("number", ["7", "1e999", "-1e999", "9" * 5000, "0.10", "1559104147038"])
def test_numbers_are_ids_as_written(number: str) -> None:
    text = f'{{"version": "{VERSION}", "items": [{{"id": {number}}}, {{"id": "x"}}]}}'
    assert [one.id for one in parse(text).entries] == [number, "x"]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_no_id(number: str) -> None:
    text = f'{{"version": "{VERSION}", "items": [{{"id": {number}, "title": "T"}}]}}'
    assert [one.id for one in parse(text).entries] == [""]


def test_depth_costs_the_deep_items_only() -> None:
    deep = "[" * 100_000
    text = f'{{"version": "{VERSION}", "items": [{{"id": "1"}}, {{"id": {deep}'
    assert [one.id for one in parse(text).entries] == ["1"]
    with pytest.raises(ReadError):
        parse('{"version": "x", "items": ' + deep)
    with pytest.raises(ReadError):
        parse('{"a":' * 100_000)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le"])
def test_every_unicode_encoding(encoding: str) -> None:
    body = json.dumps(json.loads(feed({"id": "ü", "title": "市"})), ensure_ascii=False)
    assert parse(body.encode(encoding)).entries[0].title == "市"
