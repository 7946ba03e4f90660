"""The quick lane sees what feedparser sees, or it steps aside."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from aggregator.markup.clean import clean_html
from aggregator.reading.document import read_document
from aggregator.reading.hints import hints_of
from aggregator.reading.lenient import read_leniently
from aggregator.reading.normalize import base_of, entry_of, feed_of, home_of, is_empty
from aggregator.reading.quick.reader import read_quickly
from aggregator.reading.raw import RawDocument
from aggregator.reading.request import ReadRequest, ReadResult

NOW = datetime(2026, 11, 23, tzinfo=UTC)
URL = "http://127.0.0.1:8097/"


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


def assert_lanes_agree(body: bytes, name: object) -> bool:
    """Return whether the quick lane read it."""
    body = body.lstrip(b" \t\r\n")  # as every document is
    document = read_quickly(body, content_type="", max_entries=2000)
    if document is None:
        return False
    home = home_of(document.feed, URL)
    judge = read_leniently(body, url=home, content_type="")
    # feedparser reports its own base for what has none.
    for raw in judge.entries:
        for text in (raw.content, raw.summary):
            text.base = URL if text.base == home else text.base
    assert made_of(document, body) == made_of(judge, body), name
    return True


def test_of_documents_of_the_world(corpus: Path) -> None:
    quick = sum(assert_lanes_agree(body, name) for name, body in documents(corpus))
    assert quick > 900


NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:a="http://www.w3.org/2005/Atom" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:x="urn:x" xmlns:itunes="urn:y" '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
)
RSS = f"""<rss version="2.0" {NAMESPACES}><channel><title>The Courier</title>
<link>https://courier.example/</link><description>News</description><language>en</language>
<managingEditor>ed@courier.example (Ed)</managingEditor>
<pubDate>Tue, 31 Mar 2026 14:05:00 GMT</pubDate>
<image><url>/i.png</url><title>Logo</title><link>/</link><width>16</width></image>
<skipDays><day>Sunday</day></skipDays><a:link rel="self" href="/feed"/>
<item><guid>https://courier.example/1</guid><title>One &amp;amp; more</title><author>Ana</author>
<link>https://courier.example/1?a=1</link><description>&lt;p&gt;Words&lt;/p&gt;</description>
<category domain="d">city</category><pubDate>Tue, 31 Mar 2026 14:05:00 GMT</pubDate>
<enclosure url="/1.mp3" length="9" type="audio/mpeg"/><source url="/s">Elsewhere</source></item>
<item><title>Two</title><content:encoded>&lt;p&gt;All&lt;/p&gt;</content:encoded>
<description>Some</description><dc:creator>Joe</dc:creator><dc:date>2026-03-31</dc:date>
<media:thumbnail url="/t.png"/><x:y>z</x:y><site xmlns="urn:z">7</site></item></channel></rss>"""
ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom" {NAMESPACES} xml:lang="en">
<title>The Courier</title><subtitle type="html">&lt;b&gt;News&lt;/b&gt;</subtitle><id>urn:f</id>
<link href="https://courier.example/"/><updated>2026-03-31T14:05:00Z</updated><icon>/i.png</icon>
<author><name>Ed</name><email>ed@courier.example</email></author><rights>Free</rights>
<entry><id>https://courier.example/1</id><title type="text">One &lt; two</title>
<link rel="related" href="https://b.example/"/><published>2026-03-31T14:05:00Z</published>
<content type="html" xml:lang="de">&lt;p&gt;Wörter&lt;/p&gt;</content><summary>Short</summary>
<author><name>Ana</name><uri>/ana</uri></author><category term="city" label="City"/></entry>
<entry><id>urn:2</id><title>Two</title><updated>2026-03-31T14:05:00Z</updated></entry></feed>"""
RDF = f"""<rdf:RDF xmlns="http://purl.org/rss/1.0/" {NAMESPACES}><channel rdf:about="/">
<title>The Courier</title><link>https://courier.example/</link><description>News</description>
<items><rdf:Seq><rdf:li resource="/1"/></rdf:Seq></items></channel>
<image rdf:about="/i"><title>Logo</title><url>/i.png</url><link>/</link></image>
<item rdf:about="https://courier.example/1"><title>One</title><link>/1</link>
<description>Words</description><dc:subject>city</dc:subject><dc:creator>Ana</dc:creator></item>
<textinput rdf:about="/q"><title>Search</title><description>d</description><name>q</name>
<link>/q</link></textinput></rdf:RDF>"""
# What is written at places where it does not belong.
STRANGE = f"""<all xmlns:w="http://www.w3.org/2005/Atom" {NAMESPACES}><title>T</title><link/>
<link>/l&amp;lt;b&amp;gt;</link><link>\ufeffhttps://u.example/</link><link>\x96</link>
<link rel="self" href="/s"/><guid isPermaLink="false">7</guid><guid>https://u.example/</guid>
<author><name>N</name></author><author>a@b.example (N M)</author><name>N</name><email>e@x.y</email>
<description>D</description><description type="html">&lt;i&gt;</description><item/><entry/>
<item><title>T</title></item><url>/u</url><width>w</width><category/><category term="t">c</category>
<image><url>/o.png</url><description>d</description></image><textInput><name>n</name></textInput>
<language>fr</language><pubDate>2026-01-01</pubDate><id>i</id><icon>/j.png</icon><day>Monday</day>
<enclosure url="/e.mp3"/><enclosure uri="/e.mp3"/><source url="/s"><title>S</title></source>
<w:title>T</w:title><w:link href="/r" rel="related"/><w:updated>2026-01-01</w:updated>
<w:entry><w:id>i</w:id></w:entry><w:author><w:name>N</w:name></w:author><w:summary>S</w:summary>
<w:content type="xhtml"><p>P</p></w:content><w:icon>/k.png</w:icon><w:rights>R</w:rights>
<w:content>T</w:content><w:id>https://u.example/</w:id><w:category term="t"/>
<dc:title>T</dc:title><dc:creator>C</dc:creator><dc:date>2026-01-01</dc:date><dc:subject/>
<content:encoded>E</content:encoded><media:title>M</media:title><media:content url="/m"/>
<itunes:image href="/i"/><itunes:author>A</itunes:author><x:title>X</x:title>
<x:a><title>T</title></x:a>
<title xmlns="urn:q">Q</title><links xmlns="urn:q">L</links><rdf:li/><!-- comment --><?pi?></all>"""
ATTRIBUTES = [
    ("{http://www.w3.org/XML/1998/namespace}lang", "fr"),
    ("{http://www.w3.org/XML/1998/namespace}lang", ""),
    *(("lang", "it"), ("type", "html"), ("type", "text/plain"), ("type", "xhtml"), ("rel", "self")),
    *(("href", "/h"), ("url", "/u"), ("isPermaLink", "false"), ("ispermalink", "TRUE")),
    *(("src", "/s"), ("mode", "escaped"), ("version", "0.91"), ("term", "t"), ("label", "l")),
    *(("lastmod", "2026-01-01"), ("domain", "d"), ("length", "-5"), ("x", "1")),
    ("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about", "/about"),
]
TEXTS = [
    "",
    " ",
    "T",
    " \n",
    "&lt;b&gt;",
    "<b>x</b>",
    "\x85",
    "\u201c",
    "Ã©",
    "http://u.example/ a",
]


