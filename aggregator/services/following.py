"""Following and unfollowing: feeds.yaml is edited, the database mirrors it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from aggregator.config.edit import add_feed, remove_feed
from aggregator.config.load import load_settings
from aggregator.errors import FetchError, ReadError, led_to
from aggregator.fetch.client import Fetched
from aggregator.model.feed import Feed
from aggregator.model.poll import FailureKind, FoundFeed
from aggregator.model.subscription import Subscription
from aggregator.reading.request import ReadFailure, ReadRequest
from aggregator.services.polling import Fetcher, Reader, utc_now
from aggregator.storage.protocol import FeedStorage


@dataclass(frozen=True, kw_only=True)
class Probe:
    """What stands at an address: a feed, or a page that points at feeds."""

    feed: Feed | None
    titles: tuple[str, ...] = ()  # of its first entries
    found: tuple[FoundFeed, ...] = ()
    message: str = ""  # why it is no feed


def probe(url: str, fetcher: Fetcher, reader: Reader) -> Probe:
    """Look at an address without storing anything. Raises FetchError, ReadError."""
    answer = fetcher.fetch(url)
    if not isinstance(answer, Fetched):
        raise FetchError(FailureKind.PROTOCOL, f"{url}: 304 to a first request")
    result = reader.read(
        ReadRequest(
            url=answer.url,
            body=answer.body,
            content_type=answer.content_type,
            now=utc_now(),
            max_entries=100,
        )
    )
    if not isinstance(result, ReadFailure):
        titles = tuple(change.entry.title for change in result.changes[:3])
        return Probe(feed=result.feed, titles=titles)
    if result.found:
        return Probe(feed=None, found=result.found, message=result.message)
    raise ReadError(result.kind, f"{url}: {result.message}{led_to(answer.hops)}")


def follow(path: Path, subscription: Subscription, storage: FeedStorage) -> None:
    """Add a feed to feeds.yaml. Raises ConfigError when it is there already."""
    add_feed(path, subscription)
    storage.mirror_subscriptions(load_settings(path).subscriptions)


def unfollow(path: Path, url: str, storage: FeedStorage) -> str:
    """Take a feed out of feeds.yaml and return its lines; its entries stay.

    Raises FeedNotFound.
    """
    removed = remove_feed(path, url)
    storage.mirror_subscriptions(load_settings(path).subscriptions)
    return removed
