"""`aggregator told`: who was told of what, when, and what they answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from aggregator.cli.output import COUNT, day_and_time, echo_json, fitting, open_app, stamp

if TYPE_CHECKING:
    from aggregator.model.notice import Notice


@click.command("told")
@click.option("--trouble", is_flag=True, help="Only those who could not be told, or not yet.")
@click.option(
    "--limit", type=COUNT, default=50, show_default=True, help="How many; 0 for all of them."
)
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def told_command(trouble: bool, limit: int, as_json: bool) -> None:
    """Show who was told of what you published, and the answers.

    Hubs are told of feeds (WebSub), cited pages of posts (Webmention).

    Those not tried yet come first, then the last tried. Of each feed and hub, each post and
    page, the newest change is shown.
    """
    from aggregator.model.notice import NoticeState

    troubled = (NoticeState.WAITING, NoticeState.FAILED, NoticeState.UNSURE)
    with open_app() as app:
        notices = app.storage.notices.notices(
            states=troubled if trouble else None, limit=limit or None
        )
    if as_json:
        echo_json([_plain(notice) for notice in notices])
        return
    for notice in notices:
        click.echo(fitting(_line(notice)))
    if not notices:
        click.echo("Nobody could not be told." if trouble else "Nobody was told of anything yet.")


def _line(notice: Notice) -> str:
    from aggregator.fetch.target import one_line

    when = day_and_time(notice.asked_at) if notice.asked_at else "not yet"
    what = "no longer cited by" if notice.removed else "of"
    line = f"{when}  {notice.state:8}  {one_line(notice.whom)} {what} {one_line(notice.about)}"
    if notice.answer:
        line += f": {one_line(notice.answer)}"
    if notice.due_at is not None and notice.state == "waiting" and notice.attempts:
        line += f"; again {day_and_time(notice.due_at)}"
    return line


def _plain(notice: Notice) -> dict[str, Any]:
    return {
        "kind": notice.kind.value,
        "about": notice.about,
        "whom": notice.whom,
        "endpoint": notice.endpoint,
        "removed": notice.removed,
        "state": notice.state.value,
        "answer": notice.answer,
        "attempts": notice.attempts,
        "asked_at": stamp(notice.asked_at),
        "told_at": stamp(notice.told_at),
        "next_at": stamp(notice.due_at if notice.state == "waiting" else None),
    }
