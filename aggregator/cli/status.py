"""`aggregator status`: how it goes, in a few lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from aggregator.cli.output import counted, day_and_time, echo_json, open_app, stamp

if TYPE_CHECKING:
    from aggregator.services.status import Status


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
@click.option("--prometheus", is_flag=True, help="Print metrics in Prometheus' text format.")
def status_command(as_json: bool, prometheus: bool) -> None:
    """Say how it goes: polls, failures, and what waits for you."""
    from aggregator.services.clock import utc_now
    from aggregator.services.status import status_of

    with open_app() as app:
        status = status_of(app.storage, utc_now())
    if prometheus:
        from aggregator.metrics import exposition

        click.echo(exposition(status).decode(), nl=False)
    elif as_json:
        echo_json(_status_json(status))
    else:
        for line in _lines(status):
            click.echo(line)


def _lines(status: Status) -> list[str]:
    from aggregator.reading.words import words

    if not status.feeds:
        return ["No feeds are followed yet. Add one: aggregator follow https://…"]
    apart = ((status.failing, "in trouble"), (status.gone, "gone"), (status.paused, "paused"))
    rest = [f"{count:,} {what}" for count, what in apart if count]
    lines = [", ".join([counted(status.feeds, "feed"), *rest])]
    queue = status.queue
    if queue.due:
        waited = f", the longest for {words(status.waiting)}" if queue.oldest else ""
        lines.append(f"{queue.due:,} due now{waited}")
    elif queue.next is not None:
        lines.append(f"the next is due {day_and_time(queue.next, seconds=True)}")
    if queue.last_polled_at is not None:
        lines.append(f"the last was asked {day_and_time(queue.last_polled_at, seconds=True)}")
    if status.asked_lately:
        share = status.not_modified_share
        same = f", {share:.0%} of the good answers not modified" if share is not None else ""
        lines.append(
            f"today and yesterday: {counted(status.asked_lately, 'poll')}, "
            f"{status.failed_lately:,} failed{same}, {status.octets_lately / 1048576:,.1f} MiB"
        )
    waiting, held = (
        sum(n for kind, n in status.entries.items() if kind == name) for name in ("inbox", "held")
    )
    kept = f", {held:,} held back" if held else ""
    lines.append(f"{counted(waiting, 'entry', 'entries')} in the inbox{kept}")
    if status.posts:
        stages = ", ".join(f"{count:,} {stage.value}" for stage, count in status.posts.items())
        lines.append(f"posts: {stages}")
    if status.failing or status.gone:
        lines.append("Next: aggregator feeds --trouble")
    elif queue.due:
        lines.append("Next: aggregator poll")
    return lines


def _status_json(status: Status) -> dict[str, Any]:
    return {
        "at": stamp(status.at),
        "feeds": {
            "followed": status.feeds,
            "failing": status.failing,
            "gone": status.gone,
            "paused": status.paused,
        },
        "queue": {
            "due": status.queue.due,
            "oldest_seconds": status.waiting.total_seconds(),
            "next": stamp(status.queue.next),
            "last_polled_at": stamp(status.queue.last_polled_at),
        },
        "lately": {
            "polls": status.asked_lately,
            "failed": status.failed_lately,
            "octets": status.octets_lately,
            "not_modified_share": status.not_modified_share,
        },
        "entries": {kind.value: count for kind, count in status.entries.items()},
        "posts": {stage.value: count for stage, count in status.posts.items()},
    }
