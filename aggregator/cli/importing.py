"""`aggregator import`: every feed of a list is followed."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli import FAILED
from aggregator.cli.output import counted, open_app
from aggregator.cli.progress import sign_of_life

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.reading.listed import FeedList
    from aggregator.services.importing import ImportPlan

REASONS_SHOWN = 20
A_HINT = ". It looks like posts: `aggregator post import` takes those over"


@click.command("import", short_help="Follow all feeds of an OPML list.")
@click.argument("source", metavar="FILE")
@click.option("--dry-run", is_flag=True, help="Show what would be added, and change nothing.")
def import_command(source: str, dry_run: bool) -> int:
    """Follow all feeds of an OPML list: a file, an address, or `-` for standard input.

    Folders and categories become tags. What is followed already is passed over. A list that
    is not well-formed is read as far as possible, and JSON with `url` in it will do, too.
    """
    from aggregator.services.clock import utc_now
    from aggregator.services.importing import import_feeds, import_plan

    with open_app() as app:
        found = _read(source, app)
        plan = import_plan(found, app.settings.subscriptions)
        if dry_run:
            for one in plan.new:
                tags = f"  [{', '.join(one.tags)}]" if one.tags else ""
                click.echo(f"    {one.title + '  ' if one.title else ''}{one.url}{tags}")
            click.echo(f"{counted(len(plan.new), 'feed')} would be added; nothing was changed.")
        elif plan.new:
            with sign_of_life() as tell:
                tell(f"Adding {counted(len(plan.new), 'feed')} …")
                done = import_feeds(app.settings, plan, app.storage, utc_now())
            click.echo(f"{counted(len(done.added), 'feed')} added to {app.settings.path.name}.")
            if done.copy is not None:
                undo = shlex.join(["cp", _short(done.copy), _short(app.settings.path)])
                click.echo(f"To have it as it was: {undo}")
        else:
            click.echo("Nothing was added." if found.feeds else "There are no feeds in it.")
        _echo_rest(found, plan)
        if plan.new and not dry_run:
            click.echo("Next: aggregator poll")
    return 0 if plan.new or plan.followed else FAILED


def _read(source: str, app: App) -> FeedList:
    """Return the list at a path or an address. Raises FetchError, ReadError, UsageError."""
    from aggregator.errors import FetchError, ReadError
    from aggregator.fetch.client import Fetched
    from aggregator.model.poll import FailureKind
    from aggregator.reading.lists import LARGEST, read_list
    from aggregator.services.collecting import holds_posts

    body, content_type = b"", ""
    try:
        if source.lower().startswith(("http://", "https://")):
            answer = app.fetcher.fetch(source)
            assert isinstance(answer, Fetched)  # noqa: S101 - nothing conditional was asked
            body, content_type = answer.body, answer.content_type
        elif source == "-":
            body = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with Path(source).open("rb") as file:
                body = file.read(LARGEST + 1)
        found = read_list(body, content_type=content_type)
    except FetchError as error:
        raise FetchError(error.kind, f"{source}: {error}; nothing was added") from error
    except ReadError as error:
        message = f"{source}: {error}; nothing was added"
        if holds_posts(body):
            message += A_HINT
        raise ReadError(error.kind, message) from error
    except OSError as error:
        raise click.UsageError(f"{source}: {error.strerror or error}") from None
    if not found.feeds and holds_posts(body):
        message = f"{source}: it lists no feeds; nothing was added{A_HINT}"
        raise ReadError(FailureKind.NOT_A_FEED, message)
    return found


def _echo_rest(found: FeedList, plan: ImportPlan) -> None:
    """Tell of everything in the list that was not added."""
    if plan.followed:
        click.echo(f"{plan.followed:,} followed already.")
    if plan.repeated:
        click.echo(f"{plan.repeated:,} in the list more than once.")
    if not found.well_formed:
        click.echo("The list is not well-formed XML; it was read as far as possible.", err=True)
    if not plan.left_out:
        return
    click.echo(f"{len(plan.left_out):,} left out:", err=True)
    for one in plan.left_out[:REASONS_SHOWN]:
        click.echo(f"    {one.name}: {one.reason}", err=True)
    if len(plan.left_out) > REASONS_SHOWN:
        click.echo(f"    … and {len(plan.left_out) - REASONS_SHOWN:,} more", err=True)


def _short(path: Path) -> str:
    """Return a path from here, where that is shorter."""
    return min(str(path), os.path.relpath(path), key=len)
