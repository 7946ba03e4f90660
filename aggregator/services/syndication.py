"""Writing the site: everything published, from the database to files."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aggregator.config.settings import Site
from aggregator.errors import StorageError
from aggregator.publishing.addresses import address
from aggregator.publishing.ids import mint_feed_id
from aggregator.publishing.library import Memory, library_of
from aggregator.publishing.site import FEED, SHOWN, feed_paths, render_site
from aggregator.publishing.sitepages import YIELDING
from aggregator.publishing.writer import FRONT, WriteReport, output
from aggregator.services.announcing import Announcer
from aggregator.services.clock import utc_now
from aggregator.services.presentation import presentation_of
from aggregator.services.program import program_digest
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
    memory: Memory | None = None,
    anew: bool = False,
) -> Publication:
    """Write what differs of the whole site. Raises OutputError, StorageError, ThemeError.

    Where the author has a page of their own making in the place of one that yields, theirs stays.
    The `announcer` notes whom to tell of it; None: nobody. What was made of posts is kept in
    `memory`; without one, and when all is wanted `anew`, every post is read and every file made.
    """
    with output(directory) as place:
        feeds = storage.feeds()
        if anew and memory:
            memory.keep_only(set())
        with _uncollected():
            rows = storage.post_rows(statuses=SHOWN)
            library = library_of(
                site,
                rows,
                feeds,
                presentation=presentation_of(site),
                program=program_digest(),
                memory=memory,
            )
            rendered = render_site(
                library,
                storage.river(limit=site.river_entries),
                feeds,
                ids=_feed_ids(storage, site, feed_paths(library), clock()),
            )
        report = place.write(rendered.files, keep=rendered.keep, yielding=YIELDING, anew=anew)
    untold = ""
    if announcer is not None:
        try:
            announcer.expect(report.digests, rows, storage.feeds(active_only=False))
        except StorageError as error:  # the site is written, and readers have it
            untold = str(error)
    return Publication(report=report, problems=rendered.problems, untold=untold)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep Python from looking for cycles: of a hundred thousand objects made here, all stay."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


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
