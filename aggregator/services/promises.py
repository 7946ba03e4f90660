"""What readers were told stays told, and nothing false is told: checks before a post is saved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from aggregator.document import Doubt, comments, line_of_update
from aggregator.document.times import written
from aggregator.errors import DocumentError, WrongState
from aggregator.model.post import Post, PostStatus, StoredPost, Update, UpdateKind
from aggregator.publishing.body import says_nothing

# An author's own watch may go before ours.
SKEW = timedelta(minutes=1)


def added_updates(before: StoredPost, post: Post) -> list[Update]:
    """Return the updates of `post` that its stored form has not."""
    known = set(map(_what_it_is, before.post.updates))
    return [update for update in post.updates if _what_it_is(update) not in known]


def _what_it_is(update: Update) -> tuple[datetime, bool]:
    # An update may become a correction; that it takes the post back is another matter.
    return update.at, update.kind is UpdateKind.WITHDRAWAL


def refuse_doubts(doubts: Callable[[str], list[Doubt]], document: str, *, before: str = "") -> None:
    """Raise DocumentError for the first doubt that the document `before` did not hold."""
    known = Counter(doubt.typed for doubt in doubts(before))
    for doubt in doubts(document):
        if not known[doubt.typed]:
            raise DocumentError(doubt.message, line=doubt.line)
        known[doubt.typed] -= 1


def refuse_unpublishable(stored: StoredPost, now: datetime) -> None:
    """Raise WrongState or DocumentError when a post cannot be shown to readers, were it `now`."""
    post, slug = stored.post, stored.slug
    if says_nothing(post.blocks):
        raise WrongState(
            f"{slug!r} has a title and nothing else; `aggregator post edit {slug}` adds words"
        )
    refuse_doubts(comments, stored.document)
    refuse_silent_updates(stored.document, post.updates)
    if stored.published is not None:
        return  # its updates were looked at when they were added
    refuse_times_ahead(stored.document, post.updates, now)
    if post.published and post.published > now:
        raise DocumentError(
            f"published: {written(post.published)} lies ahead; take it out, and "
            f"`aggregator post publish {slug} --at {written(post.published)}` waits until then"
        )
    for update in post.updates:
        if update.kind is UpdateKind.WITHDRAWAL:
            raise DocumentError(
                "the post is withdrawn before anybody has read it; take this section out",
                line=line_of_update(stored.document, update.at),
            )


def refuse_broken_promises(
    before: StoredPost, after: StoredPost, added: Sequence[Update], now: datetime
) -> None:
    """Raise WrongState or DocumentError when an edit takes from readers what they were promised.

    Or when it adds what cannot be true.
    """
    assert before.published is not None  # noqa: S101 - for the type checker
    slug, post, document = before.slug, after.post, after.document
    if after.slug != slug:
        raise WrongState(
            f"{slug!r} is published: its address must not change. Take `slug:` out of the "
            "document, or set it back"
        )
    told = before.published.replace(microsecond=0)
    if post.published not in (None, before.post.published, told):
        raise WrongState(
            f"{slug!r} was published at {written(told)}, and that never moves. Take `published:` "
            "out of the document, or set it back"
        )
    if says_nothing(post.blocks):
        raise WrongState(
            f"this would leave {slug!r} empty where readers find it; "
            f"`aggregator post withdraw {slug}` takes it back"
        )
    refuse_doubts(comments, document, before=before.document)
    if added and before.status is PostStatus.WITHDRAWN:
        raise WrongState(withdrawn_message(slug))
    refuse_silent_updates(document, added)
    refuse_times_ahead(document, added, now)
    for update in added:
        if update.at < told:
            raise DocumentError(
                f"the update of {written(update.at)} is older than the post; leave the time out "
                "for now",
                line=line_of_update(document, update.at),
            )


def withdrawn_message(slug: str) -> str:
    return (
        f"{slug!r} is withdrawn, and readers see when; publish it again before it is updated: "
        f"`aggregator post publish {slug}`"
    )


def refuse_lost_updates(before: StoredPost, post: Post) -> None:
    """Raise WrongState when `post` lacks an update that readers were shown."""
    kept = set(map(_what_it_is, post.updates))
    lost = [update for update in before.post.updates if _what_it_is(update) not in kept]
    if lost:
        named = ", ".join(f"{update.kind} of {written(update.at)}" for update in lost)
        raise WrongState(
            f"this would take back what readers of {before.slug!r} were told: the {named}. "
            f"`aggregator post show {before.slug}` prints the present document to start from; "
            "`--drop-updates` takes it back all the same"
        )


def refuse_silent_updates(document: str, updates: Sequence[Update]) -> None:
    """Raise DocumentError for an update that readers would not see a word of."""
    for update in updates:
        if says_nothing(update.blocks):
            raise DocumentError(
                "the update says nothing; write it below its heading",
                line=line_of_update(document, update.at),
            )


def refuse_times_ahead(document: str, updates: Sequence[Update], now: datetime) -> None:
    """Raise DocumentError for an update that nobody can have written yet."""
    for update in updates:
        if update.at > now + SKEW:
            raise DocumentError(
                f"the update of {written(update.at)} lies ahead; leave the time out for now",
                line=line_of_update(document, update.at),
            )
