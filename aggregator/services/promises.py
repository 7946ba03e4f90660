"""What readers were told stays told: checks before a post is saved."""

from __future__ import annotations

from datetime import datetime, timedelta

from aggregator.document import stamp_updates
from aggregator.errors import DocumentError, WrongState
from aggregator.model.post import Post, StoredPost, Update


def refuse_bare_updates(document: str, now: datetime) -> None:
    """Raise DocumentError for an update without a time in a post that nobody has read."""
    if stamp_updates(document, now) != document:
        raise DocumentError(
            "an update is added to a post that readers know, and this one is not published yet; "
            "write it as part of the post, without the heading"
        )


def added_updates(before: StoredPost, post: Post) -> list[Update]:
    """Return the updates of `post` that its stored form has not."""
    known = {update.at for update in before.post.updates}
    return [update for update in post.updates if update.at not in known]


def refuse_lost_updates(before: StoredPost, post: Post) -> None:
    """Raise WrongState when `post` lacks an update that readers were shown."""
    kept = {update.at for update in post.updates}
    lost = [update for update in before.post.updates if update.at not in kept]
    if lost:
        named = ", ".join(f"{update.kind} of {update.at:%Y-%m-%dT%H:%M:%SZ}" for update in lost)
        raise WrongState(
            f"this would take back what readers of {before.slug!r} were told: the {named}. "
            f"`aggregator post show {before.slug}` prints the present document to start from; "
            "`--drop-updates` takes it back all the same"
        )


def refuse_impossible_times(added: list[Update], published: datetime, now: datetime) -> None:
    """Raise DocumentError for an update that lies ahead, or before the post itself."""
    for update in added:
        written = f"{update.at:%Y-%m-%dT%H:%M:%SZ}"
        if update.at > now + timedelta(minutes=1):
            raise DocumentError(f"the update of {written} lies ahead; leave the time out for now")
        if update.at < published:
            raise DocumentError(
                f"the update of {written} is older than the post; leave the time out for now"
            )
