"""What the editor's form says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from werkzeug.datastructures import MultiDict

from aggregator.errors import PostNotFound, WrongState
from aggregator.model.post import UpdateKind
from aggregator.model.unsaved import Sheet
from aggregator.services.writing import Paper, Writing, as_typed
from aggregator.web.numbers import number_in

Form = MultiDict[str, str]

LONGEST = 5_000  # characters of what is brought along


@dataclass(frozen=True, kw_only=True)
class Given:
    """A text as a browser sent it. `orphan`: the post it was for has another name by now."""

    paper: Paper
    number: int | None
    version: int
    orphan: str = ""


def given(form: Form, writing: Writing) -> Given:
    """Return what was sent. Raises StorageError."""
    sheet = Sheet(
        post=form.get("post") or None,
        kind=kind_of(form.get("kind", "")),
        opened=form.get("opened", "")[:64],
        entry=number_in(form.get("entry")),
    )
    text, orphan = form.get("text", ""), ""
    try:
        paper = writing.paper(sheet, as_typed(text))
    except PostNotFound as error:
        orphan = str(error)
        paper = writing.paper(replace(sheet, post=None), as_typed(text))
    if paper.stored and paper.sheet.kind is None:
        paper = replace(paper, text=as_typed(text, paper.stored.document))
    return Given(
        paper=paper,
        number=number_in(form.get("number")),
        version=number_in(form.get("version")) or 0,
        orphan=orphan,
    )


def brought_along(args: Form) -> tuple[str, str, str, str]:
    """Return address, title, words and via of a link that was brought to the desk."""
    url, title, words, via = (
        args.get(name, "").strip()[:LONGEST] for name in ("url", "title", "text", "via")
    )
    # Phones share the address behind the title, in the text.
    found = [word for word in words.split() if word.startswith(("https://", "http://"))]
    if found and not url:
        url = found[-1]
        words = words.replace(url, "").strip()
        title, words = (title, words) if title else (words, "")
    return url, title, "" if words == url else words, via


def kind_of(text: str) -> UpdateKind | None:
    """Return the kind of an update; None: it is a whole document."""
    try:
        return UpdateKind(text) if text else None
    except ValueError:
        return UpdateKind.UPDATE


def moment_of(form: Form) -> datetime:
    """Return the time that was chosen for publication. Raises WrongState.

    `zone` is the browser's, in minutes east of Greenwich; without it the time is UTC.
    """
    try:
        local = datetime.fromisoformat(form.get("at", ""))
        east = timedelta(minutes=int(form.get("zone") or 0))
        return (local.replace(tzinfo=None) - east).replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise WrongState("choose the day and time at which it shall be published") from error
