"""The published files, read back by others."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import feedparser
import jsonschema
import pytest
from lxml import etree, html
from publishing.samples import (
    BLOCKS,
    PUBLISHED,
    REYES,
    SITE,
    UPDATE,
    UPDATED,
    entry_of,
    feed_of,
    post_of,
    render_posts,
)

from aggregator.config.settings import Site
from aggregator.model.feed import Entry, Feed, StoredEntry
from aggregator.model.post import Citation, Commentary, PostStatus, Quotation, StoredPost
from aggregator.publishing.article import Article, article_of
from aggregator.publishing.site import SiteFiles
from aggregator.publishing.writer import write_site
from aggregator.storage.protocol import StoredFeed

NEWS = "https://news.example/rss"
HOUR = timedelta(hours=1)
SOURCES = ("sources/news.example/", "sources/joelane.example/")
HOSTILE = (
    "</title><script>alert(1)</script>",
    "control \x00\x08\x1b\ufffe\ud800 characters",
    "]]> & <b>bold</b> {{ 7 * 7 }}",
    "🎉👩‍👩‍👧 \u202egnp.exe",
    "مرحبا بالعالم",
)


def render(
    *posts: StoredPost,
    river: tuple[StoredEntry, ...] = (),
    feeds: tuple[StoredFeed, ...] = (),
    site: Site = SITE,
) -> SiteFiles:
    return render_posts(*posts, river=river, feeds=feeds, site=site)


def sample() -> SiteFiles:
    second = post_of(
        "second",
        title="A second post",
        blocks=(Commentary(markdown="Words."),),
        tags=("City",),
        published=PUBLISHED - 48 * HOUR,
    )
    feeds = (
        feed_of(NEWS, title="The Courier", tags=("city", "daily")),
        feed_of("https://b.example/feed", number=2, feed=Feed(title="B & Sons")),
    )
    river = (
        entry_of(1, NEWS, first_seen=PUBLISHED + HOUR),
        entry_of(2, "https://b.example/feed", first_seen=PUBLISHED - HOUR),
    )
    return render(post_of(updates=(UPDATE,)), second, river=river, feeds=feeds)


def parsed(files: SiteFiles, path: str = "feed.atom") -> feedparser.FeedParserDict:
    result = feedparser.parse(files.files[path], sanitize_html=False)
    assert not result.bozo, result.get("bozo_exception")
    return result


def assert_runs_nothing(content: bytes, path: str) -> None:
    """No script but ours on the search page; JSON-LD is none, and nothing in it can end it."""
    text = content.decode()
    for script in html.fromstring(text).xpath("//script"):
        if script.get("type") == "application/ld+json":
            json.loads(script.text)
        else:
            assert path == "search/index.html"
            assert (script.get("src"), script.text) == ("../search.js", None)
    allowed = "'self'" if path == "search/index.html" else "'none'"
    assert f"script-src {allowed};" in text


def everything(files: SiteFiles) -> bytes:
    return b"".join(files.files.values()) + " ".join(files.files).encode()


def test_the_same_values_give_the_same_bytes() -> None:
    assert sample().files == sample().files


def test_every_promised_path_is_there() -> None:
    folders = ("", "takeaways/", "tags/city/", "tags/budget/", *SOURCES)
    feeds = {
        f"{folder}{name}.{format_}"
        for folder in folders
        for name in ("feed", "article-first")
        for format_ in ("atom", "rss", "json")
    }
    feeds |= {f"corrections/feed.{format_}" for format_ in ("atom", "rss", "json")}
    assert set(sample().files) == feeds | {
        "river.atom",
        "blogroll.opml",
        "linkblog-extension.txt",
        "index.html",
        "archive/index.html",
        "404.html",
        "style.css",
        "search.js",
        "robots.txt",
        "sitemap.xml",
        "2026/index.html",
        "2026/03/index.html",
        "about/index.html",
        "blogroll/index.html",
        "search/index.html",
        "search/2026.json",
        "sources/index.html",
        "sources/joelane.example/index.html",
        "sources/news.example/index.html",
        "tags/index.html",
        "2026/03/the-council-blinked/index.html",
        "2026/03/second/index.html",
        "tags/city/index.html",
        "tags/budget/index.html",
    }
    assert sample().problems == ()


@pytest.mark.parametrize("path", ["feed.atom", "river.atom", "tags/city/feed.atom"])
def test_atom_follows_the_schema_of_rfc_4287(corpus: Path, path: str) -> None:
    schema = etree.RelaxNG(etree.parse(corpus / "schemas" / "atom.rng"))
    for files in (sample(), render()):
        if path in files.files:
            schema.assertValid(etree.fromstring(files.files[path]))


def test_json_feed_follows_its_schema(corpus: Path) -> None:
    schema = json.loads((corpus / "schemas" / "jsonfeed-1.1.schema.json").read_text())
    for files in (sample(), render()):
        jsonschema.validate(json.loads(files.files["feed.json"]), schema)


@pytest.mark.parametrize("path", ["feed.atom", "feed.rss"])
def test_a_reader_reads_back_what_was_written(path: str) -> None:
    first, second = parsed(sample(), path).entries
    assert [first.title, second.title] == ["The council blinked", "A second post"]
    assert first.link == "https://blog.example/2026/03/the-council-blinked/"
    assert first.id == "tag:blog.example,2026-03-31:the-council-blinked"
    assert first.published_parsed[:6] == (2026, 3, 31, 8, 0, 0)
    assert first.updated_parsed[:6] == (2026, 3, 31, 14, 5, 0)
    assert "First, it was the mayor who blinked." in first.content[0].value
    assert [tag.term for tag in first.tags] == ["city", "budget"]
    assert first.author_detail.name == "Ada Author"


def test_json_feed_says_the_same() -> None:
    item = json.loads(sample().files["feed.json"])["items"][0]
    assert item["id"] == "tag:blog.example,2026-03-31:the-council-blinked"
    assert item["url"] == "https://blog.example/2026/03/the-council-blinked/"
    assert item["external_url"] == REYES.url
    assert item["date_published"] == "2026-03-31T08:00:00Z"
    assert item["date_modified"] == "2026-03-31T14:05:00Z"


def test_links_of_an_entry_say_what_they_are() -> None:
    links = parsed(sample()).entries[0].links
    assert [(link.rel, link.href) for link in links] == [
        ("alternate", "https://blog.example/2026/03/the-council-blinked/"),
        ("related", REYES.url),
        ("related", "https://joelane.example/2026/talk"),
        ("via", "https://www.b.example/seen"),
    ]
    assert links[1].title == "Council delays vote"


def test_parts_of_an_entry_stand_in_one_order_and_source_comes_last() -> None:
    root = etree.fromstring(sample().files["river.atom"])
    for entry in root.iter("{*}entry"):
        names = [etree.QName(child).localname for child in entry]
        assert names[:3] == ["id", "title", "link"]
        assert names[-1] == "source"


def test_an_update_moves_updated_and_never_published() -> None:
    before = parsed(render(post_of())).entries[0]
    after = parsed(render(post_of(updates=(UPDATE,)))).entries[0]
    assert before.published == before.updated == after.published == "2026-03-31T08:00:00Z"
    assert after.updated == "2026-03-31T14:05:00Z"
    assert parsed(render(post_of(updates=(UPDATE,)))).feed.updated == "2026-03-31T14:05:00Z"


def test_an_old_post_with_an_update_comes_back_into_the_feed() -> None:
    old = post_of("old", published=PUBLISHED - 240 * HOUR, updates=(UPDATE,))
    newer = [post_of(f"p{n}", published=PUBLISHED - n * HOUR) for n in range(3)]
    files = render(*newer, old, site=replace(SITE, feed_posts=2))
    slugs = [entry.link.split("/")[-2] for entry in parsed(files).entries]
    assert slugs == ["p0", "old"]
    assert b"Older posts" in files.files["index.html"]


def test_drafts_and_scheduled_posts_are_nowhere() -> None:
    files = render(
        post_of("secret-draft", title="Secret", status=PostStatus.DRAFT, published=None),
        post_of("secret-plan", title="Secret", status=PostStatus.SCHEDULED, published=None),
    )
    assert b"ecret" not in everything(files)
    assert files.problems == ()


def test_a_withdrawn_post_is_told_in_feed_and_page_and_its_words_are_gone() -> None:
    files = render(post_of(status=PostStatus.WITHDRAWN, updated=UPDATED))
    entry = parsed(files).entries[0]
    assert entry.title == "The council blinked"
    assert "withdrawn this post" in entry.content[0].value
    assert b"withdrawn this post" in files.files["2026/03/the-council-blinked/index.html"]
    assert b"mayor" not in everything(files)
    assert b"news.example" not in everything(files)


@pytest.mark.parametrize("title", HOSTILE)
def test_hostile_titles_do_no_harm(title: str) -> None:
    feed = Feed(title=title, subtitle=title, rights=title, author=title, link="javascript:x")
    river = (entry_of(1, NEWS, Entry(id=title, title=title, author=title, tags=(title,))),)
    files = render(
        post_of(title=title, tags=(title,), author=title),
        river=river,
        feeds=(feed_of(NEWS, title=title, tags=(title,), feed=feed),),
        site=replace(SITE, title=title, subtitle=title, rights=title),
    )
    assert files.problems == ()
    clean = " ".join(re.sub("[\x00\x08\x1b\ufffe\ud800\u202e]", "", title).split())
    for path, content in files.files.items():
        if path.endswith(".html"):
            assert_runs_nothing(content, path)
        elif not path.endswith(".json"):
            assert b"<script" not in content
        assert b"49" not in content or path == "style.css"
        if path.endswith((".atom", ".rss", ".opml")):
            etree.fromstring(content)
    assert etree.fromstring(files.files["feed.atom"]).findtext("{*}entry/{*}title") == clean
    assert json.loads(files.files["feed.json"])["items"][0]["title"] == clean
    page = html.fromstring(files.files["2026/03/the-council-blinked/index.html"].decode())
    assert page.findtext(".//h1/a") == clean


def test_one_bad_post_never_stops_the_others() -> None:
    good = post_of("good")
    naive = post_of("naive", published=datetime(2026, 1, 1))  # noqa: DTZ001
    lost = replace(post_of("lost"), id=None)
    outside = post_of("../../outside")
    files = render(naive, good, lost, outside)
    assert len(parsed(files).entries) == 1
    assert [problem.split(":")[0] for problem in files.problems] == [
        "post naive",
        "post lost",
        "post ../../outside",
    ]
    assert not any(".." in path for path in files.files)


def test_private_feeds_are_named_nowhere() -> None:
    hidden = "https://undisclosed.example/feed"
    password = "https://ada:s3cret@paid.example/feed"
    token = "https://paid.example/feed?token=s3cret"
    feeds = (
        feed_of(hidden, private=True, title="Undisclosed", tags=("undisclosed",)),
        feed_of(password, number=2, title="Paid"),
        feed_of(token, number=3, title="Paid"),
        feed_of(NEWS, number=4, title="Courier", feed=Feed(link="https://ada:s3cret@x.example/")),
    )
    river = tuple(entry_of(n, feed.subscription.url) for n, feed in enumerate(feeds))
    unknown = entry_of(9, "https://unknown.example/feed")
    seen_there = Quotation(text="Said.", citation=replace(REYES, via=hidden))
    linked = Commentary(markdown="[x](https://linked.example/)")
    cite = Citation(url="https://linked.example/", via=hidden)
    post = post_of(blocks=(*BLOCKS, seen_there, linked))
    post = replace(post, post=replace(post.post, cites=(cite,)))
    files = render(post, river=(*river, unknown), feeds=feeds)
    assert b"linked.example" in files.files["feed.json"]
    text = everything(files).lower()
    for word in (b"undisclosed", b"s3cret", b"paid.example", b"unknown.example"):
        assert word not in text
    assert b"Courier" in files.files["blogroll.opml"]


def test_river_holds_excerpts_with_their_source_and_the_authors_posts_whole() -> None:
    words = "word " * 400
    feed = Feed(title="News", id="tag:news.example,2020:feed", link="https://news.example/")
    entry = Entry(
        id="urn:x:1",
        title="Long",
        link="https://news.example/1",
        author="Ana",
        published=PUBLISHED + HOUR,
        content=f"<p>{words}</p>",
    )
    stored = entry_of(1, NEWS, entry, first_seen=PUBLISHED + 2 * HOUR)
    files = render(post_of(), river=(stored,), feeds=(feed_of(NEWS, feed=feed),))
    theirs, own = parsed(files, "river.atom").entries
    assert len(theirs.summary) <= 500
    assert theirs.summary_detail.type == "text/plain"
    assert "content" not in theirs
    assert (theirs.id, theirs.link, theirs.author) == ("urn:x:1", "https://news.example/1", "Ana")
    assert theirs.source.id == "tag:news.example,2020:feed"
    assert theirs.source.title == "News"
    assert theirs.source.updated
    assert "mayor who blinked" in own.content[0].value
    assert own.source.id == parsed(files).feed.id == "tag:blog.example,2020-01-01:feed.atom"


def test_ids_that_are_no_uris_or_used_by_two_feeds_are_told_apart() -> None:
    other = "https://other.example/rss"
    river = (
        entry_of(1, NEWS, Entry(id="42", title="a", link="https://news.example/a")),
        entry_of(2, NEWS, Entry(id="urn:x:1", title="b", link="https://news.example/b")),
        entry_of(3, other, Entry(id="urn:x:1", title="c", link="https://other.example/c")),
        entry_of(4, other, Entry(id="urn:x:1", title="b", link="https://news.example/b")),
    )
    files = render(river=river, feeds=(feed_of(NEWS), feed_of(other, number=2)))
    assert sorted(entry.id for entry in parsed(files, "river.atom").entries) == [
        f"{NEWS}#42",
        f"{other}#urn%3Ax%3A1",
        "urn:x:1",
    ]


def test_an_author_who_follows_the_own_feed_stands_in_the_river_once() -> None:
    itself = f"{SITE.base_url}feed.atom"
    own = post_of()
    (post,) = parsed(render(own)).entries
    entry = Entry(id=post.id, title=post.title, link=post.link, published=PUBLISHED, content="x")
    back = entry_of(1, itself, entry, first_seen=PUBLISHED + HOUR)
    files = render(own, river=(back,), feeds=(feed_of(itself),))
    (shown,) = parsed(files, "river.atom").entries
    assert shown.id == post.id
    assert "mayor who blinked" in shown.content[0].value


def test_an_entry_dated_to_come_does_not_stay_on_top() -> None:
    soon = PUBLISHED + 999 * HOUR
    future = Entry(id="urn:f", title="Future", link="https://n.example/", published=soon)
    river = (entry_of(1, NEWS, future, first_seen=PUBLISHED - HOUR), entry_of(2, NEWS))
    files = render(river=river, feeds=(feed_of(NEWS),))
    assert [entry.title for entry in parsed(files, "river.atom").entries] == ["Entry 2", "Future"]


def test_busy_sources_never_push_the_author_out_of_the_river() -> None:
    river = tuple(entry_of(n, NEWS, first_seen=PUBLISHED + n * HOUR) for n in range(20))
    site = replace(SITE, river_entries=10)
    files = render(post_of(), river=river, feeds=(feed_of(NEWS),), site=site)
    entries = parsed(files, "river.atom").entries
    assert len(entries) == 10
    assert entries[-1].title == "The council blinked"


def test_the_author_never_pushes_the_sources_out_of_the_river() -> None:
    posts = [post_of(f"p{n}", published=PUBLISHED - n * HOUR) for n in range(20)]
    old = PUBLISHED - 99 * HOUR
    for entries, shown in ((1, 1), (20, 5)):
        river = tuple(entry_of(n, NEWS, first_seen=old) for n in range(entries))
        site = replace(SITE, feed_posts=20, river_entries=10)
        files = render(*posts, river=river, feeds=(feed_of(NEWS),), site=site)
        titles = [entry.title for entry in parsed(files, "river.atom").entries]
        assert len(titles) == 10
        assert sum(title.startswith("Entry") for title in titles) == shown


def test_blogroll_lists_feeds_in_folders() -> None:
    root = etree.fromstring(sample().files["blogroll.opml"])
    assert root.get("version") == "2.0"
    outlines = root.findall(".//outline[@xmlUrl]")
    assert [(o.get("title"), o.get("xmlUrl"), o.get("category")) for o in outlines] == [
        ("The Courier", NEWS, "city,daily"),
        ("B & Sons", "https://b.example/feed", None),
    ]
    parent = outlines[0].getparent()
    assert parent is not None
    assert parent.get("text") == "city"


def test_spellings_of_a_tag_share_a_page_and_are_shown_as_the_newest_post_has_it() -> None:
    newest = post_of("a", tags=("New York",))
    older = post_of("b", tags=("new-york", "NEW YORK", "city"), published=PUBLISHED - HOUR)
    files = render(older, newest)
    assert {path.rpartition("/")[0] for path in files.files if path.startswith("tags/")} == {
        "tags",
        "tags/new-york",
        "tags/city",
    }
    feed = parsed(files, "tags/new-york/feed.atom")
    assert feed.feed.title == "The Margin: New York"
    assert [[tag.term for tag in entry.tags] for entry in feed.entries] == [
        ["New York"],
        ["New York", "city"],
    ]
    assert files.files["tags/new-york/index.html"].count(b"p-name u-url") == 2
    page = html.fromstring(files.files["2026/03/b/index.html"].decode())
    assert page.xpath("//a[@rel='tag']/text()") == ["New York", "city"]


def test_no_path_of_a_tag_changes_because_another_comes_along() -> None:
    one = post_of("a", tags=("new york", "C", "c++"))
    others = post_of("b", tags=("New-York", "C#", "new york!"), published=PUBLISHED + HOUR)
    alone = {path for path in render(one).files if path.startswith("tags/")}
    assert alone < {path for path in render(one, others).files if path.startswith("tags/")}


def test_tags_that_only_look_alike_as_paths_have_pages_of_their_own() -> None:
    plus, sharp = post_of("a", tags=("C++",)), post_of("b", tags=("C#", "c"))
    files = render(plus, sharp)
    folders = {path.split("/")[1] for path in files.files if path.startswith("tags/")}
    assert len(folders - {"index.html"}) == 3
    assert "c" in folders
    assert render(sharp, plus).files.keys() == files.files.keys()
    page = html.fromstring(files.files["2026/03/a/index.html"].decode())
    (link,) = page.xpath("//a[@rel='tag']/@href")
    name = link.removeprefix("../../../")
    tag_page = html.fromstring(files.files[f"{name}index.html"].decode())
    assert tag_page.findtext(".//h1") == "C++"


def test_a_published_post_that_cannot_be_rendered_keeps_its_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ill, gone = post_of("ill", tags=("rare",)), post_of("gone")
    before = render(ill, gone, post_of("well"))
    write_site(before.files, tmp_path, keep=before.keep)
    assert before.keep == ()

    def failing(stored: StoredPost, site: Site) -> Article:
        if stored.slug != "well":
            raise ValueError("ill")
        return article_of(stored, site)

    monkeypatch.setattr("aggregator.publishing.library.article_of", failing)
    after = render(ill, replace(gone, status=PostStatus.WITHDRAWN), post_of("well"))
    for _ in range(2):  # what was kept is still ours
        write_site(after.files, tmp_path, keep=after.keep)
        assert after.keep == ("2026/03/ill/",)
        assert (tmp_path / "2026/03/ill/index.html").exists()
        # A list may hold words of another post that was withdrawn since.
        assert not (tmp_path / "tags/rare").exists()
        assert not (tmp_path / "2026/03/gone").exists()  # withdrawn words are not kept
    write_site(render(post_of("well")).files, tmp_path)
    assert not (tmp_path / "2026/03/ill").exists()


def test_headings_of_a_post_stand_below_its_title() -> None:
    blocks = (Commentary(markdown="# One\n\n## Two\n\n> # Three"),)
    files = render(post_of("a", blocks=blocks, title="Title"))
    page = html.fromstring(files.files["2026/03/a/index.html"].decode())
    assert [one.text_content() for one in page.xpath("//h1")] == ["Title"]
    assert [one.text for one in page.xpath("//article//h2")] == ["One", "Three"]
    assert [one.text for one in page.xpath("//article//h3")] == ["Two"]
    front = html.fromstring(files.files["index.html"].decode())
    assert [one.text_content() for one in front.xpath("//article//h2")] == ["Title"]
    assert "<h1" not in parsed(files).entries[0].content[0].value


def test_pages_need_nothing_from_elsewhere_and_know_their_feeds() -> None:
    files = sample()
    for path, content in files.files.items():
        if not path.endswith(".html"):
            continue
        page = html.fromstring(content.decode())
        assert page.get("lang") == "en"
        assert not page.xpath("//iframe|//img|//*[@style]")
        assert_runs_nothing(content, path)
        assert page.xpath("//link[@rel='alternate'][@type='application/atom+xml']/@href")
        for sheet in page.xpath("//link[@rel='stylesheet']/@href"):
            assert sheet.endswith("style.css")
            assert not sheet.startswith("http")
    assert b"url(" not in files.files["style.css"]
    assert b"@import" not in files.files["style.css"]


def test_every_relative_link_of_a_page_leads_to_a_file() -> None:
    files = sample()
    for path, content in files.files.items():
        if not path.endswith(".html") or path == "404.html":
            continue
        page = html.fromstring(content.decode(), base_url=f"http://here/{path}")
        page.make_links_absolute()
        for link in page.xpath("//a/@href|//link/@href"):
            if not link.startswith("http://here/") or "#" in link:
                continue
            target = link.removeprefix("http://here/")
            assert (target + "index.html" if target.endswith("/") or not target else target) in (
                files.files
            )


def test_a_post_page_tells_machines_what_it_is() -> None:
    page = html.fromstring(sample().files["2026/03/the-council-blinked/index.html"].decode())
    assert page.xpath("//link[@rel='canonical']/@href") == [
        "https://blog.example/2026/03/the-council-blinked/"
    ]
    entry = page.find_class("h-entry")[0]
    for name in ("p-name", "u-url", "dt-published", "dt-updated", "p-author", "e-content"):
        assert entry.find_class(name), name


def test_an_empty_site_says_so() -> None:
    files = render()
    assert b"Nothing published yet" in files.files["index.html"]
    assert b"Nothing published yet" in files.files["archive/index.html"]
    assert parsed(files).entries == []
    assert parsed(files).feed.updated == "1970-01-01T00:00:00Z"
    assert parsed(files, "feed.rss").feed.link == "https://blog.example/"


def test_a_post_in_another_language_says_so() -> None:
    files = render(post_of(language="de", blocks=(Commentary(markdown="Wörter."),)))
    entry = etree.fromstring(files.files["feed.atom"]).find("{*}entry")
    assert entry is not None
    assert entry.get("{http://www.w3.org/XML/1998/namespace}lang") == "de"
    assert b'lang="de"' in files.files["2026/03/the-council-blinked/index.html"]
    assert b"31. M" in files.files["2026/03/the-council-blinked/index.html"]


def test_base_addresses_with_a_path_and_letters_beyond_ascii_work() -> None:
    site = replace(SITE, base_url="https://blog.example/sub/")
    files = render(post_of("größe"), site=site)
    assert "2026/03/größe/index.html" in files.files
    entry = parsed(files).entries[0]
    assert entry.link == "https://blog.example/sub/2026/03/gr%C3%B6%C3%9Fe/"


def test_a_fraction_is_written_only_where_a_time_has_one() -> None:
    first, second = post_of("a"), post_of("b", published=PUBLISHED.replace(microsecond=1000))
    feed = parsed(render(second, first))
    assert [entry.published for entry in feed.entries] == [
        "2026-03-31T08:00:00.001Z",
        "2026-03-31T08:00:00Z",
    ]
    assert [entry.updated for entry in feed.entries] == [e.published for e in feed.entries]
    files = render(second, first).files
    assert b"dt-updated" not in files["index.html"] + files["2026/03/b/index.html"]
    assert b"Tue, 31 Mar 2026 08:00:00 +0000" in files["feed.rss"]
    assert b'"date_published": "2026-03-31T08:00:00.001Z"' in files["feed.json"]


def test_a_page_says_updated_only_when_there_was_an_update() -> None:
    moved = post_of("moved", updated=UPDATED)  # by a withdrawal that is over, say
    files = render(moved, post_of("told", updates=(UPDATE,))).files
    assert b"dt-updated" not in files["2026/03/moved/index.html"]
    assert b"dt-updated" in files["2026/03/told/index.html"]


def test_posts_of_one_moment_stand_in_the_order_they_come_in() -> None:
    files = render(post_of("b"), post_of("c"), post_of("a"))
    assert [entry.link.split("/")[-2] for entry in parsed(files).entries] == ["b", "c", "a"]


@pytest.mark.skipif(shutil.which("sfeed") is None, reason="sfeed is not installed")
@pytest.mark.parametrize("path", ["feed.atom", "feed.rss"])
def test_sfeed_reads_it_back(path: str) -> None:
    done = subprocess.run(["sfeed"], input=sample().files[path], capture_output=True, check=True)
    fields = done.stdout.decode().splitlines()[0].split("\t")
    assert fields[1:3] == [
        "The council blinked",
        "https://blog.example/2026/03/the-council-blinked/",
    ]


@pytest.mark.skipif(shutil.which("newsboat") is None, reason="newsboat is not installed")
def test_newsboat_reads_it_back(tmp_path: Path) -> None:
    (tmp_path / "feed.atom").write_bytes(sample().files["feed.atom"])
    (tmp_path / "urls").write_text(f"file://{tmp_path}/feed.atom\n")
    files = ["-u", str(tmp_path / "urls"), "-c", str(tmp_path / "cache.db")]
    subprocess.run(["newsboat", *files, "-x", "reload"], check=True, capture_output=True)
    done = subprocess.run(
        ["newsboat", *files, "-x", "print-unread"], check=True, capture_output=True
    )
    assert b"2 unread" in done.stdout


def test_dates_to_come_are_not_passed_on() -> None:
    soon = PUBLISHED + 999 * HOUR
    entry = Entry(id="urn:f", title="F", link="https://n.example/", published=soon, updated=soon)
    files = render(river=(entry_of(1, NEWS, entry),), feeds=(feed_of(NEWS),))
    river = parsed(files, "river.atom")
    assert river.feed.updated == river.entries[0].updated == "2026-03-31T08:00:00Z"


def test_a_site_that_says_nothing_of_itself_has_valid_feeds(corpus: Path) -> None:
    schema = etree.RelaxNG(etree.parse(corpus / "schemas" / "atom.rng"))
    bare = Site(title="", authors=(), language="???")
    files = render(post_of(author=None), site=bare)
    assert files.problems == ()
    schema.assertValid(etree.fromstring(files.files["feed.atom"]))
    assert parsed(files, "feed.rss").feed.title == "Linkblog"


def test_rss_items_carry_the_tag_uri_the_whole_text_and_both_dates() -> None:
    channel = etree.fromstring(sample().files["feed.rss"]).find("channel")
    assert channel is not None
    assert channel.findtext("link") == "https://blog.example/"
    own = channel.find("{http://www.w3.org/2005/Atom}link")
    assert own is not None
    assert (own.get("rel"), own.get("href")) == ("self", "https://blog.example/feed.rss")
    item = channel.find("item")
    assert item is not None
    guid = item.find("guid")
    assert guid is not None
    assert (guid.get("isPermaLink"), guid.text) == (
        "false",
        "tag:blog.example,2026-03-31:the-council-blinked",
    )
    assert item.findtext("pubDate") == "Tue, 31 Mar 2026 08:00:00 +0000"
    assert item.findtext("{http://purl.org/dc/elements/1.1/}creator") == "Ada Author"
    assert "mayor" in (item.findtext("{http://purl.org/rss/1.0/modules/content/}encoded") or "")
