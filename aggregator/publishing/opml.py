"""OPML 2.0: the blogroll, and the subscriptions for other programs to import."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lxml import etree

from aggregator.config.settings import Site
from aggregator.markup.text import scrub
from aggregator.publishing.addresses import host_of
from aggregator.publishing.plain import one_line
from aggregator.publishing.privacy import is_public, public_link
from aggregator.storage.protocol import StoredFeed


def blogroll(site: Site, feeds: Iterable[StoredFeed]) -> bytes:
    """Return the active, public feeds as OPML 2.0, in their order.

    A feed stands in the folder of its first tag; `category` names all its tags.
    """
    outlines = _Outlines(site, f"{site.title}: blogroll")
    for feed in listed_feeds(feeds):
        outline = outlines.add(feed, _tags(feed)[:1])
        outline.set("title", feed_name(feed))
        if tags := _tags(feed):
            # OPML 2.0: categories are separated by commas, so a tag must hold none.
            outline.set("category", ",".join(tag.replace(",", " ") for tag in tags))
    return outlines.written()


def subscription_list(site: Site, feeds: Iterable[StoredFeed], *, private: bool) -> bytes:
    """Return the active feeds as OPML 2.0, so that reading it gives the same subscriptions.

    `private`: those as well that nothing published may name. Logins are never written. An empty
    `title` says that the author gave the feed no name; `text` is its own then. What `category`
    cannot say of a tag (a comma in it, a slash before it) is said by a folder.
    """
    outlines = _Outlines(site, f"{site.title}: subscriptions")
    for feed in (one for one in feeds if one.active) if private else listed_feeds(feeds):
        tags = _tags(feed)
        odd = [place for place, tag in enumerate(tags) if "," in tag or tag.startswith("/")]
        outline = outlines.add(feed, tags[: odd[-1] + 1] if odd else tags[:1])
        outline.set("title", one_line(feed.subscription.title))
        if plain := [tag for tag in tags if "," not in tag and not tag.startswith("/")]:
            outline.set("category", ",".join(plain))
    return outlines.written()


def listed_feeds(feeds: Iterable[StoredFeed]) -> list[StoredFeed]:
    """Return the feeds that may be named to everybody, in their order."""
    return [feed for feed in feeds if feed.active and is_public(feed)]


def feed_name(feed: StoredFeed) -> str:
    """Return the author's name for a feed, else its own, else its host."""
    named = one_line(feed.subscription.title or feed.feed.title)
    return named or host_of(feed.subscription.url)


def _tags(feed: StoredFeed) -> list[str]:
    return [tag for tag in map(one_line, feed.subscription.tags) if tag]


class _Outlines:
    """A document that is written feed by feed; folders are made as they are needed."""

    def __init__(self, site: Site, title: str) -> None:
        self._root = etree.Element("opml", version="2.0")
        head = etree.SubElement(self._root, "head")
        etree.SubElement(head, "title").text = one_line(title)
        if site.authors:
            etree.SubElement(head, "ownerName").text = one_line(site.authors[0].name)
        self._body = etree.SubElement(self._root, "body")
        self._folders: dict[tuple[str, ...], etree._Element] = {}

    def add(self, feed: StoredFeed, folders: Sequence[str]) -> etree._Element:
        """Return a new outline for a feed, in folders within folders."""
        parent = self._body
        for depth in range(1, len(folders) + 1):
            path = tuple(folders[:depth])
            if path not in self._folders:
                name = path[-1]
                self._folders[path] = etree.SubElement(parent, "outline", text=name, title=name)
            parent = self._folders[path]
        outline = etree.SubElement(parent, "outline", text=feed_name(feed), type="rss")
        outline.set("xmlUrl", scrub(feed.subscription.url))
        if link := public_link(feed.feed.link):
            outline.set("htmlUrl", link)
        return outline

    def written(self) -> bytes:
        if not len(self._body):
            etree.SubElement(self._body, "outline", text="Nothing followed yet")  # it asks for one
        return etree.tostring(self._root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
