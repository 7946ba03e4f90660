"""The whole job: follow, poll, draft, write, publish, update; read back by other programs."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network
from pathlib import Path

import feedparser
import pytest

from aggregator.config.settings import (
    Author,
    FetchSettings,
    ParseSettings,
    PollSettings,
    Settings,
    Site,
)
from aggregator.document import parse_document
from aggregator.fetch.client import HttpFetcher
from aggregator.model.feed import StoredEntry
from aggregator.model.poll import PollStatus
from aggregator.model.post import StoredPost
from aggregator.model.subscription import Subscription
from aggregator.services.desk import Desk
from aggregator.services.polling import Poller
from aggregator.services.syndication import Publication, publish
from aggregator.storage.sql import SqlStorage
from aggregator.workers.pool import ParserPool
from servers import Request, Server, response, serving

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
HEADLINE = "The council blinked & nobody “won”"

COURIER = """<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
<title>The Courier</title><link>http://127.0.0.1/courier</link>
<item><title>Council delays vote</title><link>https://courier.example/vote?a=1&amp;b=2</link>
<guid isPermaLink="false">vote</guid><dc:creator>Ana Reyes</dc:creator>
<pubDate>Tue, 31 Mar 2026 08:00:00 GMT</pubDate>
<description>
&lt;p&gt;The council put off its vote on Tuesday night, after two hours of talk.&lt;/p&gt;
&lt;p&gt;“We need more time,” said the mayor &amp;amp; her deputy.&lt;/p&gt;</description></item>
</channel></rss>"""

LANE = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>Joe Lane</title>
<id>https://joelane.example/</id><updated>2026-03-31T11:00:00Z</updated>
<author><name>Joe Lane</name></author>{entries}</feed>"""

LANE_ENTRY = """<entry><id>https://joelane.example/2026/talk</id>
<title>Council to unions: talk to the hand</title>
<link href="https://joelane.example/2026/talk"/><updated>2026-03-31T13:00:00Z</updated>
<content type="text">He makes several points about the vote that was put off.</content></entry>"""

BODY = """\
[Ana Reyes]({url}) reports:

> The council put off its vote on Tuesday night … “We need more time,” said the mayor …

::: takeaways prose
I see three takeaways from this news.

1. it was the mayor who blinked, at 5 < 6 & in *public*.
2. the unions were not asked.
3. nothing is settled yet.
:::

So why vote in June at all?
"""
WORDS = (
    "Ana Reyes reports: The council put off its vote on Tuesday night … “We need more time,” "
    "said the mayor … I see three takeaways from this news. First, it was the mayor who blinked, "
    "at 5 < 6 & in public. Secondly, the unions were not asked. Lastly, nothing is settled yet. "
    "So why vote in June at all?"
)
UPDATE = """\
Joe Lane makes several points, but his title says it best:

> [{title}]({url})
"""
UPDATE_WORDS = (
    "Update, 31 March 2026, 14:05 UTC: Joe Lane makes several points, but his title says it "
    "best: Council to unions: talk to the hand"
)
# Readers of feeds are told first what is new.
CHANGED_WORDS = (
    "Updated 31 March 2026, 14:05 UTC: Joe Lane makes several points, but his title says it "
    "best: Council to unions…"
)


class House:
    """Everything between two followed feeds and the published folder, but the clock, is real."""

    def __init__(self, folder: Path, sources: Server) -> None:
        self.now, self.public = NOON, folder / "public"
        self.site = Site(
            title="The Margin",
            base_url="https://blog.example/",
            authors=(Author(name="Ada Author"),),
        )
        settings = Settings(
            path=folder / "feeds.yaml",
            site=self.site,
            fetch=FetchSettings(
                allow_networks=(IPv4Network("127.0.0.0/8"),), allow_ports=(sources.port,)
            ),
            poll=PollSettings(interval=timedelta(hours=1)),
            parse=ParseSettings(workers=1),
            subscriptions=tuple(Subscription(url=sources.url(path)) for path in ("/c", "/j")),
        )
        self.storage = SqlStorage(folder / "a.sqlite", parse=parse_document)
        self.storage.mirror_subscriptions(settings.subscriptions)
        self.fetcher = HttpFetcher(settings.fetch, user_agent="aggregator/test")
        self.reader = ParserPool(settings.parse)
        self.poller = Poller(
            self.storage,
            self.fetcher,
            self.reader,
            settings,
            clock=lambda: self.now,
            jitter=lambda: 0.0,
        )
        self.desk = Desk(self.storage, self.site, clock=lambda: self.now)

    def close(self) -> None:
        self.reader.close()
        self.fetcher.close()
        self.storage.close()

    def publish(self) -> Publication:
        publication = publish(self.storage, self.site, self.public)
        assert publication.problems == ()
        return publication

    def entry(self, title: str) -> StoredEntry:
        [found] = [one for one in self.storage.entries() if one.entry.title == title]
        return found

    def write_post(self) -> StoredPost:
        """Draft from the reporter's entry, then write as an author would: keep the details."""
        entry = self.entry("Council delays vote")
        front = self.desk.draft_from(entry.number).split("---\n")[1]
        assert "Ana Reyes" in front
        front = re.sub(r"(?m)^title:.*$", f"title: '{HEADLINE}'", front)
        body = BODY.format(url=entry.entry.link)
        return self.desk.new(f"---\n{front}---\n{body}", from_entry=entry.number)

    def write_update(self, slug: str) -> StoredPost:
        entry = self.entry("Council to unions: talk to the hand").entry
        return self.desk.update(slug, UPDATE.format(title=entry.title, url=entry.link))


