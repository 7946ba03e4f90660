"""RSS 2.0: the author's feed for programs that want no Atom."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from lxml import etree

from aggregator.config.settings import Site
from aggregator.publishing.addresses import address
from aggregator.publishing.article import Article
from aggregator.publishing.atom import BEGINNING
from aggregator.publishing.atomparts import atom_time
from aggregator.publishing.plain import as_html
from aggregator.publishing.sheets import OnceEntry, Sheets

_ATOM = "http://www.w3.org/2005/Atom"
_DC = "http://purl.org/dc/elements/1.1/"


class _Channel:
    """feedgen extension: declares the namespace of the items' authors, and names hubs."""

    hubs: tuple[str, ...] = ()

    def extend_ns(self) -> dict[str, str]:
        return {"dc": _DC}

    def extend_rss(self, rss: etree._Element) -> etree._Element:
        for hub in self.hubs:
            rss[0].append(rss.makeelement(f"{{{_ATOM}}}link", {"href": hub, "rel": "hub"}))
        return rss


class _ItemParts:
    """feedgen extension: RSS's own author must be a mail address, and it has no `updated`."""

    article: Article | None = None

    def extend_rss(self, item: etree._Element) -> etree._Element:
        if self.article:
            etree.SubElement(item, f"{{{_DC}}}creator").text = self.article.author.name
            updated = etree.SubElement(item, f"{{{_ATOM}}}updated")
            updated.text = atom_time(self.article.updated)
        return item


def rss_feed(
    site: Site,
    articles: Sequence[Article],
    *,
    path: str = "feed.rss",
    page: str = "",
    title: str | None = None,
    sheets: Sheets | None = None,
) -> bytes:
    """Return an RSS 2.0 document of `articles`, in their order.

    `path` is where it will be published, `page` the page that shows the same. Items link to the
    author's post, or to the article where they are `outward`; their guid is the post's tag URI.
    `pubDate` never moves.
    """
    feed = FeedGenerator()
    feed.register_extension("parts", _Channel, _ItemParts, atom=False)
    feed.parts.hubs = site.hubs
    feed.title(title or site.title)
    feed.description(site.subtitle or site.title)
    feed.link(href=address(site.base_url, path), rel="self", type="application/rss+xml")
    feed.link(href=address(site.base_url, page), rel="alternate")  # the last one is the channel's
    feed.language(site.language)
    feed.copyright(site.rights)
    feed.generator("aggregator")
    feed.docs("https://www.rssboard.org/rss-specification")
    feed.lastBuildDate(max((article.updated for article in articles), default=BEGINNING))
    sheets = sheets or Sheets()
    for article in articles:
        make = partial(_item, article, address(site.base_url, "tags/"))
        key = ("rss", article.id, article.updated, article.link, article.html)
        feed.add_entry(sheets.once(make, *key), order="append")
    document: bytes = feed.rss_str(pretty=True)
    return document


def rss_item_of(article: Article) -> None:
    """Try whether an article can be written at all. Raises ValueError when it cannot."""
    _item(article, article.permalink).rss_entry()


def _item(article: Article, tags: str) -> FeedEntry:
    entry = OnceEntry()
    entry.register_extension("parts", _ItemParts, atom=False)
    entry.title(article.title)
    entry.link(href=article.link, rel="alternate")
    entry.guid(article.id, permalink=False)
    entry.description(as_html(article.summary or article.title))
    entry.content(article.feed_html)
    entry.category([{"term": tag, "scheme": tags} for tag in article.tags])
    entry.published(article.published)
    entry.parts.article = article
    return entry
