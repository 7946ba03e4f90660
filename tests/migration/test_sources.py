"""Files of other programs → items: what each says, and what is told of broken ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from aggregator.errors import ReadError
from aggregator.migration.archive import from_archive, unzipped, zipped
from aggregator.migration.bookmarks import from_netscape, from_pinboard
from aggregator.migration.compose import Manner, composed
from aggregator.migration.documents import from_documents
from aggregator.migration.values import Item
from aggregator.model.post import PostStatus, Quotation

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
BASE = "https://blog.example/"
MANNER = Manner(base_url=BASE, now=NOW, author="Ana")

NETSCAPE = """<!DOCTYPE NETSCAPE-Bookmark-file-1>
<TITLE>Bookmarks</TITLE><H1>Bookmarks</H1>
<DL><p>
<DT><H3 ADD_DATE="1">City</H3>
<DL><p>
<DT><A HREF="https://a.example/?x=1&amp;y=2" ADD_DATE="1111111111" TAGS="one,two words"
 PRIVATE="1">A &lt;b&gt; title</A>
<DD>Some words &amp; more
<blockquote>quoted</blockquote>
<DT><A HREF="javascript:alert(1)">Bad</A>
</DL><p>
<DT><A HREF="https://b.example/" ADD_DATE="1111111112000000">B</A></DL>
"""


def test_a_bookmark_file_gives_titles_descriptions_folders_and_dates():
    found = from_netscape(NETSCAPE, base_url=BASE)
    first, second = found.items
    assert (first.title, first.about) == ("A <b> title", "https://a.example/?x=1&y=2")
    assert first.tags == ("City", "one", "two words")
    assert first.published == datetime(2005, 3, 18, 1, 58, 31, tzinfo=UTC)
    assert first.html == "<p>Some words &amp; more</p><blockquote><p>quoted</p></blockquote>"
    assert first.private
    assert not second.private
    assert second.published == datetime(2005, 3, 18, 1, 58, 32, tzinfo=UTC)
    assert second.tags == ()
    [broken] = found.broken
    assert broken.place == "item 2 (Bad)"
    assert "https://" in broken.reason


def test_pinboard_items_keep_all_they_say_and_private_ones_are_drafts():
    value = {
        "href": "https://n.example/v?a=1&b=2",
        "description": "<LocationMatch> Directive",
        "extended": "Mine: *not* emphasis\n\nand <b>no</b> tag\n<blockquote>Theirs</blockquote>",
        "tags": "city vote",
        "time": "2004-05-06T07:08:09Z",
        "shared": "no",
    }
    found = from_pinboard(
        json.dumps([value, {**value, "shared": "yes"}, 7, {"href": "x"}]), base_url=BASE, now=NOW
    )
    assert [one.place for one in found.broken] == ["item 3", "item 4"]
    shown, hidden = (composed(item, MANNER) for item in found.items)
    assert hidden.status is PostStatus.DRAFT
    assert hidden.published is None
    assert shown.status is PostStatus.PUBLISHED
    assert shown.published == datetime(2004, 5, 6, 7, 8, 9, tzinfo=UTC)
    assert shown.id is not None
    assert shown.id.startswith("tag:blog.example,2004-05-06:bookmark-")
    assert shown.post.title == "<LocationMatch> Directive"
    assert shown.post.tags == ("city", "vote")
    about, said, quoted = shown.post.blocks
    assert isinstance(about, Quotation)
    assert about.citation is not None
    assert about.citation.url == "https://n.example/v?a=1&b=2"
    assert r"\*not\*" in said.markdown
    assert r"\<b>no\</b> tag" in said.markdown
    assert isinstance(quoted, Quotation)
    asked = composed(found.items[1], Manner(base_url=BASE, now=NOW, with_private=True))
    assert asked.status is PostStatus.PUBLISHED


@pytest.mark.parametrize(
    ("html", "quoted"),
    [
        ("<p>See https://n.example/v for more</p>", True),
        ('<p>See <a href="https://n.example/v">this</a></p>', False),
    ],
)
def test_the_page_that_a_post_is_about_is_linked_once(html: str, quoted: bool):
    item = Item(place="x", title="T", html=html, about="https://n.example/v", published=NOW)
    post = composed(item, MANNER).post
    assert isinstance(post.blocks[0], Quotation) is quoted
    assert "https://n.example/v" in {cite.url for cite in (*post.citations, *post.cites)}


def test_what_is_dated_ahead_or_not_at_all_is_a_draft():
    found = from_pinboard(
        json.dumps([{"href": "https://a.example/", "description": "A", "time": "soon"}]),
        base_url=BASE,
        now=NOW,
    )
    [draft] = (composed(item, MANNER) for item in found.items)
    assert (draft.status, draft.id, draft.slug) == (PostStatus.DRAFT, None, "a")


def test_documents_of_our_own_and_of_generators_are_understood():
    own = '---\ntitle: "Own"\ntags: [city]\n---\nAs typed,\r\nto the letter.\r\n'
    jekyll = (
        "---\nlayout: post\ntitle: Yes\ndate: 2024-03-31 14:05:00 +0200\n"
        "categories: [city, vote]\nlink: https://n.example/v\n---\n> Quoted\n"
    )
    hugo = '+++\ntitle = "Hugo"\ndate = 2024-01-02\ndraft = true\n+++\nBody\n'
    bare = "# A heading\n\nSome words\n"
    broken = "---\ntitle: [never closed\n---\nx\n"
    found = from_documents(
        {
            "own.md": own.encode(),
            "_posts/2024-03-31-yes.md": jekyll.encode(),
            "posts/2024-03-31-yes.md": jekyll.encode(),
            "hugo.markdown": hugo.encode(),
            "bare.md": bare.encode(),
            "broken.md": broken.encode(),
            "picture.png": b"\x89PNG",
        },
        now=NOW,
    )
    assert [one.place for one in found.broken] == ["broken.md"]
    assert "line" in found.broken[0].reason
    assert found.notes == ("`layout` has no place here; left out of 1",)
    by_place = {item.place: composed(item, MANNER) for item in found.items}
    assert by_place["own.md"].document == own
    yes = by_place["posts/2024-03-31-yes.md"]
    assert (yes.slug, yes.published) == ("yes", datetime(2024, 3, 31, 12, 5, tzinfo=UTC))
    assert yes.post.tags == ("city", "vote")
    assert [b.citation.url for b in yes.post.blocks if isinstance(b, Quotation) and b.citation] == [
        "https://n.example/v"
    ]
    assert by_place["hugo.markdown"].status is PostStatus.DRAFT
    assert by_place["bare.md"].post.title == "A heading"


def test_a_zip_has_the_same_bytes_for_the_same_files_and_a_broken_one_is_refused():
    files = {"b.md": b"b", "a/a.md": "ä".encode()}
    assert zipped(files) == zipped(dict(reversed(files.items())))
    assert unzipped(zipped(files)) == files
    whole = zipped(files)
    for body in (whole[:-10], whole[:40] + b"\0" * 40 + whole[80:], b"PK\x03\x04"):
        with pytest.raises(ReadError, match="zip"):
            unzipped(body)


def test_one_broken_post_of_an_archive_is_named_and_the_others_are_read():
    good = {
        "file": "posts/a.md",
        "slug": "a",
        "status": "published",
        "id": "tag:x.example,2020-01-01:a",
        "created": "2020-01-01T00:00:00Z",
        "edited": "2020-01-01T00:00:00Z",
        "published": "2020-01-01T00:00:00Z",
    }
    records = [
        good,
        {**good, "slug": "../../etc"},
        {**good, "file": "posts/none.md"},
        {**good, "id": None},
        {**good, "published": "2020-01-01T00:00:00"},
        {**good, "status": "lost"},
        "no record",
    ]
    text = json.dumps({"version": 1, "posts": records})
    found = from_archive({"posts.json": text.encode(), "posts/a.md": b'---\ntitle: "A"\n---\nx\n'})
    assert [kept.stored.slug for kept in found.items] == ["a"]
    assert len(found.broken) == 6
    for body in (b"{}", b"[", b'{"version": 2, "posts": []}'):
        with pytest.raises(ReadError, match=r"posts\.json"):
            from_archive({"posts.json": body})
