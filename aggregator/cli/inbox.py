"""`aggregator inbox`: what came in and waits for triage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from aggregator.cli.output import COUNT, counted, day_and_time, echo_json, fitting, open_app, stamp

if TYPE_CHECKING:
    from aggregator.model.feed import StoredEntry


@click.command("inbox")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array for machines.")
@click.option(
    "--limit",
    "-n",
    type=COUNT,
    default=50,
    show_default=True,
    help="At most so many; 0 is no limit.",
)
@click.option(
    "--all", "everything", is_flag=True, help="With what was triaged, held back or archived."
)
@click.option("--feed", "feed_url", metavar="URL", help="Of this feed only.")
def inbox_command(as_json: bool, limit: int, everything: bool, feed_url: str | None) -> None:
    """Show the entries that wait for triage, newest first. A limit of 0 is no limit.

    The number at the start of a line names the entry: `entry show N`, `entry dismiss N`,
    `post new --from N`.
    """
    from aggregator.model.feed import EntryStatus

    with open_app() as app:
        if not app.storage.read_only:
            app.intake.filter_news()
        found = app.storage.entries(
            statuses=None if everything else (EntryStatus.INBOX,),
            feed_url=feed_url,
            limit=limit or None,
        )
        if as_json:
            echo_json([entry_json(stored) for stored in found])
            return
        counts = app.storage.count_entries()
    for stored in found:
        click.echo(fitting(entry_line(stored)))
    waiting, held = counts[EntryStatus.INBOX], counts[EntryStatus.HELD]
    if not found:
        click.echo("The inbox is empty. `aggregator poll` asks the feeds that are due.")
    elif waiting > len(found) and not everything and feed_url is None:
        click.echo(f"… and {waiting - len(found):,} more; --limit 0 shows them all")
    if held and not everything:
        entries = counted(held, "entry", "entries")
        click.echo(f"{entries} held back as a flood; `aggregator feeds --held` tells more")


def entry_line(stored: StoredEntry) -> str:
    """Return one line about an entry."""
    entry = stored.entry
    marks = ("*" if stored.starred else " ") + ("~" if stored.changed_at else " ")
    when = day_and_time(entry.published or stored.first_seen)
    title = entry.title or first_words(stored) or entry.link or entry.id
    status = "" if stored.status == "inbox" else f" [{stored.status}]"
    return f"{stored.number:>6} {marks} {when}  {stored.feed_title}: {title}{status}"


def first_words(stored: StoredEntry) -> str:
    """Return the beginning of an entry's text, for those that have no title."""
    from aggregator.markup.text import excerpt, plain_text

    html = stored.entry.summary or stored.entry.content
    return excerpt(" ".join(plain_text(html).split()), 80)


def entry_json(stored: StoredEntry) -> dict[str, Any]:
    """Return an entry as scripts rely on it."""
    entry = stored.entry
    return {
        "id": stored.number,
        "feed": stored.feed_url,
        "feed_title": stored.feed_title,
        "entry_id": entry.id,
        "title": entry.title,
        "link": entry.link,
        "author": entry.author,
        "published": stamp(entry.published),
        "updated": stamp(entry.updated),
        "first_seen": stamp(stored.first_seen),
        "changed_at": stamp(stored.changed_at),
        "versions": stored.versions,
        "content": entry.content or entry.summary,
        "summary": entry.summary,
        "language": entry.language,
        "tags": list(entry.tags),
        "links": [{"rel": x.rel, "href": x.href, "title": x.title} for x in entry.links],
        "status": stored.status.value,
        "starred": stored.starred,
    }
