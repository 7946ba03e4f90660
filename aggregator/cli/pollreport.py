"""What a poll tells: people line by line and in sum, machines as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from aggregator.cli.output import command, counted, day_and_time, stamp

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.services.report import FeedReport, PollReport


def echo_feed(report: FeedReport) -> None:
    name = report.title or report.url
    news = []
    if report.new > report.held:
        news.append(f"{report.new - report.held} new")
    if report.held:
        news.append(f"{report.held} held back (look new all at once: aggregator feeds --held)")
    if report.changed:
        news.append(f"{report.changed} changed")
    if report.error:
        news.append(f"{report.status}: {report.error}{again(report)}")
    for note in report.notes:
        news.append(f"note: {note}")
    if news:
        click.echo(f"{name}: {', '.join(news)}")
    for feed in report.found:
        click.echo(f"    a feed is at {feed.url}" + (f" ({feed.title})" if feed.title else ""))


def again(report: FeedReport) -> str:
    """Return what becomes of a feed that failed, to stand behind the reason."""
    if report.next_poll_at is None:
        return f"; to let it go: {command('unfollow', report.url)}"
    return f"; it is asked again by itself at {day_and_time(report.next_poll_at)}"


def summary(report: PollReport) -> list[str]:
    """Return what it came to, and what to type next, line by line."""
    if not report.feeds:
        return ["No feeds are followed yet. Add one: aggregator follow https://…"]
    if not report.polled:
        return [_nothing(report)]
    quiet = report.polled - report.failed - sum(bool(f.new or f.changed) for f in report.feeds)
    held = _held(report)
    parts = [
        f"{counted(report.new - held, 'new entry', 'new entries')}",
        f"{report.changed:,} changed",
        f"{counted(quiet, 'feed')} without news",
        f"{report.failed:,} failed",
    ]
    put_off = sum(feed.status == "deferred" for feed in report.feeds if not feed.asked)
    idle = len(report.feeds) - report.polled - put_off
    left = [f"{idle:,} not due"] * bool(idle) + [f"{put_off:,} put off"] * bool(put_off)
    rest = f" ({', '.join(left)})" if left else ""
    lines = [f"{counted(report.polled, 'feed')} polled{rest}: {', '.join(parts)}."]
    if held:
        lines.append(f"{held:,} held back: `aggregator feeds --held`")
    if report.new > held:
        lines.append("Next: aggregator inbox")
    return lines


def _nothing(report: PollReport) -> str:
    """Return why no feed was asked."""
    deferred = next((f for f in report.feeds if f.status == "deferred" and f.reason), None)
    one = len(report.feeds) == 1
    if deferred is not None:
        return (
            f"Nothing was asked: {deferred.reason}."
            if one
            else (
                f"None of {len(report.feeds):,} feeds was asked; {deferred.url}: {deferred.reason}."
            )
        )
    soonest = min((f.next_poll_at for f in report.feeds if f.next_poll_at), default=None)
    when = f"; the next at {day_and_time(soonest, seconds=True)}" if soonest else ""
    return f"{'The feed is not' if one else f'None of {len(report.feeds):,} feeds is'} due{when}."


def _held(report: PollReport) -> int:
    """Return how many of the report's new entries did not reach the inbox."""
    return sum(feed.held for feed in report.feeds)


def move_feeds(app: App, report: PollReport) -> dict[str, str]:
    """Write the new address of feeds that have moved into feeds.yaml; return what to tell.

    By the old address. A move that cannot be made is told as well; it is tried again.
    """
    told: dict[str, str] = {}
    for feed in report.feeds:
        if feed.move_to is None:
            continue
        from aggregator.errors import ConfigError, NotFound
        from aggregator.services.clock import utc_now
        from aggregator.services.moving import move_feed

        name = feed.title or feed.url
        try:
            move_feed(app.settings.path, app.storage, feed.url, feed.move_to, utc_now())
        except (ConfigError, NotFound) as error:
            told[feed.url] = f"{name} has moved to {feed.move_to}, but: {error}"
        else:
            undo = command("move", feed.move_to, feed.url)
            told[feed.url] = (
                f"{name} has moved for good to {feed.move_to}; feeds.yaml says so now "
                f"(undo: {undo})"
            )
    return told


def report_json(report: PollReport, moved: dict[str, str]) -> dict[str, Any]:
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
                "moved": moved.get(feed.url),
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
        "outage": report.outage or None,
    }
