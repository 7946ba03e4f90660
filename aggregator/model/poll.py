"""PollState and PollOutcome: what the machine knows about a feed, and what one poll brought."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from aggregator.model.feed import Entry, Feed
from aggregator.model.push import Hub


class PollStatus(StrEnum):
    """How one poll of one feed ended. Scripts rely on these words."""

    NEW_CONTENT = "new_content"
    UNCHANGED = "unchanged"  # a full answer that brought nothing new
    NOT_MODIFIED = "not_modified"  # 304, RFC 9110 §15.4.5
    NOT_DUE = "not_due"
    FAILED = "failed"
    GONE = "gone"  # 410, RFC 9110 §15.5.11
    DEFERRED = "deferred"  # held back by us: another poll has it, or we are stopping


class FailureKind(StrEnum):
    """What went wrong, as far as the author can act on it."""

    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    FORBIDDEN_ADDRESS = "forbidden_address"  # refused by our own guard
    BAD_URL = "bad_url"
    PROTOCOL = "protocol"  # not HTTP, or broken HTTP
    REDIRECTS = "redirects"
    TOO_LARGE = "too_large"
    ENCODING = "encoding"  # a content coding that is broken, stacked or unasked for
    HTTP_STATUS = "http_status"  # 4xx other than those below
    SERVER = "server"  # 5xx: it may be well again in an hour
    NOT_FOUND = "not_found"  # 404; some publishers answer so now and then
    THROTTLED = "throttled"  # 429, 403, or 503 with Retry-After: we are asked to come less often
    GONE = "gone"
    EMPTY = "empty"
    NOT_A_FEED = "not_a_feed"
    PARSER = "parser"  # the document killed, hung or starved its worker
    STORAGE = "storage"


@dataclass(frozen=True, kw_only=True)
class Validators:
    """What makes the next request conditional (RFC 9110 §13). Opaque: sent back verbatim.

    `url` is the address that gave them; they are sent to no other.
    """

    etag: str | None = None
    last_modified: str | None = None
    url: str | None = None


@dataclass(frozen=True, kw_only=True)
class FoundFeed:
    """A feed that a web page points at."""

    url: str
    title: str = ""
    type: str = ""


@dataclass(frozen=True, kw_only=True)
class Hop:
    """One answer on the way to the final one: a redirect."""

    status: int
    url: str  # that was asked
    location: str  # absolute, where it pointed


@dataclass(frozen=True, kw_only=True)
class Freshness:
    """The answer's word on when to ask again (RFC 9111 §5.2.2.1, RFC 9110 §10.2.3)."""

    max_age: timedelta | None = None  # Cache-Control max-age less Age, or Expires less Date
    retry_after: timedelta | None = None


# Nobody answered at all. When most sites of a poll fail so, it is our own connection.
UNREACHED = frozenset({FailureKind.DNS, FailureKind.CONNECT, FailureKind.TLS, FailureKind.TIMEOUT})


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """How often a feed says something, as far as we have seen."""

    gap: timedelta | None = None  # the median between recent entries; None: not known yet
    newest_at: datetime | None = None  # of its newest entry; None: it has none
    since: datetime | None = None  # we have looked since then; None: it never answered


@dataclass(frozen=True, kw_only=True)
class Move:
    """Where permanent redirects have led, and for how long; not believed at once."""

    url: str
    since: datetime  # when they led there first
    times: int  # polls in a row that ended there


@dataclass(frozen=True, kw_only=True)
class PollState:
    """What the machine remembers of a feed between polls."""

    validators: Validators = Validators()
    body_hash: str | None = None
    identity_policy: str = "id"
    last_polled_at: datetime | None = None
    last_success_at: datetime | None = None  # 200 or 304
    next_poll_at: datetime | None = None  # None: at once
    reason: str = ""  # of next_poll_at, in words
    failures: int = 0  # consecutive
    failing_since: datetime | None = None
    last_failure: FailureKind | None = None  # of the newest poll; None when it went well
    last_error: str | None = None
    gone: bool = False
    hint: timedelta | None = None  # the freshness that the publisher last gave
    not_before: datetime | None = None  # Retry-After: even by force, it is not asked before then
    polls: int = 0  # how often it was asked, ever
    deliveries: int = 0  # how often a hub brought its news, ever
    hub: Hub | None = None  # who would tell of its news; None: it names nobody
    rhythm: Rhythm = Rhythm()
    move: Move | None = None  # None: no permanent redirect, or one that is not believed
    stays: str | None = None  # an address that the author does not want it moved to
    offers: tuple[FoundFeed, ...] = ()  # found at its site after it was lost
    searched: str | None = None  # the page that was last looked through for those
    searched_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class KnownEntry:
    """As much of a stored entry as comparing needs."""

    number: int
    id: str
    hash: str  # of its text without the volatile parts
    link_key: str | None  # identity key of its link
    text_key: str | None  # of its title and text, when long enough to tell entries apart
    at: datetime | None = None  # when it was published, else first seen
    seen: datetime | None = None  # for the first time; None: in an archive
    versions: int = 1
    aliases: tuple[str, ...] = ()  # other ids under which the source has shown it


@dataclass(frozen=True, kw_only=True)
class EntryChange:
    """An entry to save: new when `number` is None, else a new text of that stored entry."""

    entry: Entry  # cleaned
    number: int | None = None
    hash: str
    link_key: str | None
    text_key: str | None
    aliases: tuple[str, ...] = ()  # ids newly learned for it
    keep_version: bool = True  # False: the source rewrites it without end; replace in place


@dataclass(frozen=True, kw_only=True)
class PollOutcome:
    """One poll of one feed, as decided; `save_polls` records it whole or not at all."""

    status: PollStatus
    at: datetime  # of the answer
    state: PollState  # as it shall be from now on
    asked: bool = True  # False: it was put off, and no question went out
    asked_at: datetime | None = None  # when the question went out; None: at `at`
    feed: Feed | None = None  # None: nothing new known about the feed itself
    changes: tuple[EntryChange, ...] = ()
    held: bool = False  # the new entries look like a flood; keep them out of the inbox
    notes: tuple[str, ...] = ()  # harmless oddities of the document, in words
    error: str | None = None
    failure: FailureKind | None = None
    found: tuple[FoundFeed, ...] = ()  # the address was a web page that points at these
    hops: tuple[Hop, ...] = ()
    http_status: int | None = None  # of the last answer; None: nobody answered
    octets: int = 0  # of the body as it came, before it was decoded
    seconds: float = 0.0  # from the question until it was read
    site_wait: timedelta | None = None  # the whole site asks us to wait
    pushed: bool = False  # nobody was asked: a hub brought it
    push_failed: str | None = None  # what its hub should have told us and did not

    @property
    def new(self) -> int:
        """How many entries this poll brought that were not known."""
        return sum(change.number is None for change in self.changes)

    @property
    def changed(self) -> int:
        """How many known entries have a new text."""
        return sum(change.number is not None for change in self.changes)
