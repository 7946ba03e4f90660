"""Noting whom to tell, once the site is written. Nothing is sent here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from aggregator.config.settings import Settings, Site
from aggregator.model.notice import Mentions
from aggregator.publishing.article import page_address
from aggregator.publishing.notices import feed_digests, mentions_of, revision_of
from aggregator.services.clock import utc_now
from aggregator.services.reach import is_reachable
from aggregator.storage.noticeprotocol import NoticeStorage
from aggregator.storage.protocol import PostRow, StoredFeed

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
        digests: Mapping[str, str],
        posts: Sequence[PostRow],
        feeds: Sequence[StoredFeed],
    ) -> int:
        """Note whom to tell of the site as it is now; return how many notices are new.

        `digests` are those of the files, by path; `posts` are those published or withdrawn,
        `feeds` all that are or were followed. None is noted of a site that others cannot reach.
        Raises StorageError.
        """
        settings, now = self._settings(), self._clock()
        site = settings.site
        if not is_reachable(site.base_url):
            return 0
        due_at, count = now + settings.tell.delay, 0
        if site.hubs:
            count += self._notices.expect_pings(feed_digests(site, digests), site.hubs, due_at)
        if settings.tell.webmention:
            known = self._notices.revisions()
            found = (_changed(post, known, site, feeds, now) for post in posts)
            changed = [mentions for mentions in found if mentions]
            count += self._notices.expect_mentions(changed, due_at) if changed else 0
        return count


def _changed(
    post: PostRow,
    known: Mapping[str, str],
    site: Site,
    feeds: Sequence[StoredFeed],
    now: datetime,
) -> Mentions | None:
    """Return what a post mentions if that is news; None too for one that is not shown."""
    dates = post.dates()
    if dates.published is None:
        return None
    try:
        before = known.get(page_address(dates.slug, dates.published, site))
        old = (dates.updated or now) < now - NEWS
        if (before is None and old) or before == revision_of(dates):
            return None
        stored = post.stored()
        return None if stored.broken else mentions_of(stored, site, feeds)
    except ValueError:
        return None
