"""What an author should know of a post that was saved: no fault, but perhaps not what was meant."""

from __future__ import annotations

from datetime import datetime

from aggregator.config.settings import Site
from aggregator.document import comments, markup_shown
from aggregator.model.post import PostStatus, StoredPost
from aggregator.publishing.article import preview


def notes_on(stored: StoredPost, site: Site, now: datetime) -> list[str]:
    """Return notes in words, none for a post that says all that was typed."""
    shown = [*comments(stored.document), *markup_shown(stored.document)]
    notes = [f"line {doubt.line}: {doubt.message}" for doubt in shown]
    if stored.status is PostStatus.WITHDRAWN:
        return notes
    told = {cited.url for cited in preview(stored, site, now).citations}
    return notes + [
        f"nothing in the post links to {cite.url}, so its details in `cites` are not published"
        for cite in stored.post.cites
        if cite.url not in told
    ]
