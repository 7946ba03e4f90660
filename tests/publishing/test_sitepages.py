"""The pages beside posts, read back as browsers, search engines and programs read them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

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
    row_of,
)

from aggregator.config.settings import Site
from aggregator.model.feed import Feed
from aggregator.model.post import (
    Citation,
    Commentary,
    PostStatus,
    Quotation,
    StoredPost,
    Update,
    UpdateKind,
)
from aggregator.publishing.article import article_of
from aggregator.publishing.files import Stamps
from aggregator.publishing.library import library_of
from aggregator.publishing.pages import MOST_LISTED, Pages, Tag
from aggregator.publishing.periods import periods
from aggregator.publishing.sitemap import sitemap_files
from aggregator.publishing.sitepages import Presentation
from aggregator.storage.protocol import StoredFeed

DAY = timedelta(days=1)
HOSTILE = "</script><script>alert(1)</script><!-- \" ' & {{ 7 * 7 }} \u2028"
PAGE = "2026/03/the-council-blinked/index.html"


def render(
    *posts: StoredPost,
    site: Site = SITE,
    feeds: tuple[StoredFeed, ...] = (),
    about: str | None = None,
) -> dict[str, bytes]:
    presentation = Presentation(about=about)
    made = render_posts(*posts, site=site, feeds=feeds, presentation=presentation)
    assert made.problems == ()
    return dict(made.files)


def page(files: dict[str, bytes], path: str) -> html.HtmlElement:
    return html.fromstring(files[path].decode())


def titles(files: dict[str, bytes], path: str) -> list[str]:
    return page(files, path).xpath("//main//a[contains(@class, 'p-name')]/text()")


def quoting(slug: str, *citations: Citation, days: int = 0, title: str = "") -> StoredPost:
    blocks = tuple(Quotation(text="Words.", citation=citation) for citation in citations)
    return post_of(slug, title=title or slug, blocks=blocks, published=PUBLISHED - days * DAY)


def test_month_and_year_hold_their_posts_and_lead_to_their_neighbours() -> None:
    files = render(
        post_of("march", title="March"),
        post_of("january", title="January", published=PUBLISHED - 70 * DAY),
        post_of("before", title="Before", published=PUBLISHED - 300 * DAY),
    )
    assert titles(files, "2026/index.html") == ["March", "January"]
    assert titles(files, "2026/01/index.html") == ["January"]
    assert titles(files, "2025/index.html") == ["Before"]
    month = page(files, "2026/01/index.html")
    assert month.xpath("//a[@rel='prev']/@href") == ["../../2025/06/"]
    assert month.xpath("//a[@rel='next']/@href") == ["../../2026/03/"]
    assert page(files, "2026/index.html").xpath("//a[@rel='next' or @rel='prev']/@href") == [
        "../2025/"
    ]
    assert titles(files, "archive/index.html") == ["March", "January", "Before"]


def test_a_new_post_leaves_the_lists_of_other_months_and_years_alone() -> None:
    old = [post_of(f"p{n}", published=PUBLISHED - n * 40 * DAY) for n in range(12)]
    before, after = render(*old), render(*old, post_of("new", published=PUBLISHED + DAY / 2))
    changed = {path for path in after if before.get(path) != after[path]}
    untouched = {path for path in after if path.startswith(("2025/", "search/2025", "2026/01/"))}
    assert untouched
    assert not changed & untouched
    assert {"2026/index.html", "2026/03/index.html", "search/2026.json"} <= changed


def test_the_page_of_a_source_lists_who_cites_it_under_the_name_the_author_gives() -> None:
    files = render(
        quoting("a", REYES),
        quoting("b", Citation(url="https://www.news.example/other"), days=1),
        quoting("c", Citation(url="https://b.example/x"), days=2),
    )
    assert titles(files, "sources/news.example/index.html") == ["a", "b"]
    assert page(files, "sources/news.example/index.html").findtext(".//h1") == "The Courier"
    assert page(files, "sources/b.example/index.html").findtext(".//h1") == "b.example"
    names = page(files, "sources/index.html").xpath("//ul[@class='groups']//a/text()")
    assert names == ["b.example", "The Courier"]
    assert "../../../sources/news.example/" in page(files, "2026/03/a/index.html").xpath(
        "//section[@class='cited']//a/@href"
    )


def test_outlets_that_share_a_host_share_a_page_named_by_the_host() -> None:
    video = "https://video.example/"
    files = render(
        quoting("a", Citation(url=f"{video}1", outlet="One")),
        quoting("b", Citation(url=f"{video}2", outlet="Two"), days=1),
    )
    assert page(files, "sources/video.example/index.html").findtext(".//h1") == "video.example"
    assert titles(files, "sources/video.example/index.html") == ["a", "b"]


@pytest.mark.parametrize(
    "url",
    [
        "http://../x",
        "http://[::1]:8/x",
        "http://a..b/../",
        "http://index.html/x",
        "http://ü.example/",
    ],
)
def test_no_address_leads_out_of_the_folder_of_sources(url: str) -> None:
    files = render(quoting("a", Citation(url=url)))
    made = [path for path in files if path.startswith("sources/") and path.count("/") == 2]
    for path in made:
        assert ".." not in path.split("/")
        assert ":" not in path
        if path.endswith(".html"):
            assert titles(files, path) == ["a"]


def test_a_withdrawn_post_cites_nobody_and_is_in_no_search_engine() -> None:
    files = render(post_of(status=PostStatus.WITHDRAWN, updated=UPDATED), post_of("other"))
    assert titles(files, "sources/news.example/index.html") == ["The council blinked"]
    assert b"the-council-blinked" not in files["sources/news.example/index.html"]
    assert b"the-council-blinked" not in files["sitemap.xml"]
    words = {row[0]: row[5] for row in json.loads(files["search/2026.json"])}
    assert "mayor" in words["2026/03/other/"]
    assert "mayor" not in words["2026/03/the-council-blinked/"]


def test_the_author_says_in_markdown_what_the_site_is_about() -> None:
    files = render(about=f"# Who I am\n\nI *read*. [Mail](/mail) <script>x</script>\n\n{HOSTILE}")
    about = page(files, "about/index.html")
    assert about.xpath("//main//h2/text()") == ["Who I am"]
    assert about.xpath("//main//em/text()") == ["read"]
    assert about.xpath("//main//a/@href")[0] == "https://blog.example/mail"
    assert not about.xpath("//script")
    plain = page(render(), "about/index.html")
    assert "Written by Ada Author" in plain.text_content()
    assert plain.xpath("//main//span[@class='h-card']/a/@href") == ["https://blog.example/about"]


def test_the_blogroll_page_names_what_may_be_named_by_its_tags() -> None:
    feeds = (
        feed_of("https://news.example/rss", title="Courier", tags=("city", "daily")),
        feed_of("https://b.example/feed", number=2, feed=Feed(title=HOSTILE, link="javascript:x")),
        feed_of("https://c.example/feed", number=3, title="Secret", private=True),
    )
    files = render(feeds=feeds)
    blogroll = page(files, "blogroll/index.html")
    assert blogroll.xpath("//main//h2/text()") == ["city"]
    assert "Secret" not in blogroll.text_content()
    links = blogroll.xpath("//main//ul//a/@href")
    assert links == [
        "https://b.example/feed",
        "https://news.example/",
        "https://news.example/rss",
    ]
    assert "Nothing followed yet." in page(render(), "blogroll/index.html").text_content()


def test_what_is_searched_is_every_word_of_every_post() -> None:
    files = render(post_of(updates=(UPDATE,)), post_of("old", published=PUBLISHED - 300 * DAY))
    (row,) = json.loads(files["search/2026.json"])
    assert row[:5] == [
        "2026/03/the-council-blinked/",
        "en",
        "The council blinked",
        "2026-03-31",
        "31 March 2026",
    ]
    for words in ("put off its vote", "the unions were not asked.", "talk to the hand", "budget"):
        assert words in row[5]
    search = page(files, "search/index.html")
    assert search.xpath("//@data-years") == ["2026 2025"]
    # Without script there is nothing to type into, and the ways that need none are named.
    assert search.xpath("//form/@hidden")
    assert {"../archive/", "../tags/", "../sources/"} <= set(search.xpath("//main//a/@href"))


def test_the_sitemap_names_pages_with_the_time_of_their_last_news() -> None:
    files = render(post_of(updates=(UPDATE,)), post_of("old", published=PUBLISHED - 300 * DAY))
    tree = etree.fromstring(files["sitemap.xml"])
    listed = {
        entry.findtext("{*}loc"): entry.findtext("{*}lastmod") for entry in tree.iter("{*}url")
    }
    base = "https://blog.example/"
    assert listed[f"{base}2026/03/the-council-blinked/"] == "2026-03-31T14:05:00Z"
    assert listed[base] == listed[f"{base}tags/city/"] == "2026-03-31T14:05:00Z"
    assert listed[f"{base}2025/"] == "2025-06-04T08:00:00Z"
    for address in listed:
        assert f"{(address or '').removeprefix(base)}index.html" in files
    assert b"Sitemap: https://blog.example/sitemap.xml" in files["robots.txt"]


def test_a_sitemap_holds_no_more_than_search_engines_take_and_folders_have_no_robots() -> None:
    posts = [post_of(f"p{n}", published=PUBLISHED - n * 100 * DAY) for n in range(5)]
    rows = [row_of(stored) for stored in posts]
    site = replace(SITE, base_url="https://x.example/blog/")
    briefs = library_of(site, rows).briefs
    tag = Tag(name="city", path="tags/city/", articles=briefs)
    made = sitemap_files(site, Stamps(b""), briefs, [tag], ["about/"], few=4, most=2)
    files = {path: etree.fromstring(file.make()) for path, file in made.items()}
    named = {path: [loc.text for loc in tree.iter("{*}loc")] for path, tree in files.items()}
    base = "https://x.example/blog/"
    assert named == {
        "sitemap-lists.xml": [f"{base}tags/city/", f"{base}about/"],
        "sitemap-2026.xml": [f"{base}2026/03/p0/"],
        "sitemap-2025.xml": [f"{base}2025/12/p1/", f"{base}2025/09/p2/"],
        "sitemap-2025-2.xml": [f"{base}2025/06/p3/", f"{base}2025/02/p4/"],
        "sitemap.xml": [base + path for path in made if path != "sitemap.xml"],
    }
    assert set(sitemap_files(site, Stamps(b""), briefs, [], [])) == {"sitemap.xml"}


def test_json_ld_tells_what_is_quoted_from_where_and_what_was_corrected() -> None:
    correction = Update(
        at=UPDATED + DAY,
        kind=UpdateKind.CORRECTION,
        blocks=(Commentary(markdown="It was *Tuesday*."),),
    )
    files = render(post_of(updates=(UPDATE, correction)))
    data = json.loads(page(files, PAGE).xpath("//script")[0].text)
    assert data["@type"] == "BlogPosting"
    assert data["datePublished"] == "2026-03-31T08:00:00Z"
    assert data["dateModified"] == "2026-04-01T14:05:00Z"
    assert data["isBasedOn"][0] == {
        "@type": "CreativeWork",
        "url": REYES.url,
        "name": "Council delays vote",
        "author": {"@type": "Person", "name": "Ana Reyes"},
        "publisher": {"@type": "Organization", "name": "The Courier"},
    }
    quotation = data["hasPart"][0]
    assert quotation["@type"] == "Quotation"
    assert quotation["text"].startswith("The council put off its vote …")
    assert quotation["isPartOf"]["url"] == REYES.url
    assert data["correction"] == [
        {
            "@type": "CorrectionComment",
            "datePublished": "2026-04-01T14:05:00Z",
            "text": "It was Tuesday.",
        }
    ]


def test_whatever_a_text_holds_json_ld_is_read_back_as_it_was() -> None:
    cited = Citation(
        url="https://x.example/</script>", title=HOSTILE, author=HOSTILE, outlet=HOSTILE
    )
    post = post_of(
        title=HOSTILE,
        author=HOSTILE,
        tags=(HOSTILE,),
        blocks=(Quotation(text="x", citation=cited),),
    )
    files = render(post, site=replace(SITE, title=HOSTILE))
    clean = " ".join(HOSTILE.split())
    made = page(files, PAGE)
    (script,) = made.xpath("//script")
    data = json.loads(script.text)
    assert data["headline"] == data["author"]["name"] == data["isPartOf"]["name"] == clean
    assert data["isBasedOn"][0]["publisher"]["name"] == clean
    assert made.xpath("//meta[@property='og:title']/@content") == [clean]
    assert page(files, "sources/x.example/index.html").findtext(".//h1") == clean
    for path, content in files.items():
        if path.endswith(".html"):
            assert b"alert(1)</script>" not in content, path


def test_every_page_says_where_it_belongs() -> None:
    files = render(post_of(), feeds=(feed_of("https://news.example/rss"),))
    for path in [path for path in files if path.endswith(".html") and path != "404.html"]:
        made = page(files, path)
        address = f"https://blog.example/{path.removesuffix('index.html')}"
        assert made.xpath("//link[@rel='canonical']/@href") == [address]
        assert made.xpath("//meta[@property='og:url']/@content") == [address]
        (title,) = made.xpath("//meta[@property='og:title']/@content")
        assert title
        assert len(made.xpath("//h1")) == 1
        assert len(made.xpath("//main")) == 1
    assert page(files, "404.html").xpath("//meta[@name='robots']/@content") == ["noindex"]


@pytest.mark.parametrize(
    ("base", "root"),
    [("https://blog.example/", "/"), ("https://a.example/my%20blog/", "/my%20blog/")],
)
def test_the_page_of_what_is_missing_leads_home_from_any_depth_and_any_host(
    base: str, root: str
) -> None:
    files = render(post_of(), site=replace(SITE, base_url=base, authors=()))
    missing = page(files, "404.html")
    assert missing.xpath("//link[@rel='stylesheet']/@href") == [f"{root}style.css"]
    assert f"{root}archive/" in missing.xpath("//a/@href")
    assert all(link.startswith(root) for link in missing.xpath("//a/@href") if link[0] != "#")


def test_words_of_sources_are_on_no_page() -> None:
    """The river is a feed: search engines find no copy of what others wrote."""
    news = "https://news.example/rss"
    river = (entry_of(7, news),)
    files = render_posts(river=river, feeds=(feed_of(news),)).files
    assert b"Words of entry 7" in files["river.atom"]
    for path, content in files.items():
        if path.endswith((".html", ".json", ".xml")):
            assert b"Words of entry 7" not in content, path


def test_a_post_with_no_citation_has_no_list_of_them() -> None:
    files = render(post_of(blocks=(BLOCKS[2],)))
    assert not page(files, PAGE).xpath("//section[@class='cited']")
    assert "isBasedOn" not in page(files, PAGE).xpath("//script")[0].text


def test_the_archive_of_many_posts_counts_them_by_month() -> None:
    one = article_of(post_of("a"), SITE)
    many = [replace(one, published=PUBLISHED - n * DAY / 4) for n in range(MOST_LISTED + 1)]
    pages = Pages(SITE, {})
    years, months = (periods(many, by_month=by_month) for by_month in (False, True))
    shown = html.fromstring(pages.archive(years, months))
    counts = shown.xpath("//main//*[@class='count']/text()")
    assert sum(map(int, counts)) == len(many)
    assert shown.xpath("//main//li/a/@href") == [f"../{month.path}" for month in months]
    assert not shown.xpath("//main//a[contains(@class, 'p-name')]")
    few = periods(many[1:], by_month=False), periods(many[1:], by_month=True)
    listed = html.fromstring(pages.archive(*few)).xpath("//a[contains(@class, 'p-name')]")
    assert len(listed) == MOST_LISTED
