"""Feeds as they are found in the world: what several parsers see in them, we see."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aggregator.errors import ReadError
from aggregator.reading.parse import parse_document

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
