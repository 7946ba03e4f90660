"""What the list of feeds can tell besides: troubles, and the last polls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from aggregator.cli.output import command, counted, day_and_time, stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aggregator.app import App
    from aggregator.services.trouble import Trouble
    from aggregator.storage.protocol import Attempt, StoredFeed


def troubles(app: App, feed: StoredFeed) -> list[Trouble]:
    """Return what is wrong with a feed now."""
    from aggregator.services.clock import utc_now
    from aggregator.services.trouble import trouble_of

    return trouble_of(feed, utc_now(), callback=app.settings.websub.callback)


def commands(trouble: Trouble) -> list[str]:
    """Return what can be typed against a trouble, each a whole line for a shell."""
    return [command(*words) for words in trouble.commands]


def prospect(trouble: Trouble) -> str:
    """Return what becomes of a trouble and what helps, to stand before its `commands`."""
    again = f"it is asked again by itself at {day_and_time(trouble.until)}" if trouble.until else ""
    return "; ".join(part for part in (trouble.advice, again, trouble.aim) if part)


def echo_trouble(app: App, feeds: Sequence[StoredFeed]) -> None:
    """Print what is wrong, since when, and what to do: the oldest trouble first."""
    found = [one for feed in feeds for one in troubles(app, feed)]
    found.sort(key=lambda one: (not one.serious, one.since is None, one.since, one.url))
    for one in found:
        since = f", since {day_and_time(one.since)}" if one.since else ""
        click.echo(one.title)
        if one.title != one.url:
            click.echo(f"    {one.url}")
        click.echo(f"    {one.what}{since}")
        typed = commands(one)
        click.echo(f"    {prospect(one)}{':' if typed else ''}")
        for line in typed:
            click.echo(f"        {line}")
    serious = sum(one.serious for one in found)
    well = len(feeds) - len({one.url for one in found if one.serious})
    click.echo(
        f"{counted(serious, 'feed')} in trouble, {counted(well, 'feed')} well."
        if serious
        else f"{counted(well, 'feed')}, all well."
    )


def trouble_json(app: App, feed: StoredFeed) -> dict[str, Any]:
    """Return a feed's troubles for machines."""
    return {
        "trouble": [
            {
                "what": one.what,
                "since": stamp(one.since),
                "serious": one.serious,
                "advice": prospect(one),
                "commands": commands(one),
            }
            for one in troubles(app, feed)
        ]
    }


def echo_log(app: App, feed: StoredFeed) -> None:
    """Print the last polls of a feed, newest first."""
    attempts = app.storage.poll_log(feed.number)
    for one in attempts:
        click.echo(f"        {day_and_time(one.at, seconds=True)}  {_words(one)}")
        for status, url in one.hops:
            click.echo(f"            {status} to {url}")
    if not attempts:
        click.echo("        never polled")


def _words(one: Attempt) -> str:
    answer = str(one.http_status) if one.http_status is not None else "no answer"
    answer = "pushed by its hub" if one.pushed else answer
    parts = [one.status.value.replace("_", " "), answer, f"{one.octets / 1024:,.1f} KiB"]
    parts.append(f"{one.seconds:.2f} s")
    if one.new or one.changed:
        parts.append(f"{one.new:,} new, {one.changed:,} changed")
    if one.error:
        parts.append(one.error)
    return ", ".join(parts) + f"; next {one.reason}"


def log_json(app: App, feed: StoredFeed) -> dict[str, Any]:
    """Return the last polls of a feed for machines, newest first."""
    return {
        "log": [
            {
                "at": stamp(one.at),
                "status": one.status.value,
                "pushed": one.pushed,
                "http_status": one.http_status,
                "octets": one.octets,
                "seconds": round(one.seconds, 4),
                "new": one.new,
                "changed": one.changed,
                "error": one.error,
                "reason": one.reason,
                "hops": [{"status": status, "location": url} for status, url in one.hops],
            }
            for one in app.storage.poll_log(feed.number)
        ]
    }
