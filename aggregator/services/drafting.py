"""Drafts: what the author begins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from aggregator.config.settings import Site
from aggregator.document import draft_from_entry, near_misses, parse_document, slugify
from aggregator.errors import EntryNotFound, PostNotFound
from aggregator.model.feed import EntryStatus
from aggregator.model.post import PostStatus, StoredPost
from aggregator.publishing.privacy import is_public, public_link
from aggregator.publishing.words import primary, words_for
from aggregator.services.clock import utc_now
from aggregator.services.notes import notes_on
from aggregator.services.promises import refuse_doubts
from aggregator.services.triage import Triage
from aggregator.storage.protocol import Storage


class Drafting(Triage):
    """New posts, and what there is to say about one."""

    def __init__(
        self, storage: Storage, site: Site, *, clock: Callable[[], datetime] = utc_now
    ) -> None:
        super().__init__(storage)
        self._site, self._clock = site, clock

    def _now(self) -> datetime:
        # Readers show no fractions, and a document's headings hold none where it can be helped.
        return self._clock().astimezone(UTC).replace(microsecond=0)

    def draft_from(self, number: int) -> str:
        """Return the document of a draft that cites an entry. Raises EntryNotFound.

        A private feed is not named, and no link with a password or token of it.
        """
        stored = self._storage.entry(number)
        private = any(
            feed.subscription.url == stored.feed_url and not is_public(feed)
            for feed in self._storage.feeds()
        )
        if private:
            entry = replace(stored.entry, link=public_link(stored.entry.link))
            stored = replace(stored, entry=entry)
        return draft_from_entry(
            stored,
            private=private,
            english=primary(self._site.language) == "en",
            untitled=words_for(self._site.language).untitled,
        )

    def new(self, document: str, *, from_entry: int | None = None) -> StoredPost:
        """Save a draft. Raises DocumentError, and WrongState when its slug is taken."""
        post = parse_document(document)
        refuse_doubts(near_misses, document)
        now = self._now()
        wanted = slugify(post.title) or f"post-{now:%Y-%m-%d}"
        stored = StoredPost(
            slug=post.slug or self._free_slug(wanted),
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
