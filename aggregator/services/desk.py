"""The author's desk: triage, and the life of a post."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from aggregator.config.settings import Site
from aggregator.document import (
    append_update,
    draft_from_entry,
    parse_document,
    parse_update,
    slugify,
    stamp_updates,
)
from aggregator.errors import EntryNotFound, PostNotFound, WrongState
from aggregator.model.feed import EntryStatus
from aggregator.model.post import PostStatus, StoredPost, UpdateKind
from aggregator.publishing.ids import mint_id
from aggregator.services.clock import utc_now
from aggregator.services.notes import notes_on
from aggregator.services.promises import (
    added_updates,
    refuse_bare_updates,
    refuse_impossible_times,
    refuse_lost_updates,
)
from aggregator.storage.protocol import Storage


class Desk:
    """Writing, publishing and updating posts. Every change is saved whole or not at all."""

    def __init__(
        self, storage: Storage, site: Site, *, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._storage, self._site, self._clock = storage, site, clock

    def _now(self) -> datetime:
        # Readers show no fractions, and a document's headings hold none.
        return self._clock().astimezone(UTC).replace(microsecond=0)

    # Triage

    def dismiss(self, numbers: Sequence[int]) -> None:
        """Take entries out of the inbox. Raises EntryNotFound."""
        self._storage.mark_entries(numbers, status=EntryStatus.DISMISSED)

    def restore(self, numbers: Sequence[int]) -> None:
        """Put entries back into the inbox. Raises EntryNotFound."""
        self._storage.mark_entries(numbers, status=EntryStatus.INBOX)

    def star(self, numbers: Sequence[int], *, starred: bool = True) -> None:
        """Mark entries as worth keeping, or no longer. Raises EntryNotFound."""
        self._storage.mark_entries(numbers, starred=starred)

    def draft_from(self, number: int) -> str:
        """Return the document of a draft that cites an entry. Raises EntryNotFound."""
        return draft_from_entry(self._storage.entry(number))

    # Posts

    def new(self, document: str, *, from_entry: int | None = None) -> StoredPost:
        """Save a draft. Raises DocumentError, and WrongState when its slug is taken."""
        now = self._now()
        refuse_bare_updates(document, now)
        post = parse_document(document)
        stored = StoredPost(
            slug=post.slug or self._free_slug(slugify(post.title)),
            document=document,
            post=post,
            status=PostStatus.DRAFT,
            created=now,
            edited=self._clock(),
        )
        self._storage.save_post(stored, replaces=None)
        cited = {citation.entry for citation in post.cites if citation.entry is not None}
        self._mark_cited(cited | ({from_entry} if from_entry is not None else set()))
        return stored

    def notes_on(self, stored: StoredPost) -> list[str]:
        """Return what the author should know of a post just saved, in words."""
        return notes_on(stored, self._site, self._now())

    def _mark_cited(self, numbers: set[int]) -> None:
        present = [number for number in sorted(numbers) if self._has_entry(number)]
        if present:
            self._storage.mark_entries(present, status=EntryStatus.CITED)

    def _has_entry(self, number: int) -> bool:
        try:
            self._storage.entry(number)
        except EntryNotFound:
            return False  # a document may name an entry of another database
        return True

    def _free_slug(self, wanted: str) -> str:
        slug, count = wanted, 1
        while self._has_post(slug):
            count += 1
            slug = f"{wanted}-{count}"
        return slug

    def _has_post(self, slug: str) -> bool:
        try:
            self._storage.post(slug)
        except PostNotFound:
            return False
        return True

    def edit(self, slug: str, document: str, *, drop_updates: bool = False) -> StoredPost:
        """Replace a post's document. Updates that it adds move `updated`; nothing else does.

        Raises PostNotFound and DocumentError, and WrongState when it would change the slug of
        a post that readers know by it, leave a published post empty, or take back an update
        that readers were shown without `drop_updates`.
        """
        before = self._storage.post(slug)
        now = self._now()
        if before.published is None:
            refuse_bare_updates(document, now)
        document = stamp_updates(document, now)
        if document == before.document:
            return before
        post = parse_document(document)
        new_slug = post.slug or before.slug
        added = added_updates(before, post)
        if before.published is not None:
            if new_slug != before.slug:
                raise WrongState(
                    f"{before.slug!r} is published: its address must not change. Take `slug:` out "
                    "of the document, or set it back"
                )
            if not post.blocks:
                raise WrongState(
                    f"this would leave {slug!r} empty where readers find it; "
                    f"`aggregator post withdraw {slug}` takes it back"
                )
            if not drop_updates:
                refuse_lost_updates(before, post)
            refuse_impossible_times(added, before.published, now)
        after = replace(before, slug=new_slug, document=document, post=post, edited=self._clock())
        if added:
            after = replace(after, updated=self._moved(before, now))
        self._storage.save_post(after, replaces=before)
        return after

    def update(self, slug: str, text: str, *, kind: UpdateKind = UpdateKind.UPDATE) -> StoredPost:
        """Add a dated Update to a published post; one of kind WITHDRAWAL takes the post back.

        A withdrawn post can still be given its reason, by that kind. Raises PostNotFound,
        DocumentError, and WrongState for a post that no reader knows.
        """
        before = self._storage.post(slug)
        withdrawal = kind is UpdateKind.WITHDRAWAL
        if before.status is PostStatus.WITHDRAWN and not withdrawal:
            raise WrongState(
                f"{slug!r} is withdrawn; only the reason can be added, with `--kind withdrawal`. "
                f"`aggregator post publish {slug}` brings the post back"
            )
        if before.status not in {PostStatus.PUBLISHED, PostStatus.WITHDRAWN}:
            raise WrongState(
                f"{slug!r} is {before.status}, so no reader could miss an update; "
                f"change its words with `aggregator post edit {slug}`"
            )
        # Two updates of one post never carry the same time: it is how they are told apart.
        now = self._now()
        taken = {update.at for update in before.post.updates}
        while now in taken:
            now += timedelta(seconds=1)
        update, cites = parse_update(text, at=now, kind=kind)
        document = append_update(before.document, update, cites)
        after = replace(
            before,
            document=document,
            post=parse_document(document),
            status=PostStatus.WITHDRAWN if withdrawal else before.status,
            edited=self._clock(),
            updated=self._moved(before, now),
        )
        self._storage.save_post(after, replaces=before)
        return after

    def publish(self, slug: str, *, at: datetime | None = None) -> StoredPost:
        """Publish a post now, or schedule it for `at` when that lies ahead.

        Its id is minted once; a withdrawn post that is published again keeps it, and its first
        publication time. Raises PostNotFound, WrongState.
        """
        before = self._storage.post(slug)
        now = self._now()
        if before.status is PostStatus.PUBLISHED:
            raise WrongState(
                f"{slug!r} is published already; `aggregator post update {slug} FILE` adds to it"
            )
        if not before.post.blocks:
            raise WrongState(
                f"{slug!r} has a title and nothing else; `aggregator post edit {slug}` adds words"
            )
        if before.published is None and before.post.updates:
            raise WrongState(
                f"{slug!r} has an update although nobody has read it yet; write it as part of the "
                f"post with `aggregator post edit {slug}`"
            )
        if at is not None and at > now:
            when = at.astimezone(UTC).replace(microsecond=0)
            after = replace(before, status=PostStatus.SCHEDULED, scheduled=when)
        else:
            after = self._published(before, now)
        self._storage.save_post(after, replaces=before)
        return after

    def _published(self, before: StoredPost, now: datetime) -> StoredPost:
        published = before.published or now
        return replace(
            before,
            status=PostStatus.PUBLISHED,
            id=before.id or mint_id(self._site.base_url, before.slug, published),
            published=published,
            updated=self._moved(before, now),
            scheduled=None,
        )

    def publish_scheduled(self) -> list[StoredPost]:
        """Publish every scheduled post whose time has come, late ones too; return them."""
        now = self._now()
        waiting = self._storage.posts(statuses=[PostStatus.SCHEDULED])
        due = [post for post in waiting if post.scheduled and post.scheduled <= now]
        published = []
        for before in sorted(due, key=lambda post: (post.scheduled or now, post.slug)):
            after = self._published(before, now)
            self._storage.save_post(after, replaces=before)
            published.append(after)
        return published

    def withdraw(self, slug: str) -> StoredPost:
        """Take a post back: readers are told it was withdrawn. Drafts are only put aside.

        Its words stay in the database. Raises PostNotFound, WrongState.
        """
        before = self._storage.post(slug)
        now = self._now()
        if before.status is PostStatus.WITHDRAWN:
            raise WrongState(f"{slug!r} is withdrawn already")
        if before.status is PostStatus.SCHEDULED:
            after = replace(before, status=PostStatus.DRAFT, scheduled=None)
        elif before.status is PostStatus.DRAFT:
            raise WrongState(f"{slug!r} is a draft; nobody has seen it")
        else:
            updated = self._moved(before, now)
            after = replace(before, status=PostStatus.WITHDRAWN, updated=updated)
        self._storage.save_post(after, replaces=before)
        return after

    def _moved(self, post: StoredPost, now: datetime) -> datetime:
        """Return a new `updated`: later than before, and no other post's (feed validators warn)."""
        moved = now if post.updated is None else max(now, post.updated + timedelta(seconds=1))
        taken = self._storage.updated_times()
        while moved in taken:
            moved += timedelta(seconds=1)
        return moved
