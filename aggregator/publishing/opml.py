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
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = f"{site.title}: blogroll"
    if site.authors:
        etree.SubElement(head, "ownerName").text = site.authors[0].name
    body = etree.SubElement(root, "body")
    folders: dict[str, etree._Element] = {}
    shown = listed_feeds(feeds)
    for feed in shown:
        tags = [tag for tag in map(one_line, feed.subscription.tags) if tag]
        parent = body
        if tags:
            if tags[0] not in folders:
                folders[tags[0]] = etree.SubElement(body, "outline", text=tags[0], title=tags[0])
            parent = folders[tags[0]]
        _outline(parent, feed, tags)
    if not shown:
        etree.SubElement(body, "outline", text="Nothing followed yet")  # OPML asks for one
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def listed_feeds(feeds: Iterable[StoredFeed]) -> list[StoredFeed]:
    """Return the feeds that may be named to everybody, in their order."""
    return [feed for feed in feeds if feed.active and is_public(feed)]


def feed_name(feed: StoredFeed) -> str:
    """Return the author's name for a feed, else its own, else its host."""
    named = one_line(feed.subscription.title or feed.feed.title)
    return named or host_of(feed.subscription.url)


def _outline(parent: etree._Element, feed: StoredFeed, tags: Sequence[str]) -> None:
    name = feed_name(feed)
    outline = etree.SubElement(parent, "outline", text=name, title=name, type="rss")
    outline.set("xmlUrl", scrub(feed.subscription.url))
    if link := public_link(feed.feed.link):
        outline.set("htmlUrl", link)
    if tags:
        # OPML 2.0: categories are separated by commas, so a tag must hold none.
        outline.set("category", ",".join(tag.replace(",", " ") for tag in tags))
