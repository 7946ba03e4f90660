"""`aggregator serve`: the public site and the daemon in one process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from aggregator.cli.run import daemon_options, work

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.cli.log import Log


FIRST_USER = "author"


@click.command("serve")
@daemon_options
def serve_command(tick: float, log_format: str) -> int:
    """Show site and desk over HTTP, and do all that `run` does.

    Listens where `web.listen` in feeds.yaml says, else at 127.0.0.1:8321, for this machine
    alone. The files are those that `publish` writes; a web server in front, or instead, may
    send them as well. The desk is at /desk; while nobody can sign in, a link that lets you in
    once is printed. Hubs and metrics are answered at the same place. Ctrl-C and SIGTERM
    finish what is under way first.
    """
    return work(
        tick,
        log_format,
        lambda app: app.site_server,
        "Open http://{address}/ to see the site, /desk to write; to the world it is {public}",
        welcome=_let_in,
        with_desk=True,
    )


def _let_in(app: App, address: str, log: Log) -> None:
    """Print a link that lets the author in, while there is no other way."""
    from aggregator.cli.user import link_of

    users = app.accounts.users()
    if any(user.has_password for user in users) or (users and app.accounts.sessions(users[0])):
        return
    user = users[0] if users else app.accounts.add(FIRST_USER)
    link = link_of(app, user, address)
    log.tell("welcome", f"To begin writing, open within the hour: {link}")
