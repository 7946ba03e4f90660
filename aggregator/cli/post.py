"""`aggregator post …`: the life of a post."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from aggregator.cli.migrating import export_command, import_command
from aggregator.cli.output import (
    NUMBER,
    command,
    counted,
    day_and_time,
    echo_document,
    echo_json,
    fitting,
    is_local,
    open_app,
    stamp,
)
from aggregator.cli.preview import preview_command
from aggregator.cli.rescue import NEW, Purpose
from aggregator.cli.writing import written

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.model.post import StoredPost

TEMPLATE = """\
---
title: ""
tags: []
---

"""

# Some keyboards and file names write an accent as a character of its own.
SLUG = click.argument(
    "slug", callback=lambda _context, _parameter, slug: unicodedata.normalize("NFC", slug)
)
FILE = click.argument("file", required=False, metavar="[FILE.md]")
NO_SITE = click.option("--no-site", is_flag=True, help="Leave the published files for later.")


class Moment(click.ParamType[datetime]):
    """A point in time, in ISO 8601; without a zone it is in the one of this machine."""

    name = "time"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        try:
            return datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is no time such as 2026-03-31T14:05", param, ctx)


@click.group("post", short_help="Write, publish, update and withdraw posts.")
def post_command() -> None:
    """Write, publish, update and withdraw posts, in their document form."""


post_command.add_command(import_command)
post_command.add_command(export_command)
post_command.add_command(preview_command)


@post_command.command("new")
@FILE
@click.option("--from", "number", type=NUMBER, metavar="N", help="Cite this entry of the inbox.")
def new(file: str | None, number: int | None) -> None:
    """Save a draft and print its slug.

    FILE.md holds the post in document form; - reads it from standard input. Without a file,
    your editor ($VISUAL or $EDITOR) opens.
    """
    with written(file, NEW) as words, open_app() as app:
        words.data = app.settings.data
        if file is not None and number is not None:
            raise click.UsageError("--from drafts the text itself; give either it or a file")
        start = TEMPLATE if number is None else app.desk.draft_from(number)
        drafted = number is not None
        text = words.text(start=start, may_stay=drafted, editor_optional=drafted)
        stored = app.desk.new(text, from_entry=number)
        _tell_notes(app, stored)
    click.echo(stored.slug)


@post_command.command("edit", short_help="Change a post's document.")
@SLUG
@FILE
@click.option(
    "--drop-updates", is_flag=True, help="Let updates go that readers of the post have seen."
)
def edit(slug: str, file: str | None, drop_updates: bool) -> None:
    """Change a post's document, in your editor or from FILE.md (- is standard input).

    Fixing words tells no reader anything. A new second-level heading `Update`, `Correction` or
    `Reaction` does: it is stamped with the time and moves the post's date. A new heading
    `Withdrawn` takes the post back. A document without an update that readers have seen is
    refused, unless you say --drop-updates.
    """
    with written(file, Purpose("edit", slug)) as words, open_app() as app:
        words.data = app.settings.data
        opened = app.storage.post(slug).document if file is None else None
        text = words.text(start=opened or "", may_stay=True)
        before = app.storage.post(slug)
        after = app.desk.edit(slug, text, opened=opened, drop_updates=drop_updates)
        _tell_notes(app, after)
    if after == before:
        click.echo("Nothing changed.")
        return
    if after.status != before.status:
        click.echo(f"Withdrew {slug} (undo: aggregator post publish {slug})")
    else:
        new = len(after.post.updates) - len(before.post.updates)
        news = f" with {counted(new, 'new update')}" if after.updated != before.updated else ""
        click.echo(f"Saved {after.slug}{news}.")
    _say_next(after)


@post_command.command("show")
@SLUG
@click.option("--html", is_flag=True, help="As subscribers will get it.")
@click.option("--revisions", is_flag=True, help="The earlier documents, newest first.")
def show(slug: str, html: bool, revisions: bool) -> None:
    """Print a post's document, exactly as it was typed."""
    with open_app() as app:
        stored = app.storage.post(slug)
        earlier = app.storage.post_revisions(slug) if revisions else []
        if html:
            from aggregator.publishing.article import preview

            click.echo(preview(stored, app.settings.site, datetime.now(UTC)).html)
            return
    if not revisions:
        echo_document(stored.document)
        return
    if not earlier:
        click.echo("It was never changed.")
    for replaced, document in earlier:
        click.echo(f"--- until {day_and_time(replaced)}\n{document}")


