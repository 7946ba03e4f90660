"""`aggregator poll`: one shot, made for cron."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import click

from aggregator.cli import FAILED, HELD_ELSEWHERE, INTERRUPTED
from aggregator.cli.output import echo_json, open_app
from aggregator.cli.pollreport import echo_feed, move_feeds, report_json, summary

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.services.report import FeedReport


@click.command("poll", short_help="Poll the feeds that are due, or those named.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
@click.option("--quiet", "-q", is_flag=True, help="Only tell of new failures, on standard error.")
@click.option("--force", "-f", is_flag=True, help="Ask feeds that are not due yet as well.")
@click.option(
    "--limit-time",
    type=click.FloatRange(min=1, max=86_400),
    metavar="SECONDS",
    help="Begin nothing more after so long; what is left is polled the next time.",
)
@click.argument("urls", metavar="[URL]...", nargs=-1)
def poll_command(
    urls: tuple[str, ...], as_json: bool, quiet: bool, force: bool, limit_time: float | None
) -> int:
    """Poll the feeds that are due (or those named, when they are due).

    A feed is left in peace for a few seconds after it was asked, its site for one, and both for
    as long as they ask us to wait; `--force` waits for the former and obeys the latter.
    Exits with 1 when a feed failed that did not fail the time before, with 75 when another
    poll holds every feed that is due. Ctrl-C and SIGTERM finish what is under way first.
    """
    with open_app() as app, stopping() as stop:
        wanted = followed_urls(app, urls)
        many = len(wanted or app.settings.subscriptions)
        with progress(many, shown=not (as_json or quiet)) as tell:
            timer = threading.Timer(limit_time or 0, stop.event.set)
            timer.daemon = True
            if limit_time is not None:
                timer.start()
            report = app.poller.poll(
                urls=wanted or None, force=force, stop=stop.event, progress=tell
            )
            timer.cancel()
        moved = move_feeds(app, report)
        if as_json:
            echo_json(report_json(report, moved))
        elif not quiet:
            click.echo("\n".join(summary(report)))
        for line in moved.values():
            click.echo(line, err=quiet or as_json)
        if report.outage:
            click.echo(f"aggregator: {report.outage}; nothing is counted against them", err=True)
        if quiet:
            for feed in report.feeds:
                if feed.newly_failed:
                    click.echo(f"{feed.title or feed.url}: {feed.error}", err=True)
        if stop.interrupted:
            return INTERRUPTED
    if report.all_held_elsewhere:
        if not (as_json or quiet):
            click.echo(
                "Another poll is at work on every feed that is due. If it was killed, its claim "
                "ends within 10 minutes; try again then.",
                err=True,
            )
        return HELD_ELSEWHERE
    return FAILED if report.newly_failed or report.outage else 0


def followed_urls(app: App, urls: Sequence[str]) -> list[str]:
    """Return addresses as feeds.yaml writes them. Raises UsageError for one that is not there."""
    followed = [subscription.url for subscription in app.settings.subscriptions]
    return [_followed(url, followed) for url in urls]


def _followed(url: str, followed: list[str]) -> str:
    from difflib import get_close_matches

    from aggregator.config.values import same_address

    for one in followed:
        if url == one or same_address(url) == same_address(one):
            return one
    near = get_close_matches(url, followed, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise click.UsageError(
        f"{url} is not followed{hint or f'; `aggregator follow {url}` adds it to feeds.yaml'}"
    )


class Stop:
    """Set by the first SIGINT or SIGTERM; the second ends the process at once."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self.interrupted = False  # by Ctrl-C, not by SIGTERM

    def __call__(self, number: int, frame: object) -> None:
        if self.event.is_set():
            # Threads that wait for slow servers cannot be interrupted. What is saved is saved;
            # the claims of the rest run out.
            if sys.stderr.isatty():
                os.write(2, b"\x1b[?25h\n")  # the bar hides the cursor
            os._exit(INTERRUPTED)
        self.interrupted = number == signal.SIGINT
        self.event.set()
        click.echo("Finishing what is under way; once more to stop at once.", err=True)


@contextlib.contextmanager
def stopping() -> Iterator[Stop]:
    """Turn SIGINT and SIGTERM into a request to stop, while the block runs."""
    stop = Stop()
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def progress(total: int, *, shown: bool) -> Iterator[Callable[[FeedReport], None]]:
    """Tell of each feed: above a bar on a terminal, as plain lines otherwise.

    An output that cannot be written is raised at the end, when all that came in is saved.
    """
    broken: list[OSError] = []

    def tell(report: FeedReport) -> None:
        if not broken:
            try:
                echo_feed(report)
            except OSError as error:
                broken.append(error)

    if not shown:
        yield lambda report: None
    elif not sys.stderr.isatty():
        yield tell
    else:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        console = Console(stderr=True, highlight=False, markup=False)
        columns = (TextColumn("Polling"), BarColumn(), MofNCompleteColumn())
        # Lines go above the bar, but not into it when standard output is a file.
        bar = Progress(
            *columns, console=console, transient=True, redirect_stdout=sys.stdout.isatty()
        )
        with bar:
            task = bar.add_task("", total=total)

            def advance(report: FeedReport) -> None:
                bar.advance(task)
                tell(report)

            yield advance
    if broken:
        raise broken[0]
