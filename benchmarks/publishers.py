"""Invented publishers: their feeds, and one fast HTTP server for all of them.

Every host has its own loopback address, so that limits per host are real; feeds of one host stand
together, as in most lists. The server runs in a process of its own: `python -m
benchmarks.publishers FEEDS ENTRIES HOSTS LATENCY` prints its port, then serves until its standard
input ends. `GET /mode/NAME` switches what it answers: see MODES.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from ipaddress import IPv4Address

MODES = {
    "first": "full answers with an ETag; 304 when it comes back",
    "same": "the same bodies, without validators",
    "new": "one new entry at the top of each feed, with an ETag",
}

# Of a hundred hosts, so many take so long before they answer; each always the same.
LATENCIES: dict[str, tuple[tuple[int, float], ...]] = {
    "none": ((100, 0.0),),
    "mixed": ((50, 0.005), (30, 0.04), (15, 0.15), (5, 0.6)),
}

# There are so many different documents; more feeds than that share them.
MOST_DOCUMENTS = 1000

# In proportions of a subscription list: RSS leads, JSON Feed and RSS 1.0 are rare.
FORMATS = ("rss", "rss", "rss", "rss", "atom", "atom", "atom", "json", "rdf", "rss")

WORDS = """council vote budget river bridge school market union harbour train mayor winter garden
light paper letter morning number question answer street station window deadline history weather
signal border island machine library kitchen doctor teacher village forest""".split()

NEWEST = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Item:
    number: int
    title: str
    html: str
    at: datetime


def address(host: int) -> str:
    """Return the loopback address of a host."""
    return str(IPv4Address("127.1.0.1") + host * 3)


def url(feed: int, feeds: int, hosts: int, port: int) -> str:
    """Return the address of a feed."""
    return f"http://{address(feed * hosts // feeds)}:{port}/feed/{feed}"


def latency_of(host: int, kind: str) -> float:
    """Return after how many seconds a host answers."""
    place = host * 37 % 100  # spread, and the same in every run
    for share, seconds in LATENCIES[kind]:
        place -= share
        if place < 0:
            return seconds
    return 0.0


def items(feed: int, count: int) -> list[Item]:
    """Return a feed's entries, newest first; of about 3.9 KB of HTML each."""
    chance = random.Random(feed)  # the same words in every run
    found = []
    for number in range(count, 0, -1):
        paragraphs = []
        while sum(map(len, paragraphs)) < 3900:
            words = " ".join(chance.choices(WORDS, k=60))
            link = f'<a href="/story/{number}?p={len(paragraphs)}">{chance.choice(WORDS)}</a>'
            paragraphs.append(f"<p>{words}, “{link}” &amp; <em>more</em>.</p>\n")
        title = " ".join(chance.choices(WORDS, k=7)).capitalize() + f" {number}"
        found.append(
            Item(number, title, "".join(paragraphs), NEWEST - timedelta(hours=count - number))
        )
    return found


