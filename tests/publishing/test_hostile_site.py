"""A site made from the whole corpus: real feeds really polled, and posts that mean harm."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network
from pathlib import Path

import feedparser
import jsonschema
import pytest
from lxml import etree, html

from aggregator.config.settings import FetchSettings, PollSettings, Settings, Site
from aggregator.document import parse_document as parse_post
from aggregator.document.write import write_document
from aggregator.errors import ReadError
from aggregator.fetch.client import HttpFetcher
from aggregator.model.poll import FailureKind
from aggregator.model.post import (
    Citation,
    Commentary,
    Post,
    PostStatus,
    Quotation,
    StoredPost,
    Takeaways,
)
from aggregator.model.subscription import Subscription
from aggregator.publishing.ids import mint_id
from aggregator.reading.parse import parse_document
from aggregator.services.polling import Poller
from aggregator.services.report import FeedReport
from aggregator.services.syndication import Publication, publish
from aggregator.storage.sql import SqlStorage
from aggregator.workers.pool import ParserPool
from servers import Request, response, serving

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NO_FEED = {
    "netnewswire/ScriptingNews.json": FailureKind.NOT_A_FEED,
    "rss-parser/unrecognized.rss": FailureKind.NOT_A_FEED,
    "newsboat/empty.xml": FailureKind.EMPTY,
    "feed-rs/xml_sample_2.xml": FailureKind.NOT_A_FEED,
}
POSTS = 160
LONGEST_TITLE = 1000  # of a document
SITE = Site(
    title="The Margin <script>",
    base_url="https://blog.example/",
    feed_posts=POSTS,
    river_entries=20_000,  # all there is
)


@dataclass(frozen=True, kw_only=True)
class Made:
    """What polling the corpus and publishing gave."""

    polled: dict[str, FeedReport]  # by file
    failures: dict[str, FailureKind | None]
    stored: dict[str, int]  # entries, by file
    expected: dict[str, int]
    titles: list[str]  # of the posts, newest first
    publication: Publication
    directory: Path
    seconds: float

    def files(self, suffix: str) -> list[Path]:
        return sorted(path for path in self.directory.rglob(f"*{suffix}") if path.is_file())


def payloads(corpus: Path) -> list[str]:
    """Return titles that mean harm, and titles of real links that merely look like it."""
    found: list[str] = []
    for path, key in (
        ("security/bleach.jsonl", "input"),
        ("security/dompurify.jsonl", "payload"),
        ("linkblog/blogmarks.jsonl", "title"),
    ):
        lines = (corpus / path).read_bytes().splitlines()
        fitting = [text for line in lines if 0 < len(text := json.loads(line)[key]) < LONGEST_TITLE]
        # What looks like markup first; the sort keeps the order otherwise.
        found += sorted(fitting, key=lambda text: "<" not in text)[: POSTS * 2 // 3]
    return found[:POSTS]


def hostile_post(number: int, payload: str) -> str:
    words = " ".join(payload.split())
    return write_document(
        Post(
            title=words,
            slug=f"post-{number}",
            tags=("odd", words[:30]) if words else ("odd",),
            blocks=(
                Quotation(
                    text=f"They wrote: {words}",
                    lead_in=f"[{number}](https://news.example/{number}) reports:",
                    citation=Citation(
                        url=f"https://news.example/{number}", author=words, title=words
                    ),
                ),
                Takeaways(items=(f"one {words}", f"two [link](javascript:alert({number}))")),
                Commentary(markdown=f"I say: {words}"),
            ),
        )
    )


def followed(corpus: Path) -> dict[str, bytes]:
    listed = json.loads((corpus / "expected.json").read_bytes())
    names = [name.removeprefix("feeds/") for name in listed if name != "_about"]
    return {name: (corpus / "feeds" / name).read_bytes() for name in names}


@pytest.fixture(scope="module")
def made(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    folder = tmp_path_factory.mktemp("site")
    bodies = followed(corpus)
    names = list(bodies)
    expected = {}
    for name, body in bodies.items():
        try:
            seen = parse_document(body, url="http://127.0.0.1/", content_type="", now=NOW)
        except ReadError:
            continue
        # What a document says twice, word for word, is one entry.
        expected[name] = len(set(seen.entries))

    def answer(request: Request) -> bytes:
        return response(200, bodies[names[int(request.target[1:])]], content_type=None)

    # One server at many addresses, each a site of its own, as in the world.
    with serving(answer, host="0.0.0.0") as server:
        urls = {
            server.url(f"/{index}", host=f"127.0.{index // 250}.{index % 250 + 1}"): name
            for index, name in enumerate(names)
        }
        settings = Settings(
            path=folder / "feeds.yaml",
            site=SITE,
            fetch=FetchSettings(
                allow_networks=(IPv4Network("127.0.0.0/8"),), allow_ports=(server.port,)
            ),
            poll=PollSettings(interval=timedelta(hours=1)),
            subscriptions=tuple(Subscription(url=url) for url in urls),
        )
        storage = SqlStorage(folder / "a.sqlite", parse=parse_post)
        storage.mirror_subscriptions(settings.subscriptions)
        fetcher = HttpFetcher(settings.fetch, user_agent="aggregator/test")
        reader = ParserPool(settings.parse)
        started = time.monotonic()
        try:
            report = Poller(
                storage, fetcher, reader, settings, clock=lambda: NOW, jitter=lambda: 0.0
            ).poll()
        finally:
            reader.close()
            fetcher.close()
    titles = write_posts(storage, payloads(corpus))
    publication = publish(storage, SITE, folder / "public")
    feeds = {urls[feed.subscription.url]: feed for feed in storage.feeds(counted=True)}
    yield Made(
        polled={urls[feed.url]: feed for feed in report.feeds},
        failures={name: feed.state.last_failure for name, feed in feeds.items()},
        stored={name: feed.entries or 0 for name, feed in feeds.items()},
        expected=expected,
        titles=titles,
        publication=publication,
        directory=folder / "public",
        seconds=time.monotonic() - started,
    )
    storage.close()


def write_posts(storage: SqlStorage, harmful: list[str]) -> list[str]:
    """Publish a post of each payload, a minute apart; return the titles, newest first."""
    titles = []
    for number, payload in enumerate(harmful):
        at = NOW + timedelta(minutes=number)
        document = hostile_post(number, payload)
        post = parse_post(document)
        slug = f"post-{number}"
        stored = StoredPost(
            slug=slug,
            document=document,
            post=post,
            status=PostStatus.PUBLISHED,
            id=mint_id(SITE.base_url, slug, at),
            created=at,
            edited=at,
            published=at,
            updated=at,
        )
        storage.save_post(stored, replaces=None)
        titles.append(post.title)
    return titles[::-1]


def test_only_what_is_no_feed_fails(made: Made) -> None:
    assert {name: kind for name, kind in made.failures.items() if kind} == NO_FEED
    assert {name for name, feed in made.polled.items() if feed.error} == set(NO_FEED)
    assert len(made.polled) > 190
    assert all(feed.asked for feed in made.polled.values())


def test_no_entry_is_lost_on_the_way_to_the_database(made: Made) -> None:
    assert sum(made.stored.values()) > 2000
    lost = {
        name: (count, made.stored[name])
        for name, count in made.expected.items()
        if made.stored[name] != count
    }
    assert lost == {}


def test_everything_is_published_in_time(made: Made) -> None:
    assert made.publication.problems == ()
    assert len(made.titles) == POSTS
    assert len(list(made.directory.glob("20*/*/*/index.html"))) == POSTS
    assert made.seconds < 60


def test_every_atom_feed_is_valid(corpus: Path, made: Made) -> None:
    schema = etree.RelaxNG(etree.parse(corpus / "schemas" / "atom.rng"))
    feeds = made.files(".atom")
    assert len(feeds) > 100  # the posts', the river, and one for each tag
    for path in feeds:
        document = etree.parse(path)
        schema.assertValid(document)
        ids = Counter(document.xpath("//*[local-name()='entry']/*[local-name()='id']/text()"))
        assert [id_ for id_, count in ids.items() if count > 1] == [], path


def test_the_river_holds_every_entry_once(made: Made) -> None:
    river = feedparser.parse((made.directory / "river.atom").read_bytes())
    assert not river.bozo
    assert len(river.entries) > 2000
    assert all(entry.source.title for entry in river.entries)


def test_json_feed_is_valid_and_says_the_titles(corpus: Path, made: Made) -> None:
    feed = json.loads((made.directory / "feed.json").read_bytes())
    schema = json.loads((corpus / "schemas" / "jsonfeed-1.1.schema.json").read_text())
    jsonschema.validate(feed, schema)
    assert [item["title"] for item in feed["items"]] == shown(made.titles)


@pytest.mark.parametrize("path", ["feed.rss", "feed.atom"])
def test_a_reader_reads_the_titles_back(made: Made, path: str) -> None:
    document = (made.directory / path).read_bytes()
    etree.fromstring(document)
    feed = feedparser.parse(document, sanitize_html=False, resolve_relative_uris=False)
    assert not feed.bozo
    assert [" ".join(entry.title.split()) for entry in feed.entries] == shown(made.titles)


def shown(titles: list[str]) -> list[str]:
    """Return titles without what no document may hold (XML 1.0 §2.2) and directs the eye."""
    odd = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]"
    return [" ".join(re.sub(odd, "", title).split()) for title in titles]


def test_no_page_runs_anything(made: Made) -> None:
    pages = made.files(".html")
    assert len(pages) > POSTS
    for page in pages:
        text = page.read_text()
        scripts = html.fromstring(text).xpath("//script[not(@type='application/ld+json')]")
        ours = ["../search.js"] if page.parent.name == "search" else []
        assert [script.get("src") for script in scripts] == ours, page
        for told in html.fromstring(text).xpath("//script[@type='application/ld+json']"):
            assert json.loads(told.text)["@context"] == "https://schema.org"
        known = {"script", "form"} if ours else {"script"}  # the scripts are those above
        assert set(harmful_parts(text)) <= known, page


def test_no_feed_carries_anything_that_runs(made: Made) -> None:
    feed = json.loads((made.directory / "feed.json").read_bytes())
    for item in feed["items"]:
        assert harmful_parts(item["content_html"]) == [], item["id"]


def harmful_parts(text: str) -> list[str]:
    """Return what a browser would run or be led to: elements, handlers, addresses."""
    found = []
    for element in html.fromstring(text).iter():
        if element.tag in ("script", "iframe", "object", "embed", "svg", "form", "base"):
            found.append(str(element.tag))
        for name, value in element.attrib.items():
            scheme = re.sub(r"[\x00-\x20]+", "", str(value)).lower()
            bad = scheme.startswith(("javascript:", "vbscript:", "data:"))
            if str(name).lower().startswith("on") or name == "style" or bad:
                found.append(f"{element.tag} {name}={value}")
    return found
