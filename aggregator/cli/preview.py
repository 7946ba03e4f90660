"""`aggregator post preview`: a post as feed readers will show it, and what they lose of it."""

from __future__ import annotations

import shutil
import sys
import textwrap
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli import FAILED
from aggregator.cli.output import echo_document, echo_json, open_app
from aggregator.cli.writing import looked_at

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.preview import Finding, Preview, View
    from aggregator.preview.views import Name

VIEWS = ("page", "miniflux", "ttrss", "newsboat", "text")


@click.command("preview", short_help="A post as feed readers will show it.")
@click.argument("slug", required=False)
@click.option("--file", metavar="FILE.md", help="A document instead; - is standard input.")
@click.option("--as", "name", type=click.Choice(VIEWS), help="As this reader shows it, alone.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
@click.option(
    "--page", type=click.Path(path_type=Path), help="Write all views side by side to this file."
)
@click.option("--open", "opens", is_flag=True, help="Show that page in your browser.")
def preview_command(
    slug: str | None,
    file: str | None,
    name: Name | None,
    as_json: bool,
    page: Path | None,
    opens: bool,
) -> int:
    """Show a post as feed readers will, and say what they lose of it.

    Nothing is saved or published, not even what comes by standard input, and drafts are shown
    too. Without options you see what a
    terminal reader shows, then what is lost in any of five kinds: the page of the site, Miniflux,
    Tiny Tiny RSS, newsboat, and plain text. Exits with 1 when something is lost.
    """
    if (slug is None) == (file is None):
        raise click.UsageError("give the SLUG of a post, or --file with a document")
    if as_json and (page or opens):
        raise click.UsageError("--json prints; --page and --open make a page: choose one")
    if slug is not None:
        with open_app() as app:
            slug = unicodedata.normalize("NFC", slug)
            shown = app.previewing.of_post(app.storage, slug)
            _show(app, shown, name, as_json=as_json, page=page, opens=opens)
    else:
        with looked_at(str(file)) as words, open_app() as app:
            shown = app.previewing.of_document(words.text())
            _show(app, shown, name, as_json=as_json, page=page, opens=opens)
    return FAILED if shown.losses(*_names(shown, name)) else 0


def _names(shown: Preview, name: Name | None) -> list[Name]:
    return [view.name for view in shown.views if name in (None, view.name)]


def _show(
    app: App, shown: Preview, name: Name | None, *, as_json: bool, page: Path | None, opens: bool
) -> None:
    if as_json:
        echo_json(_json(shown, name))
        return
    if page or opens:
        _page(app, shown, page, opens=opens)
    else:
        view = shown.view(name or "newsboat")
        echo_document(f"{shown.article.title}\n\n{view.text}\n")
        click.echo("\n" + "─" * min(40, _width()))
    _summary(shown, name)


def _page(app: App, shown: Preview, page: Path | None, *, opens: bool) -> None:
    import tempfile
    import webbrowser

    from aggregator.cli.exporting import write_whole
    from aggregator.config.places import is_within
    from aggregator.errors import OutputError
    from aggregator.preview.page import MARK

    document = app.previewing.page(shown)
    if page is None:
        page = Path(tempfile.mkdtemp(prefix="aggregator-")) / f"{shown.article.slug}.html"
    if is_within(page, app.settings.output):
        raise click.UsageError(
            f"--page {page}: what lies in {app.settings.output} is published; name another place"
        )
    try:
        write_whole(page, document, begins=MARK.lower(), what="preview")
    except OSError as error:
        raise OutputError(f"{page} cannot be written: {error.strerror or error}") from error
    click.echo(f"Written to {page}")
    if opens and not webbrowser.open(page.absolute().as_uri()):
        click.echo("No browser was found; open that file in one.", err=True)


def _summary(shown: Preview, name: Name | None) -> None:
    names = _names(shown, name)
    found = shown.found_in(names)
    for one in found:
        _tell(one, shown, names)
    intact = [view for view in shown.intact() if view.name in names]
    if len(intact) == len(names):
        where = "any view" if name is None else shown.view(name).reader
        click.echo(f"Nothing is lost in {where}.")
    elif intact:
        click.echo(f"Nothing is lost in {_readers(intact)}.")


def _tell(one: Finding, shown: Preview, names: list[Name]) -> None:
    views = [shown.view(name) for name in one.views if name in names]
    where = "" if len(views) == len(names) else f" {_readers(views)}"
    said = f"Lost in{where}" if where and one.lost else f"Note on{where}" if where else ""
    _wrapped(f"{said or ('Lost' if one.lost else 'Note')}: {one.what}", "  ")
    if one.do:
        _wrapped(f"  → {one.do}", "    ")


def _readers(views: list[View]) -> str:
    names = [view.reader for view in views]
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _wrapped(line: str, indent: str) -> None:
    for part in textwrap.wrap(
        line,
        _width(),
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    ):
        click.echo(part)


def _width() -> int:
    # A file or a pipe gets each on one line.
    return max(40, shutil.get_terminal_size().columns) if sys.stdout.isatty() else 10_000


def _json(shown: Preview, name: Name | None) -> dict[str, object]:
    names = _names(shown, name)
    article = shown.article
    return {
        "slug": article.slug,
        "title": article.title,
        "status": shown.status,
        "url": article.permalink,
        "lost": bool(shown.losses(*names)),
        "views": [
            {
                "name": view.name,
                "reader": view.reader,
                "lost": len(shown.losses(view.name)),
                "html": view.html,
                "text": view.text,
                "links": list(dict.fromkeys(link.url for link in view.seen.links)),
            }
            for view in shown.views
            if view.name in names
        ],
        "findings": [
            {
                "kind": one.kind.value,
                "lost": one.lost,
                "views": [view for view in one.views if view in names],
                "what": one.what,
                "do": one.do,
            }
            for one in shown.found_in(names)
        ],
    }
