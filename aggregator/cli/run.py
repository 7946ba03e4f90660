"""`aggregator run`: the daemon."""

from __future__ import annotations

import contextlib
import math
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from aggregator.cli import INTERRUPTED
from aggregator.cli.output import counted, open_app
from aggregator.errors import AggregatorError, ConfigError

if TYPE_CHECKING:
    import threading

    from aggregator.app import App


def _a_number(context: click.Context, parameter: click.Parameter, value: float) -> float:
    if math.isnan(value):  # it is inside of every range
        raise click.BadParameter("nan is no number of seconds")
    return value


@click.command("run")
@click.option(
    "--tick",
    type=click.FloatRange(min=0.1, max=86_400),
    callback=_a_number,
    default=15.0,
    show_default=True,
    help="Seconds between two looks at what is due.",
)
def run_command(tick: float) -> int:
    """Poll what is due and publish what changed, until stopped.

    The same poll as `aggregator poll`, again and again. Ctrl-C and SIGTERM finish what is
    under way first.
    """
    from aggregator.cli.poll import stopping
    from aggregator.scheduler import run_ticks

    with open_app() as app, stopping() as stop:
        daemon = Daemon(app, stop.event)
        followed = counted(len(app.settings.subscriptions), "feed")
        click.echo(f"Following {followed}; publishing to {app.settings.output}")
        run_ticks(daemon.tick, stop.event, every=timedelta(seconds=tick))
        click.echo("Stopped; nothing was left half done.")
        return INTERRUPTED if stop.interrupted else 0


class Daemon:
    """One tick after another. The first always publishes: a crash may have come before it."""

    def __init__(self, app: App, stop: threading.Event) -> None:
        self._app, self._stop = app, stop
        self._published_version: str | None = None  # None: something waits to be published
        self._complaint = ""  # about feeds.yaml, told once

    def tick(self) -> None:
        """Poll, publish what is scheduled, write the site when anything changed."""
        from aggregator.cli.poll import echo_summary
        from aggregator.cli.publish import write_and_tell

        try:
            self._reload()
            report = self._app.poller.poll(stop=self._stop)
            if report.polled:
                # A log that nobody reads any more must not keep posts from being published.
                with contextlib.suppress(OSError):
                    echo_summary(report)
            if report.new or report.changed:
                self._published_version = None
            for stored in self._app.desk.publish_scheduled():
                click.echo(f"Published {stored.slug}, scheduled for now")
            version = self._app.storage.posts_version()
            if version != self._published_version:
                write_and_tell(self._app, self._app.settings.output)
                self._published_version = version
        except (AggregatorError, OSError) as error:
            # A full disk, say, may be mended while we run.
            with contextlib.suppress(OSError):
                click.echo(f"aggregator: {error}", err=True)

    def _reload(self) -> None:
        """Take up a changed feeds.yaml; go on with the old one while it is broken."""
        complaint = ""
        try:
            if self._app.reload():
                self._published_version = None
                followed = counted(len(self._app.settings.subscriptions), "feed")
                click.echo(f"feeds.yaml has changed: following {followed}")
        except ConfigError as error:
            complaint = f"{error}; going on with the settings from before"
        if complaint and complaint != self._complaint:
            click.echo(f"aggregator: {complaint}", err=True)
        self._complaint = complaint
