"""`aggregator move`: a feed gets another address and stays the same feed."""

from __future__ import annotations

import click

from aggregator.cli.output import command, open_app


@click.command("move")
@click.argument("url")
@click.argument("new_url")
def move_command(url: str, new_url: str) -> None:
    """Give a feed another address; it stays the same feed.

    feeds.yaml says so then, and its entries and all that is known go along. Redirects never
    move it back by themselves.
    """
    from aggregator.cli.poll import followed_urls
    from aggregator.services.clock import utc_now
    from aggregator.services.moving import move_feed

    with open_app() as app:
        [old] = followed_urls(app, [url])
        _ = app.storage  # mirrors feeds.yaml as it is
        move_feed(app.settings.path, app.storage, old, new_url, utc_now())
    undo = command("move", new_url, old)
    click.echo(f"{old} is {new_url} from now on (undo: {undo}). Next: aggregator poll")
