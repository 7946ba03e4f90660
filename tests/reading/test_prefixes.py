"""Documents that break off: what is whole is read, and what is missing is known to be missing."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest

from aggregator.model.feed import Entry
from aggregator.reading.document import read_document
from aggregator.reading.extent import extent_of
from aggregator.reading.request import ReadFailure, ReadRequest, ReadResult

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
URL = "https://courier.example/feed"

PLAIN = """<?xml version="1.0"?><rss version="2.0"><channel><title>The Courier</title>
<link>https://courier.example/</link><image><url>/i.png</url><title>The Courier</title></image>
<item><guid>https://courier.example/1</guid><title>Vote delayed</title>
<description>Words of it, to the end.</description></item>
<item><title>Only a title</title></item><item/>
<item><link>/3</link><category>city</category><description>&lt;p&gt;Third&lt;/p&gt;</description>
</item></channel></rss>
"""
# What looks like tags in its texts, and elements that are called like entries and are none.
TRICKY = """<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:x="https://x.example/"><channel><title><![CDATA[On <item> & </channel>]]></title>
<!-- <item><title>Hidden</title></item> </rss> --><x:item>none of ours</x:item>
<item><guid isPermaLink="false">a</guid><content:encoded><![CDATA[<p>Write </item></channel></rss>
 at the end.]]></content:encoded><x:item>also none</x:item><title>A</title></item>
