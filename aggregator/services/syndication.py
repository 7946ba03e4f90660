"""Writing the site: everything published, from the database to files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aggregator.config.settings import Site
from aggregator.errors import StorageError
from aggregator.model.post import PostStatus
from aggregator.publishing.addresses import address
from aggregator.publishing.ids import mint_feed_id
from aggregator.publishing.site import FEED, feed_paths, render_site
from aggregator.publishing.sitepages import YIELDING
from aggregator.publishing.writer import FRONT, WriteReport, foreign, write_site
from aggregator.services.announcing import Announcer
from aggregator.services.clock import utc_now
from aggregator.services.presentation import presentation_of
from aggregator.storage.protocol import Storage


@dataclass(frozen=True, kw_only=True)
class Publication:
    """What a `publish` did. `problems` name posts that had to be left out, and why."""

    report: WriteReport
    problems: tuple[str, ...]
    untold: str = ""  # why it could not be noted whom to tell; the next `publish` does it


def publish(
    storage: Storage,
    site: Site,
    directory: Path,
    *,
    clock: Callable[[], datetime] = utc_now,
    announcer: Announcer | None = None,
) -> Publication:
    """Render the whole site and write what differs. Raises OutputError, StorageError.

    Where the author has a page of their own making in the place of one that yields, theirs stays.
    The `announcer` notes whom to tell of it; None: nobody.
    """
    told = storage.posts(statuses=[PostStatus.PUBLISHED, PostStatus.WITHDRAWN])
    posts = [post for post in told if not post.broken]
    broken = [
        f"{post.slug}: {post.broken}; mend it: aggregator post edit {post.slug}"
        for post in told
        if post.broken
    ]
    rendered = render_site(
        site,
        posts,
        storage.river(limit=site.river_entries),
        storage.feeds(),
        ids=_feed_ids(storage, site, feed_paths(posts), clock()),
        presentation=presentation_of(site),
    )
    theirs = foreign(directory, YIELDING)
    files = {path: content for path, content in rendered.files.items() if path not in theirs}
    report = write_site(files, directory, keep=rendered.keep)
    untold = ""
    if announcer is not None:
        try:
            announcer.expect(files, posts, storage.feeds(active_only=False))
        except StorageError as error:  # the site is written, and readers have it
            untold = str(error)
    return Publication(report=report, problems=(*broken, *rendered.problems), untold=untold)


def is_published(directory: Path) -> bool:
    """Whether a site was ever written into the directory, to the end."""
    return (directory / FRONT).exists()


def _feed_ids(storage: Storage, site: Site, paths: Sequence[str], now: datetime) -> dict[str, str]:
    """Return the ids of feeds; those that are seen for the first time get one, for good."""
    known = storage.feed_ids()
    if not all(known.get(path) for path in paths):
        # Readers who know a feed by its address would show all of it again under another id.
        by_address = known.get(FEED, "") is None
        storage.keep_feed_ids(
            {
                path: address(site.base_url, path)
                if by_address
                else mint_feed_id(site.base_url, path, now)
                for path in paths
            }
        )
        known = storage.feed_ids()
    return {path: id_ for path, id_ in known.items() if id_}
