"""What is asked of reading a document, and what comes back.

They cross into another process, and they stand apart from the reading itself so that the
process that asks need not load the parsers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aggregator.model.feed import Feed
from aggregator.model.poll import EntryChange, FailureKind, FoundFeed, KnownEntry

# Bytes of a document. What takes a reader long, or much memory, is hardly ever smaller.
LARGE = 256 * 1024


@dataclass(frozen=True, kw_only=True)
class ReadRequest:
    """A document and all that reading it depends on; it crosses into another process."""

    url: str  # that gave it, after redirects
    body: bytes
    content_type: str
    now: datetime
    encoding: str | None = None  # the author's word, over what the document says
    forced_identity: str | None = None
    identity_policy: str = "id"
    known: tuple[KnownEntry, ...] = ()
    last_success_at: datetime | None = None
    max_entries: int = 2000
    suspect: bool = False  # the last document of its feed broke its reader

    @property
    def is_doubtful(self) -> bool:
        """Whether the document may well break its reader, or keep it for long."""
        return self.suspect or (self.last_success_at is None and len(self.body) > LARGE)


@dataclass(frozen=True, kw_only=True)
class ReadResult:
    """What is new in a document. `entries` says how many it holds.

    `known` are the numbers of the known entries among them, `older` is the address of the
    document that goes on where this one ends (RFC 5005); None when it names none.
    """

    format: str
    feed: Feed
    entries: int
    changes: tuple[EntryChange, ...]
    identity_policy: str
    held: bool
    notes: tuple[str, ...]
    partial: bool = False  # the document breaks off
    known: frozenset[int] = frozenset()
    older: str | None = None


@dataclass(frozen=True, kw_only=True)
class ReadFailure:
    """Why a document could not be read. `found`: it is a page that points at these feeds.

    `is_page`: it is a web page, whether it points at a feed or not.
    """

    kind: FailureKind
    message: str
    found: tuple[FoundFeed, ...] = ()
    is_page: bool = False