def document(feed: int, entries: list[Item]) -> tuple[str, bytes]:
    """Return content type and body of a feed; three in a hundred are not well-formed."""
    site = f"http://{address(feed)}/"
    kind = FORMATS[feed % len(FORMATS)]
    name = f"Publisher {feed}"
    if kind == "json":
        found = [
            {
                "id": f"{site}{x.number}",
                "url": f"{site}story/{x.number}",
                "title": x.title,
                "content_html": x.html,
                "date_published": x.at.isoformat(),
            }
            for x in entries
        ]
        feed_json = {"version": "https://jsonfeed.org/version/1.1", "title": name, "items": found}
        return "application/feed+json", json.dumps(feed_json).encode()
    if kind == "atom":
        body = "".join(
            f"<entry><id>tag:p{feed}.example,2026:{x.number}</id><title>{x.title}</title>"
            f'<link href="{site}story/{x.number}"/><updated>{x.at.isoformat()}</updated>'
            f"<published>{x.at.isoformat()}</published>"
            f"<author><name>Reporter {feed}</name></author>"
            f'<content type="html">{escape(x.html)}</content></entry>\n'
            for x in entries
        )
        head = (
            f'<feed xmlns="http://www.w3.org/2005/Atom"><title>{name}</title><id>{site}</id>'
            f'<link href="{site}"/><updated>{NEWEST.isoformat()}</updated>'
        )
        text = f'<?xml version="1.0" encoding="utf-8"?>{head}{body}</feed>'
    elif kind == "rdf":
        body = "".join(
            f'<item rdf:about="{site}story/{x.number}"><title>{x.title}</title>'
            f"<link>{site}story/{x.number}</link><dc:date>{x.at.isoformat()}</dc:date>"
            f"<content:encoded><![CDATA[{x.html}]]></content:encoded></item>\n"
            for x in entries
        )
        text = (
            '<?xml version="1.0" encoding="utf-8"?>'
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
            'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
            'xmlns:content="http://purl.org/rss/1.0/modules/content/">'
            f'<channel rdf:about="{site}"><title>{name}</title><link>{site}</link></channel>'
            f"{body}</rdf:RDF>"
        )
    else:
        body = "".join(
            f"<item><title>{x.title}</title><link>{site}story/{x.number}</link>"
            f'<guid isPermaLink="false">p{feed}-{x.number}</guid>'
            f"<pubDate>{format_datetime(x.at)}</pubDate><dc:creator>Reporter {feed}</dc:creator>"
            f"<content:encoded><![CDATA[{x.html}]]></content:encoded></item>\n"
            for x in entries
        )
        name += " & Sons" if feed % 33 == 5 else ""  # an ampersand as people write it
        text = (
            '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/" '
            'xmlns:content="http://purl.org/rss/1.0/modules/content/">'
            f"<channel><title>{name}</title><link>{site}</link>{body}</channel></rss>"
        )
    return "application/xml", text.encode()


class Publishers:
    """All of them: prepared answers by document and mode."""

    def __init__(self, feeds: int, entries: int, hosts: int, latency: str) -> None:
        self.mode = "first"
        self.asked = 0
        self._latency = {address(host): latency_of(host, latency) for host in range(hosts)}
        self._documents = min(feeds, MOST_DOCUMENTS)
        self._answers: dict[tuple[str, int], tuple[bytes, bytes]] = {}
        for feed in range(self._documents):
            everything = items(feed, entries + 1)
            for mode, shown in (
                ("first", everything[1:]),
                ("same", everything[1:]),
                ("new", everything),
            ):
                content_type, body = document(feed, shown)
                etag = b"" if mode == "same" else f'"{mode}-{feed}"'.encode()
                field = b"ETag: %s\r\n" % etag if etag else b""
                head = (
                    b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\n%sContent-Length: %d\r\n"
                    b"Connection: close\r\n\r\n" % (content_type.encode(), field, len(body))
                )
                self._answers[mode, feed] = (etag, head + body)

    def answer(self, head: bytes) -> bytes:
        """Return the whole answer to a request."""
        target = head.split(b" ", 2)[1].decode()
        if target.startswith("/mode/"):
            self.mode = target.removeprefix("/mode/")
            text = str(self.asked).encode()
            self.asked = 0
            return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (
                len(text),
                text,
            )
        self.asked += 1
        feed = int(target.rpartition("/")[2])
        etag, full = self._answers[self.mode, feed % self._documents]
        if etag and etag in head:
            return b"HTTP/1.1 304 Not Modified\r\nETag: %s\r\nConnection: close\r\n\r\n" % etag
        return full

    async def serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            if seconds := self._latency.get(writer.get_extra_info("sockname")[0]):
                await asyncio.sleep(seconds)
            writer.write(self.answer(head))
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


async def main(feeds: int, entries: int, hosts: int, latency: str) -> None:
    publishers = Publishers(feeds, entries, hosts, latency)
    server = await asyncio.start_server(publishers.serve_one, "0.0.0.0", 0, backlog=1024)  # noqa: S104 - all of 127/8
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]))
