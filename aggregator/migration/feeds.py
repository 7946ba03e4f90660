"""Feeds that another program exported → items."""

from __future__ import annotations

from urllib.parse import urlsplit

from aggregator.migration.values import Broken, Collection, Item, place_of
from aggregator.model.feed import Entry
from aggregator.reading.identity import TEXT_ID
from aggregator.reading.request import ReadResult
from aggregator.reading.sites import site_of


def from_feed(result: ReadResult) -> Collection:
    """Return the entries of a feed, oldest first, with their own ids and dates."""
    home = result.feed.link or result.feed.self_link
    items = [
        _item(number, change.entry, home, result.format, result.feed.language)
        for number, change in enumerate(result.changes, 1)
    ]
    items.reverse()
    items.sort(key=lambda item: item.published.timestamp() if item.published else 0)
    broken = [Broken(place="the end", reason="the file breaks off there")] if result.partial else []
    return Collection(
        format=result.format, items=tuple(items), broken=tuple(broken), notes=result.notes
    )


def _item(number: int, entry: Entry, home: str | None, format_: str, language: str | None) -> Item:
    permalink, about = _addresses(entry, home, format_)
    via = next((link.href for link in entry.links if link.rel == "via"), None)
    return Item(
        place=place_of(number, entry.title),
        id=None if entry.id.startswith(TEXT_ID) else entry.id,
        title=entry.title,
        permalink=permalink,
        about=about,
        via=via,
        html=entry.content or entry.summary,
        author=entry.author,
        language=entry.language or language,
        tags=entry.tags,
        published=entry.published,
        updated=entry.updated,
    )


def _addresses(entry: Entry, home: str | None, format_: str) -> tuple[str | None, str | None]:
    """Return an entry's own page, and the page elsewhere that it links to as a whole.

    Linkblogs in Atom and RSS often have the other page for their link, and their own as
    `related`; JSON Feed tells the two apart itself (1.1, `external_url`).
    """
    others = [link.href for link in entry.links if link.rel == "related"]
    if format_.startswith("json"):
        return entry.link, next(iter(others), None)
    if entry.link and home and _site(entry.link) != _site(home):
        own = next((url for url in others if _site(url) == _site(home)), None)
        return own, entry.link
    return entry.link, None


def _site(url: str) -> str:
    try:
        return site_of(url) or urlsplit(url).netloc
    except ValueError:
        return url
