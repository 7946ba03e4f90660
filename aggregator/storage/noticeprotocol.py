"""What services ask of storage about notices; see `aggregator.storage.protocol`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Protocol

from aggregator.model.notice import Mentions, Notice, NoticeState


class NoticeStorage(Protocol):
    """A queue and a record in one: of each feed and hub, each post and page, one notice."""

    def expect_pings(
        self, documents: Mapping[str, str], hubs: Collection[str], due_at: datetime
    ) -> int:
        """Have each of `hubs` told of the feeds that changed; return how many notices that is.

        `documents` are digests by the feeds' addresses. One that a hub has been told of, or is
        about to be, changes nothing; another takes the place of what still waits.
        """

    def revisions(self) -> dict[str, str]:
        """Return the revision of every post whose mentions were expected, by its address."""

    def expect_mentions(self, posts: Iterable[Mentions], due_at: datetime) -> int:
        """Have what these posts cite told of them; return how many notices that is.

        Pages that were told and are no longer cited are told too, once.
        """

    def settle(self, now: datetime) -> int:
        """Call unsure what somebody began to send and never noted an answer of; return how many."""

    def due(
        self,
        now: datetime,
        *,
        hubs: Collection[str],
        mentions: bool,
        new_ones: bool = False,
        limit: int,
    ) -> list[Notice]:
        """Return notices that are due: to these `hubs`, and mentions if they are wanted.

        `new_ones`: those never tried as well, whenever they are due. Sites that asked us to wait
        are left alone. Hubs come first, then what has been due the longest.
        """

    def claim(self, notice: Notice, now: datetime, until: datetime) -> Notice | None:
        """Take a waiting notice for an attempt; None when somebody else has, or it changed.

        Until then nobody else takes it. Returned is the notice as it is then.
        """

    def sending(self, notice: Notice, endpoint: str, at: datetime) -> bool:
        """Note that a claimed notice is about to be sent; False when it is not ours any more."""

    def done(self, notice: Notice, state: NoticeState, answer: str, at: datetime) -> None:
        """Note how a claimed notice ended; nothing, if what is to be told changed meanwhile."""

    def again(self, notice: Notice, answer: str, due_at: datetime) -> None:
        """Have a claimed notice wait for another attempt, in the same way."""

    def postpone(self, site: str, until: datetime) -> None:
        """Have whatever waits for a site wait until then at least: it asked us to."""

    def retry(self, now: datetime) -> int:
        """Have all that was given up, unsure or put off wait for an attempt at once; how many."""

    def notices(
        self, *, states: Collection[NoticeState] | None = None, limit: int | None = None
    ) -> list[Notice]:
        """Return notices, the last tried first, before them those never tried. None: all."""
