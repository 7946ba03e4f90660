"""`aggregator entry …`: read one entry, or triage several."""

from __future__ import annotations

import click

from aggregator.cli.output import NUMBER, counted, day_and_time, echo_json, open_app

NUMBERS = click.argument("numbers", metavar="N...", nargs=-1, required=True, type=NUMBER)


@click.group("entry")
def entry_command() -> None:
    """Read an entry, dismiss it, star it, or put it back."""


@entry_command.command("show")
@click.argument("number", metavar="N", type=NUMBER)
@click.option("--versions", is_flag=True, help="With the earlier texts, newest first.")
@click.option("--json", "as_json", is_flag=True, help="As `inbox --json` shows it.")
def show(number: int, versions: bool, as_json: bool) -> None:
    """Show what a source said, and what it said before."""
    from aggregator.cli.inbox import entry_json
    from aggregator.markup.text import plain_text

    with open_app() as app:
        stored = app.storage.entry(number)
        earlier = app.storage.entry_versions(number)
    if as_json:
        echo_json(entry_json(stored))
        return
    entry = stored.entry
    click.echo(entry.title or "(no title)")
    by = f"{entry.author}, " if entry.author else ""
    click.echo(f"{by}{stored.feed_title}, {day_and_time(entry.published or stored.first_seen)}")
    for line in (entry.link, *(f"{link.rel}: {link.href}" for link in entry.links)):
        if line:
            click.echo(line)
    text = plain_text(entry.content or entry.summary)
    if stored.status == "expired":
        text = "(Its text was let go of, by the rule under `keep:` in feeds.yaml.)"
    click.echo("\n" + text)
    if earlier and not versions:
        texts = counted(len(earlier), "earlier text")
        click.echo(f"\nThe source changed it: {texts} kept, --versions shows them.")
    after = entry.title, text
    for version in earlier if versions else ():
        seen, replaced = day_and_time(version.seen_at), day_and_time(version.replaced_at)
        click.echo(f"\n--- as it was from {seen} to {replaced}\n{version.title}\n")
        before = version.title, plain_text(version.content or version.summary)
        click.echo(before[1])
        if before == after:
            click.echo("(The same words as in the next; links, pictures or markup differ.)")
        after = before


@entry_command.command("dismiss")
@NUMBERS
def dismiss(numbers: tuple[int, ...]) -> None:
    """Take entries out of the inbox; `restore` puts them back."""
    with open_app() as app:
        app.desk.dismiss(numbers)
    _said("dismissed", numbers, f"aggregator entry restore {' '.join(map(str, numbers))}")


@entry_command.command("restore")
@NUMBERS
def restore(numbers: tuple[int, ...]) -> None:
    """Put entries back into the inbox."""
    with open_app() as app:
        app.desk.restore(numbers)
    _said("back in the inbox", numbers)


@entry_command.command("star")
@NUMBERS
@click.option("--off", is_flag=True, help="Take the star away.")
def star(numbers: tuple[int, ...], off: bool) -> None:
    """Mark entries as worth keeping."""
    with open_app() as app:
        app.desk.star(numbers, starred=not off)
    _said("no longer starred" if off else "starred", numbers)


def _said(what: str, numbers: tuple[int, ...], undo: str | None = None) -> None:
    undone = f" (undo: {undo})" if undo else ""
    click.echo(f"{counted(len(numbers), 'entry', 'entries')} {what}{undone}")