def mutants(text: str, seed: int, count: int) -> Iterator[bytes]:
    """Yield well-formed documents that differ from `text` in one to three places."""
    chance = random.Random(seed)
    tree = etree.fromstring(text.encode())
    strange = [*etree.fromstring(STRANGE.encode()), *tree.iterdescendants()]
    for _ in range(count):
        mutant = deepcopy(tree)
        for _ in range(chance.randint(1, 3)):
            found = chance.choice([*mutant.iter(etree.Element)])
            parent = found.getparent()
            kind = chance.random()
            if kind < 0.45 or parent is None:
                found.insert(chance.randint(0, len(found)), deepcopy(chance.choice(strange)))
            elif kind < 0.6:
                found.set(*chance.choice(ATTRIBUTES))
            elif kind < 0.7:
                found.text = chance.choice(TEXTS)
            elif kind < 0.8:
                found.tail = chance.choice(TEXTS)
            elif kind < 0.9:
                parent.remove(found)
            else:
                chance.choice([*parent.iter(etree.Element)]).append(deepcopy(found))
        yield etree.tostring(mutant, encoding="utf-8")


@pytest.mark.parametrize(
    "start", ["<?xml v><language>de</language?>", "<?x <feed ?>", "\ufeff", " \n"]
)
def test_of_what_may_stand_before_the_root(start: str) -> None:
    for text in (RSS, ATOM, RDF):
        assert_lanes_agree((start + text).encode(), start)


def test_of_addresses_with_controls_before_them() -> None:
    for old in ("<icon>", "<link>", "<url>", "<id>", "<guid>"):
        for text in (RSS, ATOM, RDF):
            assert_lanes_agree(text.replace(old, old + "&#150;").encode(), old)


@pytest.mark.parametrize(("text", "seed"), [(RSS, 1), (RSS, 2), (ATOM, 3), (ATOM, 4), (RDF, 5)])
def test_of_documents_with_something_strange_in_them(text: str, seed: int) -> None:
    quick = sum(assert_lanes_agree(body, body) for body in mutants(text, seed, 600))
    assert quick > 60


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ("<author><name>Ana Reyes</name></author>", "Ana Reyes"),
        ("<author> <name>Ana Reyes</name> </author>", "Ana Reyes"),
        ("<author>ana@a.example (Ana Reyes)</author>", "Ana Reyes"),
        ("<author>ana@news.online (Ana Reyes)</author>", "Ana Reyes"),
        ("<author>Ana Reyes &lt;ana@news.online&gt;</author>", "Ana Reyes"),
        ("<author>mailto:ana@news.online</author>", None),
        ("<dc:creator>Ana Reyes</dc:creator>", "Ana Reyes"),
        ("<author>ana@news.online (Ana)</author><author>b@c.online (Bo)</author>", "Ana, Bo"),
    ],
)
def test_authors_are_read_however_they_are_written(author: str, name: str | None) -> None:
    body = RSS.replace("<author>Ana</author>", author).encode()
    for document in (body, body.replace(b">One ", b">One &eacute; ")):
        result = read_document(ReadRequest(url=URL, body=document, content_type="", now=NOW))
        assert isinstance(result, ReadResult)
        assert result.changes[0].entry.author == name
