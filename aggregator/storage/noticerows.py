"""Rows of `notices`, read and written."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from aggregator.model.notice import Notice, NoticeKind, NoticeState
from aggregator.storage.noticetables import notices

NOTICES = notices.c


def anew(change: str, due_at: datetime, *, removed: bool = False) -> dict[str, Any]:
    """Return the columns of a notice that waits to tell of a change that nobody knows yet."""
    return {
        "change": change,
        "removed": removed,
        "state": NoticeState.WAITING.value,
        "due_at": due_at,
        "attempts": 0,
        "answer": None,
    }


def new_row(kind: NoticeKind, about: str, whom: str, site: str | None) -> dict[str, Any]:
    """Return the columns that stay as they are."""
    return {"kind": kind.value, "about": about, "whom": whom, "site": site}


def notice_of(row: Row[Any]) -> Notice:
    return Notice(
        number=row.id,
        kind=NoticeKind(row.kind),
        about=row.about,
        whom=row.whom,
        site=row.site,
        change=row.change,
        removed=row.removed,
        state=NoticeState(row.state),
        due_at=row.due_at,
        attempts=row.attempts,
        asked_at=row.asked_at,
        endpoint=row.endpoint,
        answer=row.answer,
        told_at=row.told_at,
    )
