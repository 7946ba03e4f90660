"""Writing the site: everything published, from the database to files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from aggregator.config.settings import Site
from aggregator.model.post import PostStatus
from aggregator.publishing.site import render_site
from aggregator.publishing.writer import WriteReport, write_site
from aggregator.storage.protocol import Storage


@dataclass(frozen=True, kw_only=True)
class Publication:
    """What a `publish` did. `problems` name posts that had to be left out, and why."""

    report: WriteReport
    problems: tuple[str, ...]


def publish(storage: Storage, site: Site, directory: Path) -> Publication:
    """Render the whole site and write what differs. Raises OutputError, StorageError."""
    rendered = render_site(
        site,
        storage.posts(statuses=[PostStatus.PUBLISHED, PostStatus.WITHDRAWN]),
        storage.river(limit=site.river_entries),
        storage.feeds(),
    )
    report = write_site(rendered.files, directory, keep=rendered.keep)
    return Publication(report=report, problems=rendered.problems)
