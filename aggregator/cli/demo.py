"""`aggregator demo`: the whole loop on invented sources, without a network."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from aggregator.cli.output import command

MARK = "# Written by `aggregator demo`, which empties this folder when it is run again.\n"


@click.command("demo", short_help="Show the whole round, offline, in a folder of its own.")
@click.argument(
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    default="demo",
    required=False,
)
def demo_command(directory: Path) -> None:
    """Show the whole round in a folder of its own (demo/ unless another is named).

    Polls six invented sources, publishes a post with a quotation and three takeaways, polls
    again, adds an update, and says what to type next. Nothing outside the folder is touched.
    """
    from aggregator.demo.posts import post_text, update_text

    post, update = directory / "post.md", directory / "update.md"
    try:
        config = _prepared(directory)
        post.write_text(post_text(), encoding="utf-8")
        update.write_text(update_text(), encoding="utf-8")
    except OSError as error:
        error.filename = error.filename or str(directory)
        raise
    slug = "the-council-blinked"

    _say("Six invented sources. The first poll brings all they have:")
    _run(config, "poll")
    _say("What came in waits for triage, newest first:")
    _run(config, "inbox", "--limit", "6")
    _say("A post: a reporter quoted, three takeaways, a question. It is a Markdown file:")
    click.echo(post_text())
    _run(config, "post", "new", str(post))
    _run(config, "post", "publish", slug)
    _say("Later. The second poll brings only what is new or was changed:")
    _run(config, "poll", "--force")  # the second that each source waits may not have passed
    _say("Another blogger reacts, so the post gets an update:")
    click.echo(update_text())
    _run(config, "post", "update", slug, str(update))
    _say("What subscribers now read in their feed readers:")
    _show_published(directory / "public", config, slug)
    serve = command("--config", str(config), "serve")
    click.echo(
        f"\nLook around:\n"
        f"  {serve}\n"
        f"shows the site at http://127.0.0.1:8321/ and the feed at http://127.0.0.1:8321/feed.atom\n"
        f"\nNext, with your own sources:\n"
        f"  aggregator --config my/feeds.yaml init\n"
        f"  aggregator --config my/feeds.yaml follow https://…\n"
        f"  aggregator --help"
    )


def _prepared(directory: Path) -> Path:
    """Return the demo's feeds.yaml in a folder that holds nothing else. Never an author's."""
    from aggregator.config.starter import starter_text
    from aggregator.demo.server import subscriptions

    config = directory / "feeds.yaml"
    if config.exists():
        if not config.read_text(encoding="utf-8").startswith(MARK):
            raise click.UsageError(f"{config} is not the demo's; name another folder")
        for folder in ("data", "public"):
            if (directory / folder).exists():
                shutil.rmtree(directory / folder)
    elif directory.is_dir() and any(directory.iterdir()):
        raise click.UsageError(f"{directory} is not empty; name another folder")
    directory.mkdir(parents=True, exist_ok=True)
    text = starter_text("The demo linkblog", "https://linkblog.example/")
    head = text[: text.index("feeds:")]
    feeds = "".join(
        f"  - {{url: '{one.url}', tags: [{', '.join(one.tags)}], interval: 1s}}\n"
        for one in subscriptions()
    )
    try:
        config.write_text(f"{MARK}{head}feeds:\n{feeds}", encoding="utf-8")
    except OSError:
        config.unlink(missing_ok=True)  # half of it would be taken for an author's
        raise
    return config


def _say(text: str) -> None:
    click.echo()
    click.secho(text, bold=True)


def _run(config: Path, *words: str) -> None:
    """Run a command as if it had been typed."""
    from aggregator.cli import invoke

    click.secho(f"$ {command('--config', str(config), *words)}", fg="green")
    invoke(["--config", str(config), *words])


def _show_published(site: Path, config: Path, slug: str) -> None:
    from aggregator.app import App
    from aggregator.markup.text import plain_text
    from aggregator.publishing.article import article_of

    with App(config) as app:
        article = article_of(app.storage.post(slug), app.settings.site)
    click.echo(f"{article.title}\n{article.permalink}\n")
    click.echo(plain_text(article.html))
