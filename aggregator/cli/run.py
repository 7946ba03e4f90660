"""`aggregator run`: the daemon."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING

import click

from aggregator.cli import INTERRUPTED
from aggregator.cli.log import Log
from aggregator.cli.output import counted, open_app, stamp
from aggregator.errors import AggregatorError, ConfigError

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.services.report import FeedReport
    from aggregator.web.server import WebServer


def _a_number(context: click.Context, parameter: click.Parameter, value: float) -> float:
    if math.isnan(value):  # it is inside of every range
        raise click.BadParameter("nan is no number of seconds")
    return value


def daemon_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options that `run` and `serve` share."""
    tick = click.option(
        "--tick",
        type=click.FloatRange(min=0.1, max=86_400),
        callback=_a_number,
        default=15.0,
        show_default=True,
        help="Seconds between two looks at what is due.",
    )
    log = click.option(
        "--log",
        "log_format",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="Sentences for people, or an object a line for machines.",
    )
    return tick(log(command))


@click.command("run")
@daemon_options
def run_command(tick: float, log_format: str) -> int:
    """Poll what is due and publish what changed, until stopped.

    The same poll as `aggregator poll`, again and again. Where `web.listen` and
    `websub.callback` in feeds.yaml say how hubs reach us, feeds that have a hub are pushed
    besides. Hubs and cited pages are told of what was published. Ctrl-C and SIGTERM finish
    what is under way first.
    """
    return work(tick, log_format, lambda app: app.web_server, "Listening at {address}")


def work(
    tick: float,
    log_format: str,
    server_of: Callable[[App], WebServer | None],
    listening: str,
    *,
    welcome: Callable[[App, str, Log], None] = lambda app, address, log: None,
    with_desk: bool = False,
) -> int:
    """Do the daemon's work until it is stopped, beside a web server if there is one.

    `welcome` is told its address once it listens. `with_desk` keeps what it searches up to date.
    """
    from aggregator.cli.poll import stopping
    from aggregator.scheduler import run_ticks
    from aggregator.services.clock import utc_now

    log = Log(as_json=log_format == "json", clock=utc_now)
    with open_app() as app, stopping() as stop:
        daemon = Daemon(app, stop.event, log)
        web = server_of(app)
        followed = counted(len(app.settings.subscriptions), "feed")
        log.tell("started", f"Following {followed}; publishing to {app.settings.output}")
        if web is not None:
            app.deliveries.told = daemon.delivered
            web.start()
            told = listening.format(address=web.address, public=app.settings.site.base_url)
            log.tell("listening", told, address=web.address)
            welcome(app, web.address, log)
        ticks = [daemon.tick, daemon.tend_hubs, *([daemon.follow_up] if with_desk else [])]
        run_ticks(
            ticks,
            stop.event,
            every=timedelta(seconds=tick),
            quick=[daemon.tell],  # who subscribes is to have a post within seconds
        )
        log.tell("stopped", "Stopped; nothing was left half done.")
        return INTERRUPTED if stop.interrupted else 0


