"""Which feeds there are, what is in each of them, and that all of them are valid."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import feedparser
import jsonschema
import pytest
from lxml import etree
from publishing.samples import (
    BLOCKS,
    LANE,
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
from aggregator.model.feed import Entry, Feed
from aggregator.model.post import Commentary, PostStatus, Quotation, StoredPost, UpdateKind
from aggregator.publishing.ids import is_path_name
from aggregator.publishing.parts import source_path

PERMALINK = "https://blog.example/2026/03/the-council-blinked/"
CORRECTION = replace(
    UPDATE, kind=UpdateKind.CORRECTION, blocks=(Commentary(markdown="It was *May*."),)
)


def render(*posts: StoredPost, site: Site = SITE) -> dict[str, bytes]:
    rendered = render_posts(*posts, site=site)
    assert rendered.problems == ()
    return dict(rendered.files)


def entries(files: dict[str, bytes], path: str) -> list[feedparser.FeedParserDict]:
    parsed = feedparser.parse(files[path], sanitize_html=False)
    assert not parsed.bozo, parsed.get("bozo_exception")
    found: list[feedparser.FeedParserDict] = parsed.entries
    return found


def many() -> tuple[StoredPost, ...]:
    """Posts in four months, with an old one that was updated, one withdrawn, one hostile."""
    evil = "</title><script>alert(1)</script> ]]> & \x01 {{ 7 * 7 }}"
    hostile = replace(REYES, url="https://[::1]/x?a=1&b=<", title=evil, outlet=evil)
    return (
        post_of(updates=(UPDATE, CORRECTION)),
        post_of("gone", status=PostStatus.WITHDRAWN, updates=(CORRECTION,)),
        post_of("old", published=PUBLISHED - timedelta(days=60), updates=(UPDATE,)),
        post_of("words", blocks=(Commentary(markdown="Words."),), tags=(evil,), language="ar"),
        post_of("evil", title=evil, blocks=(Quotation(text=evil, citation=hostile),)),
        post_of("january", published=PUBLISHED - timedelta(days=80), language="pl"),
    )


@pytest.mark.parametrize("companions", [False, True])
def test_every_feed_is_valid(corpus: Path, companions: bool) -> None:
    atom = etree.RelaxNG(etree.parse(corpus / "schemas" / "atom.rng"))
    schema = json.loads((corpus / "schemas" / "jsonfeed-1.1.schema.json").read_text())
    files = render(*many(), site=replace(SITE, update_entries=companions))
    seen = set()
    for path, content in files.items():
        if path.endswith(".atom"):
            atom.assertValid(etree.fromstring(content))
            entries(files, path)
        elif path.endswith(".rss"):
            entries(files, path)
        elif path.endswith(".json") and not path.startswith("search/"):
            jsonschema.validate(json.loads(content), schema)
        seen.add(path.rpartition(".")[2])
    assert {"atom", "rss", "json"} <= seen
    assert files == render(*many(), site=replace(SITE, update_entries=companions))


def test_no_two_entries_of_a_feed_share_an_id() -> None:
    again = replace(CORRECTION, blocks=(Commentary(markdown="Of that second, too."),))
    posts = (*many(), post_of("twice", updates=(CORRECTION, again)))
    files = render(*posts, site=replace(SITE, update_entries=True))
    for path in files:
        if path.endswith((".atom", ".rss")):
            ids = [entry.id for entry in entries(files, path)]
            assert len(ids) == len(set(ids)), path


def test_a_tag_and_a_cited_site_have_feeds_in_every_format() -> None:
    other = post_of("other", blocks=(Commentary(markdown="Words."),), tags=("sea",))
    files = render(post_of(updates=(UPDATE,)), other)
    for folder in ("tags/city/", "sources/news.example/", "sources/joelane.example/"):
        assert [one.link for one in entries(files, f"{folder}feed.atom")] == [PERMALINK]
        assert [one.link for one in entries(files, f"{folder}feed.rss")] == [PERMALINK]
        document = json.loads(files[f"{folder}feed.json"])
        assert [item["url"] for item in document["items"]] == [PERMALINK]
        assert document["feed_url"] == f"https://blog.example/{folder}feed.json"
    assert b"<title>The Margin: The Courier</title>" in files["sources/news.example/feed.atom"]
    assert (
        b"<title>The Margin: joelane.example</title>" in files["sources/joelane.example/feed.rss"]
    )


def test_a_site_of_several_outlets_is_called_by_its_host() -> None:
    block = Quotation(text="x", citation=replace(REYES, url="https://news.example/2", outlet="B"))
    files = render(post_of(), post_of("b", blocks=(block,)))
    assert b"<title>The Margin: news.example</title>" in files["sources/news.example/feed.atom"]


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://www.News.example:8443/a", "sources/news.example/"),
        ("https://news.example./a", "sources/news.example/"),
    ],
)
def test_the_folder_of_a_source_is_its_host(url: str, path: str) -> None:
    assert source_path(url) == path


@pytest.mark.parametrize("host", ["index.html", "[::1]", "a" * 300, "%2e%2e", "a\\b"])
def test_no_host_makes_a_path_that_is_none_or_another_files(host: str) -> None:
    folder = source_path(f"https://{host}/").removeprefix("sources/").removesuffix("/")
    assert is_path_name(folder)
    assert folder not in ("index.html", "..")


def test_article_first_leads_to_the_article_and_shows_the_way_to_the_post() -> None:
    files = render(post_of(), post_of("words", blocks=(Commentary(markdown="Words."),)))
    entry, own = entries(files, "article-first.atom")
    assert entry.link == REYES.url
    assert ("related", PERMALINK) in [(link.rel, link.href) for link in entry.links]
    assert f'<a href="{PERMALINK}">' in entry.content[0].value
    assert own.link == "https://blog.example/2026/03/words/"
    item, _ = entries(files, "article-first.rss")
    assert (item.link, item.id) == (REYES.url, entry.id)
    told = json.loads(files["article-first.json"])["items"][0]
    assert (told["url"], told["id"]) == (REYES.url, entry.id)
    assert entries(files, "feed.atom")[0].link == PERMALINK
    assert b"\xe2\x88\x9e" not in files["feed.atom"]


def test_takeaways_come_alone_with_their_ordinals_and_a_link_to_the_post() -> None:
    [entry] = entries(
        render(post_of(updates=(UPDATE,)), post_of("none", blocks=(BLOCKS[0],))),
        "takeaways/feed.atom",
    )
    html = entry.content[0].value
    assert entry.id.endswith(":the-council-blinked#takeaways")
    assert "First, it was the mayor" in html
    assert "Lastly, nothing is settled." in html
    assert f'<a href="{PERMALINK}">The council blinked</a>' in html
    assert "put off its vote" not in html
    assert "June" not in html


def test_each_correction_is_an_entry_dated_when_it_was_made() -> None:
    [entry] = entries(render(post_of(updates=(UPDATE, CORRECTION))), "corrections/feed.atom")
    assert entry.title == "Correction: The council blinked"
    assert entry.published == entry.updated == "2026-03-31T14:05:00Z"
    assert entry.id.endswith(":the-council-blinked#correction-20260331T140500Z")
    assert "<strong>Correction, 31 March 2026, 14:05 UTC:</strong>" in entry.content[0].value
    assert "It was <em>May</em>." in entry.content[0].value


def test_a_withdrawn_post_says_so_wherever_it_stood_and_its_words_are_gone() -> None:
    stays = post_of("stays", blocks=(BLOCKS[0],), tags=("other",))
    before = render(post_of(updates=(CORRECTION,)), stays)
    after = render(post_of(updates=(CORRECTION,), status=PostStatus.WITHDRAWN), stays)
    for path in ("tags/city/feed.atom", "takeaways/feed.rss", "corrections/feed.atom"):
        known = {one.id for one in entries(before, path)}
        told = {one.id: one for one in entries(after, path)}
        assert known
        assert known <= told.keys()
        for id_ in known:
            assert "withdrawn this post" in told[id_].content[0].value
    withdrawn = entries(after, "corrections/feed.atom")
    assert {one.title for one in withdrawn} == {"Withdrawn: The council blinked"}
    source = entries(after, "sources/news.example/feed.atom")
    assert [("withdrawn" in one.content[0].value) for one in source].count(True) == 1
    everything = b"".join(after.values())
    assert b"mayor who blinked" not in everything
    assert b"It was" not in everything


def test_a_source_that_only_a_withdrawn_post_cited_is_named_nowhere() -> None:
    files = render(post_of(status=PostStatus.WITHDRAWN))
    assert not any("news.example" in path for path in files)


def test_updates_are_entries_of_their_own_only_where_the_author_wants_it() -> None:
    post = post_of(updates=(UPDATE,))
    assert len(entries(render(post), "feed.atom")) == 1
    files = render(post, site=replace(SITE, update_entries=True))
    for path in ("feed.atom", "feed.rss", "tags/city/feed.atom"):
        update, whole = entries(files, path)
        assert update.title == "Update: The council blinked"
        assert update.id == f"{whole.id}#update-20260331T140500Z"
        assert update.published_parsed[:5] == (2026, 3, 31, 14, 5)
        assert "his title says it best" in update.content[0].value
        assert "June" not in update.content[0].value


def links(document: bytes) -> dict[str | None, str | None]:
    return {
        one.get("rel"): one.get("href") for one in etree.fromstring(document).findall("{*}link")
    }


def test_archives_by_month_lead_back_to_the_first_post() -> None:
    posts = [post_of(f"m{n}", published=datetime(2026, n, 5, tzinfo=UTC)) for n in (1, 2, 4)]
    files = render(*posts)
    assert {path for path in files if path.startswith("archive/2")} == {
        *("archive/2026-01.atom", "archive/2026-01.json"),
        *("archive/2026-02.atom", "archive/2026-02.json"),
    }
    base = "https://blog.example/archive/"
    assert links(files["feed.atom"])["prev-archive"] == f"{base}2026-02.atom"
    february = links(files["archive/2026-02.atom"])
    assert february["prev-archive"] == f"{base}2026-01.atom"
    assert february["current"] == "https://blog.example/feed.atom"
    assert february["self"] == f"{base}2026-02.atom"
    assert "prev-archive" not in links(files["archive/2026-01.atom"])
    root = etree.fromstring(files["archive/2026-01.atom"])
    assert root.find("{http://purl.org/syndication/history/1.0}archive") is not None
    assert root.findtext("{*}id") == etree.fromstring(files["feed.atom"]).findtext("{*}id")
    assert b"archive>" not in files["feed.atom"]
    assert [one.link for one in entries(files, "archive/2026-01.atom")] == [
        "https://blog.example/2026/01/m1/"
    ]


def test_an_archive_stays_as_it_was_when_an_old_post_is_updated() -> None:
    april = post_of("april", published=datetime(2026, 4, 5, tzinfo=UTC))
    may = post_of("may", published=datetime(2026, 5, 5, tzinfo=UTC))
    june = post_of("june", published=datetime(2026, 6, 5, tzinfo=UTC))
    late = replace(UPDATE, at=datetime(2026, 5, 20, tzinfo=UTC))
    site = replace(SITE, feed_posts=2)
    before = render(post_of(updates=(UPDATE,)), april, may, june, site=site)
    after = render(post_of(updates=(UPDATE, late)), april, may, june, site=site)
    for path in ("archive/2026-03.atom", "archive/2026-04.atom"):
        assert before[path] == after[path]
    # ... and its update is in the feed, and in the archive of its own month.
    assert [one.link for one in entries(after, "feed.atom")][1] == PERMALINK
    [_, updated] = entries(after, "archive/2026-05.atom")
    assert updated.link == PERMALINK
    assert updated.updated == "2026-05-20T00:00:00Z"
    assert "Updated 20 May 2026" in updated.content[0].value
    [first] = entries(after, "archive/2026-03.atom")
    assert first.updated == "2026-03-31T14:05:00Z"
    assert "Updated 31 March 2026" in first.content[0].value
    assert "20 May" not in first.content[0].value


def test_feed_and_archives_together_hold_every_post_in_its_last_state() -> None:
    posts = [
        post_of(f"p{n}", published=PUBLISHED - timedelta(days=4 * n), updates=(UPDATE,) * (n % 2))
        for n in range(40)
    ]
    files = render(*posts, site=replace(SITE, feed_posts=3))
    newest: dict[str, tuple[str, str]] = {}
    url, base = "https://blog.example/feed.atom", "https://blog.example/"
    while url:
        document = files[url.removeprefix(base)]
        for entry in entries(files, url.removeprefix(base)):
            state = (entry.updated, entry.content[0].value)
            newest[entry.id] = max(newest.get(entry.id, state), state)
        url = links(document).get("prev-archive") or ""
    assert len(newest) == 40
    assert sum("Update, 31 March" in html for _, html in newest.values()) == 20


def test_a_json_feed_goes_on_in_its_archives_and_they_stay_as_they_are() -> None:
    months = [post_of(f"m{n}", published=datetime(2026, n, 5, tzinfo=UTC)) for n in (1, 2, 4)]
    site = replace(SITE, feed_posts=1)
    files = render(*months, site=site)
    seen, url, base = [], "https://blog.example/feed.json", "https://blog.example/"
    while url:
        document = json.loads(files[url.removeprefix(base)])
        assert document["feed_url"] == "https://blog.example/feed.json"
        assert document["home_page_url"] == base
        seen += [item["url"] for item in document["items"]]
        url = document.get("next_url")
    assert seen == [f"{base}2026/0{n}/m{n}/" for n in (4, 2, 1)]
    assert "next_url" not in json.loads(files["article-first.json"])
    assert "next_url" not in json.loads(files["tags/city/feed.json"])
    later = render(
        replace(months[0], updated=datetime(2026, 5, 20, tzinfo=UTC)),
        *months[1:],
        post_of("may", published=datetime(2026, 5, 5, tzinfo=UTC)),
        site=site,
    )
    assert later["archive/2026-02.json"] == files["archive/2026-02.json"]


def test_a_month_that_outgrows_the_feed_goes_on_under_an_address_of_its_own() -> None:
    posts = [post_of(f"p{n}", published=PUBLISHED - timedelta(hours=n)) for n in range(5)]
    files = render(*posts, site=replace(SITE, feed_posts=2))
    assert links(files["feed.atom"])["prev-archive"].endswith("archive/2026-03-so-far.atom")
    april = post_of("april", published=PUBLISHED + timedelta(days=9))
    later = render(*posts, april, site=replace(SITE, feed_posts=2))
    assert links(later["feed.atom"])["prev-archive"].endswith("archive/2026-03.atom")
    assert "archive/2026-03-so-far.atom" not in later


def test_words_taken_back_are_in_no_archive() -> None:
    april = post_of("april", published=PUBLISHED + timedelta(days=9), blocks=())
    files = render(post_of(status=PostStatus.WITHDRAWN, updated=UPDATED), april)
    assert b"mayor" not in files["archive/2026-03.atom"]
    assert b"withdrawn this post" in files["archive/2026-03.atom"]
    assert b"mayor" not in files["archive/2026-03.json"]


@pytest.mark.parametrize(
    ("text", "rights", "summary", "content"),
    [
        ("headline", "CC BY 4.0", False, False),
        ("summary", "CC BY 4.0", True, False),
        ("full", "CC BY 4.0", True, True),
        ("full", "https://creativecommons.org/licenses/by-sa/4.0/", True, True),
        ("full", "CC BY-NC 4.0", True, False),
        ("full", "Not under CC BY 4.0", True, False),
        ("full", "CC BY 4.0, but not the pictures", True, False),
        ("full", "https://creativecommons.org.evil.example/licenses/by/4.0/", True, False),
        ("full", "All rights reserved", True, False),
        ("full", None, True, False),
    ],
)
def test_the_river_shows_as_much_as_settings_and_source_allow(
    text: str, rights: str | None, summary: bool, content: bool, corpus: Path
) -> None:
    url = "https://news.example/rss"
    feed = feed_of(url, feed=Feed(title="News", rights=rights))
    entry = Entry(id="urn:x:1", title="One", link="https://n.example/", content="<p><b>All</b></p>")
    bare = Entry(id="urn:x:2", title="Two", content="<p><b>All</b></p>")
    site = replace(SITE, river_text=text)
    river = (entry_of(1, url, entry), entry_of(2, url, bare))
    document = render_posts(site=site, river=river, feeds=(feed,)).files["river.atom"]
    root = etree.fromstring(document)
    etree.RelaxNG(etree.parse(corpus / "schemas" / "atom.rng")).assertValid(root)
    one, two = root.findall("{*}entry")
    said = "<p>All</p>" if content else "All"  # beside HTML it is HTML as well
    assert (one.findtext("{*}summary") == said) is summary
    assert (one.findtext("{*}content") == "<p><b>All</b></p>") is content
    assert ("<b>" in (two.findtext("{*}content") or "")) is content
    assert one[-1].tag.endswith("source")
    assert one[-1].findtext("{*}rights") == rights


@pytest.mark.skipif(shutil.which("sfeed") is None, reason="sfeed is not installed")
@pytest.mark.parametrize(
    "path", ["archive/2026-01.atom", "article-first.rss", "takeaways/feed.atom"]
)
def test_sfeed_reads_titles_and_links_of_every_kind(path: str) -> None:
    files = render(*many())
    done = subprocess.run(["sfeed"], input=files[path], capture_output=True, check=True)
    read = [line.split("\t")[1:3] for line in done.stdout.decode().splitlines()]
    expected = [[one.title, one.link] for one in entries(files, path)]
    assert [link for _, link in read] == [link for _, link in expected]
    assert len(read) == len(expected)


def test_posts_that_reply_to_the_same_article_twice_say_it_once() -> None:
    blocks = (Quotation(text="a", citation=LANE), Quotation(text="b", citation=LANE))
    document = render(post_of(blocks=blocks))["feed.atom"]
    assert document.count(b"in-reply-to") == 1
