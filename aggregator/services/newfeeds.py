"""New feeds at the desk: an address is looked at and followed, or all of a list are."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.config.settings import Settings
from aggregator.config.values import feed_url
from aggregator.errors import AggregatorError, WrongState
from aggregator.model.feed import Entry
from aggregator.model.subscription import Subscription
from aggregator.reading.lists import read_list
from aggregator.services.clock import utc_now
from aggregator.services.discovery import Discovery, Probe
from aggregator.services.following import follow, followed_as, same_feed_address
from aggregator.services.importing import Imported, ImportPlan, import_feeds, import_plan
from aggregator.storage.protocol import FeedStorage

HEADLINES = 5
MOST_TAGS = 20


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A feed that may be followed."""

    url: str
    title: str
    followed: bool = False  # already, perhaps at another address
    moved_from: str | None = None  # the address that has moved to `url` for good
    entries: int | None = None  # None: it was not looked at itself yet
    latest: tuple[Entry, ...] = ()


class NewFeeds:
    """Every method raises StorageError when the database cannot answer."""

    def __init__(
        self,
        storage: FeedStorage,
        discovery: Discovery,
        settings: Callable[[], Settings],
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._storage, self._discovery = storage, discovery
        self._settings, self._clock = settings, clock
        self._looking = threading.Lock()  # the server has few threads, and an answer may take long

    def look(self, typed: str) -> list[Candidate]:
        """Return the feed at an address, or those that the page there points at.

        Raises WrongState for what can be no address, while another one is looked at, and when
        there is no feed; FetchError and ReadError when it cannot be read.
        """
        url = address_of(typed)
        if not self._looking.acquire(blocking=False):
            raise WrongState("another address is being looked at; try again in a moment")
        try:
            seen = self._discovery.look(url)
            if seen.feed is None and len(seen.found) == 1:
                seen = self._discovery.look(seen.found[0].url)
            elif seen.feed is None and not seen.found:
                seen = self._discovery.guess(seen)
        finally:
            self._looking.release()
        if seen.feed is not None:
            return [self._candidate(seen)]
        if not seen.found:
            raise WrongState(f"{url}: {seen.message}")
        known = [feed.subscription for feed in self._storage.feeds()]
        return [
            Candidate(
                url=one.url,
                title=one.title or one.url,
                followed=same_feed_address(one.url, known) is not None,
            )
            for one in seen.found
        ]

    def _candidate(self, seen: Probe) -> Candidate:
        assert seen.feed is not None  # noqa: S101 - for the type checker
        return Candidate(
            url=seen.url,
            title=seen.feed.title or seen.url,
            followed=followed_as(seen, self._storage.feeds()) is not None,
            moved_from=seen.moved_from,
            entries=seen.entries,
            latest=seen.latest[:HEADLINES],
        )

    def follow(self, typed: str, *, tags: Sequence[str] = ()) -> int:
        """Write a feed into feeds.yaml, and return its number.

        Raises ConfigError when it is followed already or the file cannot be edited, and
        WrongState for what can be no address and for too many tags.
        """
        url = address_of(typed)
        subscription = Subscription(url=url, tags=tags_of(tags))
        follow(self._settings().path, subscription, self._storage)
        return self._storage.feeds(urls=[url])[0].number

    def import_list(self, body: bytes) -> tuple[ImportPlan, Imported]:
        """Follow all new feeds of an OPML list; return what it held and what was added.

        Raises ReadError for what is no list, and ConfigError.
        """
        found = read_list(body)
        plan = import_plan(found, [feed.subscription for feed in self._storage.feeds()])
        try:
            return plan, import_feeds(self._settings(), plan, self._storage, self._clock())
        except OSError as error:
            raise AggregatorError(
                f"feeds.yaml could not be kept as it is, so nothing was added: {error}"
            ) from error


def address_of(typed: str) -> str:
    """Return the address that was meant; https is what is left out. Raises WrongState."""
    wanted = typed.strip()
    try:
        return feed_url(wanted)
    except ValueError as error:
        if ":" not in wanted.partition("/")[0] and "." in wanted:
            try:
                return feed_url(f"https://{wanted}")
            except ValueError:
                pass
        raise WrongState(f"{wanted!r} is no address of a feed: {error}") from None


def tags_of(told: Sequence[str]) -> tuple[str, ...]:
    """Return these tags on one line each, each once. Raises WrongState for too many."""
    found = (" ".join(tag.split()) for tag in told)
    tags = tuple(dict.fromkeys(tag for tag in found if tag))
    if len(tags) > MOST_TAGS:
        raise WrongState(f"a feed has {MOST_TAGS} tags at most, and these are {len(tags)}")
    return tags
