"""`aggregator post import` and `post export`: posts from and for other programs."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli import FAILED
from aggregator.cli.output import command, counted, open_app
from aggregator.cli.progress import sign_of_life

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.migration.values import Collection
    from aggregator.services.migrating import Plan

LINES_SHOWN = 20
FORMATS = ("feed", "netscape", "pinboard", "documents", "archive")


@click.command("import", short_help="Take over the posts of another program.")
@click.argument("source", required=False, metavar="FILE|FOLDER")
@click.option("--format", "format_", type=click.Choice(FORMATS), help="Instead of looking.")
@click.option("--dry-run", is_flag=True, help="Show what would be done, and change nothing.")
@click.option("--replace", "replacing", is_flag=True, help="Put changed posts over those here.")
@click.option("--drafts", is_flag=True, help="Publish nothing; save all of them as drafts.")
@click.option("--with-private", is_flag=True, help="Publish what was private there, too.")
@click.option("--undo", is_flag=True, help="Take out what the last import added.")
def import_command(
    source: str | None,
    format_: str | None,
    dry_run: bool,
    replacing: bool,
    drafts: bool,
    with_private: bool,
    undo: bool,
) -> int:
    """Take over posts with their ids and dates, so that no subscriber sees one twice.

    From an RSS, Atom or JSON Feed file, bookmarks (Netscape's file, Pinboard's JSON), a folder
    or .zip of Markdown documents, or what `post export` wrote; - is standard input. What is here
    already is passed over; what is here with other words is told and left alone without
    --replace, which keeps the old words. Private and undated posts become drafts. All of it is
    saved at once or nothing. Exits with 1 when an item could not be taken over.
    """
    if undo:
        if source:
            raise click.UsageError("--undo takes back the last import; it needs no file")
        return _undo()
    if source is None:
        raise click.UsageError("Missing argument 'FILE|FOLDER'.")
    from aggregator.migration.compose import Manner
    from aggregator.services.clock import utc_now
    from aggregator.services.migrating import carry_out, plan_import
    from aggregator.services.receipts import write_receipt

    with open_app() as app, sign_of_life() as tell:
        site, now = app.settings.site, utc_now()
        tell(f"Reading {source} …")
        collection = _read(source, format_, app)
        manner = Manner(
            base_url=site.base_url,
            now=now,
            author=site.authors[0].name if site.authors else None,
            language=site.language,
            with_private=with_private,
            drafts=drafts,
        )
        plan = plan_import(
            app.storage,
            collection,
            manner,
            replacing=replacing,
            tell=lambda done, of: tell(f"Reading post {done + 1:,} of {of:,} …"),
        )
        if not dry_run:
            tell(f"Saving {counted(len(plan.new), 'post')} …")
            if plan.new:
                write_receipt(app.settings.data, source, [post for post, _ in plan.new], now)
            carry_out(app.storage, plan)
    _echo_plan(plan, dry_run=dry_run)
    return FAILED if plan.broken else 0


def _read(source: str, format_: str | None, app: App) -> Collection:
    """Return the posts at a path. Raises ReadError, UsageError."""
    from aggregator.errors import ReadError
    from aggregator.services.clock import utc_now
    from aggregator.services.collecting import collected, files_below

    if source.lower().startswith(("http://", "https://")):
        raise click.UsageError(f"save {source} as a file first, then import that")
    try:
        path = Path(source)
        return collected(
            sys.stdin.buffer.read()
            if source == "-"
            else files_below(path)
            if path.is_dir()
            else path.read_bytes(),
            name=source,
            reader=app.reader,
            base_url=app.settings.site.base_url,
            now=utc_now(),
            format_=format_,
        )
    except ReadError as error:
        raise ReadError(error.kind, f"{source}: {error}; nothing was imported") from error
    except OSError as error:
        raise click.UsageError(f"{source}: {error.strerror or error}") from None


def _echo_plan(plan: Plan, *, dry_run: bool) -> None:
    if dry_run:
        _echo_lines(f"{post.status:<10} {post.slug}  {post.post.title}" for post, _ in plan.new)
        click.echo(f"{counted(len(plan.new), 'post')} would be added; nothing was changed.")
    else:
        click.echo(f"{counted(len(plan.new), 'post')} added.")
    for reason, count in sorted(plan.drafts.items()):
        click.echo(f"{count:,} of them {reason}: drafts, which nobody sees.")
    if plan.known:
        click.echo(f"{plan.known:,} here already.")
    if plan.repeated:
        click.echo(f"{plan.repeated:,} in the file more than once.")
    if plan.replaced:
        click.echo(
            f"{counted(len(plan.replaced), 'post')} {'would be ' * dry_run}replaced; "
            f"the old words are kept: {command('post', 'show', '--revisions')} SLUG"
        )
    elif plan.changed:
        click.echo(
            f"{len(plan.changed):,} here with other words, left alone; --replace takes them:"
        )
        _echo_lines(f"{slug}  ({place})" for place, slug in plan.changed)
    for note in plan.collection.notes:
        click.echo(f"Note: {note}", err=True)
    if plan.odd_ids:
        click.echo(
            f"Note: {counted(plan.odd_ids, 'id')} kept that are no addresses, which validators "
            "of Atom mind; subscribers know the posts by them",
            err=True,
        )
    if plan.broken:
        click.echo(f"{len(plan.broken):,} could not be taken over:", err=True)
        _echo_lines((f"{one.place}: {one.reason}" for one in plan.broken), err=True)
    if plan.new and not dry_run:
        click.echo(f"To undo this: {command('post', 'import', '--undo')}")
        click.echo("Next: aggregator publish")


def _echo_lines(lines: Iterable[str], *, err: bool = False) -> None:
    lines = list(lines)
    for line in lines[:LINES_SHOWN]:
        click.echo(f"    {line}", err=err)
    if len(lines) > LINES_SHOWN:
        click.echo(f"    … and {len(lines) - LINES_SHOWN:,} more", err=err)


def _undo() -> int:
    from aggregator.services.receipts import undo_import

    with open_app() as app:
        undone = undo_import(app.storage, app.settings.data)
    click.echo(f"{counted(len(undone.removed), 'post')} of {undone.source} taken out.")
    if undone.kept:
        click.echo(f"{counted(len(undone.kept), 'post')} changed since, and left alone:", err=True)
        _echo_lines(undone.kept, err=True)
    click.echo("Next: aggregator publish")
    return FAILED if undone.kept else 0


@click.command("export", short_help="Write all posts as documents, or as one .zip.")
@click.option(
    "--to", "target", required=True, metavar="DIR|FILE.zip", help="A folder, or one archive."
)
def export_command(target: str) -> None:
    """Write every post, earlier words too, as Markdown documents in a folder or one .zip.

    `posts.json` beside them holds ids and times, so that `post import` brings back the same
    site, byte for byte. The same posts always give the same bytes. Drafts are in it.
    """
    from aggregator.cli.exporting import write_whole
    from aggregator.migration.archive import zipped
    from aggregator.publishing.writer import write_site
    from aggregator.services.collecting import exported

    path = Path(target)
    with open_app() as app, sign_of_life() as tell:
        _refuse_public(path, app.settings.output)
        tell("Reading the posts …")
        files = exported(app.storage)
        tell(f"Writing {target} …")
        if path.suffix.lower() == ".zip":
            write_whole(path, zipped(files), begins=b"pk", what="archive")
        else:
            write_site(files, path)
    posts = sum(name.startswith("posts/") for name in files)
    again = command("post", "import", target)
    click.echo(f"{counted(posts, 'post')} written to {shlex.quote(target)}; back with: {again}")


def _refuse_public(path: Path, output: Path) -> None:
    """Raise UsageError for a place in a published site: drafts are for nobody else's eyes."""
    from aggregator.publishing.writer import MANIFEST

    if path.resolve().is_relative_to(output.resolve()) or (
        (path / MANIFEST).exists() and not (path / "posts.json").exists()
    ):
        raise click.UsageError(
            f"--to {path}: a published site is there, and drafts are exported too; expected a "
            "place of its own"
        )