class Sources:
    """Two publishers; the blogger reacts once `reacted` is set."""

    reacted = False

    def __call__(self, request: Request) -> bytes:
        if request.target == "/c":
            return response(200, COURIER.encode(), content_type="application/rss+xml")
        entries = LANE_ENTRY if self.reacted else ""
        return response(
            200, LANE.format(entries=entries).encode(), content_type="application/atom+xml"
        )


@dataclass(frozen=True)
class Told:
    """A post as another program has read it from a feed."""

    id: str
    title: str
    words: str


@pytest.fixture
def sources() -> Sources:
    return Sources()


@pytest.fixture
def house(tmp_path: Path, sources: Sources) -> Iterator[House]:
    with serving(sources) as server:
        built = House(tmp_path, server)
        yield built
        built.close()


@pytest.fixture
def slug(house: House) -> str:
    """Return the slug of the post of the day, published an hour after the first poll."""
    report = house.poller.poll()
    assert [feed.status for feed in report.feeds] == [PollStatus.NEW_CONTENT, PollStatus.UNCHANGED]
    house.now += timedelta(hours=1)
    slug = house.write_post().slug
    house.desk.publish(slug)
    house.publish()
    return slug


def react(house: House, sources: Sources, slug: str) -> None:
    """Let the blogger write, poll him, and publish an Update that cites him."""
    sources.reacted = True
    house.now = NOON + timedelta(hours=2, minutes=5)
    assert house.poller.poll().new == 1
    house.write_update(slug)
    house.publish()


def normalised(markup: str) -> str:
    """Return the text of HTML, where every block stands by itself, in single spaces."""
    text = re.sub(r"</?(?:p|blockquote|ol|ul|li|h\d|div)\b[^>]*>", " ", markup)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", text)).split())


def by_feedparser(path: Path) -> list[Told]:
    feed = feedparser.parse(path.read_bytes())
    assert not feed.bozo
    return [
        Told(entry.id, html.unescape(entry.title), normalised(entry.content[0].value))
        for entry in feed.entries
        if "content" in entry  # entries of others are excerpts
    ]


def by_json(path: Path) -> list[Told]:
    return [
        Told(item["id"], item["title"], normalised(item["content_html"]))
        for item in json.loads(path.read_bytes())["items"]
    ]


def by_sfeed(path: Path) -> list[Told]:
    if shutil.which("sfeed") is None:
        pytest.skip("sfeed is not installed")
    done = subprocess.run(["sfeed"], input=path.read_bytes(), capture_output=True, check=True)
    told = []
    for line in done.stdout.decode().splitlines():
        fields = line.split("\t")
        content = fields[3].replace("\\n", "\n").replace("\\t", "\t").replace("\\\\", "\\")
        told.append(Told(fields[5], html.unescape(fields[1]), normalised(content)))
    return told


class Newsboat:
    """A subscriber with newsboat: its cache lives on between two readings."""

    def __init__(self, home: Path, feed_url: str) -> None:
        if shutil.which("newsboat") is None:
            pytest.skip("newsboat is not installed")
        home.mkdir()
        (home / "urls").write_text(feed_url + "\n")
        self._cache = home / "cache.db"
        self._options = ["-u", str(home / "urls"), "-c", str(self._cache)]
        self._environment = os.environ | {"HOME": str(home)}

    def run(self, command: str) -> str:
        done = subprocess.run(
            ["newsboat", *self._options, "-x", command],
            env=self._environment,
            check=True,
            capture_output=True,
            timeout=20,
        )
        return done.stdout.decode()

    def read(self) -> list[Told]:
        self.run("reload")
        with closing(sqlite3.connect(self._cache)) as cache:
            rows = cache.execute("SELECT guid, title, content FROM rss_item").fetchall()
        return [Told(guid, html.unescape(title), normalised(text)) for guid, title, text in rows]


