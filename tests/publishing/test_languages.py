"""Pages and feeds in the author's language, with its direction; what is in another is marked."""

from __future__ import annotations

import json
from dataclasses import astuple, replace

import feedparser
import pytest
from lxml import html
from publishing.samples import PUBLISHED, REYES, SITE, UPDATE, feed_of, post_of, render_posts

from aggregator.config.settings import Site
from aggregator.model.post import Commentary, PostStatus, Quotation, StoredPost
from aggregator.publishing.furniture import furniture_for
from aggregator.publishing.plain import is_rtl
from aggregator.publishing.signs import signs_for
from aggregator.publishing.words import words_for

KNOWN = ["en", "de", "fr", "es", "pt", "it"]
PAGE = "2026/03/the-council-blinked/index.html"


def render(*posts: StoredPost, site: Site = SITE) -> dict[str, str]:
    """Return the files; a site with no posts follows nothing either."""
    feeds = [feed_of("https://news.example/rss")] if posts else []
    files = render_posts(*posts, feeds=feeds, site=site).files
    return {path: content.decode() for path, content in files.items()}


def site_in(language: str) -> Site:
    return replace(SITE, language=language)


def said(page: str) -> str:
    return " ".join(html.fromstring(page).text_content().split())


@pytest.mark.parametrize("language", KNOWN)
def test_every_word_around_posts_is_in_the_language_of_the_site(language: str) -> None:
    older = post_of("older", published=PUBLISHED.replace(year=2025), tags=("city",))
    site = replace(site_in(language), feed_posts=1)
    files = render(post_of(updates=(UPDATE,)), older, site=site)
    empty = render(site=site)
    everything = " ".join([*files.values(), *empty.values()])
    ours = furniture_for(language)
    words = [*astuple(ours)[1:], *astuple(signs_for(language))[1:]]
    plain = [field for field in words if "{" not in field and field != ours.river]
    assert [words for words in plain if words not in everything] == []
    assert f"The Margin: {ours.river}</title>" in files["river.atom"]
    for page in [content for path, content in files.items() if path.endswith(".html")]:
        assert page.startswith(f'<!doctype html>\n<html lang="{language}">')
        assert not html.fromstring(page).xpath("//body//*[@lang]")
        for other in KNOWN:
            if other != language:
                foreign = furniture_for(other)
                assert foreign.skip not in page
                assert foreign.subscribe.partition("{")[0] not in page


@pytest.mark.parametrize("path", ["index.html", "archive/index.html", "404.html", PAGE])
def test_words_in_another_language_than_the_page_are_marked(path: str) -> None:
    page = html.fromstring(render(post_of(updates=(UPDATE,)), site=site_in("pl"))[path])
    assert page.get("lang") == "pl"
    english = furniture_for("en")
    about = signs_for("en").about
    for words in (english.skip, english.archive, english.river, about, english.blogroll):
        [element] = page.xpath(f"//body//a[.='{words}']")
        assert element.xpath("ancestor-or-self::*[@lang][1]/@lang") == ["en"], words
    assert page.xpath("//p[@class='name']/ancestor-or-self::*[@lang][1]/@lang") == ["pl"]


def test_the_page_of_a_post_is_in_its_own_language_and_the_site_around_it_in_the_sites() -> None:
    page = html.fromstring(render(post_of(language="de", updates=(UPDATE,)))[PAGE])
    assert page.get("lang") == "de"
    assert page.xpath("//h2[@id='cited']/text()") == ["Zitiert"]
    for element in page.xpath("//header[@class='site'] | //footer | //a[@class='skip']"):
        assert element.get("lang") == "en"
    assert not page.xpath("//article//*[@lang]")
    back = html.fromstring(render(post_of(language="en"), site=site_in("pl"))[PAGE])
    assert back.xpath("//nav/ancestor-or-self::*[@lang][1]/@lang") == ["en"]
    assert back.xpath("//p[@class='name']/ancestor-or-self::*[@lang][1]/@lang") == ["pl"]


def test_a_borrowed_word_inside_a_post_is_marked() -> None:
    quoted = Quotation(text="Tak.", citation=REYES)
    post = post_of(language="pl", blocks=(quoted,), updates=(UPDATE,))
    files = render(post, site=site_in("pl"))
    content = html.fromstring(json.loads(files["feed.json"])["items"][0]["content_html"])
    assert content.xpath("//time[@lang='en']/strong/text()") == ["Update, 2026-03-31 14:05 UTC:"]
    assert content.xpath("//span[@lang='en']/text()") == ["via"]
    gone = replace(post, status=PostStatus.WITHDRAWN)
    notice = html.fromstring(render(gone, site=site_in("pl"))[PAGE]).xpath("//div/p[@lang='en']")
    assert "has withdrawn this post" in notice[0].text_content()


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        *[(language, True) for language in ("ar", "he-IL", "fa", "ur", "AR-EG", "az-Arab")],
        *[(language, False) for language in ("en", "de-AT", "az", "ar-Latn", "ja", "zh-Hant-TW")],
    ],
)
def test_languages_written_from_right_to_left_are_known(language: str, expected: bool) -> None:
    assert is_rtl(language) is expected


def test_pages_and_feeds_run_from_right_to_left_where_the_language_does() -> None:
    words = (Commentary(markdown="Ana قالت نعم."),)
    files = render(post_of(blocks=words), site=site_in("ar"))
    page = html.fromstring(files[PAGE])
    assert (page.get("lang"), page.get("dir")) == ("ar", "rtl")
    assert page.xpath("//a[@class='skip']")[0].attrib["dir"] == "ltr"
    assert page.find_class("e-content")[0].get("dir") == "rtl"
    contents = [
        feedparser.parse(files[name], sanitize_html=False, resolve_relative_uris=False)
        .entries[0]
        .content[0]
        .value
        for name in ("feed.atom", "feed.rss", "river.atom", "tags/city/feed.atom")
    ]
    contents.append(json.loads(files["feed.json"])["items"][0]["content_html"])
    assert set(contents) == {'<div lang="ar" dir="rtl">\n<p>Ana قالت نعم.</p>\n</div>'}


def test_a_post_in_another_direction_than_the_site_says_so() -> None:
    files = render(post_of(language="he"), post_of("other"))
    index = html.fromstring(files["index.html"])
    assert index.get("dir") is None
    assert [(a.get("lang"), a.get("dir")) for a in index.xpath("//article")] == [
        ("he", "rtl"),
        (None, None),
    ]
    listed = html.fromstring(files["archive/index.html"]).xpath("//li[@lang='he']")
    assert [item.get("dir") for item in listed] == ["rtl"]


def test_there_are_page_words_for_every_language_that_posts_have_words_for() -> None:
    for language in KNOWN:
        assert furniture_for(language).language == words_for(language).language == language
    assert furniture_for("pl", "de-AT").language == "de"
    assert furniture_for("pl", "cs").language == "en"
