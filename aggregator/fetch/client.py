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
from aggregator.fetch.answers import REDIRECTS, Answer, by_name, next_target, refused
from aggregator.fetch.connect import Deadline, Resolver
from aggregator.fetch.decoding import ACCEPT_ENCODING, decoded, too_large
from aggregator.fetch.guard import AddressPolicy
from aggregator.fetch.target import Target, one_line, origin_of, parse_target, shown
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


@dataclass(frozen=True, kw_only=True)
class NotModified:
    """A 304 (RFC 9110 §15.4.5). `validators` are the old ones, as far as it gave no new ones."""

    url: str
    validators: Validators
    freshness: Freshness
    hops: tuple[Hop, ...]


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
        resolver: Resolver = socket.getaddrinfo,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`local` answers for schemes without a network; `clock` counts seconds."""
        self._settings, self._local, self._clock = settings, local, clock
        policy = AddressPolicy(settings.allow_networks, settings.allow_ports)
        self._transport = GuardedTransport(policy, resolver)
        self._headers = [
            (b"User-Agent", one_line(user_agent).encode("ascii", "replace")),
            (b"Accept", ACCEPT.encode("ascii")),
            (b"Accept-Encoding", ACCEPT_ENCODING.encode("ascii")),
            (b"Connection", b"close"),
        ]

    def close(self) -> None:
        self._transport.close()

    def fetch(self, url: str, validators: Validators = Validators()) -> Fetched | NotModified:
        """Return the answer of `url`, at most MOST_HOPS redirects away.

        The request is conditional as far as `validators` come from the origin asked. The whole
        takes at most `timeout`, and the body at most `max_bytes`. Raises FetchError, which
        carries the redirects followed until then.
        """
        hops: list[Hop] = []
        try:
            return self._follow(url, validators, hops)
        except FetchError as error:
            error.hops = tuple(hops)
            raise

    def _follow(self, url: str, validators: Validators, hops: list[Hop]) -> Fetched | NotModified:
        deadline = Deadline(self._settings.timeout.total_seconds(), self._clock)
        target = first = parse_target(url)
        if not target.is_web and target.origin.scheme not in self._local:
            raise FetchError(
                FailureKind.BAD_URL, f"{shown(target.parsed)} is not an http or https address"
            )
        conditions = fields.conditions(validators)
        while True:
            conditional = bool(conditions) and self._gave(target, validators)
            headers = conditions.copy() if conditional else {}
            if first.authorization and target.origin == first.origin:
                headers["Authorization"] = first.authorization
            with self._ask(target, headers, deadline) as answer:
                if answer.status not in REDIRECTS:
                    old = validators if conditional else None
                    return self._result(target, answer, old, tuple(hops))
                target = next_target(target, answer, hops)

    @staticmethod
    def _gave(target: Target, validators: Validators) -> bool:
        """Whether the validators come from the origin that is about to be asked."""
        return validators.url == target.url or origin_of(validators.url) == target.origin

    @contextmanager
    def _ask(self, target: Target, headers: dict[str, str], deadline: Deadline) -> Iterator[Answer]:
        """Send one request and give its answer; the connection is closed in the end."""
        if serve := self._local.get(target.origin.scheme):
            local = serve(target.url, headers)
            named = {name.lower(): value for name, value in local.headers.items()}
            yield Answer(status=local.status, headers=named, read=lambda: local.body)
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
        response = self._transport.handle_request(request)
        try:
            found = by_name(response.headers.raw)
            yield Answer(
                status=response.status_code,
                headers=found,
                read=lambda: self._body(response, found, target.host),
            )
        finally:
            response.close()

    def _body(self, response: httpx.Response, named: Mapping[str, str], host: str) -> bytes:
        limit = self._settings.max_bytes
        if (fields.content_length(named) or 0) > limit:
            raise too_large(host, limit)
        stream = response.stream
        assert isinstance(stream, httpx.SyncByteStream)  # noqa: S101 - for the type checker
        coding = named.get("content-encoding", "")
        return decoded(stream, coding, limit=limit, host=host)

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
            )
        if 200 <= answer.status < 300 and answer.status not in NO_DOCUMENT:
            return Fetched(
                url=target.url,
                body=answer.read(),
                content_type=answer.headers.get("content-type", ""),
                validators=fields.new_validators(answer.headers, target.url),
                freshness=fresh,
                hops=hops,
            )
        raise refused(target, answer.status, fresh)
