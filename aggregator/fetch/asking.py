"""One request and its answer: guarded, in turn at its site, over before its deadline."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

import httpx

from aggregator.config.settings import FetchSettings
from aggregator.errors import FetchError
from aggregator.fetch import headers as fields
from aggregator.fetch.answers import Answer, Body, by_name
from aggregator.fetch.connect import Deadline, Resolver
from aggregator.fetch.decoding import ACCEPT_ENCODING, beginning, decoded, too_large
from aggregator.fetch.guard import AddressPolicy
from aggregator.fetch.pace import Pace
from aggregator.fetch.proxy import Proxies
from aggregator.fetch.room import Room
from aggregator.fetch.target import Target, one_line
from aggregator.fetch.transport import GuardedTransport
from aggregator.model.poll import FailureKind

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, text/html;q=0.5, */*;q=0.1"
)
FORM = "application/x-www-form-urlencoded"

# A server may give up while we take nothing from it, though none gives up sooner.
PATIENCE = 1.0  # seconds
BROKEN_OFF = frozenset({FailureKind.CONNECT, FailureKind.PROTOCOL, FailureKind.ENCODING})


class LocalAnswer(Protocol):
    """What answers for a scheme of our own: an HTTP answer with names in lower case."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...


Serve = Callable[[str, Mapping[str, str]], LocalAnswer]


class Asker:
    """Sends requests. Threads share it."""

    def __init__(
        self,
        settings: FetchSettings,
        *,
        user_agent: str,
        local: Mapping[str, Serve],
        pace: Pace | None,
        room: Room | None,
        resolver: Resolver,
    ) -> None:
        self._max_bytes, self.local = settings.max_bytes, local
        policy = AddressPolicy(settings.allow_networks, settings.allow_ports)
        self._transport = GuardedTransport(policy, resolver, Proxies() if settings.proxy else None)
        self._pace = pace or Pace(lambda origin: None, lambda site: 0.0)
        self._room = room or Room()
        self._headers = [
            (b"User-Agent", one_line(user_agent).encode("ascii", "replace")),
            (b"Accept", ACCEPT.encode("ascii")),
            (b"Accept-Encoding", ACCEPT_ENCODING.encode("ascii")),
            (b"Connection", b"close"),
        ]

    def close(self) -> None:
        self._transport.close()

    @contextmanager
    def ask(
        self,
        target: Target,
        headers: Mapping[str, str],
        deadline: Deadline,
        *,
        form: bytes | None = None,
    ) -> Iterator[Answer]:
        """Send one request and give its answer; the connection is closed in the end.

        It is a GET, or with a `form` the POST of that. Raises FetchError.
        """
        if form is None and (serve := self.local.get(target.origin.scheme)):
            local = serve(target.url, headers)
            named = {name.lower(): value for name, value in local.headers.items()}
            body = Body(local.body, len(local.body))
            yield Answer(status=local.status, headers=named, read=lambda _: body, own_machine=True)
            return
        request = self._request(target, headers, deadline, form)
        with self._pace.turn(target.origin) as waited:
            deadline.extend(waited)
            response = self._transport.handle_request(request)
            try:
                found = by_name(response.headers.raw)
                yield Answer(
                    status=response.status_code,
                    headers=found,
                    read=lambda first: self._body(response, found, target.host, deadline, first),
                    own_machine=response.extensions["own_machine"],
                )
            finally:
                response.close()

    def _request(
        self, target: Target, headers: Mapping[str, str], deadline: Deadline, form: bytes | None
    ) -> httpx.Request:
        if form is not None:
            headers = {**headers, "Content-Type": FORM, "Content-Length": str(len(form))}
        return httpx.Request(
            "GET" if form is None else "POST",
            target.parsed,
            headers=[
                (b"Host", target.parsed.netloc),
                *self._headers,
                *(
                    (name.encode("ascii"), value.encode("latin-1"))
                    for name, value in headers.items()
                ),
            ],
            stream=httpx.ByteStream(form or b""),  # with one, httpx adds no fields of its own
            extensions={"deadline": deadline},
        )

    def _body(
        self,
        response: httpx.Response,
        named: Mapping[str, str],
        host: str,
        deadline: Deadline,
        first: int | None,
    ) -> Body:
        limit = self._max_bytes
        if first is None and (fields.content_length(named) or 0) > limit:
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

        if first is not None:
            return Body(beginning(counted(), coding, most=first, host=host), octets)

        waited = 0.0

        def grows() -> None:
            nonlocal waited
            took = self._room.step()
            waited += took
            deadline.extend(took)

        try:
            body = decoded(counted(), coding, limit=limit, host=host, grows=grows)
        except FetchError as error:
            self._room.leave()
            if waited < PATIENCE or error.kind not in BROKEN_OFF or error.ours:
                raise
            told = f"its body waited {waited:.0f} s for room in memory, and then: {error}"
            raise FetchError(error.kind, told, ours=True) from error
        except BaseException:
            self._room.leave()
            raise
        return Body(body, octets)