class Daemon:
    """One tick after another. The first always publishes: a crash may have come before it."""

    def __init__(self, app: App, stop: threading.Event, log: Log) -> None:
        self._app, self._stop, self._log = app, stop, log
        # Made before there are several threads, with the storage and the fetcher that it uses.
        self._hub_keeper, self._teller = app.hub_keeper, app.teller
        app.intake  # noqa: B018 - the desk and a tick share it
        self._listen = app.settings.web.listen
        self._pushed = threading.Event()  # a hub has brought something to publish
        self._published_version: str | None = None  # None: something waits to be published
        self._tidied: date | None = None
        self._complaints: dict[str, str] = {}  # about feeds.yaml and our network, told once

    def tick(self) -> None:
        """Poll, publish what is scheduled, write the site when anything changed."""
        try:
            self._reload()
            self._poll()
            self._publish()
            self._tidy()
        except (AggregatorError, OSError) as error:
            # A full disk, say, may be mended while we run.
            self._log.trouble("error", f"aggregator: {error}")

    def _poll(self) -> None:
        from aggregator.cli.pollreport import move_feeds, summary

        report = self._app.poller.poll(stop=self._stop, progress=self._polled)
        for url, line in move_feeds(self._app, report).items():
            self._log.tell("moved", line, feed=url)
        if report.polled:
            self._log.tell("poll", " ".join(summary(report)), polled=report.polled)
        self._complain(report.outage, "outage")
        if report.new or report.changed:
            self._published_version = None

    def follow_up(self) -> None:
        """Have filters look at what came in, and put its words into the index of the desk."""
        try:
            self._app.intake.filter_news()
            self._app.intake.catch_up(seconds=5)
        except (AggregatorError, OSError) as error:
            self._log.trouble("error", f"aggregator: {error}")

    def tend_hubs(self) -> None:
        """Ask hubs for what is due there; those that do not take it are asked again later."""
        try:
            for report in self._hub_keeper.tend(self._stop):
                error = f"the hub {report.hub}: {report.error}" if report.error else ""
                self._complain(error, report.hub)
                self._log.note(
                    "hub",
                    feed=report.feed_url,
                    hub=report.hub,
                    mode=report.mode,
                    error=report.error,
                )
        except (AggregatorError, OSError) as error:
            self._log.trouble("error", f"aggregator: {error}")

    def tell(self) -> None:
        """Tell hubs and cited pages of what was published; failures are tried again later."""
        from aggregator.cli.tell import summary

        try:
            told = self._teller.tell(self._stop)
        except (AggregatorError, OSError) as error:
            self._log.trouble("error", f"aggregator: {error}")
            return
        for one in told:
            self._log.note(
                "telling",
                kind=one.kind.value,
                about=one.about,
                whom=one.whom,
                state=one.state.value,
                answer=one.answer,
            )
        if told:
            self._log.tell("told", summary(told), notices=len(told))

    def delivered(self, report: FeedReport) -> None:
        """Tell of what a hub brought; the next tick publishes it."""
        self._log.note("pushed", **_particulars(report))
        if report.new or report.changed:
            name = report.title or report.url
            self._log.tell("news", f"{name}: {report.new} new, {report.changed} changed, pushed")
            self._pushed.set()

    def _polled(self, report: FeedReport) -> None:
        particulars = _particulars(report)
        if report.newly_failed:
            name = report.title or report.url
            self._log.trouble("failed", f"{name}: {report.error}", **particulars)
        else:
            self._log.note("polled", **particulars)

    def _publish(self) -> None:
        from aggregator.cli.publish import publish_due, write_and_tell

        self._complain("\n".join(publish_due(self._app, self._log)), "scheduled")
        if self._pushed.is_set():
            self._pushed.clear()
            self._published_version = None
        version = self._app.storage.site_version(river=self._app.settings.site.river_entries)
        if version != self._published_version:
            if write_and_tell(self._app, self._app.settings.output, tell=self._log) == 0:
                self._app.site_writer.mended()  # what the desk says went wrong is over
            self._published_version = version

    def _tidy(self) -> None:
        """Let go of old texts, once a day."""
        from aggregator.services.clock import utc_now
        from aggregator.services.upkeep import tidy

        now = utc_now()
        if self._tidied is None or now.date() != self._tidied:
            self._tidied = now.date()
            if gone := tidy(self._app.storage, self._app.settings.keep, now):
                texts = counted(gone, "text")
                self._log.tell(
                    "tidied", f"{texts} let go of, by the rule under `keep:`", texts=gone
                )

    def _reload(self) -> None:
        """Take up a changed feeds.yaml; go on with the old one while it is broken."""
        try:
            if self._app.reload():
                self._published_version = None
                followed = counted(len(self._app.settings.subscriptions), "feed")
                self._log.tell("settings", f"feeds.yaml has changed: following {followed}")
        except ConfigError as error:
            self._complain(f"{error}; going on with the settings from before", "settings")
        else:
            self._complain("", "settings")
        moved = self._app.settings.web.listen != self._listen
        told = "another `web.listen` is taken up when this program is started anew"
        self._complain(told if moved else "", "listen")

    def _complain(self, complaint: str, event: str) -> None:
        """Warn of something that lasts, once for as long as it does."""
        if complaint and complaint != self._complaints.get(event):
            self._log.trouble(event, f"aggregator: {complaint}")
        self._complaints[event] = complaint


def _particulars(report: FeedReport) -> dict[str, object]:
    """Return what machines are told of a feed."""
    return {
        "feed": report.url,
        "status": report.status.value,
        "new": report.new,
        "changed": report.changed,
        "held": report.held,
        "http_status": report.http_status,
        "octets": report.octets,
        "seconds": round(report.seconds, 4),
        "next_poll_at": stamp(report.next_poll_at),
        "reason": report.reason,
        "error": report.error,
    }
