"""Lists of feeds: real ones, broken ones, and those that are made to do harm."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

from aggregator.errors import ReadError
from aggregator.model.poll import FailureKind
from aggregator.reading.listed import ListedFeed
from aggregator.reading.lists import LARGEST, read_list

FEED = '<outline type="rss" text="A" xmlUrl="https://a.example/rss"/>'


def opml(body: str, head: str = "") -> bytes:
    return f'{head}<opml version="2.0"><head/><body>{body}</body></opml>'.encode()


def feeds(body: str, head: str = "") -> list[ListedFeed]:
    return list(read_list(opml(body, head)).feeds)


def urls(body: str) -> list[str]:
    return [feed.url for feed in feeds(body)]


# Lists that listparser reads less of than stands in them: it stops at a bare quote or `<`.
# In each, the feeds are counted by hand.
MORE_THAN_LISTPARSER = {
    "awesome-Android_Development.opml": 32,
    "awesome-Business-and-Economy.opml": 16,
    "awesome-Programming.opml": 50,
}
# One of its two addresses is a program on somebody's disk.
LEFT_OUT = {"newsboat-piped.opml": 1}


def test_every_list_of_the_corpus_is_read_whole(corpus: Path) -> None:
    expected = json.loads((corpus / "opml" / "expected.json").read_text())
    broken = 0
    for name, about in expected.items():
        found = read_list((corpus / "opml" / name).read_bytes())
        distinct = {feed.url for feed in found.feeds}
        assert len(distinct) == len(found.feeds), name
        wanted = about["outlines_with_xmlUrl"]
        if not about["well_formed"]:
            broken += 1
            wanted = MORE_THAN_LISTPARSER.get(name, about["listparser_feeds"])
        assert len(found.feeds) == wanted - LEFT_OUT.get(name, 0), name
        assert found.well_formed == about["well_formed"], name
        text = (corpus / "opml" / name).read_text()
        assert len(found.feeds) + LEFT_OUT.get(name, 0) == text.count("xmlUrl="), name
    assert (len(expected), broken) == (53, 26)


def test_nothing_of_a_broken_address_is_lost(corpus: Path) -> None:
    found = read_list((corpus / "opml" / "awesome-country-Australia.opml").read_bytes())
    assert "http://rssfeeds.9news.com/kusa/home&x=1" in {feed.url for feed in found.feeds}
    found = read_list((corpus / "opml" / "awesome-country-Russia.opml").read_bytes())
    titles = {feed.url: feed.title for feed in found.feeds}
    assert titles["https://www.kommersant.ru/RSS/main.xml"] == 'Газета "Коммерсантъ". Главное'


def test_the_list_of_a_planet_is_read_as_well(corpus: Path) -> None:
    path = corpus / "opml" / "planet-python.json"
    found = read_list(path.read_bytes())
    assert len(found.feeds) + len(found.left_out) == len(json.loads(path.read_text()))
    assert found.feeds[1].title == "A. Jesse Jiryu Davis"


@pytest.mark.parametrize("suite", ["feedsmith-opml", "feedvalidator-opml"])
def test_outlines_of_the_suites_are_read_or_refused(corpus: Path, suite: str) -> None:
    for line in (corpus / "suites" / f"{suite}.jsonl").read_text().splitlines():
        record = json.loads(line)
        if record["file"].endswith("missingOpml.opml"):
            with pytest.raises(ReadError, match="no OPML"):
                read_list(record["text"].encode())
            continue
        found = read_list(record["text"].encode())
        assert len(found.feeds) == len(re.findall(r'xmlurl="http', record["text"], re.IGNORECASE))
        assert found.well_formed


def test_folders_and_categories_become_tags_each_once() -> None:
    body = f"""<outline text=" News "><outline title="Big  city">
        <outline text="A" xmlUrl="https://a.example/rss" category="news, Big city,/x/y/,,z/w"/>
        </outline>{FEED}</outline>"""
    first, second = feeds(body)
    assert first.tags == ("News", "Big city", "news", "x", "y", "z/w")
    assert second.tags == ("News",)


def test_a_feed_within_a_feed_is_in_no_folder_of_that_name() -> None:
    body = f'<outline text="A" xmlUrl="https://b.example/">{FEED}</outline>'
    assert [(one.url, one.tags) for one in feeds(body)] == [
        ("https://b.example/", ()),
        ("https://a.example/rss", ()),
    ]


@pytest.mark.parametrize(
    ("attributes", "title"),
    [
        ('text="A" title="B"', "B"),
        ('text="A &amp;amp; B"', "A &amp; B"),
        ('text=" A\n  B "', "A B"),
        ('text="https://a.example/rss"', None),
        ('title="a.example/rss"', None),
        ('text="its own" title=""', None),
        ("", None),
        ('text="a\u202eb\ufeff"', "ab"),
    ],
)
def test_titles_are_kept_when_they_say_more_than_the_address(
    attributes: str, title: str | None
) -> None:
    [feed] = feeds(f'<outline {attributes} xmlUrl="https://a.example/rss"/>')
    assert feed.title == title


@pytest.mark.parametrize(
    ("attributes", "url"),
    [
        ('xmlurl="https://a.example/rss"', "https://a.example/rss"),
        ('XMLURL=" https://a.example/rss\n"', "https://a.example/rss"),
        ('xmlUrl="feed:https://a.example/rss"', "https://a.example/rss"),
        ('xmlUrl="feed://a.example/rss"', "http://a.example/rss"),
        ('xmlUrl="https://a.example/?a=1&amp;b=2"', "https://a.example/?a=1&b=2"),
        ('xmlUrl="https://a.example/?a=1&b=2&copy=3"', "https://a.example/?a=1&b=2&copy=3"),
        ('type="rss" url="https://a.example/rss"', "https://a.example/rss"),
    ],
)
def test_addresses_are_found_in_whichever_way_they_are_written(attributes: str, url: str) -> None:
    assert urls(f"<outline {attributes}/>") == [url]


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ('xmlUrl="ftp://a.example/"', "ftp://a.example/ is no http or https address"),
        ('xmlUrl="javascript:alert(1)"', "javascript:alert(1) is no http or https address"),
        ('xmlUrl="file:///etc/passwd"', "no http or https address"),
        ('xmlUrl="https://["', "cannot be understood"),
        ('xmlUrl="https://me:secret@a.example/"', "holds a password"),
        ('isComment="true" xmlUrl="https://a.example/"', "marked as a comment"),
        ('type="link" url="https://a.example/list.opml"', "only https://a.example/list.opml"),
        ("", "no address of a feed"),
    ],
)
def test_what_cannot_be_followed_is_named_with_its_reason(attributes: str, reason: str) -> None:
    found = read_list(opml(f'<outline text="The name" {attributes}/>{FEED}'))
    [left] = found.left_out
    assert left.name == "The name"
    assert reason in left.reason
    assert "secret" not in left.reason
    assert len(found.feeds) == 1


DECLARED = '<?xml version="1.0" encoding="{}"?>'
NAMED = '<outline text="Café Ω" xmlUrl="https://a.example/rss"/>'


@pytest.mark.parametrize(
    ("declared", "codec", "mark"),
    [
        ("UTF-8", "utf-8", b""),
        ("UTF-8", "utf-8", b"\xef\xbb\xbf"),
        ("ISO-8859-1", "utf-8", b""),  # a wrong declaration
        ("utf-16", "utf-8", b""),
        ("nonsense", "utf-8", b""),
        ("UTF-16", "utf-16-le", b"\xff\xfe"),
        ("UTF-16", "utf-16-be", b"\xfe\xff"),
        ("UTF-8", "utf-16-le", b""),
        ("UTF-16", "utf-16-be", b""),
        ("UTF-32", "utf-32-le", b"\xff\xfe\0\0"),
        ("ISO-8859-7", "iso-8859-7", b""),
        ("windows-1253", "windows-1253", b""),
    ],
)
def test_the_encoding_is_found_whatever_is_declared(declared: str, codec: str, mark: bytes) -> None:
    named = NAMED if not codec.startswith(("iso", "win")) else NAMED.replace("é", "ε")
    text = opml(named, DECLARED.format(declared)).decode()
    [feed] = read_list(mark + text.encode(codec)).feeds
    assert feed.title in {"Café Ω", "Cafε Ω"}


@pytest.mark.parametrize("declared", ["UTF-8", "ISO-8859-1", "windows-1252", ""])
def test_latin_1_is_read_even_where_it_is_called_utf_8(declared: str) -> None:
    head = DECLARED.format(declared) if declared else ""
    text = opml(NAMED.replace(" Ω", ""), head).decode()
    assert read_list(text.encode("latin-1")).feeds[0].title == "Café"


def test_one_bad_byte_does_not_turn_utf_8_into_something_else() -> None:
    assert read_list(opml(NAMED).replace(b"Caf", b"Caf\xff")).feeds[0].title == "Caf\ufffdé Ω"


def test_the_server_says_how_a_list_is_encoded_that_does_not() -> None:
    body = opml(NAMED.replace("é", "ε")).decode().encode("iso-8859-7")
    [feed] = read_list(body, content_type="text/x-opml; charset=iso-8859-7").feeds
    assert feed.title == "Cafε Ω"


@pytest.mark.parametrize(
    ("broken", "title", "url"),
    [
        ('text="A & B"', "A & B", "https://a.example/rss"),
        ('text="A&nbsp;&eacute;&unheard;"', "A é&unheard;", "https://a.example/rss"),
        ('text="say "hello" to a"', 'say "hello" to a', "https://a.example/rss"),
        ('text="1 < 2 <p>x</p>"', "1 < 2 <p>x</p>", "https://a.example/rss"),
        ('text="a&#0;b&#x1F600;&#xD800;c"', "a\ufffdb\U0001f600\ufffdc", "https://a.example/rss"),
        ("text='a \"b\" c'", 'a "b" c', "https://a.example/rss"),
    ],
)
def test_lists_that_are_not_well_formed_are_mended(broken: str, title: str, url: str) -> None:
    found = read_list(opml(f'<outline {broken} xmlUrl="{url}" />\n&{FEED}</p>'))
    assert [(one.url, one.title) for one in found.feeds[:1]] == [(url, title)]
    assert [one.title for one in found.feeds[1:]] == ["A"]
    assert not found.well_formed


@pytest.mark.parametrize(
    ("attributes", "title", "url"),
    [
        ('type="rss" xmlUrl="http://z1.example/s3" text=t/', "t", "http://z1.example/s3"),
        ("type=rss xmlUrl=http://z1.example/s3/", None, "http://z1.example/s3"),
        ("type=rss xmlUrl=http://z1.example/a/b/ /", None, "http://z1.example/a/b/"),
        ("text=The E=mc2 show xmlUrl=http://z1.example/", "The E=mc2 show", "http://z1.example"),
        ('text="The "E=mc2" show" xmlUrl=http://z1.example/?a=1&b=2 /', 'The "E=mc2" show', None),
        ("TEXT = t XMLURL = 'http://z1.example/s3' x='1' /", "t", "http://z1.example/s3"),
    ],
)
def test_values_without_quotes_are_read(attributes: str, title: str | None, url: str) -> None:
    found = read_list(opml(f"<outline {attributes}>{FEED}"))
    assert [(one.url.rstrip("/"), one.title) for one in found.feeds] == [
        ((url or "http://z1.example/?a=1&b=2").rstrip("/"), title),
        ("https://a.example/rss", "A"),
    ]
    assert found.left_out == ()


@pytest.mark.parametrize(
    "attributes",
    [
        "type='rss' xmlUrl http://z1.example/s3",
        "xmlUrl http://z1.example/s3",
        'type="rss" new xmlUrl="http://z1.example/s3"',
        'type="rss" xmlUrl="http://z1.example/s3',
        'type="rss" "http://me:secret@z1.example/s3"',
        'type="rss"',
    ],
)
def test_what_cannot_be_read_of_a_list_is_told(attributes: str) -> None:
    found = read_list(opml(f"<outline {attributes}/>{FEED}<p>"))
    assert [one.url for one in found.feeds] == ["https://a.example/rss"]
    [left] = found.left_out
    assert left.name == "(no name)"
    assert "secret" not in left.reason


def test_a_list_that_breaks_off_gives_what_came_and_says_so() -> None:
    found = read_list(
        opml(FEED)[: -len("</body></opml>")] + b'<outline text="B" xmlUrl="https://b.exa'
    )
    assert [one.url for one in found.feeds] == ["https://a.example/rss"]
    assert not found.well_formed


def test_a_comment_within_a_list_says_nothing() -> None:
    assert urls(f"<!-- {FEED.replace('/rss', '/old')} -->{FEED}") == ["https://a.example/rss"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no OPML"),
        ("hello", "no OPML"),
        ("<rss version='2.0'><channel/></rss>", "follow it"),
        ("<!doctype html><html><p>404", "follow it"),
        ('{"feeds": []}', "no OPML"),
        ("[1, 2", "broken JSON"),
        ("[" * 100_000, "broken JSON"),
        ("[" + "1" * 5000 + "]", "broken JSON"),
    ],
)
def test_what_is_no_list_is_refused_in_plain_words(text: str, reason: str) -> None:
    with pytest.raises(ReadError, match=reason) as caught:
        read_list(text.encode())
    assert caught.value.kind is FailureKind.NOT_A_FEED
    assert len(str(caught.value)) < 200


def test_json_is_read_with_names_and_tags() -> None:
    value = [
        {"url": "https://a.example/rss", "title": "A", "tags": ["x", 1, " y "]},
        {"xmlUrl": "https://b.example/", "name": "B"},
        {"url": 5},
        "https://c.example/",
    ]
    found = read_list(json.dumps(value).encode())
    assert found.feeds == (
        ListedFeed(url="https://a.example/rss", title="A", tags=("x", "y")),
        ListedFeed(url="https://b.example/", title="B"),
    )
    assert len(found.left_out) == 2


ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 or "x"}">' for n in range(1, 20))
CHAIN = "".join(f'<!ENTITY e{n} "&e{n - 1};">' for n in range(1, 50_000))


@pytest.mark.parametrize(
    "doctype",
    [
        f"<!DOCTYPE opml [{ENTITIES}]>",
        f"<!DOCTYPE opml [{CHAIN}]>",
        '<!DOCTYPE opml [<!ENTITY e19 SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE opml SYSTEM "http://127.0.0.1/x.dtd">',
        '<!DOCTYPE opml [<!ENTITY % p SYSTEM "http://127.0.0.1/x.dtd"> %p;]>',
    ],
    ids=["laughs", "chain", "file", "dtd", "parameter"],
)
def test_a_document_type_is_not_even_read(doctype: str) -> None:
    began = time.monotonic()
    body = f'<outline text="&e19;" xmlUrl="https://a.example/rss"/>&e19;{FEED}'
    found = read_list(opml(body, f'<?xml version="1.0"?>{doctype}'))
    assert [one.title for one in found.feeds] == ["&e19;", "A"]
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<outline text='a'>" * 500_000, "nested more than 100 deep"),
        ("<outline/>" * 100_001, "more than 100,000 outlines"),
        ("<x/>" * 100_001, "more than 100,000 outlines"),
        (FEED + " " * LARGEST, "larger than 16 MiB"),
    ],
    ids=["deep", "many", "others", "large"],
)
def test_a_list_beyond_all_bounds_is_refused_whole(body: str, reason: str) -> None:
    began = time.monotonic()
    with pytest.raises(ReadError, match=reason):
        read_list(opml(body))
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "body",
    [
        "<outline " + "".join(f'a{n}="" ' for n in range(200_000)) + "/>",
        "<outline " + 'a="b"c ' * 300_000 + "/>",
        "<outline text='" + '"b' * 1_000_000 + "/>",
        "&" * 2_000_000,
        "<" * 2_000_000,
        "<outline" + " " * 2_000_000,
        "<outline text=a" + " b" * 500_000 + " " * 500_000 + "c/>",
        "<outline" + " text=a" * 200_000 + "/>",
    ],
    ids="attributes quotes half-quotes ampersands brackets spaces words bare".split(),
)
def test_nothing_takes_longer_than_its_length_is_worth(body: str) -> None:
    began = time.monotonic()
    read_list(opml(body))
    assert time.monotonic() - began < 10
