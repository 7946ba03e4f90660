"""`aggregator serve`: the public site and the daemon in one process."""

from __future__ import annotations

import click

from aggregator.cli.run import daemon_options, work


@click.command("serve")
@daemon_options
def serve_command(tick: float, log_format: str) -> int:
    """Show the site over HTTP, and do all that `run` does.

    Listens where `web.listen` in feeds.yaml says, else at 127.0.0.1:8321, for this machine
    alone. The files are those that `publish` writes; a web server in front, or instead, may
    send them as well. Hubs and metrics are answered at the same place. Ctrl-C and SIGTERM
    finish what is under way first.
    """
    return work(
        tick,
        log_format,
        lambda app: app.site_server,
        "Open http://{address}/ to see the site; to the world it is {public}",
    )
