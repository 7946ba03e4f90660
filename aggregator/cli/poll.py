"""`aggregator poll`: one shot, made for cron."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import click

from aggregator.cli import FAILED, HELD_ELSEWHERE, INTERRUPTED
from aggregator.cli.output import command, counted, day_and_time, echo_json, open_app, stamp

if TYPE_CHECKING:
    from aggregator.services.report import FeedReport, PollReport


@click.command("poll", short_help="Poll the feeds that are due, or those named.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
@click.option("--quiet", "-q", is_flag=True, help="Only tell of new failures, on standard error.")
@click.option("--force", "-f", is_flag=True, help="Ask feeds that are not due yet as well.")
@click.argument("urls", metavar="[URL]...", nargs=-1)
def poll_command(urls: tuple[str, ...], as_json: bool, quiet: bool, force: bool) -> int:
    """Poll the feeds that are due (or those named, when they are due).

    Exits with 1 when a feed failed that did not fail the time before, with 75 when another
    poll holds every feed that is due. Ctrl-C and SIGTERM finish what is under way first.
    """
    with open_app() as app, stopping() as stop:
        followed = [subscription.url for subscription in app.settings.subscriptions]
        wanted = [_followed(url, followed) for url in urls]
        with progress(len(wanted or followed), shown=not (as_json or quiet)) as tell:
            report = app.poller.poll(
                urls=wanted or None, force=force, stop=stop.event, progress=tell
            )
        if as_json:
            echo_json(report_json(report))
        elif not quiet:
            echo_summary(report)
        if quiet:
            for feed in report.feeds:
                if feed.newly_failed:
                    click.echo(f"{feed.title or feed.url}: {feed.error}{_again(feed)}", err=True)
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
    return FAILED if report.newly_failed else 0


def _followed(url: str, followed: list[str]) -> str:
    """Return the address as feeds.yaml writes it. Raises UsageError when it is not there."""
    from difflib import get_close_matches

    from aggregator.config.values import same_address

    try:
        wanted = same_address(url)
    except ValueError:  # it is no address at all
        wanted = url
    for one in followed:
        if url == one or wanted == same_address(one):
            return one
    near = get_close_matches(url, followed, n=1)
    hint = f"did you mean {near[0]}?" if near else f"to add it: {command('follow', url)}"
    raise click.UsageError(f"{url} is not followed; {hint}")


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
                _echo_feed(report)
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


def _echo_feed(report: FeedReport) -> None:
    name = report.title or report.url
    news = []
    if report.new > report.held:
        news.append(f"{report.new - report.held} new")
    if report.held:
        news.append(f"{report.held} held back (look new all at once: aggregator feeds --held)")
    if report.changed:
        news.append(f"{report.changed} changed")
    if report.error:
        news.append(f"{report.status}: {report.error}{_again(report)}")
    for note in report.notes:
        news.append(f"note: {note}")
    if news:
        click.echo(f"{name}: {', '.join(news)}")
    for feed in report.found:
        click.echo(f"    a feed is at {feed.url}" + (f" ({feed.title})" if feed.title else ""))


def _again(report: FeedReport) -> str:
    """Return what becomes of a feed that failed, to stand behind the reason."""
    if report.next_poll_at is None:
        return f"; to let it go: {command('unfollow', report.url)}"
    return f"; it is asked again by itself at {day_and_time(report.next_poll_at)}"


def echo_summary(report: PollReport) -> None:
    """Print what it came to, and what to type next."""
    if not report.feeds:
        click.echo("No feeds are followed yet. Add one: aggregator follow https://…")
        return
    idle = len(report.feeds) - report.polled
    if not report.polled:
        soonest = min((f.next_poll_at for f in report.feeds if f.next_poll_at), default=None)
        when = f"; the next at {day_and_time(soonest, seconds=True)}" if soonest else ""
        none = (
            "The feed is not"
            if len(report.feeds) == 1
            else f"None of {len(report.feeds):,} feeds is"
        )
        click.echo(f"{none} due{when}.")
        return
    quiet = report.polled - report.failed - sum(bool(f.new or f.changed) for f in report.feeds)
    held = _held(report)
    parts = [
        f"{counted(report.new - held, 'new entry', 'new entries')}",
        f"{report.changed:,} changed",
        f"{counted(quiet, 'feed')} without news",
        f"{report.failed:,} failed",
    ]
    rest = f" ({idle:,} not due)" if idle else ""
    click.echo(f"{counted(report.polled, 'feed')} polled{rest}: {', '.join(parts)}.")
    if held:
        click.echo(f"{held:,} held back: `aggregator feeds --held`")
    if report.new > held:
        click.echo("Next: aggregator inbox")


def _held(report: PollReport) -> int:
    """Return how many of the report's new entries did not reach the inbox."""
    return sum(feed.held for feed in report.feeds)


def report_json(report: PollReport) -> dict[str, Any]:
    """Return the report as scripts rely on it. `new` is what reached the inbox, `held` is not."""
    return {
        "feeds": [
            {
                "url": feed.url,
                "title": feed.title,
                "status": feed.status.value,
                "new": feed.new - feed.held,
                "changed": feed.changed,
                "held": feed.held,
                "next_poll_at": stamp(feed.next_poll_at),
                "reason": feed.reason,
                "error": feed.error,
                "notes": list(feed.notes),
                "found": [{"url": f.url, "title": f.title, "type": f.type} for f in feed.found],
            }
            for feed in report.feeds
        ],
        "totals": {
            "feeds": len(report.feeds),
            "polled": report.polled,
            "new": report.new - _held(report),
            "changed": report.changed,
            "held": _held(report),
            "failed": report.failed,
        },
    }
