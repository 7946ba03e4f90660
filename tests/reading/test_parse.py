"""Hostile and broken documents: what is there is read, and nothing else happens."""

from __future__ import annotations

import contextlib
import gzip
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import pytest

from aggregator.errors import ReadError
from aggregator.model.poll import FailureKind
from aggregator.reading.document import read_document
from aggregator.reading.parse import ParsedDocument, parse_document
from aggregator.reading.request import ReadRequest, ReadResult

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
URL = "https://news.example/feed"


def parse(body: bytes, **more: object) -> ParsedDocument:
    asked: dict[str, object] = {"url": URL, "content_type": "", "now": NOW, **more}
    return parse_document(body, **asked)  # type: ignore[arg-type]


def rss(items: str, head: str = "") -> str:
    text = f'<?xml version="1.0"?>{head}\n<rss version="2.0"><channel><title>A</title>'
    return f"{text}<link>https://news.example/</link>{items}</channel></rss>"


def item(number: int, more: str = "") -> str:
    return (
        f"<item><guid isPermaLink='false'>{number}</guid><title>Story {number}</title>{more}</item>"
    )


def refused(body: bytes, **more: object) -> FailureKind:
    with pytest.raises(ReadError) as caught:
        parse(body, **more)
    return caught.value.kind


@pytest.mark.parametrize("body", [b"", b" \r\n\t", b"\xef\xbb\xbf", b"\xff\xfe", b"\0\0"])
def test_nothing_is_an_empty_answer(body: bytes) -> None:
    assert refused(body) is FailureKind.EMPTY


@pytest.mark.parametrize(
    "body",
    [b"hello", b"<html><body>No</body></html>", b"%PDF-1.7", b"\x89PNG\r\n", b"[1]", b"{}", b"{"],
)
def test_what_is_no_feed_is_called_so(body: bytes) -> None:
    assert refused(body) is FailureKind.NOT_A_FEED


def test_a_gzip_file_in_the_body_is_unpacked() -> None:
    body = gzip.compress(rss(item(1)).encode())
    assert [one.id for one in parse(body).entries] == ["1"]


