"""Following and unfollowing: feeds.yaml is edited, the database mirrors it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from aggregator.config.edit import add_feed, change_feed, remove_feed
from aggregator.config.load import load_settings
from aggregator.config.values import same_address
from aggregator.model.subscription import Subscription
from aggregator.services.discovery import Probe
from aggregator.storage.protocol import FeedStorage, StoredFeed


def spelling(url: str) -> str:
    """Return what all ways to write one address share, http and https among them.

    What is no address is returned as it is.
    """
    try:
        return same_address(url).partition("://")[2]
    except ValueError:
        return url


def same_feed_address(
    url: str, subscriptions: Iterable[Subscription], *, exactly: bool = False
) -> str | None:
    """Return the address among these that is `url`, perhaps spelled in another way; else None.

    `exactly`: http and https are two addresses.
    """
    for one in subscriptions:
        alike = spelling(one.url) == spelling(url)
        if alike and (not exactly or same_address(one.url) == same_address(url)):
            return one.url
    return None


def followed_as(seen: Probe, feeds: Iterable[StoredFeed]) -> str | None:
    """Return the address under which a feed is followed already; None when it is not.

    It may be followed at an address that leads to this one, at its final one, or at the one it
    gives itself. Some feeds give the address of another, so its word only counts where the two
    do not have different titles.
    """
    assert seen.feed is not None  # noqa: S101 - callers ask about feeds
    sure = {spelling(seen.url), spelling(seen.answer.url)}
    said = {spelling(one) for one in seen.addresses}
    for known in feeds:
        own = spelling(known.subscription.url)
        last = known.state.validators.url
        if own in sure or (last and spelling(last) in sure):
            return known.subscription.url
        titles = {seen.feed.title, known.feed.title} - {""}
        same_word = known.feed.self_link and spelling(known.feed.self_link) in said
        if len(titles) < 2 and (own in said or same_word):
            return known.subscription.url
    return None


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


def change(
    path: Path,
    url: str,
    made: Callable[[Subscription], Subscription],
    storage: FeedStorage,
) -> None:
    """Write other decisions about a feed into feeds.yaml. Raises FeedNotFound, ConfigError."""
    change_feed(path, url, made)
    storage.mirror_subscriptions(load_settings(path).subscriptions)
