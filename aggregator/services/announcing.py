"""Noting whom to tell, once the site is written. Nothing is sent here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from aggregator.config.settings import Settings
from aggregator.model.post import StoredPost
from aggregator.publishing.article import permalink
from aggregator.publishing.notices import feed_digests, mentions_of, revision_of
from aggregator.services.clock import utc_now
from aggregator.services.reach import is_reachable
from aggregator.storage.noticeprotocol import NoticeStorage
from aggregator.storage.protocol import StoredFeed

# What was last updated before is old news: nobody is told of it because mentions were turned on,
# or because the posts of ten years were imported.
NEWS = timedelta(days=7)


class Announcer:
    """Compares what is published with what was told, so that a crash in between loses nothing."""

    def __init__(
        self,
        notices: NoticeStorage,
        settings: Callable[[], Settings],
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """`settings` gives those of the moment."""
        self._notices, self._settings, self._clock = notices, settings, clock

    def expect(
        self,
        files: Mapping[str, bytes],
        posts: Sequence[StoredPost],
        feeds: Sequence[StoredFeed],
    ) -> int:
        """Note whom to tell of the site as it is now; return how many notices are new.

        `posts` are those published or withdrawn, `feeds` all that are or were followed. None is
        noted of a site that others cannot reach. Raises StorageError.
        """
        settings, now = self._settings(), self._clock()
        site = settings.site
        if not is_reachable(site.base_url):
            return 0
        due_at, count = now + settings.tell.delay, 0
        if site.hubs:
            count += self._notices.expect_pings(feed_digests(site, files), site.hubs, due_at)
        if settings.tell.webmention:
            known, changed = self._notices.revisions(), []
            for post in posts:
                before = known.get(permalink(post, site))
                old = (post.updated or now) < now - NEWS
                if (before is None and old) or before == revision_of(post):
                    continue
                with suppress(ValueError):  # it is not shown, so nobody can be told of it
                    changed.append(mentions_of(post, site, feeds))
            count += self._notices.expect_mentions(changed, due_at) if changed else 0
        return count
