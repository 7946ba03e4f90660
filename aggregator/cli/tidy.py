"""`aggregator tidy`: let go of old texts, by the rule in feeds.yaml."""

from __future__ import annotations

import click

from aggregator.cli.output import counted, open_app


@click.command("tidy")
@click.option("--dry-run", is_flag=True, help="Only say of how many entries.")
def tidy_command(dry_run: bool) -> None:
    """Let go of old entries' texts, by the rule in feeds.yaml.

    Never of what is starred, cited, or named in any of your posts. `run` does it by itself,
    once a day; without `keep: {age: …}` nothing is ever let go of.
    """
    from aggregator.services.clock import utc_now
    from aggregator.services.upkeep import tidy

    with open_app() as app:
        keep = app.settings.keep
        if keep.age is None:
            click.echo("Everything is kept; `keep: {age: 365d}` in feeds.yaml would set a limit.")
            return
        count = tidy(app.storage, keep, utc_now(), dry_run=dry_run)
    texts = counted(count, "text")
    click.echo(f"{texts} would be let go of" if dry_run else f"{texts} let go of")
