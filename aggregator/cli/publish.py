"""`aggregator publish`: write the whole site."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli import FAILED
from aggregator.cli.output import counted, open_app

if TYPE_CHECKING:
    from aggregator.app import App


@click.command("publish")
@click.option("--to", "directory", metavar="DIRECTORY", help="Instead of `output` in feeds.yaml.")
def publish_command(directory: str | None) -> int:
    """Write the whole site: feeds, pages and the blogroll.

    Posts whose scheduled time has come are published first. Only files that differ are
    touched, each at once as a whole.
    """
    with open_app() as app:
        output = app.settings.output if directory is None else _folder(directory, app)
        for stored in app.desk.publish_scheduled():
            click.echo(f"Published {stored.slug}, scheduled for now")
        return write_and_tell(app, output)


def _folder(written: str, app: App) -> Path:
    """Return the folder that was named. Raises UsageError when it is not fit to be published."""
    from aggregator.config.places import why_not_published_to

    if not written.strip():
        raise click.UsageError("--to: expected the path of a folder")
    folder = Path(written)
    for reason in why_not_published_to(folder, app.settings):
        raise click.UsageError(f"--to {written}: {reason}")
    return folder


def write_and_tell(app: App, directory: Path) -> int:
    """Write the site and say what changed; return the exit code."""
    from aggregator.services.syndication import publish

    done = publish(app.storage, app.settings.site, directory)
    written, removed = len(done.report.written), len(done.report.removed)
    if written or removed:
        gone = f", {removed:,} removed" if removed else ""
        click.echo(
            f"{directory}: {counted(written, 'file')} written{gone}, "
            f"{done.report.unchanged:,} unchanged"
        )
    else:
        click.echo(f"{directory}: nothing changed")
    for problem in done.problems:
        click.echo(f"Left out: {problem}", err=True)
    return FAILED if done.problems else 0
