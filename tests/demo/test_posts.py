"""The demo post quotes its sources word for word."""

from __future__ import annotations

import html
import json
import re

from aggregator.demo.posts import post_text, update_text
from aggregator.demo.server import SOURCES


def text_of(name: str, state: int) -> str:
    """Return what a reader sees of a source: no markup, no entities, single spaces."""
    (source,) = (source for source in SOURCES if source.name == name)
    raw = source.document(state).decode()
    if source.suffix == "json":
        raw = " ".join(str(value) for item in json.loads(raw)["items"] for value in item.values())
    for _ in range(2):  # markup is escaped once in most of the sources
        raw = html.unescape(re.sub(r"<!\[CDATA\[|\]\]>|<[^>]+>", " ", raw))
    return " ".join(raw.split())


def quoted(document: str) -> str:
    return " ".join(line[1:].strip() for line in document.splitlines() if line.startswith(">"))


def test_each_piece_of_the_stitched_quotation_stands_in_the_source():
    pieces = [piece.strip() for piece in quoted(post_text()).split("…")]
    assert len(pieces) == 3
    source = text_of("courier", 1)
    places = [source.find(piece) for piece in pieces]
    assert -1 not in places, pieces
    assert places == sorted(places)
    assert all(piece in text_of("courier", 2) for piece in pieces)


def test_the_cited_article_has_that_address_author_and_title():
    source = next(s for s in SOURCES if s.name == "courier").document(1).decode()
    (url,) = set(re.findall(r"https://courier\.example/[^\s\")]+", post_text()))
    item = next(part for part in source.split("<item>") if f"<link>{url}</link>" in part)
    assert "<dc:creator>Ana Reyes</dc:creator>" in item
    assert "<title>Council puts off budget vote until June</title>" in item
    assert 'title: "Council puts off budget vote until June"' in post_text()


def test_the_post_was_seen_where_the_source_links_to_the_article():
    (via,) = re.findall(r'via: "([^"]+)"', post_text())
    ledgers = next(s for s in SOURCES if s.name == "plainledgers").document(1).decode()
    item = next(part for part in ledgers.split("<item>") if f"<link>{via}</link>" in part)
    assert "https://courier.example/2026/03/30/budget-vote-put-off" in item


def test_the_post_has_three_takeaways_in_prose_and_ends_with_a_question():
    assert "::: takeaways prose\n" in post_text()
    assert re.findall(r"^(\d)\. ", post_text(), flags=re.MULTILINE) == ["1", "2", "3"]
    assert post_text().rstrip().endswith("?")


def test_the_update_quotes_only_the_title_of_the_reaction_that_the_second_poll_brings():
    (title, url) = re.findall(r"^> \[(.+)\]\((.+)\)$", update_text(), flags=re.MULTILINE)[0]
    (source,) = (s for s in SOURCES if s.name == "secondreading")
    before, after = source.document(1).decode(), source.document(2).decode()
    assert url not in before
    entry = next(part for part in after.split("<entry>") if f'href="{url}"' in part)
    assert f"<title>{title}</title>" in entry
    assert "<name>Oskar Finch</name>" in entry
    assert update_text().startswith("Oskar Finch")
