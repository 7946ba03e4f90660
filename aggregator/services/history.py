"""A feed's history: its archives or older pages (RFC 5005), walked through once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from secrets import token_hex
from urllib.parse import urlsplit

from aggregator.config.settings import Settings
from aggregator.errors import FetchError
from aggregator.fetch.client import Fetched
from aggregator.model.poll import EntryChange, FailureKind, KnownEntry
from aggregator.reading.request import ReadFailure, ReadRequest, ReadResult
from aggregator.reading.schedule import LONGEST_RETRY_AFTER
from aggregator.reading.sites import site_of
from aggregator.reading.words import words
from aggregator.services.clock import utc_now
from aggregator.services.outcomes import COOL_DOWN, FORBIDDEN
from aggregator.services.polling import Fetcher, Reader
from aggregator.services.pollrun import LEASE, LEASE_TIMEOUTS
from aggregator.storage.protocol import Claim, FeedStorage, Site

# No archive in use is as long; one that is made up as we go has no end.
MOST_DOCUMENTS = 1_000
MIB = 1024 * 1024
MOST_BYTES = 256 * MIB  # of decoded documents
MOST_ENTRIES = 50_000


@dataclass(frozen=True, kw_only=True)
class Walked:
    """How far a walk has come, or came."""

    documents: int = 0  # read, the feed's own document not counted
    new: int = 0  # entries stored
    trouble: str = ""  # why it ended before the end; "" when it did not


Tell = Callable[[Walked], None]


class _Ends(Exception):
    """The walk ends here, and this is why."""


class HistoryWalk:
    """One walk through one feed's archives. Used once.

    It claims the feed and its site, as a poll does, so that nobody else asks them meanwhile. The
    feed's own document is only read for where it leads: its entries are left for the next poll,
    to which they are news. Nothing that polling remembers of the feed is touched.
    """

    def __init__(
        self,
        storage: FeedStorage,
        fetcher: Fetcher,
        reader: Reader,
        settings: Settings,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._storage, self._fetcher, self._reader = storage, fetcher, reader
        self._settings, self._clock = settings, clock
        self.walked = Walked()
        self._site: Site | None = None
        self._octets = 0
        self._asked: set[str] = set()
        self._documents: set[frozenset[int]] = set()  # by the numbers of their entries
        self._known: list[KnownEntry] = []
        self._policy = "id"
        self._holder = token_hex(8)
        self._lease = max(LEASE, LEASE_TIMEOUTS * settings.fetch.timeout)

    def walk(
        self, url: str, *, first: Fetched | None = None, tell: Tell = lambda walked: None
    ) -> Walked:
        """Walk through the archives of the feed that is followed at `url`; return how it went.

        `first` is its document, where that was fetched just now. Every document is saved as it
        comes, and `tell` is told then. Raises StorageError, ReadersError.
        """
        now = self._clock()
        claims = self._storage.claim_due(
            now, limit=1, lease=self._lease, holder=self._holder, urls=[url], force=True
        )
        try:
            if not claims:
                raise _Ends(self._why_not(url, now))
            [feed] = claims
            self._site = feed.site
            place = self._begin(feed, first)
            while place is not None:
                place = self._step(feed, place)
                tell(self.walked)
        except _Ends as reason:
            self.walked = replace(self.walked, trouble=str(reason))
        finally:
            self._storage.release(claims, holder=self._holder)
        return self.walked

    def _why_not(self, url: str, now: datetime) -> str:
        """Return why the feed could not be claimed."""
        [feed] = self._storage.feeds(urls=[url])
        if feed.subscription.paused:
            return f"{url} is paused in feeds.yaml"
        for until in (feed.state.not_before, feed.site and feed.site.not_before):
            if until and until > now:
                return f"its publisher asked us to wait; {words(until - now)} of that are left"
        return f"another poll is at work on {url} or its site; try again when it is done"

    def _begin(self, feed: Claim, first: Fetched | None) -> str | None:
        """Read the feed's own document and return where it leads."""
        self._known = self._storage.known_entries(feed.number, limit=MOST_ENTRIES)
        self._policy = feed.state.identity_policy
        url = feed.subscription.url
        result = self._read(feed, url, first or self._answer(feed, url))
        if feed.state.last_success_at is None:
            self._policy = result.identity_policy
        self._repeats(result)
        return result.older

    def _step(self, feed: Claim, place: str) -> str | None:
        """Read and save one document of the archives and return where it leads."""
        if place in self._asked:
            return None  # round in a circle
        self._mind_the_bounds()
        result = self._read(feed, place, self._answer(feed, place))
        if self._repeats(result):
            return None  # the server gives the same whatever it is asked for
        new = self._storage.save_history(feed.number, result.changes, self._clock())
        self.walked = replace(
            self.walked, documents=self.walked.documents + 1, new=self.walked.new + new
        )
        if result.partial and result.older is None:
            raise _Ends(f"{place}: it breaks off, and what comes after it is not known")
        return result.older

    def _mind_the_bounds(self) -> None:
        bounds = (
            (self.walked.documents, MOST_DOCUMENTS, "documents"),
            (len(self._known), MOST_ENTRIES, "entries"),
            (self._octets // MIB, MOST_BYTES // MIB, "MiB"),
        )
        for have, most, unit in bounds:
            if have >= most:
                raise _Ends(f"it goes on, but a walk ends after {most:,} {unit}")

    def _answer(self, feed: Claim, place: str) -> Fetched:
        login = feed.subscription.login
        if login and _origin(place) != _origin(feed.subscription.url):
            login = None  # it is for its own host alone
        try:
            answer = self._fetcher.fetch(place, login=login)
        except FetchError as error:
            self._visited(place, error)
            raise _Ends(f"{place}: {error}") from None
        self._visited(place)
        if not isinstance(answer, Fetched):
            raise _Ends(f"{place}: 304 to a first request")
        return answer

    def _read(self, feed: Claim, place: str, answer: Fetched) -> ReadResult:
        self._asked |= {place, answer.url}
        self._octets += len(answer.body)
        result = self._reader.read(
            ReadRequest(
                url=answer.url,
                body=answer.body,
                content_type=answer.content_type,
                now=self._clock(),
                encoding=feed.subscription.encoding,
                forced_identity=feed.subscription.identity,
                identity_policy=self._policy,
                known=tuple(self._known),
                max_entries=self._settings.parse.max_entries,
            )
        )
        if isinstance(result, ReadFailure):
            raise _Ends(f"{place}: {result.message}")
        return result

    def _repeats(self, result: ReadResult) -> bool:
        """Whether a document has the very entries of one before; from now on all are known."""
        numbers = set(result.known)
        for change in result.changes:
            if change.number is None:
                numbers.add(self._learn(change))
        members = frozenset(numbers)
        if members in self._documents:
            return True
        self._documents.add(members)
        return False

    def _learn(self, change: EntryChange) -> int:
        """Make an entry a known one, under a number that no stored entry has; return that."""
        entry, number = change.entry, -1 - len(self._known)
        self._known.append(
            KnownEntry(
                number=number,
                id=entry.id,
                hash=change.hash,
                link_key=change.link_key,
                text_key=change.text_key,
                at=entry.published or entry.updated,
            )
        )
        return number

    def _visited(self, place: str, error: FetchError | None = None) -> None:
        """Note when the site was asked, and what it asks of us; it stays ours for a while."""
        site, now = self._site, self._clock()
        if site is None or site_of(place) != site.name:
            return
        site = replace(site, asked_at=now)
        throttled = error and error.kind is FailureKind.THROTTLED and error.status != FORBIDDEN
        if error and throttled and self._settings.poll.site_waits(site.name):
            wait = min(max(error.retry_after or COOL_DOWN, COOL_DOWN), LONGEST_RETRY_AFTER)
            site = replace(site, not_before=now + wait, reason=str(error))
        self._site = site
        self._storage.save_polls([], sites=[site], holder=self._holder, until=now + self._lease)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.lower()
