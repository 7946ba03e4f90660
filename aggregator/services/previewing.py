"""Posts as feed readers will show them, before anybody sees them. Nothing is changed by it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from aggregator.config.settings import Site
from aggregator.document import near_misses, parse_document, slugify
from aggregator.errors import DocumentError
from aggregator.model.post import PostStatus, StoredPost
from aggregator.preview import Preview, preview_of
from aggregator.preview.page import preview_page
from aggregator.publishing.article import preview
from aggregator.publishing.pages import templates_of
from aggregator.publishing.site import SitePage, render_page
from aggregator.publishing.theme import STYLE, Theme
from aggregator.services.clock import utc_now
from aggregator.services.notes import notes_on
from aggregator.services.presentation import read_theme
from aggregator.services.promises import refuse_doubts
from aggregator.storage.protocol import Storage


class Previewing:
    """Previews of stored posts and of documents that nobody has saved yet."""

    def __init__(self, site: Site, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._site, self._clock = site, clock

    def of_post(self, storage: Storage, slug: str) -> Preview:
        """Return the preview of a post, whatever its status. Raises PostNotFound, DocumentError."""
        stored = storage.post(slug)
        if stored.broken:
            raise DocumentError(f"{stored.broken}; mend it: aggregator post edit {slug}")
        return self._of(stored)

    def of_document(self, document: str) -> Preview:
        """Return the preview of a document, as the draft that it would become.

        Raises DocumentError for whatever would be refused if it were saved.
        """
        post = parse_document(document)
        refuse_doubts(near_misses, document)
        now = self._now()
        stored = StoredPost(
            slug=post.slug or slugify(post.title) or f"post-{now:%Y-%m-%d}",
            document=document,
            post=post,
            status=PostStatus.DRAFT,
            created=now,
            edited=now,
        )
        return self._of(stored)

    def of_stored(self, stored: StoredPost) -> Preview:
        """Return the preview of a post as it is given. Raises DocumentError."""
        return self._of(stored)

    def site_page(self, stored: StoredPost) -> SitePage:
        """Return a post's page as the site will have it. Raises DocumentError, ThemeError."""
        try:
            return render_page(self._site, stored, self._now(), self._theme())
        except ValueError as error:
            raise DocumentError(f"it cannot be shown: {error}") from error

    def site_file(self, path: str) -> bytes | None:
        """Return a file that pages are shown with; None: there is no such one."""
        return templates_of(self._theme()).files().get(path)

    def page(self, shown: Preview) -> bytes:
        """Return the page that shows all views side by side. Raises ThemeError."""
        style = templates_of(self._theme()).files()[STYLE].decode("utf-8", "replace")
        return preview_page(shown, site_style=style)

    def _of(self, stored: StoredPost) -> Preview:
        now = self._now()
        try:
            article = preview(stored, self._site, now)
        except ValueError as error:
            raise DocumentError(f"it cannot be shown: {error}") from error
        notes = notes_on(stored, self._site, now)
        return preview_of(article, status=stored.status.value, notes=notes)

    def _theme(self) -> Theme | None:
        return read_theme(self._site.theme) if self._site.theme else None

    def _now(self) -> datetime:
        return self._clock().astimezone(UTC).replace(microsecond=0)
