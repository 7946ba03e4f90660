"""`aggregator follow`: a feed is looked at, shown and added."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from aggregator.cli import FAILED
from aggregator.cli.addresses import feed_address
from aggregator.cli.output import command, counted, day_and_time, open_app

if TYPE_CHECKING:
    from aggregator.services.discovery import Probe

HEADLINES = 3  # tell what a feed is about


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
@click.option("--yes", "-y", "first", is_flag=True, help="Of several feeds take the first.")
@click.option("--history", is_flag=True, help="Fetch its archives, too; also of one followed.")
@click.option("--no-check", is_flag=True, help="Add it without looking at it first.")
def follow_command(
    url: str,
    title: str | None,
    tags: tuple[str, ...],
    interval: timedelta | None,
    private: bool,
    first: bool,
    history: bool,
    no_check: bool,
) -> int:
    """Add a feed to feeds.yaml, comments and all else kept.

    The address is looked at first. When it is a web page, the feed that it points at is
    followed, or one that is where sites usually have it; when it points at several, you are
    asked, or they are named to choose from.

    With `--history` what the feed says in its archives or older pages (RFC 5005) is fetched
    once. It does not come into the inbox; `inbox --all --feed URL` shows it.
    """
    from aggregator.cli.history import walk
    from aggregator.cli.look import FollowedAlready, look
    from aggregator.model.subscription import Subscription
    from aggregator.services.following import follow, same_feed_address

    url = feed_address(url, guess=not no_check)
    with open_app() as app:
        seen = None
        try:
            if known := same_feed_address(url, app.settings.subscriptions, exactly=no_check):
                raise FollowedAlready(url, known)
            if not no_check:
                seen = look(url, app, take_first=first)
                if seen is None:
                    return FAILED
        except FollowedAlready as already:
            if not history:
                raise
            click.echo(f"{already.known} is followed already; only its history is fetched")
            return walk(app, already.known)
        if seen is not None:
            _echo_feed(seen, title)
            url = seen.url
        subscription = Subscription(
            url=url, title=title, tags=tags, interval=interval, private=private
        )
        follow(app.settings.path, subscription, app.storage)
        click.echo(f"Followed {url} (undo: {command('unfollow', url)}). Next: aggregator poll")
        return walk(app, url, first=seen.answer if seen else None) if history else 0


def _echo_feed(seen: Probe, title: str | None) -> None:
    assert seen.feed is not None  # noqa: S101 - for the type checker
    if seen.moved_from is not None:
        click.echo(f"{seen.moved_from} has moved for good to {seen.url}, which is followed")
    click.echo(seen.feed.title or title or seen.url)
    entries = counted(seen.entries, "entry", "entries") + (" and more" if seen.more else "")
    click.echo(f"    {seen.url}, {entries}")
    for entry in seen.latest[:HEADLINES]:
        at = entry.published or entry.updated
        when = day_and_time(at) if at else "without a date"
        click.echo(f"    {when}  {entry.title or entry.link or entry.id}")
