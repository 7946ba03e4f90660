"""Leaving known entries out of the parsing changes nothing but the time it takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.model.poll import EntryChange, KnownEntry
from aggregator.reading.document import read_document
from aggregator.reading.request import ReadRequest, ReadResult
from aggregator.reading.segments import cut, segments_of

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
URL = "https://courier.example/feed"


def rss(*items: str, head: str = "<link>https://courier.example/</link>") -> bytes:
    return (
        f"<rss version='2.0'><channel><title>The Courier</title>{head}{''.join(items)}"
        "</channel></rss>"
    ).encode()


def item(name: str, text: str = "The council met.", more: str = "") -> str:
    return (
        f"<item><title>{name}</title><guid isPermaLink='false'>{name}</guid>"
        f"<link>/{name}</link>{more}<description><![CDATA[<p>{text}</p>]]></description></item>"
    )


def read(
    body: bytes, known: tuple[KnownEntry, ...] = (), *, whole: bool = False, url: str = URL
) -> ReadResult:
    result = read_document(
        ReadRequest(
            url=url,
            body=body,
            content_type="application/xml",
            now=NOW,
            encoding="utf-8" if whole else None,  # the author's word on it: nothing is left out
            forced_identity=None,
            identity_policy="id",
            known=known,
            last_success_at=NOW - timedelta(hours=1) if known else None,
            max_entries=2000,
        )
    )
    assert isinstance(result, ReadResult), result
    return result


def known_after(*results: ReadResult) -> tuple[KnownEntry, ...]:
    """Return what storage would know after these polls."""
    known: dict[int, KnownEntry] = {}
    for change in (change for result in results for change in result.changes):
        number = change.number or len(known) + 1
        known[number] = KnownEntry(
            number=number,
            id=change.entry.id,
            hash=change.hash,
            link_key=change.link_key,
            text_key=change.text_key,
            aliases=change.aliases,
        )
    return tuple(reversed(known.values()))


def told(result: ReadResult) -> list[EntryChange]:
    """Return the changes without the half of the hash that says how they were read."""
    return [replace(one, hash=one.hash.partition("-")[2]) for one in result.changes]


def same_either_way(body: bytes, known: tuple[KnownEntry, ...]) -> ReadResult:
    quick, whole = read(body, known), read(body, known, whole=True)
    assert told(quick) == told(whole)
    assert (quick.entries, quick.feed, quick.held) == (whole.entries, whole.feed, whole.held)
    return quick


def test_a_new_entry_among_known_ones() -> None:
    first = read(rss(item("a"), item("b")))
    known = known_after(first)
    result = same_either_way(rss(item("c"), item("a"), item("b")), known)
    assert [change.entry.id for change in result.changes] == ["c"]
    assert result.entries == 3
    assert read(rss(item("a"), item("b")), known).changes == ()


def test_an_edit_is_seen_even_of_one_byte() -> None:
    known = known_after(read(rss(item("a"), item("b"))))
    result = same_either_way(rss(item("a"), item("b", "The council met?")), known)
    assert [change.entry.id for change in result.changes] == ["b"]
    assert result.changes[0].number is not None


def test_an_edit_behind_a_closing_tag_in_the_text_is_seen() -> None:
    tricky = "He wrote &lt;item> and </item> into it."
    known = known_after(read(rss(item("a", tricky), item("b"))))
    result = same_either_way(rss(item("a", tricky + " Twice."), item("b")), known)
    assert [change.entry.id for change in result.changes] == ["a"]


def test_a_second_entry_with_a_known_guid_is_kept_apart() -> None:
    known = known_after(read(rss(item("a"), item("b"))))
    other = item("a", "Something else.").replace("<link>/a<", "<link>/other<")
    result = same_either_way(rss(other, item("a"), item("b")), known)
    [change] = result.changes
    assert change.number is None
    assert change.entry.id != "a"
    later = (*known, *known_after(result))
    later = tuple(replace(one, number=place) for place, one in enumerate(later, start=1))
    assert read(rss(other, item("a"), item("b")), later).changes == ()


def test_what_an_entry_depends_on_counts_as_part_of_it() -> None:
    known = known_after(read(rss(item("a"), item("b"))))
    moved = rss(item("a"), item("b"), head="<link>https://new.example/</link>")
    result = same_either_way(moved, known)
    assert {change.entry.link for change in result.changes} == {
        "https://new.example/a",
        "https://new.example/b",
    }
    elsewhere = read(rss(item("a")), known, url="https://mirror.example/feed")
    assert elsewhere.entries == 1


def test_a_new_date_of_the_feed_changes_no_entry() -> None:
    head = "<link>https://courier.example/</link><lastBuildDate>{}</lastBuildDate>"
    one, two = (head.format(f"Tue, 31 Mar 2026 0{hour}:00:00 GMT") for hour in (8, 9))
    known = known_after(read(rss(item("a"), head=one)))
    result = same_either_way(rss(item("a"), head=two), known)
    assert result.changes == ()
    assert result.feed.updated == datetime(2026, 3, 31, 9, tzinfo=UTC)


@pytest.mark.parametrize("link", ["", "<link>https://courier.example/open</link>"])
@pytest.mark.parametrize("odd", ["", "<x>&eacute;</x>"])
@pytest.mark.parametrize("shown", [2, 3])
def test_what_has_no_id_and_the_same_words_is_new_every_day(
    link: str, odd: str, shown: int
) -> None:
    results: list[ReadResult] = []
    for day in range(1, 9):
        items = [
            f"<item><title>Open thread</title>{link}<pubDate>{one:02} Mar 2026 08:00 GMT</pubDate>"
            "</item>"
            for one in range(day, max(0, day - shown), -1)
        ]
        body = rss(odd, item("a"), *items)
        result = read(body, known_after(*results))
        new = [one.entry.published for one in result.changes if one.number is None]
        assert new[day == 1 :] == [datetime(2026, 3, day, 8, tzinfo=UTC)], (day, new)
        results.append(result)
        # To learn that the first had a date is no news.
        again = read(body, known_after(*results))
        assert again.changes == ()


def test_an_item_in_a_comment_is_no_entry() -> None:
    with_comment = rss(item("a"), f"<!-- {item('hidden')} -->", item("b"))
    known = known_after(read(with_comment))
    assert {one.id for one in known} == {"a", "b"}
    result = same_either_way(with_comment.replace(b"<!--", b"").replace(b"-->", b""), known)
    assert [change.entry.id for change in result.changes] == ["hidden"]


def test_a_document_that_breaks_off_loses_nothing() -> None:
    known = known_after(read(rss(item("a"), item("b"))))
    result = read(rss(item("c"), item("a"), item("b"))[:-30], known)
    assert [change.entry.id for change in result.changes] == ["c"]


def test_places_are_found_by_whole_tags() -> None:
    body = b"<items/><item>1</item><itemize/><item a='b'>2</item ><x/>"
    assert segments_of(body, url=URL, most=9) is None  # the second has an end we do not know
    body = body.replace(b"</item >", b"</item>")
    found = segments_of(body, url=URL, most=9)
    assert found
    assert [body[start:end] for start, end in found.places] == [
        b"<item>1</item>",
        b"<item a='b'>2</item>",
    ]
    assert cut(body, found.places) == b"<items/><itemize/><x/>"
    assert segments_of(body, url=URL, most=1) is None
    assert segments_of(b"<rss></rss>", url=URL, most=9) is None


@pytest.mark.parametrize("keep", [1, 3])
def test_feeds_of_the_world_read_the_same_either_way(corpus: Path, keep: int) -> None:
    """As if the first entries of each had come since the last poll."""
    shortened = 0
    for path in sorted((corpus / "feeds").rglob("*.*")):
        body = path.read_bytes()
        segments = segments_of(body, url=URL, most=2000)
        if segments is None or len(segments.places) <= keep or body.startswith(b"\x1f\x8b"):
            continue
        result = read_document_or_none(cut(body, segments.places[:keep]))
        if result is None:
            continue
        known = known_after(result)
        if len({one.id for one in known}) != len(known):
            continue
        shortened += 1
        assert told(read(body, known)) == told(read(body, known, whole=is_utf8(body))), path
    assert shortened > 60


def is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return b"ncoding" not in body[:100] or b"tf-8" in body[:100].lower()


def read_document_or_none(body: bytes) -> ReadResult | None:
    try:
        return read(body)
    except AssertionError:
        return None  # no feed at all
