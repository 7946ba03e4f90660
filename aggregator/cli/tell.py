"""`aggregator tell`: tell whoever waits to be told of what was published."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli import FAILED, INTERRUPTED
from aggregator.cli.output import counted, open_app

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aggregator.app import App
    from aggregator.services.telling import Told

# After writing the site: then no more is begun, and what is under way takes 20 seconds at most.
BRIEFLY = timedelta(seconds=20)
MANY = 1000


@click.command("tell")
@click.option("--again", is_flag=True, help="Also what was given up, or may have been sent.")
def tell_command(again: bool) -> int:
    """Tell hubs and cited pages of what was published.

    `run` does it by itself, and commands that write the site do for 20 seconds. What is put off
    for `tell.delay` is sent at once; what failed waits for its next attempt. Exits with 1 when
    somebody could not be told.
    """
    from aggregator.cli.poll import stopping
    from aggregator.services.clock import utc_now

    with open_app() as app, stopping() as stop:
        if reason := why_nobody(app):
            click.echo(reason)
            return 0
        if again:
            app.storage.notices.retry(utc_now())
        failed, count = False, 0
        while told := app.teller.tell(stop.event, new_ones=True):
            for one in told:
                failed |= one.state in ("failed", "waiting")
                click.echo(told_line(one))
            count += len(told)
        if not count:
            click.echo("Nothing waits; `aggregator told` shows who was told of what.")
        return INTERRUPTED if stop.interrupted else FAILED if failed else 0


def tell_briefly(app: App) -> None:
    """Tell who waits, for a short time, and say in a line what came of it. Never a failure."""
    from aggregator.errors import StorageError
    from aggregator.services.clock import utc_now

    if why_nobody(app):
        return
    now, settings = utc_now(), app.settings
    try:
        waits = app.storage.notices.due(
            now, hubs=settings.site.hubs, mentions=settings.tell.webmention, limit=1
        )
        if waits and (told := app.teller.tell(until=now + BRIEFLY, most=MANY)):
            click.echo(summary(told))
    except StorageError as error:  # the site is written all the same
        click.echo(f"Not everybody was told, `aggregator tell` will: {error}", err=True)


def why_nobody(app: App) -> str:
    """Return why nobody is ever told, and the way out; "" when somebody is."""
    from aggregator.services.reach import is_reachable

    site = app.settings.site
    if not site.hubs and not app.settings.tell.webmention:
        return (
            "Nobody is to be told: name hubs as `site.hubs` in feeds.yaml, or set "
            "`tell: {webmention: true}`."
        )
    if not is_reachable(site.base_url):
        return (
            f"Nobody is told of {site.base_url}, which others cannot reach; set `site.base_url` "
            "in feeds.yaml."
        )
    return ""


def is_told_of(directory: Path, app: App) -> bool:
    """Whether what is written there is what readers get: the folder that feeds.yaml names."""
    return directory.resolve() == app.settings.output.resolve()


def told_line(one: Told) -> str:
    """Return what came of telling somebody."""
    from aggregator.fetch.target import one_line

    words = {"told": "Told", "unwanted": "Not told", "waiting": "Later"}.get(one.state, "Failed")
    return f"{words}: {one_line(one.whom)} of {one_line(one.about)}: {one_line(one.answer)}"


def summary(told: Sequence[Told]) -> str:
    """Return a line about several: how many were told, and what became of the others."""
    told_ones = sum(one.state == "told" for one in told)
    later = sum(one.state == "waiting" for one in told)
    failed = sum(one.state == "failed" for one in told)
    line = f"Told {counted(told_ones, 'hub or page', 'hubs or pages')}"
    if later:
        line += f", {later:,} to be tried again"
    if failed:
        line += f", {failed:,} that cannot be told; see: aggregator told --trouble"
    return line
