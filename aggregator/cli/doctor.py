"""`aggregator doctor`: what is wrong, and the command that mends it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import click

from aggregator.cli import CONFIGURATION, FAILED, STORAGE
from aggregator.cli.output import counted, day_and_time, is_local, open_app

if TYPE_CHECKING:
    from aggregator.app import App


MOST_FILES = 5  # of kept words, that are named
LATE = timedelta(hours=1)  # after which what is due to be told should have been tried


class Finding(NamedTuple):
    """What was looked at. `way_out` is empty when nothing needs doing; `code` 0 is no fault."""

    what: str
    way_out: str = ""
    code: int = 0


@click.command("doctor", short_help="Say what is wrong, and the command that mends it.")
def doctor_command() -> int:
    """Look at settings, database, output and feeds, and say what to do about what is wrong.

    Exits with 0 when nothing is, with 3 or 4 when settings or database cannot be used, and
    with 1 for anything else.
    """
    worst = 0
    for finding in _findings():
        mark = "!!" if finding.code else "--" if finding.way_out else "ok"
        click.echo(f"{mark}  {finding.what}")
        if finding.way_out:
            click.echo(f"      {finding.way_out}")
        worst = max(worst, finding.code)
    return worst


def _findings() -> Iterator[Finding]:
    from aggregator.errors import ConfigError, DamagedDatabase, StorageError

    try:
        app = open_app()
    except ConfigError as error:
        yield Finding(str(error), "mend that place, then: aggregator doctor", CONFIGURATION)
        return
    with app:
        yield from _settings(app)
        yield from _output(app)
        yield from _rescued(app)
        try:
            yield from _database(app)
            yield from _feeds(app)
            yield from _hubs(app)
            yield from _told(app)
        except DamagedDatabase as error:
            yield Finding(error.what, _from_backup(app), STORAGE)
        except StorageError as error:
            yield Finding(
                error.what, error.way_out or "mend that, then: aggregator doctor", STORAGE
            )


def _from_backup(app: App) -> str:
    return (
        f"stop every aggregator and put a backup at {app.database}; without one, move it away and "
        "run: aggregator poll"
    )


def _settings(app: App) -> Iterator[Finding]:
    settings = app.settings
    yield Finding(f"{settings.path} is valid: {counted(len(settings.subscriptions), 'feed')}")
    yield Finding(
        f"the site's address is {settings.site.base_url}",
        "subscribers elsewhere cannot reach it; set site.base_url in feeds.yaml"
        if is_local(settings.site.base_url)
        else "",
    )


def _output(app: App) -> Iterator[Finding]:
    from aggregator.disk import nearest, trouble_at

    output = app.settings.output
    place = nearest(output)
    if trouble := trouble_at(output):
        cannot = f"the site cannot be written to {output}: {trouble.what}"
        yield Finding(cannot, f"{trouble.way_out}, or set `output` in feeds.yaml", FAILED)
    elif place.is_dir() and os.access(place, os.W_OK | os.X_OK):
        yield Finding(f"the site can be written to {output}")
    else:
        yield Finding(
            f"the site cannot be written to {output}",
            f"make {place} a folder that this user may write to, or set `output` in feeds.yaml",
            FAILED,
        )


def _rescued(app: App) -> Iterator[Finding]:
    """Tell of words that a command could not save and put aside, or left with an editor."""
    from aggregator.cli.rescue import WRITING, kept, purpose_of

    files = list(kept(app.settings.data))
    for file in files[:MOST_FILES]:
        save = f"{purpose_of(file).command(file)}; then remove the file"
        if file.parent.name == WRITING:
            save = f"unless an editor has it open: {save}"
        yield Finding(f"words not saved: {file}", save)
    more = len(files) - MOST_FILES
    if more > 0:
        yield Finding(f"words not saved: {counted(more, 'more file')} in the same place")


def _database(app: App) -> Iterator[Finding]:
    from aggregator.disk import READ_ONLY
    from aggregator.storage.engine import SAFE_SQLITE, sqlite_module

    if problems := app.storage.check():
        yield Finding(
            f"the database {app.database} is damaged: {'; '.join(problems)}",
            _from_backup(app),
            STORAGE,
        )
    else:
        yield Finding(f"the database {app.database} is sound")
    if app.storage.read_only:
        yield Finding(
            f"the database {app.database} can be read, and nothing can be saved: {READ_ONLY.what}",
            READ_ONLY.way_out,
            FAILED,
        )
    version = sqlite_module().sqlite_version_info
    name = f"SQLite {'.'.join(map(str, version))}"
    if version >= SAFE_SQLITE:
        yield Finding(name)
    else:
        yield Finding(
            f"{name} can damage the file when two processes write at once",
            "pip install --upgrade pysqlite3, or run one process only",
            FAILED,
        )


def _feeds(app: App) -> Iterator[Finding]:
    from aggregator.cli.feedinfo import commands, prospect, troubles

    feeds = app.storage.feeds()
    well = 0
    for feed in feeds:
        found = troubles(app, feed)
        well += not any(one.serious for one in found)
        for one in found:
            since = f", since {day_and_time(one.since)}" if one.since else ""
            way_out = ": ".join(filter(None, [prospect(one), "; or: ".join(commands(one))]))
            yield Finding(f"{one.url}: {one.what}{since}", way_out, FAILED if one.serious else 0)
    yield Finding(f"{counted(well, 'feed')} without trouble")
    for url, count in app.storage.held_by_feed().items():
        entries = counted(count, "entry", "entries")
        yield Finding(f"{url}: {entries} held back as a flood", "aggregator feeds --held", FAILED)


def _told(app: App) -> Iterator[Finding]:
    """Say who could not be told of what was published, and whether anybody sends it."""
    from aggregator.cli.tell import why_nobody
    from aggregator.model.notice import NoticeKind, NoticeState
    from aggregator.services.clock import utc_now

    site, now = app.settings.site, utc_now()
    if not site.hubs and not app.settings.tell.webmention:
        return
    if reason := why_nobody(app):
        yield Finding("hubs and cited pages are not told", reason)
        return
    mentions = app.settings.tell.webmention
    notices = [
        one
        for one in app.storage.notices.notices()
        if (one.whom in site.hubs if one.kind is NoticeKind.PING else mentions)
    ]
    lost = [one for one in notices if one.state in (NoticeState.FAILED, NoticeState.UNSURE)]
    for hub in site.hubs:
        of_hub = [one for one in lost if one.kind is NoticeKind.PING and one.whom == hub]
        if of_hub:
            feeds = counted(len(of_hub), "changed feed")
            yield Finding(
                f"the hub {hub} could not be told of {feeds}: {of_hub[0].answer}",
                "aggregator tell --again; or take it out of `site.hubs` in feeds.yaml",
                FAILED,
            )
    if pages := sum(one.kind is NoticeKind.MENTION for one in lost):
        cited = counted(pages, "cited page")
        yield Finding(f"{cited} could not be told", "aggregator told --trouble")
    waiting = [one for one in notices if one.state is NoticeState.WAITING and one.due_at]
    late = sum(one.due_at < now - LATE for one in waiting if one.due_at)
    told = sum(one.state is NoticeState.TOLD for one in notices)
    yield Finding(
        f"{counted(told, 'hub or page', 'hubs or pages')} told, {len(waiting):,} waiting",
        "nobody sends what waits: aggregator tell, or keep `aggregator run` at work"
        if late
        else "",
        FAILED if late else 0,
    )


def _hubs(app: App) -> Iterator[Finding]:
    from aggregator.services.clock import utc_now
    from aggregator.services.trouble import OFTEN

    callback, listen = app.settings.websub.callback, app.settings.web.listen
    if callback is None or listen is None:
        return
    if not callback.startswith("https:"):
        yield Finding(
            f"hubs reach us at {callback}, which anybody on the way can read",
            "give an https address as `websub.callback` in feeds.yaml",
        )
    pushes = [feed.push for feed in app.storage.feeds() if feed.push]
    now = utc_now()
    working = sum(push.works(now) for push in pushes)
    yield Finding(f"{counted(working, 'feed')} pushed by hubs")
    asked = any(push.attempts >= OFTEN and not push.error for push in pushes)
    if asked and not any(push.verified_at for push in pushes):
        yield Finding(
            "no hub has ever asked back",
            f"see that {callback} leads to {listen[0]}:{listen[1]} from outside, and that "
            "`aggregator run` is at work",
            FAILED,
        )