@post_command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array for machines.")
def list_posts(as_json: bool) -> None:
    """List every post, published ones first."""
    with open_app() as app:
        posts = app.storage.posts()
        if as_json:
            echo_json([_post_json(app, stored) for stored in posts])
            return
    for stored in posts:
        when = stored.scheduled or stored.published or stored.edited
        title = f"(cannot be read: {stored.broken})" if stored.broken else stored.post.title
        line = f"{stored.status:<10} {day_and_time(when)}  {stored.slug}  {title}"
        click.echo(fitting(line))
    if not posts:
        click.echo("No posts yet. `aggregator post new --from N` drafts one from an entry.")


def _post_json(app: App, stored: StoredPost) -> dict[str, object]:
    from aggregator.publishing.article import permalink

    return {
        "slug": stored.slug,
        "title": stored.post.title,
        "status": stored.status.value,
        "id": stored.id,
        "url": permalink(stored, app.settings.site) if stored.published else None,
        "created": stamp(stored.created),
        "edited": stamp(stored.edited),
        "published": stamp(stored.published),
        "updated": stamp(stored.updated),
        "scheduled": stamp(stored.scheduled),
        "tags": list(stored.post.tags),
        "updates": len(stored.post.updates),
    }


@post_command.command("publish")
@SLUG
@click.option("--at", type=Moment(), help="Later, at this time (ISO 8601; without a zone, yours).")
@NO_SITE
def publish(slug: str, at: datetime | None, no_site: bool) -> int:
    """Publish a post: now, or at a time to come.

    Exits with 1 when the site had to leave a post out.
    """
    with open_app() as app:
        stored = app.desk.publish(slug, at=at)
        _warn_of_ids(app)
        if stored.scheduled:
            when = day_and_time(stored.scheduled, seconds=True)
            click.echo(f"{slug} will be published at {when}")
            click.echo("`aggregator run` or `aggregator publish` does it, once the time has come.")
            return 0
        click.echo(f"Published {slug}")
        return _write_site(app, no_site)


def _warn_of_ids(app: App) -> None:
    """Warn with the first post, while nobody subscribes yet, of ids that nobody else can use."""
    base_url = app.settings.site.base_url
    if is_local(base_url) and sum(post.published is not None for post in app.storage.posts()) <= 1:
        click.echo(
            f"aggregator: the ids of posts are minted from site.base_url in feeds.yaml once and "
            f"for all, and {base_url} is nobody else's way to the site; set it before you go on",
            err=True,
        )


@post_command.command("update")
@SLUG
@FILE
@click.option(
    "--kind",
    type=click.Choice(["update", "correction", "reaction", "withdrawal"]),
    default="update",
    show_default=True,
    help="What readers are told it is.",
)
@NO_SITE
def update(slug: str, file: str | None, kind: str, no_site: bool) -> int:
    """Add a dated update to a published post; readers are told.

    FILE.md holds the update's blocks only, no title; - is standard input. Without a file,
    your editor opens. Exits with 1 when the site had to leave a post out.
    """
    from aggregator.model.post import UpdateKind

    with written(file, Purpose(kind, slug)) as words, open_app() as app:
        words.data = app.settings.data
        app.storage.post(slug)  # a wrong name is told before anything is typed
        stored = app.desk.update(slug, words.text(), kind=UpdateKind(kind))
        words.saved()
        _tell_notes(app, stored)
        if stored.withdrawn:
            click.echo(f"Withdrew {slug} (undo: {command('post', 'publish', slug)})")
        else:
            click.echo(f"Updated {slug}: {counted(len(stored.post.updates), 'update')}")
        return _write_site(app, no_site)


@post_command.command("withdraw")
@SLUG
@NO_SITE
def withdraw(slug: str, no_site: bool) -> int:
    """Take a post back. Its page and its entry in the feed say so; its words are kept here.

    Exits with 1 when the site had to leave a post out.
    """
    with open_app() as app:
        stored = app.desk.withdraw(slug)
        if stored.published is None:
            click.echo(f"{slug} is a draft again")
            return 0
        click.echo(f"Withdrew {slug} (undo: {command('post', 'publish', slug)})")
        return _write_site(app, no_site)


def _tell_notes(app: App, stored: StoredPost) -> None:
    for note in app.desk.notes_on(stored):
        click.echo(f"Note: {note}", err=True)


def _write_site(app: App, no_site: bool) -> int:
    """Write the site, or say how; return the exit code."""
    if no_site:
        click.echo("Next: aggregator publish")
        return 0
    from aggregator.cli.publish import write_and_tell
    from aggregator.errors import AggregatorError

    try:
        return write_and_tell(app, app.settings.output)
    except AggregatorError as error:
        later = "The post is saved. The site is not written yet; `aggregator publish` does it."
        error.args = (f"{error}\n{later}",)
        raise


def _say_next(stored: StoredPost) -> None:
    if stored.status in {"published", "withdrawn"}:
        click.echo("Next: aggregator publish")
    elif stored.status == "draft":
        click.echo(f"Next: {command('post', 'publish', stored.slug)}")
