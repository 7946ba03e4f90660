"""`aggregator feeds` and `unfollow`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from aggregator.cli.output import counted, day_and_time, echo_json, open_app, stamp

if TYPE_CHECKING:
    from aggregator.storage.protocol import StoredFeed


@click.command("feeds")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array for machines.")
@click.option("--trouble", is_flag=True, help="Only what is wrong, since when, and what to do.")
@click.option("--log", "logged", is_flag=True, help="With the last polls of each feed.")
@click.option("--held", is_flag=True, help="Only feeds with entries held back, and what to do.")
@click.option("--release", "release_url", metavar="URL", help="Let a feed's held entries in.")
@click.argument("urls", metavar="[URL]...", nargs=-1)
def feeds_command(
    urls: tuple[str, ...],
    as_json: bool,
    trouble: bool,
    logged: bool,
    held: bool,
    release_url: str | None,
) -> None:
    """List the feeds, when each is polled next, and why then."""
    from aggregator.cli.feedinfo import echo_log, echo_trouble, log_json, trouble_json
    from aggregator.cli.poll import followed_urls
    from aggregator.cli.pushinfo import echo_push, push_json

    with open_app() as app:
        if release_url is not None:
            moved = app.storage.release_held(release_url)
            click.echo(f"{counted(moved, 'entry', 'entries')} moved to the inbox")
            return
        feeds = app.storage.feeds(urls=followed_urls(app, urls) or None, counted=not trouble)
        if held:
            _echo_held(feeds, app.storage.held_by_feed())
            return
        if as_json:
            echo_json(
                [
                    _feed_json(feed)
                    | push_json(app, feed)
                    | trouble_json(app, feed)
                    | (log_json(app, feed) if logged else {})
                    for feed in feeds
                ]
            )
            return
        if trouble:
            echo_trouble(app, feeds)
            return
        for feed in feeds:
            _echo_feed(feed)
            echo_push(app, feed)
            if logged:
                echo_log(app, feed)
    if not feeds:
        click.echo("No feeds are followed yet. Add one: aggregator follow https://…")


def _echo_feed(feed: StoredFeed) -> None:
    from aggregator.services.clock import utc_now

    state = feed.state
    click.echo(f"{feed.subscription.title or feed.feed.title or feed.subscription.url}")
    click.echo(f"    {feed.subscription.url}")
    entries = counted(feed.entries or 0, "entry", "entries")
    if feed.subscription.paused:
        due = "paused in feeds.yaml"
    elif state.gone:
        due = "gone: the publisher says it will not come back"
    elif state.next_poll_at is None:
        due = "never polled yet"
    else:
        due = f"next poll {day_and_time(state.next_poll_at)} ({state.reason})"
    site = feed.site
    if site and site.not_before and site.not_before > utc_now():
        due += f"; {site.name} asked us to wait until {day_and_time(site.not_before)}"
    click.echo(f"    {entries}, {due}")
    if state.last_error and state.failing_since:
        click.echo(f"    failing since {day_and_time(state.failing_since)}: {state.last_error}")


def _echo_held(feeds: list[StoredFeed], held: dict[str, int]) -> None:
    names = {feed.subscription.url: feed.feed.title for feed in feeds}
    for url, count in held.items():
        entries = counted(count, "entry", "entries")
        click.echo(f"{names.get(url) or url}: {entries} looked new all at once")
        click.echo(f"    read them: aggregator inbox --all --feed {url}")
        click.echo(f"    let them in: aggregator feeds --release {url}")
    if not held:
        click.echo("Nothing is held back.")


def _feed_json(feed: StoredFeed) -> dict[str, object]:
    state, subscription = feed.state, feed.subscription
    return {
        "url": subscription.url,
        "title": subscription.title or feed.feed.title,
        "link": feed.feed.link,
        "tags": list(subscription.tags),
        "entries": feed.entries,
        "paused": subscription.paused,
        "private": subscription.private,
        "gone": state.gone,
        "last_polled_at": stamp(state.last_polled_at),
        "last_success_at": stamp(state.last_success_at),
        "next_poll_at": stamp(state.next_poll_at),
        "reason": state.reason,
        "polls": state.polls,
        "site": feed.site.name if feed.site else None,
        "failures": state.failures,
        "failing_since": stamp(state.failing_since),
        "error": state.last_error,
    }


@click.command("unfollow")
@click.argument("url")
def unfollow_command(url: str) -> None:
    """Take a feed out of feeds.yaml. Its entries, and what you quoted from them, stay."""
    from aggregator.services.following import unfollow

    with open_app() as app:
        removed = unfollow(app.settings.path, url, app.storage)
    click.echo("Taken out of feeds.yaml; to follow it again, put these lines back:")
    click.echo(removed.rstrip("\n"))
