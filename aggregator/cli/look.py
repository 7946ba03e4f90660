"""Looking at an address that somebody wants to follow, and choosing from what is there."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import click

from aggregator.cli.output import command, counted
from aggregator.cli.progress import can_ask
from aggregator.config.values import same_address

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.model.poll import FoundFeed
    from aggregator.services.discovery import Probe

LEAVE = "q"


class FollowedAlready(click.UsageError):
    """Nothing is to be added: it is followed, at `known`."""

    def __init__(self, url: str, known: str) -> None:
        self.known = known
        if same_address(url) == same_address(known):
            super().__init__(f"{url} is followed already; nothing was added")
        else:
            anyway = command("follow", "--no-check", url)
            super().__init__(
                f"it is followed already as {known}, or says so itself; nothing was added "
                f"(all the same: {anyway})"
            )


def look(url: str, app: App, *, take_first: bool) -> Probe | None:
    """Return the feed at an address, or the one chosen from the page there.

    None: there is no one feed to follow, and that has been told. Raises FollowedAlready, and
    UsageError for what cannot be asked.
    """
    from aggregator.services.following import followed_as

    seen = _looked_at(url, app)
    if seen is not None and seen.feed is None:
        seen = _feed_of(url, seen, app, take_first=take_first)
    if seen is not None and (known := followed_as(seen, app.storage.feeds())):
        raise FollowedAlready(seen.moved_from or seen.url, known)
    return seen


def _looked_at(url: str, app: App) -> Probe | None:
    """Return what stands at an address; None when it cannot be read, and that has been told.

    Raises UsageError for what cannot be asked.
    """
    from aggregator.cli.addresses import may_pass
    from aggregator.errors import FetchError, ReadError
    from aggregator.model.poll import FailureKind

    try:
        return app.discovery.look(url)
    except (FetchError, ReadError) as error:
        reason = str(error).removeprefix(f"{url}: ")
        if error.kind is FailureKind.BAD_URL:
            raise click.UsageError(f"{url}: {reason}; nothing was added") from error
        _nothing_added(url, reason)
        if may_pass(error):
            unseen = command("follow", "--no-check", url)
            click.echo(f"It may pass: try again later, or add it unseen: {unseen}", err=True)
    return None


def _nothing_added(url: str, reason: str) -> None:
    click.echo(f"aggregator: {url}: {reason}; nothing was added", err=True)


def _feed_of(url: str, page: Probe, app: App, *, take_first: bool) -> Probe | None:
    """Return the feed of a web page, or None when that has been told."""
    from aggregator.services.following import same_feed_address

    if not page.found:
        click.echo(f"{url} is a web page that points at no feed; trying the usual places …")
        seen = app.discovery.guess(page)
        if seen.feed is None:
            _nothing_added(url, seen.message)
            return None
        return seen
    found = _chosen(url, page, app, take_first=take_first)
    if found is None:
        return None
    if known := same_feed_address(found.url, app.settings.subscriptions):
        raise FollowedAlready(found.url, known)
    click.echo(f"{url} is a web page; its feed is {found.url}")
    of_page = _looked_at(found.url, app)
    if of_page is not None and of_page.feed is None:
        _nothing_added(url, f"{found.url} is a web page, too")
        return None
    return of_page


def _chosen(url: str, page: Probe, app: App, *, take_first: bool) -> FoundFeed | None:
    """Return the one feed of a page, or the one that is wanted; None when nobody said so."""
    from aggregator.services.following import same_feed_address

    found = page.found
    if len(found) == 1 or take_first:
        return found[0]
    followed = [same_feed_address(one.url, app.settings.subscriptions) for one in found]
    if not can_ask():
        click.echo(f"aggregator: {url}: {page.message}; choose a feed:", err=True)
        for feed, known in zip(found, followed, strict=True):
            if feed.title:
                # Quoted as well: not every shell takes what follows a # for a comment.
                click.echo(f"    # {shlex.quote(feed.title)}", err=True)
            mark = "    # followed already: " if known else "    "
            click.echo(f"{mark}{command('follow', feed.url)}", err=True)
        return None
    click.echo(f"{url} is a web page that points at {counted(len(found), 'feed')}:")
    for number, (feed, known) in enumerate(zip(found, followed, strict=True), start=1):
        name = f"{feed.title}: " if feed.title else ""
        click.echo(f"{number:>4}  {name}{feed.url}" + (" (followed already)" if known else ""))
    answer: int = click.prompt(
        f"Which one? ({LEAVE} leaves)",
        default="1",
        value_proc=lambda text: _number(text, len(found)),
    )
    if not answer:
        click.echo("Nothing was added.")
        return None
    return found[answer - 1]


def _number(text: str, most: int) -> int:
    """Return the number that was typed, 0 for none. Raises UsageError, and click asks again."""
    typed = text.strip().lower()
    if typed == LEAVE:
        return 0
    if typed.isdecimal() and 1 <= int(typed) <= most:
        return int(typed)
    raise click.UsageError(f"type a number from 1 to {most}, or {LEAVE}")
