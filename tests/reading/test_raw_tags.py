"""A tag within text that should have been escaped costs the entry no element, and no entry."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from aggregator.model.feed import Entry
from aggregator.reading.document import read_document
from aggregator.reading.request import ReadRequest, ReadResult

NOW = datetime(2026, 11, 25, tzinfo=UTC)
RSS = (
    "<rss version='2.0'><channel><title>F</title>"
    "<item>{item}<link>http://news.example/1</link><guid>1</guid></item>"
    "<item><title>Second</title><guid>2</guid></item>"
    "<item><title>Third</title><guid>3</guid></item></channel></rss>"
)
ATOM = (
    "<feed xmlns='http://www.w3.org/2005/Atom'><title>F</title>"
    "<entry>{item}<link href='http://news.example/1'/><id>1</id></entry>"
    "<entry><title>Second</title><id>2</id></entry>"
    "<entry><title>Third</title><id>3</id></entry></feed>"
)


def entries_of(document: str) -> list[Entry]:
    result = read_document(
        ReadRequest(
            url="https://news.example/feed",
            body=document.encode(),
            content_type="application/xml",
            now=NOW,
        )
    )
    assert isinstance(result, ReadResult)
    return [change.entry for change in result.changes]


@pytest.mark.parametrize(
    "item",
    [
        "<title>How to use the <title> tag</title>",
        "<title>How to use the <title> tag</title><description>one</description>",
        "<description>How to use the <description> tag</description>",
        "<description>How to use the <item> tag</description>",
        "<title>How to use the <b> tag</title><description>How the <title> tag</description>",
    ],
)
def test_a_raw_tag_in_rss_takes_no_entry_away(item: str) -> None:
    entries = entries_of(RSS.format(item=item))
    assert [entry.title for entry in entries[1:]] == ["Second", "Third"]
    first = entries[0]
    assert (first.id, first.link) == ("1", "http://news.example/1")
    words = first.title + first.content
    assert "How to use the" in words
    assert "tag" in words


@pytest.mark.parametrize("kind", ["html", "text", "xhtml"])
@pytest.mark.parametrize("name", ["summary", "content", "title"])
def test_a_raw_tag_in_atom_takes_no_entry_away(name: str, kind: str) -> None:
    text = f"How to use the <{name}> tag"
    if kind == "xhtml":
        text = f"<div xmlns='http://www.w3.org/1999/xhtml'>{text}</div>"
    entries = entries_of(ATOM.format(item=f"<{name} type='{kind}'>{text}</{name}>"))
    assert [entry.title for entry in entries[1:]] == ["Second", "Third"]
    first = entries[0]
    assert (first.id, first.link) == ("1", "http://news.example/1")
    assert "tag" in first.title + first.content


@pytest.mark.parametrize("name", ["title", "description"])
def test_an_empty_element_within_text_keeps_the_words_behind_it(name: str) -> None:
    first, *others = entries_of(RSS.format(item=f"<{name}>The <{name}/> tag</{name}>"))
    assert "tag" in first.title + first.content
    assert len(others) == 2


def test_a_title_that_nobody_closed_takes_no_entry_away() -> None:
    entries = entries_of(RSS.format(item="<title>Unclosed<description>one</description>"))
    assert [(entry.id, entry.link) for entry in entries[:1]] == [("1", "http://news.example/1")]
    assert [entry.title for entry in entries[1:]] == ["Second", "Third"]
