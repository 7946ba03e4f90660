"""The invented sources keep what the first five minutes promise."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import feedparser
import pytest

from aggregator.demo.server import SOURCES, Answer, Source, serve, subscriptions

NAMES = [source.name for source in SOURCES]
every_source = pytest.mark.parametrize("source", SOURCES, ids=NAMES)


def named(name: str) -> Source:
    return next(source for source in SOURCES if source.name == name)


def entries_of(answer: Answer) -> dict[str, dict[str, str]]:
    """Return id → title, html, date, link; by feedparser or the JSON parser."""
    if "json" in answer.headers["content-type"]:
        feed = json.loads(answer.body)
        return {
            item["id"]: {
                "title": item.get("title", ""),
                "html": item.get("content_html") or item["content_text"],
                "date": item["date_published"],
                "link": item["url"],
            }
            for item in feed["items"]
        }
    parsed = feedparser.parse(answer.body, response_headers=dict(answer.headers))
    return {
        entry.id: {
            "title": entry.title,
            "html": entry.content[0].value if "content" in entry else entry.summary,
            "date": entry.published,
            "link": entry.link,
        }
        for entry in parsed.entries
    }


def states_of(source: Source) -> list[dict[str, dict[str, str]]]:
    return [
        entries_of(Answer(200, {"content-type": source.content_type}, source.document(state)))
        for state in range(1, source.states + 1)
    ]


@every_source
def test_every_state_parses_and_carries_a_handful_of_real_articles(source: Source):
    for entries in states_of(source):
        assert 4 <= len(entries) <= 8
        for entry in entries.values():
            words = re.sub(r"<[^>]+>", " ", entry["html"]).split()
            assert len(words) >= 15, entry
            assert entry["link"].startswith("https://")


@every_source
def test_every_entry_is_dated_in_the_last_days_of_march_2026(source: Source):
    for entries in states_of(source):
        for entry in entries.values():
            try:
                date = datetime.fromisoformat(entry["date"])
            except ValueError:
                date = parsedate_to_datetime(entry["date"])
            date = date.astimezone(UTC)
            assert datetime(2026, 3, 28, tzinfo=UTC) <= date < datetime(2026, 4, 1, tzinfo=UTC)


@every_source
def test_only_example_domains_are_named(source: Source):
    for state in range(1, source.states + 1):
        text = source.document(state).decode()
        hosts = {urlsplit(url).hostname for url in re.findall(r"https?://[^\s\"'<>&]+", text)}
        standards = {"www.w3.org", "purl.org", "jsonfeed.org"}  # names of formats, not addresses
        assert {host for host in hosts - standards if not host.endswith(".example")} == set()
        assert urlsplit(source.url).hostname.endswith(".example")


def test_there_are_three_formats_and_one_source_is_malformed():
    assert {source.content_type for source in SOURCES} == {
        "application/rss+xml",
        "application/atom+xml",
        "application/feed+json",
    }
    broken = [
        source.name
        for source in SOURCES
        if source.suffix == "xml" and feedparser.parse(source.document(1)).bozo
    ]
    assert broken == ["plainledgers"]


def test_the_malformed_source_is_read_whole_with_its_ampersands():
    entries = states_of(named("plainledgers"))[0]
    titles = [entry["title"] for entry in entries.values()]
    assert "Fees & fines: the quiet half of a budget" in titles
    assert len(titles) == 4
    assert feedparser.parse(named("plainledgers").document(1)).feed.title == (
        "Plain Ledgers: sums & other stories"
    )


def test_one_source_is_in_portuguese():
    assert feedparser.parse(named("gazetadocais").document(1)).feed.language == "pt-PT"


def test_two_sources_tell_the_same_story():
    telling = {
        (name, entry["title"])
        for name in NAMES
        for entry in states_of(named(name))[0].values()
        if "council" in entry["html"] and "9 June" in entry["html"]
    }
    assert telling == {
        ("courier", "Council puts off budget vote until June"),
        ("harbourradio", "Budget vote delayed after a long evening at city hall"),
    }
    assert "seven votes to four" in named("courier").document(1).decode()
    assert "eight to three" in named("harbourradio").document(1).decode()


def test_the_second_state_brings_one_new_entry_to_three_sources():
    news = {}
    for source in SOURCES:
        states = states_of(source)
        if len(states) == 2:
            added = states[1].keys() - states[0].keys()
            assert states[0].keys() <= states[1].keys()
            news[source.name] = [states[1][key]["title"] for key in added]
    assert news == {
        "courier": ["Unions ask to see the figures before June"],
        "harbourradio": [],
        "tidewire": ["Rating agency puts Port Ellery on watch"],
        "secondreading": ["Council to unions: take a number"],
    }


def test_the_second_state_corrects_a_number_in_one_entry_and_changes_no_other():
    changed = []
    for source in SOURCES:
        states = states_of(source)
        changed += [
            (source.name, key)
            for key in states[0]
            if states[0][key]["html"] != states[-1][key]["html"]
        ]
    assert changed == [("harbourradio", "tag:harbourradio.example,2026:r-304")]
    before, after = (state[changed[0][1]]["html"] for state in states_of(named("harbourradio")))
    assert "voted eight to three" in before
    assert "voted seven to four" in after
    assert "Correction" in after


def test_the_reaction_links_to_the_post_it_reacts_to():
    reaction = states_of(named("secondreading"))[1][
        "tag:secondreading.example,2026-03-31:take-a-number"
    ]
    target = "https://plainledgers.example/2026/03/a-delay-is-also-a-budget"
    assert target in reaction["html"]
    assert target in {entry["link"] for entry in states_of(named("plainledgers"))[0].values()}


def test_the_subscriptions_name_every_source_once():
    assert [one.url for one in subscriptions()] == [source.url for source in SOURCES]
    assert len({one.url for one in subscriptions()}) == 6
    assert all(one.tags for one in subscriptions())


@pytest.mark.parametrize(
    "url",
    [
        "demo://courier.example/other.xml",
        "demo://nobody.example/",
        "demo:",
        "demo://[broken",
        "https://courier.example/rss.xml",
        "demo://courier.example/../post.md",
    ],
)
def test_an_unknown_address_is_not_found(url: str):
    assert serve(url, {}).status == 404
