"""`aggregator publish`: write the whole site."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli import FAILED
from aggregator.cli.log import Log
from aggregator.cli.output import counted, open_app
from aggregator.model.post import PostStatus
from aggregator.services.clock import utc_now

if TYPE_CHECKING:
    from aggregator.app import App


@click.command("publish")
@click.option("--to", "directory", metavar="DIRECTORY", help="Instead of `output` in feeds.yaml.")
@click.option("--all", "anew", is_flag=True, help="Make and compare every file, whatever is known.")
def publish_command(directory: str | None, anew: bool) -> int:
    """Write the whole site: feeds, pages and the blogroll.

    Posts whose scheduled time has come are published first. Only files that differ are
    touched, each at once as a whole; what nothing has changed for is not even made, unless
    somebody else had a hand in it. Hubs and cited pages are told of what is written to
    `output`, and of nothing written elsewhere. Exits with 1 when a post had to be left out.
    """
    with open_app() as app:
        output = app.settings.output if directory is None else _folder(directory, app)
        complaints = publish_due(app)
        for complaint in complaints:
            click.echo(complaint, err=True)
        code = write_and_tell(app, output, anew=anew)
        return code or (FAILED if complaints else 0)


def _folder(written: str, app: App) -> Path:
    """Return the folder that was named. Raises UsageError when it is not fit to be published."""
    from aggregator.config.places import why_not_published_to

    if not written.strip():
        raise click.UsageError("--to: expected the path of a folder")
    folder = Path(written)
    for reason in why_not_published_to(folder, app.settings):
        raise click.UsageError(f"--to {written}: {reason}")
    if (folder / "posts.json").is_file() and not (folder / "index.html").exists():
        raise click.UsageError(f"--to {written}: it holds what `post export` wrote, drafts too")
    return folder


def publish_due(app: App, tell: Log | None = None) -> list[str]:
    """Publish scheduled posts whose time has come; return what is wrong with those left."""
    if not app.storage.posts(statuses=[PostStatus.SCHEDULED]):
        return []  # without what only the desk needs
    log = tell or Log(as_json=False, clock=utc_now)
    due = app.desk.publish_scheduled()
    for stored in due.published:
        log.tell("published", f"Published {stored.slug}, scheduled for now", post=stored.slug)
    return [
        f"{stored.slug} stays scheduled: {error}. Mend it: aggregator post edit {stored.slug}"
        for stored, error in due.held
    ]


def write_and_tell(
    app: App, directory: Path, tell: Log | None = None, *, anew: bool = False
) -> int:
    """Write the site and say what changed; return the exit code.

    Who waits to be told of it is told, unless we `tell` of it as a daemon does.
    """
    from aggregator.cli.tell import is_told_of, tell_briefly
    from aggregator.services.syndication import publish

    log = tell or Log(as_json=False, clock=utc_now)
    announcer = app.announcer if is_told_of(directory, app) else None
    done = publish(
        app.storage,
        app.settings.site,
        directory,
        announcer=announcer,
        memory=app.memory,
        anew=anew,
    )
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
    if done.untold:
        log.trouble("untold", f"Nobody is told of it yet, `aggregator publish` will: {done.untold}")
    elif tell is None and announcer is not None:
        tell_briefly(app)
    return FAILED if done.problems else 0
