"""`aggregator publish`: write the whole site."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli import FAILED
from aggregator.cli.log import Log
from aggregator.cli.output import counted, open_app
from aggregator.services.clock import utc_now

if TYPE_CHECKING:
    from aggregator.app import App


@click.command("publish")
@click.option(
    "--to", "directory", type=click.Path(path_type=Path), help="Instead of `output` in feeds.yaml."
)
def publish_command(directory: Path | None) -> int:
    """Write the whole site: feeds, pages and the blogroll.

    Posts whose scheduled time has come are published first. Only files that differ are
    touched, each at once as a whole. Exits with 1 when a post had to be left out.
    """
    with open_app() as app:
        complaints = publish_due(app)
        for complaint in complaints:
            click.echo(complaint, err=True)
        code = write_and_tell(app, directory or app.settings.output)
        return code or (FAILED if complaints else 0)


def publish_due(app: App, tell: Log | None = None) -> list[str]:
    """Publish scheduled posts whose time has come; return what is wrong with those left."""
    log = tell or Log(as_json=False, clock=utc_now)
    due = app.desk.publish_scheduled()
    for stored in due.published:
        log.tell("published", f"Published {stored.slug}, scheduled for now", post=stored.slug)
    return [
        f"{stored.slug} stays scheduled: {error}. Mend it: aggregator post edit {stored.slug}"
        for stored, error in due.held
    ]


def write_and_tell(app: App, directory: Path, tell: Log | None = None) -> int:
    """Write the site and say what changed; return the exit code."""
    from aggregator.services.syndication import publish

    log = tell or Log(as_json=False, clock=utc_now)
    done = publish(app.storage, app.settings.site, directory)
    written, removed = len(done.report.written), len(done.report.removed)
    if written or removed:
        gone = f", {removed:,} removed" if removed else ""
        log.tell(
            "site",
            f"{directory}: {counted(written, 'file')} written{gone}, "
            f"{done.report.unchanged:,} unchanged",
            written=written,
            removed=removed,
        )
    else:
        log.tell("site", f"{directory}: nothing changed", written=0, removed=0)
    for problem in done.problems:
        log.trouble("left out", f"Left out: {problem}")
    return FAILED if done.problems else 0
