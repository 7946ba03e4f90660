"""The one way to the network: requests that are guarded, bounded and always end."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlencode

from aggregator.config.settings import FetchSettings
from aggregator.errors import FetchError
from aggregator.fetch import headers as fields
from aggregator.fetch.answers import (
    KEEPING_METHOD,
    REDIRECTS,
    Answer,
    next_target,
    refused,
    turned_down,
)
from aggregator.fetch.asking import Asker, Serve
from aggregator.fetch.connect import Deadline, Resolver
from aggregator.fetch.pace import Pace
from aggregator.fetch.room import Room
from aggregator.fetch.target import Target, basic, parse_target, shown
from aggregator.model.poll import FailureKind, Freshness, Hop, Validators

NO_DOCUMENT = {204, 205, 206}  # successes that are not the whole feed


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A full answer. `url` is the one that gave it, without credentials."""

    url: str
    body: bytes  # decoded
    content_type: str  # as sent; empty when the server gave none
    validators: Validators
    freshness: Freshness
    hops: tuple[Hop, ...]
    status: int = 200
    octets: int = 0  # of the body as it came
    delta: bool = False  # only what is new since the validators that were sent (RFC 3229)
    links: str = ""  # the Link fields, as sent (RFC 8288)
    own_machine: bool = False  # it came from where only machines are that the author allowed


@dataclass(frozen=True, kw_only=True)
class NotModified:
    """A 304 (RFC 9110 §15.4.5). `validators` are the old ones, as far as it gave no new ones."""

    url: str
    validators: Validators
    freshness: Freshness
    hops: tuple[Hop, ...]
    status: int = 304
    octets: int = 0
    own_machine: bool = False


class HttpFetcher:
    """Fetches feeds. One for the whole program; threads share it."""

    def __init__(
        self,
        settings: FetchSettings,
        *,
        user_agent: str,
        local: Mapping[str, Serve] = {},
        pace: Pace | None = None,
        room: Room | None = None,
        resolver: Resolver = socket.getaddrinfo,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`local` answers for schemes without a network; `clock` counts seconds.

        `pace` gives turns at sites; without one, everybody is asked at once. `room` bounds the
        bodies of those who have entered it.
        """
        self._settings, self._clock = settings, clock
        self._asker = Asker(
            settings, user_agent=user_agent, local=local, pace=pace, room=room, resolver=resolver
        )

    def close(self) -> None:
        self._asker.close()

    def fetch(
        self, url: str, validators: Validators = Validators(), *, login: str | None = None
    ) -> Fetched | NotModified:
        """Return the answer of `url`, at most MOST_HOPS redirects away.

        The request is conditional where the address asked is the one that gave the
        `validators`. The whole takes at most `timeout`, and the body at most `max_bytes`. Raises
        FetchError, which carries the redirects followed until then. `login`, a name and password,
        goes to the origin of `url` and nowhere else.
        """
        hops: list[Hop] = []
        try:
            return self._follow(url, validators, login, hops, self._deadline())
        except FetchError as error:
            error.hops = tuple(hops)
            raise

    def fetch_beginning(self, url: str, *, most: int, within: timedelta) -> Fetched:
        """Return the answer of `url` with the first `most` bytes of its body, else as `fetch`.

        The whole takes at most `within`, and never longer than `timeout`. Raises FetchError.
        """
        fetched = self._follow(url, Validators(), None, [], self._deadline(within), most)
        assert isinstance(fetched, Fetched)  # noqa: S101 - nothing was asked about what we have
        return fetched

    def _follow(
        self,
        url: str,
        validators: Validators,
        login: str | None,
        hops: list[Hop],
        deadline: Deadline,
        most: int | None = None,
    ) -> Fetched | NotModified:
        target = first = parse_target(url)
        authorization = basic(login.encode()) if login else first.authorization
        if not target.is_web and target.origin.scheme not in self._asker.local:
            raise FetchError(
                FailureKind.BAD_URL, f"{shown(target.parsed)} is not an http or https address"
            )
        conditions = fields.conditions(validators)
        while True:
            # They belong to one resource: another one of the same host may share its dates.
            conditional = bool(conditions) and validators.url == target.url
            headers = conditions.copy() if conditional else {}
            if "If-None-Match" in headers:
                headers["A-IM"] = "feed"  # RFC 3229: only what is new will do
            if authorization and target.origin == first.origin:
                headers["Authorization"] = authorization
            with self._asker.ask(target, headers, deadline) as answer:
                if answer.status not in REDIRECTS:
                    old = validators if conditional else None
                    return self._result(target, answer, old, tuple(hops), most)
                target = next_target(target, answer, hops)

    def post_form(
        self, url: str, form: Mapping[str, str], *, within: timedelta | None = None
    ) -> int:
        """Send a form, within `timeout` or less; return the status, which is a success.

        Redirects are followed as they are for `fetch` when they keep the method (307, 308), but
        not from https to http: a form may hold secrets. Raises FetchError.
        """
        deadline = self._deadline(within)
        target = parse_target(url)
        if not target.is_web:
            raise FetchError(
                FailureKind.BAD_URL, f"{shown(target.parsed)} is not an http or https address"
            )
        body = urlencode(form).encode("ascii")
        hops: list[Hop] = []
        while True:
            with self._asker.ask(target, {}, deadline, form=body) as answer:
                if 200 <= answer.status < 300:
                    return answer.status
                if answer.status not in KEEPING_METHOD:
                    raise turned_down(target, answer)
                following = next_target(target, answer, hops)
            if target.origin.scheme == "https" and following.origin.scheme != "https":
                raise FetchError(
                    FailureKind.REDIRECTS, f"{target.host} redirects to where nothing is secret"
                )
            target = following

    def _deadline(self, within: timedelta | None = None) -> Deadline:
        most = self._settings.timeout
        return Deadline(min(within or most, most).total_seconds(), self._clock)

    def _result(
        self,
        target: Target,
        answer: Answer,
        old: Validators | None,
        hops: tuple[Hop, ...],
        most: int | None,
    ) -> Fetched | NotModified:
        """Say what a final answer means. `old`: the validators sent, None when none were."""
        fresh = fields.freshness(answer.headers, datetime.now(UTC))
        if answer.status == HTTPStatus.NOT_MODIFIED and old:
            return NotModified(
                url=target.url,
                validators=fields.new_validators(answer.headers, target.url, old),
                freshness=fresh,
                hops=hops,
                own_machine=answer.own_machine,
            )
        delta = answer.status == HTTPStatus.IM_USED
        if delta and not (old and "feed" in answer.headers.get("im", "").lower()):
            raise FetchError(
                FailureKind.PROTOCOL,
                f"{target.host} answered 226 with what was not asked for",
                status=answer.status,
            )
        if 200 <= answer.status < 300 and answer.status not in NO_DOCUMENT:
            body = answer.read(most)
            return Fetched(
                url=target.url,
                body=body.decoded,
                content_type=answer.headers.get("content-type", ""),
                validators=fields.new_validators(answer.headers, target.url),
                freshness=fresh,
                hops=hops,
                status=answer.status,
                octets=body.octets,
                delta=delta,
                links=answer.headers.get("link", ""),
                own_machine=answer.own_machine,
            )
        raise refused(target, answer.status, fresh)
