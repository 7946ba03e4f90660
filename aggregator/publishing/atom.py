"""Atom 1.0 (RFC 4287): the author's feed, the river, a feed for each tag."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from aggregator.config.settings import Author, Site
from aggregator.publishing.addresses import address
from aggregator.publishing.article import Article
from aggregator.publishing.atomparts import EntryParts, FeedParts, Link
from aggregator.publishing.plain import as_html
from aggregator.publishing.river import RiverItem, Source
from aggregator.publishing.sheets import OnceEntry, Sheets

# What an empty feed was updated at: it must say something, and no clock is at hand.
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

Item = Article | RiverItem


@dataclass(frozen=True, kw_only=True)
class History:
    """Where a feed goes on (RFC 5005 §4), as paths below the site.

    `previous` is the archive before; None: nothing is. `current` is given in archives only.
    """

    previous: str | None
    current: str | None = None


def atom_feed(
    site: Site,
    items: Sequence[Item],
    *,
    id_: str,
    path: str,
    page: str = "",
    title: str | None = None,
    mixed_with: str | None = None,
    history: History | None = None,
    sheets: Sheets | None = None,
) -> bytes:
    """Return an Atom document of `items`, in their order.

    `path` is where it will be published, `page` the page that shows the same; both below the
    site's base address. Posts are given whole; entries of others as far as they may be, with
    their source. Where posts are mixed with those, they name their source too: the feed of the
    id `mixed_with`.
    The site's texts must be clean.
    """
    own = _own_source(site, items, mixed_with) if mixed_with else None
    feed = FeedGenerator()
    feed.register_extension("parts", FeedParts, EntryParts, rss=False)
    feed.id(id_)
    feed.title(title or site.title)
    feed.subtitle(site.subtitle or None)
    feed.updated(max((item.updated for item in items), default=BEGINNING))
    feed.author([_person(author) for author in site.authors])
    feed.rights(site.rights)
    feed.generator("aggregator")
    feed.parts.language = site.language
    feed.parts.links = [
        Link(address(site.base_url, path), "self", "application/atom+xml"),
        Link(address(site.base_url, page), "alternate", "text/html"),
        *(Link(hub, "hub") for hub in site.hubs),
    ]
    if history:
        feed.parts.archive = history.current is not None
        ways = {"current": history.current, "prev-archive": history.previous}
        feed.parts.links += [
            Link(address(site.base_url, way), rel, "application/atom+xml")
            for rel, way in ways.items()
            if way
        ]
    for item in items:
        feed.add_entry(_once(site, item, own, sheets), order="append")
    document: bytes = feed.atom_str(pretty=True)
    return document


def _once(site: Site, item: Item, own: Source | None, sheets: Sheets | None) -> FeedEntry:
    if sheets is None or own or not isinstance(item, Article):
        return _entry(site, item, own)
    return sheets.once(
        lambda: _entry(site, item, None), "atom", item.id, item.updated, item.link, item.html
    )


def atom_entry_of(site: Site, item: Item) -> None:
    """Try whether an item can be written at all. Raises ValueError when it cannot."""
    _entry(site, item, None).atom_entry()


def _entry(site: Site, item: Item, own: Source | None) -> FeedEntry:
    entry = OnceEntry()
    entry.register_extension("parts", EntryParts, rss=False)
    entry.id(item.id)
    entry.title(item.title)
    entry.updated(item.updated)
    entry.published(item.published)
    if item.language != site.language:
        entry.parts.language = item.language
    if isinstance(item, Article):
        entry.author(_person(item.author))
        entry.category(
            [
                {"term": tag, "scheme": address(site.base_url, "tags/"), "label": tag}
                for tag in item.tags
            ]
        )
        entry.summary(as_html(item.summary), type="html")
        entry.content(item.feed_html, type="html")
        entry.parts.links = _links(item)
        entry.parts.replies_to = list(dict.fromkeys(c.url for c in item.citations if c.quoted))
        entry.parts.source = own
    else:
        entry.author({"name": item.author})
        entry.category([{"term": tag} for tag in item.tags])
        if item.link:
            entry.link(href=item.link, rel="alternate")  # feedgen asks for it; parts writes it
            entry.parts.links = [Link(item.link, "alternate")]
            if item.summary and item.content:
                entry.summary(as_html(item.summary), type="html")
            elif item.summary:
                entry.summary(item.summary, type="text")
            if item.content:
                entry.content(item.content, type="html")
        elif item.content:
            entry.content(item.content, type="html")
        else:  # RFC 4287 §4.1.2: without a link, content must be there
            entry.content(item.summary or item.title, type="text")
        entry.parts.source = item.source
    return entry


def _links(article: Article) -> list[Link]:
    if article.link == article.permalink:
        links = [Link(article.permalink, "alternate", "text/html")]
    else:
        links = [Link(article.link, "alternate")]
        links.append(Link(article.permalink, "related", "text/html", article.title))
    links += [
        Link(cited.url, "related", title=cited.title)
        for cited in article.citations
        if cited.url != article.link
    ]
    vias = dict.fromkeys(cited.via for cited in article.citations if cited.via)
    return links + [Link(via, "via") for via in vias]


def _own_source(site: Site, items: Iterable[Item], id_: str) -> Source:
    updated = (item.updated for item in items if isinstance(item, Article))
    return Source(
        id=id_,
        title=site.title,
        updated=max(updated, default=BEGINNING),
        self_link=address(site.base_url, "feed.atom"),
        link=address(site.base_url, ""),
        subtitle=site.subtitle,
        rights=site.rights,
    )


def _person(author: Author) -> dict[str, str]:
    fields = {"name": author.name, "uri": author.uri, "email": author.email}
    return {name: value for name, value in fields.items() if value}
