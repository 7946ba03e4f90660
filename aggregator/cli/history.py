"""`aggregator follow --history`: the walk through a feed's archives, told as it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from aggregator.cli import FAILED
from aggregator.cli.output import command, counted
from aggregator.cli.progress import sign_of_life

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.fetch.client import Fetched
    from aggregator.services.history import Walked


def walk(app: App, url: str, *, first: Fetched | None = None) -> int:
    """Walk through the history of the feed followed at `url`; return the exit code.

    What came stays, whatever happens on the way.
    """
    history = app.history_walk()
    try:
        with sign_of_life() as tell:
            walked = history.walk(url, first=first, tell=lambda so_far: tell(_words(so_far)))
    except KeyboardInterrupt:
        click.echo(f"Interrupted; kept: {_words(history.walked)}", err=True)
        raise
    if walked.trouble:
        click.echo(f"aggregator: {walked.trouble}", err=True)
        if walked.documents:
            click.echo(f"The history ends there; kept: {_words(walked)}", err=True)
        return FAILED
    if not walked.documents:
        click.echo("It names no archives or older pages: what the feed holds now is all there is.")
        return 0
    click.echo(f"History: {_words(walked)}, kept out of the inbox")
    click.echo(f"They are in: {command('inbox', '--all', '--feed', url)}")
    return 0


def _words(walked: Walked) -> str:
    documents = counted(walked.documents, "document")
    return f"{counted(walked.new, 'entry', 'entries')} from {documents} of its archives"
