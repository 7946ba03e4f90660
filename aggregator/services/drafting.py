"""Drafts: what the author begins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from aggregator.config.settings import Site
from aggregator.document import (
    Cited,
    cited_entry,
    draft_from_entry,
    near_misses,
    parse_document,
    slugify,
)
from aggregator.errors import DocumentError, EntryNotFound, PostNotFound
from aggregator.model.feed import EntryStatus, StoredEntry
from aggregator.model.post import PostStatus, StoredPost
from aggregator.publishing.article import preview
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

    def draft_from(self, number: int, *, words: str = "", via: str = "") -> str:
        """Return the document of a draft that cites an entry. Raises EntryNotFound.

        It quotes the `words`, if there are any; `via` is where the author found it. A private
        feed is not named, and no link with a password or token of it.
        """
        stored, private = self._presentable(number)
        return draft_from_entry(
            stored,
            private=private,
            english=self.is_english,
            untitled=words_for(self._site.language).untitled,
            words=words,
            via=via,
        )

    def _presentable(self, number: int) -> tuple[StoredEntry, bool]:
        """Return an entry as readers may see it, and whether its feed is private."""
        stored = self._storage.entry(number)
        private = any(
            feed.subscription.url == stored.feed_url and not is_public(feed)
            for feed in self._storage.feeds(urls=[stored.feed_url])
        )
        if private:
            entry = replace(stored.entry, link=public_link(stored.entry.link))
            stored = replace(stored, entry=entry)
        return stored, private

    def new(self, document: str, *, from_entry: int | None = None) -> StoredPost:
        """Save a draft. Raises DocumentError, and WrongState when its slug is taken."""
        stored = self.would_be(document)
        self._storage.save_post(stored, replaces=None)
        cited = {citation.entry for citation in stored.post.cites if citation.entry is not None}
        self._mark_cited(cited | ({from_entry} if from_entry is not None else set()))
        return stored

    def would_be(self, document: str) -> StoredPost:
        """Return the draft that a document would become. Raises DocumentError."""
        post = parse_document(document)
        refuse_doubts(near_misses, document)
        now = self._now()
        wanted = slugify(post.title) or f"post-{now:%Y-%m-%d}"
        return StoredPost(
            slug=post.slug or self._free_slug(wanted),
            document=document,
            post=post,
            status=PostStatus.DRAFT,
            created=now,
            edited=self._clock(),
        )

    def address_of(self, stored: StoredPost) -> str:
        """Return where a post is found on the site, or would be were it published now."""
        try:
            return preview(stored, self._site, self._now()).permalink
        except ValueError as error:
            raise DocumentError(f"it cannot be shown: {error}") from error

    def cited(self, number: int) -> Cited:
        """Return an entry as what a post would cite. Raises EntryNotFound."""
        stored, private = self._presentable(number)
        return cited_entry(stored, private=private, english=self.is_english)

    @property
    def first_author(self) -> str | None:
        """Who has written a post that names nobody; None: the site names nobody either."""
        return self._site.authors[0].name if self._site.authors else None

    @property
    def is_english(self) -> bool:
        """Whether our own words may stand in a draft."""
        return primary(self._site.language) == "en"

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
