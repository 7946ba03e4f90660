"""The author's desk: triage, and the life of a post."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from aggregator.document import (
    append_update,
    comments,
    near_misses,
    parse_document,
    parse_update,
    stamp_updates,
)
from aggregator.errors import AggregatorError, DocumentError, WrongState
from aggregator.model.post import PostStatus, StoredPost, Update, UpdateKind
from aggregator.publishing.body import says_nothing
from aggregator.publishing.ids import mint_id
from aggregator.services.drafting import Drafting
from aggregator.services.moments import first_times, moved_updated, next_moment
from aggregator.services.promises import (
    SKEW,
    added_updates,
    refuse_broken_promises,
    refuse_doubts,
    refuse_lost_updates,
    refuse_unpublishable,
    withdrawn_message,
)


@dataclass(frozen=True, kw_only=True)
class DuePosts:
    """Scheduled posts whose time has come: those now published, and those that had to wait on."""

    published: tuple[StoredPost, ...]
    held: tuple[tuple[StoredPost, AggregatorError], ...]


class Desk(Drafting):
    """Writing, publishing and updating posts. Every change is saved whole or not at all."""

    def edit(
        self, slug: str, document: str, *, opened: str | None = None, drop_updates: bool = False
    ) -> StoredPost:
        """Replace a post's document. Updates that it adds move `updated`; nothing else does.

        `opened` is the document as the author saw it before; None: they did not.
        An added withdrawal takes a published post back. Raises PostNotFound and DocumentError,
        and WrongState when it would change the slug of a post that readers know by it, leave a
        published post empty, update a withdrawn one, take back an update that readers were shown
        without `drop_updates`, or overwrite what another hand saved since it was `opened`.
        """
        before = self._storage.post(slug)
        if opened is not None and before.document != opened:
            raise WrongState(
                f"{slug!r} was changed by another hand while you wrote; your words were not put "
                f"over theirs. Look at them with `aggregator post show {slug}`, then bring the two "
                "together"
            )
        now = next_moment(before, self._now())
        told = before.published is not None
        if told:
            document = stamp_updates(document, now, before=before.document)
        if _same_words(document, before.document):
            return before
        post = parse_document(document)
        refuse_doubts(near_misses, document, before=before.document)
        after = replace(
            before,
            slug=post.slug or before.slug,
            document=document,
            post=post,
            edited=self._clock(),
        )
        if before.scheduled:
            refuse_unpublishable(after, max(before.scheduled, now))
        if told:
            added = added_updates(before, post)
            refuse_broken_promises(before, after, added, now)
            if not drop_updates:
                refuse_lost_updates(before, post)
            after = self._with_news(after, added, now)
        self._storage.save_post(after, replaces=before)
        return after

    def _with_news(self, stored: StoredPost, added: Sequence[Update], now: datetime) -> StoredPost:
        """Return a post that readers are told the `added` updates of."""
        if not added:
            return stored
        withdrawn = [update.at for update in added if update.kind is UpdateKind.WITHDRAWAL]
        return replace(
            stored,
            updated=moved_updated(stored, now, self._storage.updated_times()),
            status=PostStatus.WITHDRAWN if withdrawn else stored.status,
            withdrawn=min(withdrawn, default=stored.withdrawn),
        )

    def update(self, slug: str, text: str, *, kind: UpdateKind = UpdateKind.UPDATE) -> StoredPost:
        """Add a dated Update to a published post; one of kind WITHDRAWAL takes the post back.

        Raises PostNotFound, DocumentError, and WrongState for a post that no reader knows or
        that is withdrawn.
        """
        before = self._readable(slug)
        if before.status is PostStatus.WITHDRAWN:
            raise WrongState(withdrawn_message(slug))
        if before.status is not PostStatus.PUBLISHED:
            raise WrongState(
                f"{slug!r} is {before.status}, so no reader could miss an update; "
                f"change its words with `aggregator post edit {slug}`"
            )
        at = next_moment(before, self._now())
        update, cites = parse_update(text, at=at, kind=kind)
        refuse_doubts(near_misses, text)
        refuse_doubts(comments, text)
        if says_nothing(update.blocks):
            raise DocumentError("the update says nothing", line=1)
        document = append_update(before.document, update, cites)
        after = replace(
            before, document=document, post=parse_document(document), edited=self._clock()
        )
        after = self._with_news(after, [update], at)
        self._storage.save_post(after, replaces=before)
        return after

    def publish(self, slug: str, *, at: datetime | None = None) -> StoredPost:
        """Publish a post now, or schedule it for `at`, which lies ahead.

        Its id is minted once; a withdrawn post that is published again keeps it, and its first
        publication time. Raises PostNotFound, DocumentError, WrongState.
        """
        before = self._readable(slug)
        now = self._now()
        if before.status is PostStatus.PUBLISHED:
            raise WrongState(
                f"{slug!r} is published already; `aggregator post update {slug} FILE` adds to it"
            )
        if at is not None and at < now - SKEW:
            raise WrongState(
                f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ} has gone by; leave --at out to publish "
                "now. A post that appeared elsewhere has `published:` in its front matter"
            )
        if at is not None and at > now:
            if before.status is PostStatus.WITHDRAWN:
                raise WrongState(
                    f"{slug!r} is withdrawn, and readers are told so until it is published again; "
                    "that is done at once, without --at"
                )
            when = at.astimezone(UTC).replace(microsecond=0)
            refuse_unpublishable(before, when)
            after = replace(before, status=PostStatus.SCHEDULED, scheduled=when)
        else:
            after = self._published(before, now)
        self._storage.save_post(after, replaces=before)
        return after

    def _readable(self, slug: str) -> StoredPost:
        """Return a post whose document can be read. Raises PostNotFound, DocumentError."""
        stored = self._storage.post(slug)
        if stored.broken:
            raise DocumentError(f"{stored.broken}; mend it: aggregator post edit {slug}")
        return stored

    def _published(self, before: StoredPost, now: datetime) -> StoredPost:
        if before.broken:
            raise DocumentError(before.broken)
        refuse_unpublishable(before, now)
        taken = self._storage.updated_times()
        if before.published is None:
            published, updated = first_times(before, now, taken)
        else:
            published = before.published
            updated = moved_updated(before, next_moment(before, now), taken)
        return replace(
            before,
            status=PostStatus.PUBLISHED,
            id=before.id or mint_id(self._site.base_url, before.slug, now),
            published=published,
            updated=updated,
            scheduled=None,
            withdrawn=None,
        )

    def publish_scheduled(self) -> DuePosts:
        """Publish every scheduled post whose time has come, late ones too.

        One that cannot be published stays scheduled, and never stops the others.
        """
        now = self._now()
        waiting = self._storage.posts(statuses=[PostStatus.SCHEDULED])
        due = [post for post in waiting if post.scheduled and post.scheduled <= now]
        published: list[StoredPost] = []
        held: list[tuple[StoredPost, AggregatorError]] = []
        for before in sorted(due, key=lambda post: (post.scheduled or now, post.slug)):
            try:
                after = self._published(before, now)
                self._storage.save_post(after, replaces=before)
            except (DocumentError, WrongState) as error:
                # Another program may have published it, or its author changed it, meanwhile.
                if before in self._storage.posts(statuses=[PostStatus.SCHEDULED]):
                    held.append((before, error))
            else:
                published.append(after)
        return DuePosts(published=tuple(published), held=tuple(held))

    def withdraw(self, slug: str) -> StoredPost:
        """Take a post back: readers are told it was withdrawn. Drafts are only put aside.

        Its words stay in the database. Raises PostNotFound, WrongState.
        """
        before = self._storage.post(slug)
        if before.status is PostStatus.WITHDRAWN:
            raise WrongState(f"{slug!r} is withdrawn already")
        if before.status is PostStatus.DRAFT:
            raise WrongState(f"{slug!r} is a draft; nobody has seen it")
        if before.status is PostStatus.SCHEDULED:
            # One that readers knew goes back to being withdrawn.
            status = PostStatus.WITHDRAWN if before.published else PostStatus.DRAFT
            after = replace(before, status=status, scheduled=None)
        else:
            at = next_moment(before, self._now())
            updated = moved_updated(before, at, self._storage.updated_times())
            after = replace(before, status=PostStatus.WITHDRAWN, updated=updated, withdrawn=at)
        self._storage.save_post(after, replaces=before)
        return after


def _same_words(one: str, other: str) -> bool:
    """Whether two documents differ in nothing but the line end behind the last line."""
    return one == other or _ended(one) == _ended(other)


def _ended(text: str) -> str:
    return text if text.endswith(("\n", "\r")) else text + "\n"