READERS = {
    "feed.atom by feedparser": ("feed.atom", by_feedparser),
    "feed.rss by feedparser": ("feed.rss", by_feedparser),
    "river.atom by feedparser": ("river.atom", by_feedparser),
    "tags/city/feed.atom by feedparser": ("tags/city/feed.atom", by_feedparser),
    "feed.json by json": ("feed.json", by_json),
    "feed.atom by sfeed": ("feed.atom", by_sfeed),
    "feed.rss by sfeed": ("feed.rss", by_sfeed),
}


def test_reporter_and_draft_are_found_where_the_poll_put_them(house: House, slug: str) -> None:
    stored = house.storage.post(slug)
    [citation] = stored.post.citations
    assert citation.url == "https://courier.example/vote?a=1&b=2"
    assert (citation.author, citation.outlet) == ("Ana Reyes", "The Courier")
    assert citation.title == "Council delays vote"
    assert house.storage.entries() == []  # the cited entry has left the inbox


@pytest.mark.parametrize("reader", READERS)
def test_every_word_reaches_the_subscriber_in_order(
    house: House, sources: Sources, slug: str, reader: str
) -> None:
    path, read = READERS[reader]
    if path.startswith("tags/"):
        document = house.storage.post(slug).document.replace("---\n", "---\ntags: [city]\n", 1)
        house.desk.edit(slug, document)
        house.publish()
    id_ = house.storage.post(slug).id
    assert id_
    own = [told for told in read(house.public / path) if told.id == id_]
    assert own == [Told(id_, HEADLINE, WORDS)]

    react(house, sources, slug)
    own = [told for told in read(house.public / path) if told.id == id_]
    assert own == [Told(id_, HEADLINE, f"{CHANGED_WORDS} {WORDS} {UPDATE_WORDS}")]


def test_newsboat_reads_the_update_as_the_same_article(
    house: House, sources: Sources, slug: str, tmp_path: Path
) -> None:
    def served(request: Request) -> bytes:
        return response(200, (house.public / request.target.lstrip("/")).read_bytes())

    id_ = house.storage.post(slug).id
    assert id_
    with serving(served) as site:
        newsboat = Newsboat(tmp_path / "newsboat", site.url("/feed.atom"))
        assert newsboat.read() == [Told(id_, HEADLINE, WORDS)]
        assert "1 unread" in newsboat.run("print-unread")
        react(house, sources, slug)
        assert newsboat.read() == [Told(id_, HEADLINE, f"{CHANGED_WORDS} {WORDS} {UPDATE_WORDS}")]


def test_an_update_keeps_id_and_publication_and_moves_updated(
    house: House, sources: Sources, slug: str
) -> None:
    [before] = feedparser.parse((house.public / "feed.atom").read_bytes()).entries
    react(house, sources, slug)
    [after] = feedparser.parse((house.public / "feed.atom").read_bytes()).entries
    assert before.id == after.id == "tag:blog.example,2026-03-31:" + slug
    assert before.published == after.published == before.updated == "2026-03-31T13:00:00Z"
    assert after.updated == "2026-03-31T14:05:00Z"
    related = [link.href for link in after.links if link.rel == "related"]
    assert related == [
        "https://courier.example/vote?a=1&b=2",
        "https://joelane.example/2026/talk",
    ]


def test_the_page_says_the_same_words(house: House, sources: Sources, slug: str) -> None:
    react(house, sources, slug)
    page = (house.public / "2026" / "03" / slug / "index.html").read_text()
    assert f"{WORDS} {UPDATE_WORDS}" in normalised(page)
    assert HEADLINE in normalised(page)


def test_publishing_again_writes_nothing(house: House, sources: Sources, slug: str) -> None:
    react(house, sources, slug)
    files = [path for path in house.public.rglob("*") if path.is_file()]
    times = {path: path.stat().st_mtime_ns for path in files}
    house.now += timedelta(days=1)
    again = house.publish().report
    assert (again.written, again.removed) == ((), ())
    assert again.unchanged == len(files) - 1  # all but the list of what is ours
    assert {path: path.stat().st_mtime_ns for path in files} == times
