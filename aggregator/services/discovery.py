"""Looking at an address before it is followed: a feed, a page of feeds, or neither."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator.errors import FetchError, ReadError, led_to
from aggregator.fetch.client import Fetched
from aggregator.model.feed import Entry, Feed
from aggregator.model.poll import UNREACHED, FailureKind, FoundFeed
from aggregator.reading.discover import is_of_comments
from aggregator.reading.places import usual_places
from aggregator.reading.request import ReadFailure, ReadRequest
from aggregator.services.clock import utc_now
from aggregator.services.polling import Fetcher, Reader
from aggregator.services.redirects import settled

FORBIDDEN = 403  # of one place; the next may be open


@dataclass(frozen=True, kw_only=True)
class Probe:
    """What stands at an address. `url` is where it is to be followed, if it is a feed.

    That is the address that was asked, or the one it has moved to for good.
    """

    url: str
    answer: Fetched
    feed: Feed | None  # None: it is a page
    entries: int = 0
    moved_from: str | None = None  # the address that has moved to `url` for good
    more: bool = False  # there are more entries than are read
    latest: tuple[Entry, ...] = ()  # all entries, the newest first
    found: tuple[FoundFeed, ...] = ()  # the feeds that a page points at
    message: str = ""  # why it is no feed

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address this feed is known to have, its own word among them."""
        own = self.feed.self_link if self.feed else None
        return tuple(dict.fromkeys(one for one in (self.url, self.answer.url, own) if one))


class Discovery:
    """Asks addresses and stores nothing."""

    def __init__(
        self,
        fetcher: Fetcher,
        reader: Reader,
        *,
        max_entries: int = 2000,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._fetcher, self._reader, self._clock = fetcher, reader, clock
        self._max_entries = max_entries

    def look(self, url: str) -> Probe:
        """Return what stands at an address: a feed, or a web page.

        Raises FetchError, and ReadError for what is neither.
        """
        answer = self._fetcher.fetch(url)
        if not isinstance(answer, Fetched):
            raise FetchError(FailureKind.PROTOCOL, f"{url}: 304 to a first request")
        result = self._reader.read(
            ReadRequest(
                url=answer.url,
                body=answer.body,
                content_type=answer.content_type,
                now=self._clock(),
                max_entries=self._max_entries,
            )
        )
        if isinstance(result, ReadFailure):
            if not result.is_page:
                raise ReadError(result.kind, f"{url}: {result.message}{led_to(answer.hops)}")
            message = result.message + led_to(answer.hops)
            return Probe(url=url, answer=answer, feed=None, found=result.found, message=message)
        entries = [change.entry for change in result.changes]
        final = settled(url, answer.hops, answer.url)
        return Probe(
            url=final,
            moved_from=url if final != url else None,
            answer=answer,
            feed=result.feed,
            entries=result.entries,
            more=result.entries >= self._max_entries,
            latest=tuple(sorted(entries, key=_age)),
        )

    def guess(self, page: Probe) -> Probe:
        """Return the feed of a page that names none, from where sites usually have it.

        One place after the other is asked, until one is a feed, or until the site does not
        answer or asks us to come less often. What readers wrote to it is only taken when there
        is nothing else. The page is returned when there is no feed.
        """
        comments: Probe | None = None
        for place in usual_places(page.answer.url):
            try:
                seen = self.look(place)
            except ReadError:
                continue
            except FetchError as error:
                asked_to_wait = error.kind is FailureKind.THROTTLED and error.status != FORBIDDEN
                if error.kind in UNREACHED or asked_to_wait:
                    break
                continue
            if seen.feed is None:
                continue
            if not is_of_comments(FoundFeed(url=seen.url, title=seen.feed.title)):
                return seen
            comments = comments or seen
        return comments or replace(
            page, message=f"{page.message}, and none is where sites usually have one"
        )


def _age(entry: Entry) -> float:
    """Sort key: the newest first, entries without a date last."""
    at = entry.published or entry.updated
    return -at.timestamp() if at else 0.0
