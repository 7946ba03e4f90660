"""The one way to the network: a conditional GET that is guarded, bounded and always ends."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Protocol

import httpx

from aggregator.config.settings import FetchSettings
from aggregator.errors import FetchError
from aggregator.fetch import headers as fields
from aggregator.fetch.answers import REDIRECTS, Answer, Body, by_name, next_target, refused
from aggregator.fetch.connect import Deadline, Resolver
from aggregator.fetch.decoding import ACCEPT_ENCODING, decoded, too_large
from aggregator.fetch.guard import AddressPolicy
from aggregator.fetch.pace import Pace
from aggregator.fetch.proxy import Proxies
from aggregator.fetch.target import Target, basic, one_line, parse_target, shown
from aggregator.fetch.transport import GuardedTransport
from aggregator.model.poll import FailureKind, Freshness, Hop, Validators

NO_DOCUMENT = {204, 205, 206}  # successes that are not the whole feed
ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, text/html;q=0.5, */*;q=0.1"
)


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


class LocalAnswer(Protocol):
    """What answers for a scheme of our own: an HTTP answer with names in lower case."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...


Serve = Callable[[str, Mapping[str, str]], LocalAnswer]


class HttpFetcher:
    """Fetches feeds. One for the whole program; threads share it."""

    def __init__(
        self,
        settings: FetchSettings,
        *,
        user_agent: str,
        local: Mapping[str, Serve] = {},
        pace: Pace | None = None,
        resolver: Resolver = socket.getaddrinfo,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`local` answers for schemes without a network; `clock` counts seconds.

        `pace` gives turns at sites; without one, everybody is asked at once.
        """
        self._settings, self._local, self._clock = settings, local, clock
        policy = AddressPolicy(settings.allow_networks, settings.allow_ports)
        self._transport = GuardedTransport(policy, resolver, Proxies() if settings.proxy else None)
        self._pace = pace or Pace(lambda url: None, lambda site: 0.0)
        self._headers = [
            (b"User-Agent", one_line(user_agent).encode("ascii", "replace")),
            (b"Accept", ACCEPT.encode("ascii")),
            (b"Accept-Encoding", ACCEPT_ENCODING.encode("ascii")),
            (b"Connection", b"close"),
        ]

    def close(self) -> None:
        self._transport.close()

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
            return self._follow(url, validators, login, hops)
        except FetchError as error:
            error.hops = tuple(hops)
            raise

    def _follow(
        self, url: str, validators: Validators, login: str | None, hops: list[Hop]
    ) -> Fetched | NotModified:
        deadline = Deadline(self._settings.timeout.total_seconds(), self._clock)
        target = first = parse_target(url)
        authorization = basic(login.encode()) if login else first.authorization
        if not target.is_web and target.origin.scheme not in self._local:
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
            with self._ask(target, headers, deadline) as answer:
                if answer.status not in REDIRECTS:
                    old = validators if conditional else None
                    return self._result(target, answer, old, tuple(hops))
                target = next_target(target, answer, hops)

    @contextmanager
    def _ask(self, target: Target, headers: dict[str, str], deadline: Deadline) -> Iterator[Answer]:
        """Send one request and give its answer; the connection is closed in the end."""
        if serve := self._local.get(target.origin.scheme):
            local = serve(target.url, headers)
            named = {name.lower(): value for name, value in local.headers.items()}
            body = Body(local.body, len(local.body))
            yield Answer(status=local.status, headers=named, read=lambda: body, own_machine=True)
            return
        request = httpx.Request(
            "GET",
            target.parsed,
            headers=[
                (b"Host", target.parsed.netloc),
                *self._headers,
                *(
                    (name.encode("ascii"), value.encode("latin-1"))
                    for name, value in headers.items()
                ),
            ],
            stream=httpx.ByteStream(b""),  # with one given, httpx adds no fields of its own
            extensions={"deadline": deadline},
        )
        with self._pace.turn(target.url) as waited:
            deadline.extend(waited)
            response = self._transport.handle_request(request)
            try:
                found = by_name(response.headers.raw)
                yield Answer(
                    status=response.status_code,
                    headers=found,
                    read=lambda: self._body(response, found, target.host),
                    own_machine=response.extensions["own_machine"],
                )
            finally:
                response.close()

    def _body(self, response: httpx.Response, named: Mapping[str, str], host: str) -> Body:
        limit = self._settings.max_bytes
        if (fields.content_length(named) or 0) > limit:
            raise too_large(host, limit)
        stream = response.stream
        assert isinstance(stream, httpx.SyncByteStream)  # noqa: S101 - for the type checker
        coding = named.get("content-encoding", "")
        octets = 0

        def counted() -> Iterator[bytes]:
            nonlocal octets
            for chunk in stream:
                octets += len(chunk)
                yield chunk

        body = decoded(counted(), coding, limit=limit, host=host)
        return Body(body, octets)

    def _result(
        self, target: Target, answer: Answer, old: Validators | None, hops: tuple[Hop, ...]
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
            body = answer.read()
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
