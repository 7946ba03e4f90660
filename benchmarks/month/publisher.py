"""One publisher: what it has said when, how it answers, and what goes wrong with it."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from time import gmtime, strftime

from aggregator.model.feed import Hints
from aggregator.model.poll import FailureKind
from benchmarks.judging.log import NO_HINTS
from benchmarks.month.documents import Shown, document

HOUR, DAY = 3600.0, 86_400.0
YEAR = 365 * DAY
FLOOD = 20
QUICK = 0.03  # seconds until an ordinary answer is there
SLOW = 5.0  # for who has too much to do
TIMEOUT = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Something said at a time; later times are edits of it."""

    number: int
    texts: tuple[float, ...]  # when each of its texts came to stand there

    @property
    def at(self) -> float:
        return self.texts[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """A time in which something is wrong."""

    begin: float
    end: float
    what: str  # a status as digits; "flapping 404", "truncated", or a kind of failure
    retry_after: float | None = None  # seconds
    as_date: bool = False  # how it is written
    site_wide: bool = False  # it is the site's, not the feed's alone

    def covers(self, at: float) -> bool:
        return self.begin <= at < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Detour:
    """A time in which the feed's address leads elsewhere."""

    begin: float
    end: float
    status: int
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What comes back: an answer, or (status 0) none."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    seconds: float = QUICK
    failure: FailureKind | None = None  # of the network
    digest: str = ""  # of the body
    whole: bool = True


@dataclass(frozen=True, kw_only=True)
class Publisher:
    number: int
    url: str  # as it is followed
    stories: tuple[Story, ...]  # by time
    window: int = 10  # stories in the document
    format: str = "rss"
    validators: str = "strong"
    dates: str = "right"
    ids: str = "guid"
    ids_change_at: float = float("inf")
    caching: Mapping[str, str] = field(default_factory=dict)  # fields of its answers
    expires_in: float | None = None  # seconds; an Expires beside its Date
    hints: Hints = NO_HINTS
    spells: tuple[Spell, ...] = ()
    detours: tuple[Detour, ...] = ()
    flooded_at: float = float("inf")  # FLOOD stories came at once
    every: float | None = None  # the author's interval, seconds

    @property
    def home(self) -> str:
        """Return the address of its site."""
        return self.url.rpartition("/")[0] + "/"

    @property
    def addresses(self) -> set[str]:
        """Return all addresses that it answers at."""
        return {self.url, *(detour.target for detour in self.detours)}

    @cached_property
    def _changes(self) -> list[float]:
        """Return when the document became another one."""
        times = {at for story in self.stories for at in story.texts}
        return sorted({*times, self.ids_change_at})

    def revision(self, at: float) -> int:
        """Return how often the document has changed so far."""
        return bisect_right(self._changes, at)

    def said(self, at: float) -> tuple[Story, ...]:
        """Return the stories so far."""
        return self.stories[: bisect_right(self.stories, at, key=lambda story: story.at)]

    def shown(self, at: float) -> tuple[Story, ...]:
        """Return the stories that stand in the document, newest first."""
        return self.said(at)[-self.window :][::-1]

    def trouble(self, at: float) -> Spell | None:
        """Return what is wrong at a time."""
        return next((spell for spell in self.spells if spell.covers(at)), None)

    def answer(self, url: str, asked: Mapping[str, str], at: float) -> Reply:
        """Return what comes back from one of its addresses at a time."""
        if spell := self.trouble(at):
            reply = self._in_trouble(spell, at)
            if reply is not None:
                return reply
        for detour in self.detours:
            if url == self.url and detour.begin <= at < detour.end:
                headers = {"date": http_date(at), "location": detour.target}
                return Reply(status=detour.status, headers=headers)
        return self._document(asked, at)

    def _in_trouble(self, spell: Spell, at: float) -> Reply | None:
        """Return what a spell makes of an answer; None: nothing, this time."""
        headers = {"date": http_date(at)}
        if spell.what == "truncated":
            _, body = self._body(at)
            cut = body[: len(body) * 2 // 3]
            headers |= {"content-type": "application/xml", "etag": f'"cut-{self.revision(at)}"'}
            return Reply(status=200, headers=headers, body=cut, digest=_digest(cut), whole=False)
        if spell.what == "flapping 404":
            luck = hashlib.sha256(f"{self.number}.{at // HOUR}".encode()).digest()[0]
            return Reply(status=404, headers=headers) if luck < 64 else None
        if not spell.what.isdecimal():
            kind = FailureKind(spell.what)
            seconds = TIMEOUT if kind is FailureKind.TIMEOUT else QUICK
            return Reply(status=0, failure=kind, seconds=seconds)
        if spell.retry_after is not None:
            wait = spell.retry_after
            headers["retry-after"] = (
                # Rounded up: a date has no fractions.
                http_date(at + wait + 1) if spell.as_date else f"{wait:.0f}"
            )
        slow = QUICK if spell.retry_after is None else SLOW
        return Reply(status=int(spell.what), headers=headers, seconds=slow)

    def _document(self, asked: Mapping[str, str], at: float) -> Reply:
        content_type, body = self._body(at)
        headers = {"date": http_date(at), **self.caching}
        if self.expires_in is not None:
            headers["expires"] = http_date(at + self.expires_in)
        headers |= self._validators(at)
        if self._is_known(asked, headers):
            return Reply(status=304, headers=headers)
        headers["content-type"] = content_type
        return Reply(status=200, headers=headers, body=body, digest=_digest(body))

    def _validators(self, at: float) -> dict[str, str]:
        revision = self.revision(at)
        etag, changed = (
            f'"{self.number}-{revision}"',
            self._changes[revision - 1] if revision else 0,
        )
        modified = http_date(changed)
        return {
            "strong": {"etag": etag},
            "weak": {"etag": f"W/{etag}"},
            "odd": {"etag": etag.strip('"')},  # without the quotes that it should have
            "modified": {"last-modified": modified},
            "both": {"etag": etag, "last-modified": modified},
            "ahead": {"last-modified": http_date(changed + YEAR)},
            "changing": {"etag": f'"{at:.3f}"'},
            "ignored": {"etag": etag, "last-modified": modified},
            "none": {},
        }[self.validators]

    def _is_known(self, asked: Mapping[str, str], headers: Mapping[str, str]) -> bool:
        if self.validators == "ignored":
            return False
        if "if-none-match" in asked:
            return asked["if-none-match"] == headers.get("etag")
        return "if-modified-since" in asked and (
            asked["if-modified-since"] == headers.get("last-modified")
        )

    def _body(self, at: float) -> tuple[str, bytes]:
        revision = self.revision(at)
        kept: dict[int, tuple[str, bytes]] = self.__dict__.setdefault("_kept", {})
        if revision not in kept:
            kept.clear()
            kept[revision] = document(
                self.format,
                self.home,
                [
                    Shown(
                        number=story.number,
                        at=story.at,
                        edits=bisect_right(story.texts, at) - 1,
                    )
                    for story in self.shown(at)
                ],
                publisher=self.number,
                dates=self.dates,
                ids="link" if at >= self.ids_change_at else self.ids,
                changed=self._changes[revision - 1] if revision else at,
                hints=self.hints,
            )
        return kept[revision]


def http_date(at: float) -> str:
    """Return a time as fields write it (RFC 9110 §5.6.7), in full seconds."""
    return strftime("%a, %d %b %Y %H:%M:%S GMT", gmtime(at))


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:32]