<item><guid isPermaLink="false">b</guid><!-- </item> --><title>B &amp; more</title></item>
<title/></channel></rss><!-- served in 0.02 s, <item> -->
"""
ATOM = """<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">
<title>The Courier</title><id>tag:courier.example,2026:f</id><link href="https://courier.example/"/>
<entry><id>tag:courier.example,2026:1</id><title type="html">Ümlaut &lt;b&gt;bold&lt;/b&gt;</title>
<link href="https://courier.example/1"/><author><name>Ana Reyes</name></author>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>To the <b>end</b>.</p></div>
</content></entry><entry><id>tag:courier.example,2026:2</id><summary>Second, to the end.</summary>
<updated>2026-03-31T14:05:00Z</updated></entry><rights>Free</rights></feed>
"""
PREFIXED = """<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:title>The Courier</a:title>
<a:entry><a:id>1</a:id><a:title>One</a:title></a:entry>
<a:entry><a:id>2</a:id><a:title>Two</a:title><a:link href="/2"/></a:entry></a:feed>"""
RDF = """<?xml version="1.0"?><rdf:RDF xmlns="http://purl.org/rss/1.0/"
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel rdf:about="https://courier.example/"><title>The Courier</title>
<link>https://courier.example/</link><items><rdf:Seq><rdf:li resource="/1"/></rdf:Seq></items>
</channel><item rdf:about="https://courier.example/1"><title>One</title>
<link>https://courier.example/1</link><content:items><rdf:Bag><rdf:li><content:item>
<rdf:value>x</rdf:value></content:item></rdf:li></rdf:Bag></content:items></item>
<item rdf:about="https://courier.example/2"><title>Two</title><description>Words</description></item>
</rdf:RDF>"""
JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "The Courier",
        "items": [
            {"id": "1", "title": "One", "content_html": '<p class="x">To the end: ]}</p>'},
            {"id": 2, "content_text": "ü to the end", "tags": ["city", "budget"]},
            {"id": "3", "url": "/3", "attachments": [{"url": "/3.mp3", "size_in_bytes": 12}]},
        ],
        "home_page_url": "https://courier.example/",
    }
)
# As they stand, not well-formed: an ampersand, an entity of HTML, control characters.
SLOPPY = PLAIN.replace("Words of", "Words & more of").replace("Only", "Only &eacute; \x07")

FEEDS = {
    "plain": PLAIN.encode(),
    "tricky": TRICKY.encode(),
    "atom": ATOM.encode(),
    "prefixed": PREFIXED.encode(),
    "rdf": RDF.encode(),
    "json": JSON.encode(),
    "sloppy": SLOPPY.encode(),
    "latin": ATOM.replace("utf-8", "iso-8859-1").encode("latin-1"),
    "wide": PREFIXED.encode("utf-16"),
    "doctype": PLAIN.replace("?>", "?><!DOCTYPE rss [<!ENTITY x 'y'>]>").encode(),
}


def read(body: bytes, max_entries: int = 2000) -> ReadResult | ReadFailure:
    return read_document(
        ReadRequest(url=URL, body=body, content_type="", now=NOW, max_entries=max_entries)
    )


def entries_of(result: ReadResult) -> list[Entry]:
    return [change.entry for change in result.changes]


@pytest.mark.parametrize("name", FEEDS)
def test_no_prefix_of_a_feed_gives_half_an_entry_or_is_taken_for_the_whole(name: str) -> None:
    body = FEEDS[name]
    whole = read(body)
    assert isinstance(whole, ReadResult)
    assert not whole.partial
    wanted = entries_of(whole)
    assert len(wanted) > 1
    seen = set()
    for cut in range(1, len(body)):
        result = read(body[:cut])
        if isinstance(result, ReadFailure):
            continue
        found = entries_of(result)
        assert found == wanted[: len(found)], body[:cut]
        assert result.partial or len(found) == len(wanted), body[:cut]
        seen.add(len(found))
    assert seen >= set(range(1, len(wanted) + 1))


@pytest.mark.parametrize("name", ["plain", "atom", "prefixed", "rdf", "json", "sloppy", "latin"])
def test_a_document_is_whole_when_the_end_of_its_root_is_there(name: str) -> None:
    body = FEEDS[name].rstrip()
    end = body.rfind(b">" if name != "json" else b"}")
    for cut in range(end - 4, end):
        result = read(body[:cut])
        assert isinstance(result, ReadFailure) or result.partial
    assert read(body[: end + 1]) == read(FEEDS[name])


def test_what_is_read_of_a_part_is_no_edit_when_the_whole_comes() -> None:
    for body in FEEDS.values():
        part = read(body[: len(body) - 3])
        whole = read(body)
        if isinstance(part, ReadFailure):
            continue
        assert isinstance(whole, ReadResult)
        for half, full in zip(part.changes, whole.changes, strict=False):
            assert half.hash.partition("-")[2] == full.hash.partition("-")[2]


@pytest.mark.parametrize(
    ("sloppy", "entries", "partial"),
    [
        (PLAIN + "<p>Served by the cache</p>", 3, False),
        (PLAIN + "</rss>", 3, False),
        (PLAIN + "<!-- 12 queries", 3, False),
        (PLAIN.replace("</item></channel>", "</channel>"), 3, False),
        (PLAIN.replace("</item>\n<item><title>Only", "<item><title>Only"), 3, False),
        (PLAIN.replace("</channel>", ""), 3, False),
        (PLAIN.replace("</rss>", ""), 3, True),
        (PLAIN.replace("</channel></rss>", ""), 3, True),
        (PLAIN.replace("rss", "RSS"), 3, False),
        (ATOM.replace("</feed>", ""), 2, True),
        (RDF.replace("</rdf:RDF>", ""), 2, True),
        (f"<html><body>{PLAIN.partition('?>')[2]}</body></html>", 3, False),
        (JSON + "\n<!-- cached -->", 3, True),
        (JSON[:-1], 3, True),
    ],
)
def test_sloppy_documents_lose_no_entry(sloppy: str, entries: int, partial: bool) -> None:
    result = read(sloppy.encode())
    assert isinstance(result, ReadResult)
    assert (result.entries, result.partial) == (entries, partial)


def test_a_document_cut_for_its_length_ends_before_an_entry() -> None:
    body = TRICKY.replace("<title>A</title>", "<title>A &eacute;</title>").encode()
    result = read(body, max_entries=1)
    whole = read(body)
    assert isinstance(result, ReadResult)
    assert isinstance(whole, ReadResult)
    assert entries_of(result) == entries_of(whole)[:1]
    assert result.notes == ("only the first 1 of 2 entries are read",)


def test_an_entry_may_be_a_document_of_its_own() -> None:
    entry = '<entry xmlns="http://www.w3.org/2005/Atom"><id>1</id><title>One</title></entry>'
    whole, part = read(entry.encode()), read(entry[:-1].encode())
    assert isinstance(whole, ReadResult)
    assert (whole.entries, whole.partial) == (1, False)
    assert isinstance(part, ReadFailure)


@pytest.mark.parametrize("piece", [b"<item>", b"<item", b"</", b"<!--", b"<![CDATA[", b"<x/", b"<"])
def test_measuring_is_linear_in_the_length(piece: bytes) -> None:
    before = time.process_time()
    extent_of(piece * (1_000_000 // len(piece)))
    assert time.process_time() - before < 2


def test_parts_keep_what_else_is_known_of_the_feed() -> None:
    whole, part = read(PLAIN.encode()), read(PLAIN[: PLAIN.index("Third")].encode())
    assert isinstance(whole, ReadResult)
    assert isinstance(part, ReadResult)
    assert part.feed == whole.feed
