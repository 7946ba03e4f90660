"""Telling hubs of feeds that changed (WebSub), and cited pages of who cites them (Webmention)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

from aggregator.config.settings import Settings
from aggregator.errors import FetchError
from aggregator.fetch.client import Fetched
from aggregator.model.notice import Notice, NoticeKind, NoticeState
from aggregator.model.poll import UNREACHED, FailureKind
from aggregator.reading.sites import site_of
from aggregator.reading.webmention import MAX_PAGE, endpoint_of
from aggregator.reading.websub import ask_again_at
from aggregator.services.clock import utc_now
from aggregator.services.reach import is_reachable
from aggregator.storage.noticeprotocol import NoticeStorage

T = TypeVar("T")

MOST_AT_ONCE = 20  # told in one go
WITHIN = timedelta(seconds=10)  # for a page or a form; nobody who is well takes longer
LEASE = timedelta(minutes=5)  # for both, and for waiting for one's turn at two sites
MOST_ATTEMPTS = 8  # the last of them is a day after the first
LONGEST_WAIT = timedelta(days=7)  # that somebody may ask for; later it is no news any more

# What another attempt would not mend.
_FINAL = frozenset(
    (
        FailureKind.BAD_URL,
        FailureKind.FORBIDDEN_ADDRESS,
        FailureKind.REDIRECTS,
        FailureKind.ENCODING,
        FailureKind.HTTP_STATUS,
        FailureKind.NOT_FOUND,
        FailureKind.GONE,
    )
)
_PASSING = frozenset((408, 425))  # of HTTP_STATUS: it was too late, or too early
_FORBIDDEN = 403


class Messenger(Protocol):
    """The way to the network."""

    def fetch_beginning(self, url: str, *, most: int, within: timedelta) -> Fetched:
        """Raises FetchError."""

    def post_form(
        self, url: str, form: Mapping[str, str], *, within: timedelta | None = None
    ) -> int:
        """Raises FetchError."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What came of one attempt: `state` is WAITING when there will be another."""

    kind: NoticeKind
    about: str
    whom: str
    state: NoticeState
    answer: str


class Teller:
    """Sends what waits. May run in several processes: each attempt has one holder."""

    def __init__(
        self,
        notices: NoticeStorage,
        messenger: Messenger,
        settings: Callable[[], Settings],
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """`settings` gives those of the moment."""
        self._notices, self._messenger = notices, messenger
        self._settings, self._clock = settings, clock

    def tell(
        self,
        stop: threading.Event | None = None,
        *,
        until: datetime | None = None,
        new_ones: bool = False,
        most: int = MOST_AT_ONCE,
    ) -> list[Told]:
        """Tell up to `most` of those due, one after the other; return what came of it.

        Once `stop` is set or the time is `until`, no more is begun. `new_ones`: whatever was
        never tried, whenever it is due. Raises StorageError.
        """
        settings, now = self._settings(), self._clock()
        nobody = not settings.site.hubs and not settings.tell.webmention
        if nobody or not is_reachable(settings.site.base_url):
            return []
        self._notices.settle(now)
        due = self._notices.due(
            now,
            hubs=settings.site.hubs,
            mentions=settings.tell.webmention,
            new_ones=new_ones,
            limit=most,
        )
        told: list[Told] = []
        closed: dict[str, FetchError] = {}  # hosts that do not answer, or ask us to wait
        for notice in due:
            at = self._clock()
            if (stop is not None and stop.is_set()) or (until is not None and at >= until):
                break
            mine = self._notices.claim(notice, at, at + LEASE)
            if mine is not None:
                told.append(self._attempt(mine, closed))
        return told

    def _attempt(self, notice: Notice, closed: dict[str, FetchError]) -> Told:
        try:
            state, answer = self._told(notice, closed)
        except FetchError as error:
            return self._failed(notice, error)
        self._notices.done(notice, state, answer, self._clock())
        return _told(notice, state, answer)

    def _told(self, notice: Notice, closed: dict[str, FetchError]) -> tuple[NoticeState, str]:
        """Tell whoever is to be told. Raises FetchError."""
        endpoint = notice.whom
        if notice.kind is NoticeKind.MENTION:
            found = self._endpoint(notice.whom, closed)
            if found is None:
                return NoticeState.UNWANTED, "the page asks for no mentions"
            endpoint = found
        # Noted before it is sent: a program that ends here does not send it again.
        if not self._notices.sending(notice, endpoint, self._clock()):
            return NoticeState.WAITING, "something newer is to be told"
        status = self._asked(
            endpoint,
            closed,
            lambda: self._messenger.post_form(endpoint, _form(notice), within=WITHIN),
        )
        return NoticeState.TOLD, f"taken ({status})"

    def _endpoint(self, page: str, closed: dict[str, FetchError]) -> str | None:
        """Return where a page wants to be told; None: nowhere. Raises FetchError."""
        try:
            answer = self._asked(
                page,
                closed,
                lambda: self._messenger.fetch_beginning(page, most=MAX_PAGE, within=WITHIN),
            )
        except FetchError as error:
            if error.status is None:
                raise
            # Its own words are for those who follow feeds.
            message = f"the page answered {error.status}"
            raise FetchError(
                error.kind, message, status=error.status, retry_after=error.retry_after
            ) from error
        return endpoint_of(answer.links, answer.body, answer.content_type, answer.url)

    def _failed(self, notice: Notice, error: FetchError) -> Told:
        now, answer = self._clock(), str(error)
        wait = error.retry_after or timedelta(0)
        final = error.kind in _FINAL and error.status not in _PASSING
        final = final or error.status == _FORBIDDEN or wait > LONGEST_WAIT
        if final or notice.attempts >= MOST_ATTEMPTS:
            self._notices.done(notice, NoticeState.FAILED, answer, now)
            return _told(notice, NoticeState.FAILED, answer)
        self._notices.again(notice, answer, max(ask_again_at(now, notice.attempts), now + wait))
        return _told(notice, NoticeState.WAITING, answer)

    def _asked(self, url: str, closed: dict[str, FetchError], ask: Callable[[], T]) -> T:
        """Ask, unless the host did not answer a moment ago. Raises FetchError."""
        host, site = urlsplit(url).netloc.lower(), site_of(url)
        if host in closed:
            raise closed[host]
        try:
            return ask()
        except FetchError as error:
            asks_to_wait = error.kind is FailureKind.THROTTLED and error.status != _FORBIDDEN
            if error.kind in UNREACHED or asks_to_wait:
                closed[host] = error
            if error.retry_after and site and self._settings().poll.site_waits(site):
                self._notices.postpone(site, self._clock() + min(error.retry_after, LONGEST_WAIT))
            raise


def _form(notice: Notice) -> dict[str, str]:
    if notice.kind is NoticeKind.MENTION:
        return {"source": notice.about, "target": notice.whom}
    # How a publisher tells its hub is left open by WebSub; hubs read the one name or the other.
    return {"hub.mode": "publish", "hub.topic": notice.about, "hub.url": notice.about}


def _told(notice: Notice, state: NoticeState, answer: str) -> Told:
    return Told(kind=notice.kind, about=notice.about, whom=notice.whom, state=state, answer=answer)
