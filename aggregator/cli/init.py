"""`aggregator init`: a first feeds.yaml."""

from __future__ import annotations

import click

from aggregator.cli.output import config_path, is_local


@click.command("init", short_help="Write a commented feeds.yaml to begin with.")
@click.option("--title", default="My linkblog", show_default=True, help="Of the site.")
@click.option(
    "--base-url",
    default="http://localhost:8000/",
    show_default=True,
    help="The address readers will use.",
)
def init_command(title: str, base_url: str) -> None:
    """Write a commented feeds.yaml to begin with; an existing file is never touched."""
    from aggregator.config.starter import starter_text
    from aggregator.errors import ConfigError

    path = config_path()
    if path.is_dir():
        raise ConfigError("this is a folder; expected a file such as feeds.yaml", path=path)
    try:
        text = starter_text(title, base_url)
    except ConfigError as error:
        raise click.UsageError(str(error)) from error
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        file = path.open("x", encoding="utf-8")
    except FileExistsError:
        raise click.UsageError(f"{path} exists already; it was left as it is") from None
    try:
        with file:
            file.write(text)
    except OSError as error:
        path.unlink()  # half a file would be in the way of the next try
        error.filename = str(path)
        raise
    click.echo(f"Wrote {path}. Next: aggregator follow https://…")
    if is_local(base_url):
        click.echo(
            f"Before you publish the first post, set site.base_url in it: {base_url} is nobody "
            "else's way to the site, and the ids of posts are minted from it once and for all."
        )
