"""The feeds that a web page points at (RSS autodiscovery; HTML §4.6.7.1, `rel=alternate`)."""

from __future__ import annotations

import re

from lxml import etree, html

from aggregator.markup.text import scrub
from aggregator.model.poll import FoundFeed
from aggregator.reading.urls import absolute

MOST_FOUND = 20
# Nobody links to a feed after so much of a page, and the parser's tree is 20 times as large.
MAX_PAGE = 1024 * 1024  # bytes

_TYPES = frozenset(
    """application/rss+xml application/atom+xml application/feed+json application/json
    application/rdf+xml application/xml text/xml application/x-rss+xml application/x-atom+xml
    text/rss+xml""".split()
)
_COMMENTS = re.compile(
    r"comments?(?![a-z])|\bkomment|\bcomment(?:aire|i\b)|\bcoment[aá]rio|\breacties\b"
    r"|коммент|コメント|评论",
    re.IGNORECASE,
)
_SURE = frozenset(("application/rss+xml", "application/atom+xml", "application/feed+json"))


def feeds_of_page(body: bytes, *, url: str) -> tuple[FoundFeed, ...]:
    """Return the feeds a page links to, each address once; at most 20.

    They are in the page's order, but that what readers wrote to it comes last.
    `url` is the page's address. Never raises for a page's sake.
    """
    try:
        parser = html.HTMLParser(recover=True, no_network=True, remove_comments=True)
        tree = html.document_fromstring(body[:MAX_PAGE], parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):
        return ()
    base = url
    found: dict[str, FoundFeed] = {}
    for element in tree.iter("base", "link", "a"):
        href = element.get("href") or ""
        if element.tag == "base":
            if base == url and href:
                base = absolute(url, href) or url
            continue
        feed = _feed(element, base, href)
        if feed is not None:
            found.setdefault(feed.url, feed)
            if len(found) == MOST_FOUND:
                break
    return tuple(sorted(found.values(), key=is_of_comments))


def is_of_comments(feed: FoundFeed) -> bool:
    """Whether a feed looks like what readers wrote below posts, by its name and address."""
    return bool(_COMMENTS.search(feed.title) or _COMMENTS.search(feed.url))


def _feed(element: html.HtmlElement, base: str, href: str) -> FoundFeed | None:
    rels = (element.get("rel") or "").lower().split()
    kind = (element.get("type") or "").partition(";")[0].strip().lower()
    if element.tag == "a":
        wanted = kind in _SURE
    else:
        wanted = "feed" in rels or (
            "alternate" in rels and "stylesheet" not in rels and kind in _TYPES
        )
    if kind == "application/json" and "/wp-json/" in href:
        return None  # what WordPress has for programs
    address = absolute(base, href.removeprefix("feed:")) if wanted and href.strip() else None
    if address is None:
        return None
    title = " ".join(scrub(element.get("title") or "", bidi=True).split())
    return FoundFeed(url=address, title=title[:200], type=kind)