def test_every_member_of_a_gzip_file_is_unpacked() -> None:
    text = rss("".join(item(one) for one in range(50))).encode()
    for size in (1, 100, len(text) // 2):
        body = b"".join(gzip.compress(text[at : at + size]) for at in range(0, len(text), size))
        if size == 1:  # nobody packs byte by byte but to keep us busy
            assert refused(body) is FailureKind.PARSER
            continue
        seen = parse(body + b"\0" * 500)  # servers pad
        assert (len(seen.entries), seen.partial) == (50, False)


def test_many_empty_members_of_a_gzip_file_end_soon() -> None:
    before = time.process_time()
    assert refused(gzip.compress(b"") * 500_000) is FailureKind.PARSER
    assert time.process_time() - before < 2


def test_a_gzip_file_that_breaks_off_gives_its_whole_entries_and_says_so() -> None:
    whole = gzip.compress(rss("".join(item(one) for one in range(3000))).encode())
    for cut in (len(whole) // 2, len(whole) - 100, len(whole) - 8, len(whole) - 1):
        seen = parse(whole[:cut])
        assert len(seen.entries) > 100
        assert seen.partial
        assert "it breaks off; what is missing is left for later" in seen.notes
        titles = [one.title for one in seen.entries]
        assert titles == [f"Story {number}" for number in range(len(titles))]
    with pytest.raises(ReadError, match="a gzip file that breaks off: the answer is empty"):
        parse(whole[:12])


def test_gzip_bombs_are_refused_before_they_go_off() -> None:
    bomb = gzip.compress(b" " * (80 * 1024 * 1024), 1)
    assert refused(bomb) is FailureKind.PARSER
    nested = gzip.compress(gzip.compress(rss(item(1)).encode()))
    assert refused(nested) is FailureKind.PARSER
    assert refused(b"\x1f\x8b" + b"x" * 99) is FailureKind.NOT_A_FEED


WATCH = """
import sys
from datetime import UTC, datetime
from html import escape
from aggregator.errors import ReadError
from aggregator.reading.parse import parse_document
NOW = datetime(2026, 1, 1, tzinfo=UTC)
WATCHED = ("open", "socket", "urllib", "subprocess", "os.", "ftplib", "http", "ctypes")
def read(body):
    try:
        parse_document(body, url="https://a.example/", content_type="", now=NOW)
    except ReadError:
        pass
read(b"<rss version='2.0'><channel><title>&eacute;</title></channel></rss>")
read(b"<html>")
seen = []
def hook(event, args):
    if event.startswith(WATCHED):
        if "encodings" in str(args[0]):
            return  # Python loads its codecs when they are first wanted
        seen.append((event, str(args)[:200]))
sys.addaudithook(hook)
for body in sys.stdin.buffer.read().split(b"\\0\\0\\0"):
    read(body)
assert not seen, seen
"""


def test_no_document_opens_a_file_or_an_address(corpus: Path) -> None:
    bodies = [b"/etc/passwd", b"file:///etc/passwd", b"http://127.0.0.1:9/", b"https://a.example/f"]
    bodies += [path.read_bytes() for path in sorted((corpus / "security" / "xml").iterdir())]
    for outside in ("file:///etc/passwd", "http://127.0.0.1:9/x.dtd"):
        for declared in (
            f'<!DOCTYPE rss SYSTEM "{outside}">',
            f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{outside}">]>',
            f'<!DOCTYPE rss [<!ENTITY % x SYSTEM "{outside}"> %x;]>',
            f'<?xml-stylesheet href="{outside}"?>',
        ):
            document = rss(item(1, "<description>&x;</description>"), declared)
            bodies += [document.encode(), document.replace("?>\n", "?>").encode("utf-16")]
        included = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{outside}"/>'
        bodies.append(rss(item(1, included)).encode())
    found = subprocess.run(
        [sys.executable, "-c", WATCH],
        input=b"\0\0\0".join(bodies),
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert found.returncode == 0, found.stderr.decode()


def test_outside_entities_bring_nothing_in(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    for declared in (
        f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{secret.as_uri()}">]>',
        f'<!DOCTYPE rss [<!ENTITY % x SYSTEM "{secret.as_uri()}"> %x;]>',
    ):
        for text in (rss(item(1, "<description>&x;</description>"), declared),):
            for body in (text.encode(), text.replace("?>\n", "?>").encode(), text.encode("utf-16")):
                with contextlib.suppress(ReadError):
                    assert "the secret" not in repr(parse(body))


def test_bombs_of_the_corpus_end_soon(corpus: Path) -> None:
    for path in sorted((corpus / "security" / "xml").iterdir()):
        before = time.process_time()
        with contextlib.suppress(ReadError):
            parse(path.read_bytes())
        assert time.process_time() - before < 5, path


def test_too_many_entities_are_refused_unread() -> None:
    chain = "".join(f'<!ENTITY e{one} "&e{one - 1};">' for one in range(1, 50_000))
    text = rss(item(1), f"<!DOCTYPE rss [{chain}]>")
    for encoding in ("utf-8", "utf-16", "utf-16-be", "utf-32"):
        assert refused(text.encode(encoding)) is FailureKind.PARSER


@pytest.mark.parametrize(
    "name",
    ["utf-7", "cp037", "cp500", "rot13", "hex", "zlib", "punycode", "undefined", "idna", "x"],
)
def test_encodings_that_only_attackers_use_have_no_say(name: str) -> None:
    evil = item(1, "<description>+ADw-script+AD4-</description>")
    body = rss(evil).replace("?>", f' encoding="{name}"?>', 1).encode()
    for content_type in ("", f"text/xml; charset={name}"):
        seen = parse(body, content_type=content_type)
        assert [one.title for one in seen.entries] == ["Story 1"]
        assert "<script" not in seen.entries[0].content
        seen = parse(rss(evil).encode(), content_type=f"text/xml; charset={name}")
        assert [one.title for one in seen.entries] == ["Story 1"]


@pytest.mark.parametrize(
    "name",
    [
        "utf-8",
        "utf-16",
        "utf-8-sig",
        "iso-8859-1",
        "windows-1252",
        "iso-8859-15",
        "koi8-r",
        "gb18030",
    ],
)
def test_honest_encodings_are_read(name: str) -> None:
    title = {"koi8-r": "Совет", "gb18030": "市议会"}.get(
        name, "Übung — ok" if "8859" not in name else "Übung"
    )
    declared = name.removesuffix("-sig")
    text = rss(f"<item><guid>1</guid><title>{title}</title></item>")
    body = text.replace("?>", f' encoding="{declared}"?>', 1).encode(name)
    assert parse(body).entries[0].title == title


def test_the_authors_word_on_the_encoding_is_final() -> None:
    body = rss(item(1).replace("Story", "市议会")).encode("gbk")
    assert parse(body, encoding="gbk").entries[0].title == "市议会 1"
    lying = body.replace(b"?>", b' encoding="utf-8"?>', 1)
    assert parse(lying, encoding="gbk", content_type="text/xml; charset=utf-8").entries[
        0
    ].title == ("市议会 1")


@pytest.mark.parametrize(
    "broken", ["&#xD800;", "&#x110000;", "&#0;", "&#1;", "\0", "\x1b", "\ufffe", "&nosuch;", "& "]
)
def test_characters_that_no_document_may_hold_are_left_out(broken: str) -> None:
    body = rss(f"<item><guid>1</guid><title>Sto{broken}ry</title></item>").encode()
    title = parse(body).entries[0].title
    assert title.startswith("Sto")
    assert title.endswith("ry")
    title.encode()
    assert not any(char < " " or char == "\ufffe" for char in title)


def test_a_document_that_breaks_off_gives_its_whole_entries() -> None:
    text = rss("".join(item(one, "<description>words</description>") for one in range(10)))
    for cut in range(text.index("<item>") + 300, len(text), 53):
        seen = parse(text[:cut].encode())
        whole = text[:cut].count("</item>")
        assert [one.id for one in seen.entries[:whole]] == [str(one) for one in range(whole)]
        assert len(seen.entries) <= whole + 1
        assert all(one.id or one.title for one in seen.entries)


@pytest.mark.parametrize("doctype", ["", '<!DOCTYPE rss [<!ENTITY a "b">]>'])
def test_a_hundred_thousand_entries_are_cut_and_said_to_be(doctype: str) -> None:
    body = rss("".join(item(one) for one in range(100_000)), doctype).encode()
    before = time.process_time()
    seen = parse(body, max_entries=500)
    assert time.process_time() - before < 4
    assert [one.id for one in seen.entries] == [str(one) for one in range(500)]
    assert seen.notes == ("only the first 500 of 100000 entries are read",)


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Fish &amp;amp; chips", "Fish & chips"),
        ("Fish &amp;amp;amp; chips", "Fish &amp; chips"),
        ("&lt;b&gt;Bold&lt;/b&gt; words", "Bold words"),
        ("&amp;lt;b&amp;gt;Bold&amp;lt;/b&amp;gt; words", "Bold words"),
        ("1 &lt; 2", "1 < 2"),
        ("&lt;LocationMatch&gt; Directive", "<LocationMatch> Directive"),
        ("<![CDATA[A <i>B</i> &mdash; C]]>", "A B — C"),
        ("  many \n  lines ", "many lines"),
        ("<![CDATA[<p>One<br/>Two</p><img src=x.png alt='y'>]]>", "One Two"),
        ("<![CDATA[<a href='/x?a=1'><B>Both</B></a> <i>names</I>]]>", "Both names"),
    ],
)
def test_titles_become_plain_text(written: str, title: str) -> None:
    body = rss(f"<item><guid>1</guid><title>{written}</title></item>").encode()
    assert parse(body).entries[0].title == title


@pytest.mark.parametrize(
    "title",
    [
        "How the <table> tag broke <i> and Vec<T>",
        "<p> tag explained",
        "</b> without <b>",
        "a <b and c> d",
        "Use <em> or <strong>?",
    ],
)
def test_a_title_about_markup_loses_no_word(title: str) -> None:
    once = escape(title, quote=False)
    for written in (once, escape(once, quote=False), f"<![CDATA[{title}]]>"):
        body = rss(f"<item><guid>1</guid><title>{written}</title></item>")
        for document in (body, body.replace("<title>A", "<title>&eacute;")):
            assert parse(document.encode()).entries[0].title == title
    entry = f"<entry><id>1</id><title>{once}</title></entry>"
    atom = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title>{entry}</feed>'
    for document in (atom, atom.replace("<title>A", "<title>&eacute;")):
        assert parse(document.encode()).entries[0].title == title


@pytest.mark.parametrize(
    ("guid", "link"),
    [
        ("https://news.example/1", "https://news.example/1"),
        ("\ufeffhttps://news.example/1 ", "https://news.example/1"),
        ("8842", None),
        ("episode 12 (2026)", None),
        ("/2026/story", None),
        ("news.example/1", None),
        ("tag:news.example,2026:1", None),
        ("javascript:x()", None),
    ],
)
def test_an_id_is_a_link_only_when_it_is_an_address(guid: str, link: str | None) -> None:
    body = rss(f"<item><guid>{guid}</guid><title>Story</title></item>")
    atom = f"<entry><id>{guid}</id><title>Story</title></entry>"
    atom = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title>{atom}</feed>'
    for document in (body, body.replace("</title>", "&eacute;</title>", 1), atom):
        assert parse(document.encode()).entries[0].link == link


CC = 'xmlns:cc="http://backend.userland.com/creativeCommonsRssModule"'
SEARCH = "<textInput><title>Search</title><link>https://search.example/</link><name>q</name>"
ODD = [
    f"{SEARCH}</textInput>",
    f"{SEARCH}<x/><enclosure url='/a.mp3'/></textInput>",
    f"<cc:license {CC}/>",
    f"<cc:license {CC}>https://cc.example/</cc:license>",
    "<image><width/><height>tall</height><link>https://i.example/</link></image>",
    "<image><title>Logo</title><category>c</category></image>",
    "<category><category>nested</category></category>",
    "<keywords>a</keywords><tags/>",
    "<source><category/></source>",
    "<newLocation/>",
    "<author><textInput/><name>Ana</name></author>",
]


@pytest.mark.parametrize("odd", ODD)
def test_no_element_in_an_unexpected_place_costs_the_entries(odd: str) -> None:
    entries = item(1, odd) + item(2)
    for document in (rss(entries), rss(odd + entries), rss("<x>&eacute;</x>" + odd + entries)):
        seen = parse(document.encode())
        assert [(one.id, one.title) for one in seen.entries] == [("1", "Story 1"), ("2", "Story 2")]
        assert seen.feed.title == "A"


def test_titles_have_an_end() -> None:
    body = rss(f"<item><guid>1</guid><title>{'x' * 10_000}</title></item>").encode()
    assert len(parse(body).entries[0].title) == 1000


def payloads(corpus: Path) -> Iterator[str]:
    for name, key in (("dompurify", "payload"), ("bleach", "input")):
        for line in (corpus / "security" / f"{name}.jsonl").read_text("utf-8").split("\n")[:-1]:
            yield json.loads(line)[key]


def as_rss(payload: str) -> bytes:
    from html import escape

    evil = escape("".join(char for char in payload if char >= " "))
    one = (
        f"<item><guid>{evil}</guid><title>{evil}</title><link>{evil}</link><author>{evil}</author>"
        f"<category>{evil}</category><description>{evil}</description>"
        f'<enclosure url="{evil}" type="{evil}" length="{evil}"/>'
        f'<source url="{evil}">{evil}</source><pubDate>{evil}</pubDate></item>'
    )
    head = f"<generator>{evil}</generator><copyright>{evil}</copyright><language>{evil}</language>"
    return rss(head + one).encode()


def as_json(payload: str) -> bytes:
    one = dict.fromkeys(
        "id url external_url title content_html summary date_published language".split(),
        payload,
    )
    more = {
        "tags": [payload],
        "authors": [{"name": payload, "url": payload}],
        "attachments": [{"url": payload, "mime_type": payload, "title": payload}],
    }
    top = {"version": "https://jsonfeed.org/version/1.1", "title": payload, "icon": payload}
    return json.dumps({**top, "items": [{**one, **more}]}).encode()


def read(body: bytes) -> ReadResult:
    result = read_document(
        ReadRequest(
            url=URL,
            body=body,
            content_type="",
            now=NOW,
            max_entries=100,
        )
    )
    assert isinstance(result, ReadResult), result
    return result


ACTIVE = ("<script", "<svg", "<math", "<iframe", "<object", "<embed", "<form", "<base", "<meta")
ACTIVE_TAG = r"<[^>]*\s(?:on[a-z]+|style|srcdoc|formaction|xlink:href)\s*="


@pytest.mark.parametrize("carrier", [as_rss, as_json])
def test_no_payload_survives_in_any_field(corpus: Path, carrier: Callable[[str], bytes]) -> None:
    import re

    seen = 0
    for payload in payloads(corpus):
        result = read(carrier(payload))
        for change in result.changes:
            seen += 1
            entry = change.entry
            for html in (entry.content, entry.summary):
                tags = " ".join(re.findall(r"<[^<>]*>", re.sub(r'"[^"]*"', '""', html))).lower()
                assert not any(word in tags for word in ACTIVE), payload
                assert not re.search(ACTIVE_TAG, tags), payload
                for tag in re.findall(r"<[^<>]*>", html):
                    assert not re.search(r'(?:href|src)="\s*(?!https?:|mailto:)[^"#]', tag), payload
            links = [entry.link, *(one.href for one in entry.links)]
            if entry.source:
                links += [entry.source.url, entry.source.link]
            assert all(one is None or one.startswith(("http://", "https://")) for one in links)
            assert entry.language is None or "<" not in entry.language
            for text in (entry.title, entry.author or "", *entry.tags, entry.id):
                assert not any(char < " " and char != "\n" for char in text)
    assert seen > 150


@pytest.mark.parametrize("base", ["javascript:alert(1)//", "file:///etc/", "data:text/html,x/"])
def test_a_hostile_base_makes_no_hostile_link(base: str) -> None:
    document = f"""<feed xmlns="http://www.w3.org/2005/Atom" xml:base="{base}"><title>T</title>
        <entry xml:base="{base}"><id>1</id><title>One</title><link href="a"/>
        <content type="html">&lt;a href="b"&gt;words&lt;/a&gt;&lt;img src="c"&gt;</content></entry>
        </feed>"""
    result = read_document(
        ReadRequest(url=URL, body=document.encode(), content_type="application/atom+xml", now=NOW)
    )
    assert isinstance(result, ReadResult)
    (change,) = result.changes
    assert change.entry.link in {None, "https://news.example/a"}
    assert 'href="https://news.example/b"' in change.entry.content
    assert base.partition(":")[0] + ":" not in change.entry.content.replace("https:", "")
