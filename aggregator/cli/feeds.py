"""`aggregator feeds`, `follow` and `unfollow`."""

from __future__ import annotations

import shlex
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from aggregator.cli import FAILED
from aggregator.cli.output import command, counted, day_and_time, echo_json, open_app, stamp

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.services.following import Probe
    from aggregator.storage.protocol import StoredFeed


@click.command("feeds")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array for machines.")
@click.option("--held", is_flag=True, help="Only feeds with entries held back, and what to do.")
@click.option("--release", "release_url", metavar="URL", help="Let a feed's held entries in.")
def feeds_command(as_json: bool, held: bool, release_url: str | None) -> None:
    """List the feeds, when each is polled next, and why then."""
    with open_app() as app:
        if release_url is not None:
            moved = app.storage.release_held(release_url)
            click.echo(f"{counted(moved, 'entry', 'entries')} moved to the inbox")
            return
        feeds = app.storage.feeds(counted=True)
        if held:
            _echo_held(feeds, app.storage.held_by_feed())
            return
    if as_json:
        echo_json([_feed_json(feed) for feed in feeds])
        return
    for feed in feeds:
        _echo_feed(feed)
    if not feeds:
        click.echo("No feeds are followed yet. Add one: aggregator follow https://…")


def _echo_feed(feed: StoredFeed) -> None:
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
    click.echo(f"    {entries}, {due}")
    if state.last_error and state.failing_since:
        click.echo(f"    failing since {day_and_time(state.failing_since)}: {state.last_error}")


def _echo_held(feeds: list[StoredFeed], held: dict[str, int]) -> None:
    names = {feed.subscription.url: feed.feed.title for feed in feeds}
    for url, count in held.items():
        entries = counted(count, "entry", "entries")
        click.echo(f"{names.get(url) or url}: {entries} looked new all at once")
        click.echo(f"    read them: {command('inbox', '--all', '--feed', url)}")
        click.echo(f"    let them in: {command('feeds', '--release', url)}")
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
        "failures": state.failures,
        "failing_since": stamp(state.failing_since),
        "error": state.last_error,
    }


class Interval(click.ParamType[timedelta]):
    """A duration such as 30m, 2h or 1d."""

    name = "interval"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        from aggregator.config.schema import parse_duration

        try:
            return parse_duration(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.command("follow")
@click.argument("url")
@click.option("--title", help="Your name for it, instead of the feed's own.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="May be given several times.")
@click.option("--interval", type=Interval(), help="Poll no more often than this: 30m, 2h, 1d.")
@click.option("--private", is_flag=True, help="Never name it in anything published.")
@click.option("--no-check", is_flag=True, help="Add it without looking at it first.")
def follow_command(
    url: str,
    title: str | None,
    tags: tuple[str, ...],
    interval: timedelta | None,
    private: bool,
    no_check: bool,
) -> int:
    """Add a feed to feeds.yaml, comments and all else kept.

    The address is looked at first. When it is a web page that points at one feed, that one
    is followed; when it points at several, they are named to choose from.
    """
    from aggregator.cli.addresses import feed_address
    from aggregator.config.values import same_address
    from aggregator.model.subscription import Subscription
    from aggregator.services.following import follow

    url = feed_address(url, guess=not no_check)
    with open_app() as app:
        seen = None
        if not no_check:
            url, seen = _looked_at(url, app)
            if seen is None:
                return FAILED
        if same_address(url) in {same_address(one.url) for one in app.settings.subscriptions}:
            raise click.UsageError(f"{url} is followed already; nothing was added")
        if seen is not None and seen.feed is not None:
            click.echo(seen.feed.title or title or url)
            for headline in seen.titles:
                click.echo(f"    {headline}")
        subscription = Subscription(
            url=url, title=title, tags=tags, interval=interval, private=private
        )
        follow(app.settings.path, subscription, app.storage)
    click.echo(f"Followed {url} (undo: {command('unfollow', url)}). Next: aggregator poll")
    return 0


def _looked_at(url: str, app: App) -> tuple[str, Probe | None]:
    """Return the feed at `url`, or the one feed of the page there, and its address.

    None: there is no one feed to follow; what there is has been told.
    """
    from aggregator.cli.addresses import may_pass
    from aggregator.errors import FetchError, ReadError
    from aggregator.model.poll import FailureKind
    from aggregator.services.following import probe

    try:
        seen = probe(url, app.fetcher, app.reader)
        if seen.feed is None and len(seen.found) == 1:
            click.echo(f"{url} is a web page; its feed is {seen.found[0].url}")
            url = seen.found[0].url
            seen = probe(url, app.fetcher, app.reader)
    except (FetchError, ReadError) as error:
        reason = str(error).removeprefix(f"{url}: ")
        if error.kind is FailureKind.BAD_URL:
            raise click.UsageError(f"{url}: {reason}; nothing was added") from error
        click.echo(f"aggregator: {url}: {reason}; nothing was added", err=True)
        if may_pass(error):
            unseen = command("follow", "--no-check", url)
            click.echo(f"It may pass: try again later, or add it unseen: {unseen}", err=True)
        return url, None
    if seen.feed is not None:
        return url, seen
    click.echo(f"aggregator: {url}: {seen.message}; choose a feed:", err=True)
    for feed in seen.found:
        if feed.title:
            # Quoted as well: not every shell takes what follows a # for a comment.
            click.echo(f"    # {shlex.quote(feed.title)}", err=True)
        click.echo(f"    {command('follow', feed.url)}", err=True)
    return url, None


@click.command("unfollow")
@click.argument("url")
def unfollow_command(url: str) -> None:
    """Take a feed out of feeds.yaml. Its entries, and what you quoted from them, stay."""
    from aggregator.services.following import unfollow

    with open_app() as app:
        removed = unfollow(app.settings.path, url, app.storage)
    click.echo("Taken out of feeds.yaml; to follow it again, put these lines back:")
    click.echo(removed.rstrip("\n"))
