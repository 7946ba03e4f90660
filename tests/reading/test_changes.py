"""What counts as an edit of an entry, and what changes by itself."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from aggregator.model.feed import Entry, Link
from aggregator.reading.changes import entry_hash, link_key, same_text, text_key
from aggregator.reading.hints import hints_of
from aggregator.reading.normalize import author_name

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

STORY = Entry(
    id="1",
    title="Council delays vote",
    link="https://a.example/vote",
    author="Ana Reyes",
    content='<p>Words <img src="https://c1.example/a.png?t=1" width="10"> and'
    ' <a href="https://a.example/x?s=1">more</a></p>',
    tags=("city", "budget"),
    links=(Link(href="https://a.example/a.mp3?t=1", rel="enclosure"),),
)


@pytest.mark.parametrize(
    "same",
    [
        replace(STORY, published=NOW, updated=NOW),
        replace(STORY, content=STORY.content.replace("c1.example", "c2.example")),
        replace(STORY, content=STORY.content.replace("t=1", "t=2").replace("10", "20")),
        replace(STORY, content=STORY.content.replace("s=1", "s=1&amp;utm_source=rss")),
        replace(STORY, content=STORY.content.replace("s=1", "fbclid=z&amp;s=1")),
        replace(STORY, content=STORY.content.replace("Words", "Words <!-- 0.02 s -->\n ")),
        replace(STORY, tags=("budget", "city")),
        replace(STORY, link="http://www.a.example/vote?utm_source=rss"),
        replace(STORY, links=(Link(href="https://a.example/a.mp3?t=2", rel="enclosure"),)),
    ],
)
def test_what_changes_by_itself_is_no_edit(same: Entry) -> None:
    assert same_text(same, entry_hash(STORY))


@pytest.mark.parametrize(
    "other",
    [
        replace(STORY, title="Council holds vote"),
        replace(STORY, author="Joe Lane"),
        replace(STORY, link="https://a.example/vote-2"),
        replace(STORY, content=STORY.content.replace("Words", "words")),
        replace(STORY, content=STORY.content.replace("more", "<b>more</b>")),
        replace(STORY, content=STORY.content.replace("a.example/x", "a.example/y")),
        replace(STORY, content=STORY.content.replace("s=1", "s=2")),
        replace(STORY, content=STORY.content.replace("s=1", "s=1#note")),
        replace(STORY, content=STORY.content.replace("a.png", "b.png")),
        replace(STORY, content=STORY.content + "<p>Update: it is off.</p>"),
        replace(STORY, content=STORY.content + "<!-- unclosed"),
        replace(STORY, summary="A summary"),
        replace(STORY, tags=("city",)),
        replace(STORY, links=(Link(href="https://a.example/b.mp3", rel="enclosure"),)),
        replace(STORY, links=(*STORY.links, Link(href="https://b.example/", rel="via"))),
    ],
)
def test_what_a_person_changed_is_an_edit(other: Entry) -> None:
    assert not same_text(other, entry_hash(STORY))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('<img src="https://c1.example/p/a.jpg?sig=1">', "<img src='//c2.example/p/a.jpg#x'>"),
        ('<img src="/a-300x200.jpg" width="300">', '<img src="/a-1024x683.jpg">'),
        ('<img src="/a.jpg" srcset="/a-300x200.jpg 300w, /a.jpg 900w">', '<img src="/a.jpg">'),
        (
            '<source srcset="//c.example/a-90x90.webp 1x, /a.webp 2x">',
            "<source srcset='/a.webp 1x'>",
        ),
        ('<p class="a" data-id="1" id=x style="color:red">x</p>', "<p>x</p>"),
        ('<video poster="/p.jpg?1" src="/v.mp4?1">', '<video poster="/p.jpg?2" src="/v.mp4?2">'),
        ('<img\nloading="lazy"\tSRC=/a.jpg>', '<img src="/a.jpg">'),
        ('<a href="/x?utm_a=1&amp;b=2#xtor=1">y</a>', '<a href="/x?b=2">y</a>'),
        ('<a href="/x?b=2&#038;pk_c=1">y</a>', '<a href="/x?b=2">y</a>'),
        ('<a href="/x?fbclid=1#top">y</a>', '<a href="/x#top">y</a>'),
    ],
)
def test_what_no_reader_sees_makes_no_difference(one: str, other: str) -> None:
    assert same_text(replace(STORY, content=one), entry_hash(replace(STORY, content=other)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            '<a href="https://court.example/doc?id=111">',
            '<a href="https://court.example/doc?id=222">',
        ),
        ('<a href="/x?utm_a=1&amp;b=2">', '<a href="/x?utm_a=1&amp;b=3">'),
        ('<a href="/x">', '<a href="/x?b=3">'),
        ('<a href="//a.example/x">', '<a href="//b.example/x">'),
        ('<img src="/wrong.jpg">', '<img src="/right.jpg">'),
        ('<img class="x" src="/wrong-300x200.jpg">', '<img class="x" src="/right-300x200.jpg">'),
        ('<img src="/2025/a.jpg">', '<img src="/2026/a.jpg">'),
        ('<img src="/a.jpg" alt="A">', '<img src="/a.jpg" alt="B">'),
        ("<video src=/a.mp4></video>", "<video src=/b.mp4></video>"),
        ('<source srcset="/a.webp 1x">', '<source srcset="/b.webp 1x">'),
        ('<pre>&lt;td width="100"&gt;</pre>', '<pre>&lt;td width="250"&gt;</pre>'),
        ("<p>write: id=12 then style=bold", "<p>write: id=99 then style=thin"),
        ("Use /x?utm_source=a", "Use /x?utm_source=b"),
        ("1 < 2 and src=a > b", "1 < 2 and src=c > b"),
    ],
)
def test_what_a_reader_sees_is_an_edit(one: str, other: str) -> None:
    assert not same_text(replace(STORY, content=one), entry_hash(replace(STORY, content=other)))


def test_fields_do_not_run_into_one_another() -> None:
    one = Entry(id="", title="a", author="b", content="c", summary="")
    assert len({entry_hash(one), entry_hash(replace(one, content="", summary="c"))}) == 2
    assert len({entry_hash(one), entry_hash(replace(one, title="", author="ab"))}) == 2


def test_short_texts_tell_no_entries_apart() -> None:
    assert text_key(replace(STORY, content="Open thread")) is None
    assert text_key(replace(STORY, content="word " * 40)) is not None
    assert link_key(replace(STORY, link="https://a.example/" + "x" * 900)) != STORY.link
    assert len(link_key(replace(STORY, link="https://a.example/" + "x" * 900)) or "") == 64


SLOW = [
    *("<!--", "href=", " src='", ' data-a="', "<", "<a ", "&lt;", " style=\n", "-->", "href=\t"),
    *("<a x='", "<a src='", '<a src=" >', "<a href='?utm_'", "<img srcset=',,", "?utm_&amp;"),
    *("a@", "@", "a.", "(", "<b@", "<skipHours>", "<ttl>", "<sy:updatePeriod>", "href=''"),
]


@pytest.mark.parametrize("piece", SLOW)
def test_no_text_makes_comparing_slow(piece: str) -> None:
    text = piece * (400_000 // len(piece))
    before = time.process_time()
    entry_hash(replace(STORY, content=text))
    entry_hash(replace(STORY, content=f"<a href='?{text}' class='{text}' src='{text}'>"))
    text_key(replace(STORY, content=text))
    author_name(text)
    hints_of(text.encode())
    assert time.process_time() - before < 1.5
