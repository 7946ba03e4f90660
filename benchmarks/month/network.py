"""The network as a function of virtual time, and a fetcher that asks it as ours would."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from functools import lru_cache

from aggregator.errors import FetchError
from aggregator.fetch import headers as fields
from aggregator.fetch.answers import REDIRECTS, Answer, Body, next_target, refused
from aggregator.fetch.client import Fetched, NotModified
from aggregator.fetch.target import Target, parse_target
from aggregator.model.poll import FailureKind, Hop, Validators
from aggregator.reading.sites import site_of as registrable
from benchmarks.judging.log import NO_HINTS, Exchange
from benchmarks.month.clock import Clock
from benchmarks.month.publisher import Publisher, Reply

AGENT = "aggregator/month (+https://blog.example/)"

CRON = 15 * 60  # seconds between polls


class World:
    """All publishers, and the nights in which nobody can be reached from here."""

    def __init__(
        self, publishers: Iterable[Publisher], outages: Sequence[tuple[float, float]] = ()
    ) -> None:
        self.publishers = tuple(publishers)
        self.outages = tuple(outages)
        self._at: dict[str, Publisher] = {}
        self._homes: dict[str, Publisher] = {}
        for publisher in self.publishers:
            self._at |= dict.fromkeys(publisher.addresses, publisher)
            self._homes.setdefault(publisher.home, publisher)

    def is_out(self, at: float) -> bool:
        """Whether our own network is down."""
        return any(begin <= at < end for begin, end in self.outages)

    def publisher(self, url: str) -> Publisher | None:
        """Return who is at an address; None for a home page."""
        return self._at.get(url)

    def ask(self, url: str, asked: Mapping[str, str], at: float) -> Reply:
        """Return what comes back from an address at a time."""
        if self.is_out(at):
            kind = FailureKind.DNS if at % 3 < 1 else FailureKind.CONNECT
            return Reply(status=0, failure=kind)
        if publisher := self._at.get(url):
            return publisher.answer(url, asked, at)
        if publisher := self._homes.get(url):
            spell = publisher.trouble(at)
            if spell and (spell.site_wide or not spell.what.isdecimal()):
                return publisher.answer(publisher.url, asked, at)
            return Reply(status=200, headers={"content-type": "text/html"}, body=b"<p>Welcome.</p>")
        return Reply(status=0, failure=FailureKind.DNS)


class WorldFetcher:
    """Asks a world as HttpFetcher asks the network, and keeps the log.

    It moves the clock by what each answer takes. `gap` is left after each request to a site.
    """

    def __init__(self, world: World, clock: Clock, *, gap: timedelta) -> None:
        self._world, self._clock, self._gap = world, clock, gap.total_seconds()
        self._ended: dict[str, float] = {}  # by site
        self.log: list[Exchange] = []

    def fetch(
        self, url: str, validators: Validators = Validators(), *, login: str | None = None
    ) -> Fetched | NotModified:
        """As HttpFetcher.fetch."""
        hops: list[Hop] = []
        try:
            return self._follow(_target(url), validators, hops)
        except FetchError as error:
            error.hops = tuple(hops)
            raise

    def _follow(
        self, target: Target, validators: Validators, hops: list[Hop]
    ) -> Fetched | NotModified:
        while True:
            old = validators if validators.url == target.url else None
            asked = {
                name.lower(): it for name, it in fields.conditions(old or Validators()).items()
            }
            reply = self._exchange(target.url, asked)
            if reply.failure is not None:
                raise FetchError(reply.failure, f"{target.host} did not answer: {reply.failure}")
            if reply.status in REDIRECTS:
                target = next_target(target, _answer(reply), hops)
                continue
            return self._result(target, reply, old if asked else None, tuple(hops))

    def _exchange(self, url: str, asked: Mapping[str, str]) -> Reply:
        """Wait for one's turn at the site, ask, and write it down."""
        site = _site_of(url)
        ready = self._ended.get(site, 0.0) + self._gap
        at = self._clock.seconds = max(self._clock.seconds, ready)
        reply = self._world.ask(url, asked, at)
        ended = self._clock.seconds = at + reply.seconds
        self._ended[site] = ended
        publisher = self._world.publisher(url)
        self.log.append(
            Exchange(
                at=at,
                ended=ended,
                url=url,
                asked={"user-agent": AGENT, **asked},
                status=reply.status or None,
                answered=reply.headers,
                body=reply.digest,
                length=len(reply.body),
                hints=publisher.hints if publisher and reply.digest else NO_HINTS,
                whole=reply.whole,
                # Failures in the last poll before an outage may be its beginning, for all we know.
                cut_off=self._world.is_out(at + CRON),
            )
        )
        return reply

    def _result(
        self, target: Target, reply: Reply, old: Validators | None, hops: tuple[Hop, ...]
    ) -> Fetched | NotModified:
        fresh = fields.freshness(reply.headers, self._clock.now())
        if reply.status == 304 and old is not None:
            return NotModified(
                url=target.url,
                validators=fields.new_validators(reply.headers, target.url, old),
                freshness=fresh,
                hops=hops,
            )
        if reply.status == 200:
            return Fetched(
                url=target.url,
                body=reply.body,
                content_type=reply.headers.get("content-type", ""),
                validators=fields.new_validators(reply.headers, target.url),
                freshness=fresh,
                hops=hops,
                octets=len(reply.body),
            )
        raise refused(target, reply.status, fresh)


@lru_cache(maxsize=100_000)
def _target(url: str) -> Target:
    return parse_target(url)


@lru_cache(maxsize=100_000)
def _site_of(url: str) -> str:
    site = registrable(url)
    assert site
    return site


def _answer(reply: Reply) -> Answer:
    body = Body(reply.body, len(reply.body))
    return Answer(status=reply.status, headers=reply.headers, read=lambda: body, own_machine=False)
