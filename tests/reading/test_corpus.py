"""Feeds as they are found in the world: what several parsers see in them, we see."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aggregator.errors import ReadError
from aggregator.markup.clean import clean_html
from aggregator.reading.hints import hints_of
from aggregator.reading.lenient import read_leniently
from aggregator.reading.normalize import base_of, entry_of, feed_of, home_of, is_empty
from aggregator.reading.parse import parse_document
from aggregator.reading.quick.reader import read_quickly
from aggregator.reading.raw import RawDocument

NOW = datetime(2026, 11, 23, tzinfo=UTC)
URL = "http://127.0.0.1:8097/"

# Where we see something else than the parsers that made expected.json, and why.
TWICE_ENCODED = "it was encoded twice; like feedparser we undo that, the others show Ã¼ for ü"
SELF_IS_NO_SITE = "only the address of the feed itself is given; that is no web page"
RELATIVE = "nothing absolute is given anywhere; a relative link is worth nothing to a reader"
DIFFERENT: dict[tuple[str, str], str] = {
    ("rss-parser/incomplete-fields.atom", "entries"): "its only entry says nothing at all",
    ("feedjira/ITunesWithSingleQuotedAttributes.xml", "entries"): "single quotes are fine in XML",
    ("node-feedparser/atom-with-tag-uri-links.xml", "link"): SELF_IS_NO_SITE,
    ("node-feedparser/atom-with-tag-uri-links.xml", "first.link"): "a tag: URI leads nowhere",
    ("node-feedparser/complexNamespaceFeed.xml", "link"): SELF_IS_NO_SITE,
    ("feedjira/atom_simple_single_entry_link_self.xml", "link"): SELF_IS_NO_SITE,
    ("feedjira/google_alerts_atom.xml", "link"): SELF_IS_NO_SITE,
    ("feed-rs/atom_example_4.xml", "link"): SELF_IS_NO_SITE,
    ("node-feedparser/rss-with-relative-urls.xml", "link"): RELATIVE,
    ("node-feedparser/rss-with-relative-urls.xml", "first.link"): RELATIVE,
    ("rome/jira_issue1.xml", "link"): RELATIVE,
    ("rome/jira_issue1.xml", "first.link"): RELATIVE,
    ("feedreader-net/Rss10Minutos20Catalans.xml", "title"): TWICE_ENCODED,
    ("feedreader-net/Rss10Minutos20Catalans.xml", "first.title"): TWICE_ENCODED,
    ("feedreader-net/Rss20DerBrutkasten.xml", "first.title"): TWICE_ENCODED,
    ("feedreader-net/Rss20FazNet.xml", "first.title"): TWICE_ENCODED,
    ("feedreader-net/Rss20LeFigaro.xml", "title"): TWICE_ENCODED,
    ("feedreader-net/Rss20LeFigaro.xml", "first.title"): TWICE_ENCODED,
    ("feedreader-net/Rss20Spiegel.xml", "first.title"): TWICE_ENCODED,
    ("feedreader-net/Rss20ThomasMaurer.xml", "first.title"): TWICE_ENCODED,
    ("newsboat/rss20_2.xml", "first.link"): "the guid says that it is no permalink",
    ("newsboat/multiple_item_links.atom", "first.link"): "our pages link to http and https only",
    ("feed-rs/rss_2.0_example_3.xml", "first.updated"): "pubDate tells nothing about updates",
}
NO_FEED = {
    "netnewswire/ScriptingNews.json",  # RSS turned into JSON, which nobody reads
    "rss-parser/unrecognized.rss",  # a web page that says the document has moved
    "newsboat/empty.xml",
    "feed-rs/xml_sample_2.xml",  # a catalogue of books
}


def host_only(link: str | None) -> str | None:
    return link[:-1] if link and link.count("/") == 3 and link.endswith("/") else link


def iso(time: datetime | None) -> str | None:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ") if time else None


def test_every_feed_agrees_with_other_parsers_or_the_reason_is_listed(corpus: Path) -> None:
    expected: dict[str, Any] = json.loads((corpus / "expected.json").read_text())
    wrong: dict[tuple[str, str], tuple[object, object]] = {}
    looked_at = 0
    for file, wanted in expected.items():
        if file == "_about":
            continue
        name = file.removeprefix("feeds/")
        body = (corpus / file).read_bytes()
        try:
            seen = parse_document(body, url=URL + file, content_type="", now=NOW)
        except ReadError:
            assert name in NO_FEED, name
            continue
        looked_at += 1
        values: dict[str, object] = {
            "entries": len(seen.entries),
            "title": seen.feed.title,
            "link": host_only(seen.feed.link),
        }
        if seen.entries:
            first = seen.entries[0]
            values |= {
                "first.id": first.id or first.link,
                "first.title": first.title,
                "first.link": host_only(first.link),
                "first.published": iso(first.published),
                "first.updated": iso(first.updated),
            }
        for key, ours in values.items():
            theirs = wanted.get("first") if key.startswith("first.") else wanted
            want = (theirs or {}).get(key.removeprefix("first."))
            if want is not None and want != ours:
                wrong[name, key] = (ours, want)
    assert looked_at > 190
    assert {key: wrong[key] for key in wrong if key not in DIFFERENT} == {}
    assert [key for key in DIFFERENT if key not in wrong] == []


def test_no_link_is_relative_and_no_time_naive(corpus: Path) -> None:
    for path in sorted((corpus / "feeds").rglob("*.*")):
        try:
            seen = parse_document(path.read_bytes(), url=URL, content_type="", now=NOW)
        except ReadError:
            continue
        for entry in seen.entries:
            for link in (entry.link, *(one.href for one in entry.links)):
                assert link is None or link.startswith(("http://", "https://")), path
            for time in (entry.published, entry.updated):
                assert time is None or time.tzinfo is UTC, path


def documents(corpus: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted((corpus / "feeds").rglob("*.*")):
        yield path.name, path.read_bytes()
    for suite in (
        "feedparser-wellformed",
        "feedparser-encoding",
        "feedparser-entities",
        "gofeed-parser",
        "gofeed-translator",
        "feedsmith-feeds",
        "feedvalidator",
        "venus",
        "miniflux-encoding",
    ):
        records = (corpus / "suites" / f"{suite}.jsonl").read_text(encoding="utf-8")
        for line in records.split("\n")[:-1]:
            record = json.loads(line)
            text = record.get("text")
            body = text.encode() if text is not None else base64.b64decode(record["base64"])
            yield f"{suite}: {record.get('file')}", body


def made_of(document: RawDocument, body: bytes) -> object:
    """What becomes of a lane's raw values, once they are clean."""
    home = home_of(document.feed, URL)
    found = []
    for raw in document.entries:
        entry = entry_of(raw, home, NOW)
        base = base_of(raw, URL, home)
        clean = replace(
            entry,
            content=clean_html(entry.content, base=base),
            summary=clean_html(entry.summary, base=base),
        )
        if not is_empty(entry):
            found.append(clean)
    return document.format, feed_of(document.feed, URL, NOW, hints_of(body)), found


def test_the_quick_reader_sees_what_feedparser_sees_or_steps_aside(corpus: Path) -> None:
    quick = 0
    for name, body in documents(corpus):
        document = read_quickly(body, content_type="", max_entries=2000)
        if document is None:
            continue
        quick += 1
        home = home_of(document.feed, URL)
        judge = read_leniently(body, url=home, content_type="")
        # feedparser reports its own base for what has none.
        for raw in judge.entries:
            for text in (raw.content, raw.summary):
                text.base = URL if text.base == home else text.base
        assert made_of(document, body) == made_of(judge, body), name
    assert quick > 900
