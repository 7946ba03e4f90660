"""What is wrong with a feed, since when, and what its author can do about it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aggregator.model.poll import FailureKind
from aggregator.model.push import PushState
from aggregator.reading.words import words
from aggregator.services.redirects import BELIEVED_AFTER
from aggregator.storage.protocol import StoredFeed

# What may help beside asking again; the others mend themselves or do not.
_ADVICE = {
    FailureKind.DNS: "check the address; if it is right, its domain may be gone",
    FailureKind.TLS: "its publisher must mend that",
    FailureKind.BAD_URL: "write its address in feeds.yaml as a browser would show it",
    FailureKind.FORBIDDEN_ADDRESS: "`fetch.allow_networks` or `fetch.allow_ports` in feeds.yaml "
    "can allow it, if you trust it",
    FailureKind.TOO_LARGE: "`fetch.max_bytes` in feeds.yaml can allow more",
    FailureKind.THROTTLED: "a longer `interval` may help",
    FailureKind.PARSER: "its publisher may mend it; a larger `parse.timeout` or `parse.memory` "
    "may help",
    FailureKind.NOT_A_FEED: "its publisher may have moved it: look at the page in a browser",
    FailureKind.REDIRECTS: "look at the address in a browser, and write where it leads to "
    "in feeds.yaml",
}

# Where asking sooner brings nothing.
_NOT_BY_ASKING = frozenset({FailureKind.NOT_FOUND, FailureKind.BAD_URL})

OFTEN = 3  # in a row: less is an accident

_AS_WITHOUT = "until that is well, the feed is polled as if it had no hub"


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """One feed's trouble. `commands` are words after `aggregator`, ready to be typed.

    `aim` says in a word or two what they are good for, to stand before them.
    """

    url: str
    title: str
    what: str
    since: datetime | None  # None: for as long as is known
    serious: bool  # False: nothing is lost, and nothing need be done
    advice: str = ""
    aim: str = ""
    commands: tuple[tuple[str, ...], ...] = ()
    until: datetime | None = None  # when it is asked again; None: never, or nothing to ask


def trouble_of(feed: StoredFeed, now: datetime, *, callback: str | None = None) -> list[Trouble]:
    """Return what is wrong with a feed; nothing, mostly.

    `callback` is where hubs reach us; None: nobody cares about them.
    """
    if feed.subscription.paused:
        return []
    found = []
    state = feed.state
    if state.gone or state.last_error:
        found.append(_failing(feed, now))
    if state.move is not None and not state.last_error:
        found.append(_moving(feed, now))
    if callback is not None and (push := _pushing(feed, callback)) is not None:
        found.append(push)
    return found


def _failing(feed: StoredFeed, now: datetime) -> Trouble:
    url, state = feed.subscription.url, feed.state
    commands: list[tuple[str, ...]] = [("move", url, offer.url) for offer in state.offers[:3]]
    advice = _ADVICE.get(state.last_failure, "") if state.last_failure else ""
    asked_to_wait = (state.not_before, feed.site and feed.site.not_before)
    barred = max((at for at in asked_to_wait if at and at > now), default=None)
    aim, until = "", max((at for at in (state.next_poll_at, barred) if at), default=None)
    if state.gone:
        what = "the publisher says that it is gone for good (410)"
        advice, until = "it is not asked any more", None
    else:
        what = state.last_error or "it failed"
    if state.offers:
        aim = "its site points at " + ("this feed" if len(commands) == 1 else "these feeds")
    elif state.gone:
        aim = "to let it go"
        commands.append(("unfollow", url))
    elif state.last_failure is FailureKind.NOT_FOUND:
        advice, aim = "some publishers answer so now and then", "if it is gone, take it out"
        commands.append(("unfollow", url))
    elif barred:
        aim = "not before that, even by force"
    elif state.last_failure not in _NOT_BY_ASKING:
        aim = "at once"
        commands.append(("poll", "--force", url))
    return Trouble(
        url=url,
        title=_name(feed),
        what=what,
        since=state.failing_since,
        serious=True,
        advice=advice,
        aim=aim,
        commands=tuple(commands),
        until=until,
    )


def _moving(feed: StoredFeed, now: datetime) -> Trouble:
    move = feed.state.move
    assert move is not None  # noqa: S101 - for the type checker
    left = max(move.since + BELIEVED_AFTER - now, now - now)
    return Trouble(
        url=feed.subscription.url,
        title=_name(feed),
        what=f"it has been redirected for good to {move.url}",
        since=move.since,
        serious=False,
        advice=f"feeds.yaml is changed by itself when that has stayed so for {words(left)} more"
        if left
        else "feeds.yaml is changed by itself with the next poll",
        aim="at once",
        commands=(("move", feed.subscription.url, move.url),),
    )


def _pushing(feed: StoredFeed, callback: str) -> Trouble | None:
    """Nothing of it is serious: what a hub does not tell is found by polls."""
    push = feed.push
    if push is None:
        return None
    since, until, advice = push.broken_since, None, _AS_WITHOUT
    if push.refused >= OFTEN:
        what = f"{push.broken_reason}, {push.refused:,} times in a row"
    elif push.broken_since is not None:
        what = f"its hub cannot be relied on: {push.broken_reason}"
    elif push.state is PushState.DENIED:
        what = f"its hub refuses to tell us of news: {push.error}"
        until = push.due_at
    elif push.state is PushState.ASKED and push.attempts >= OFTEN:
        until = push.due_at
        if push.error:
            what = f"its hub does not take our subscription: {push.error}"
        else:
            what = "its hub takes our subscription and does not ask back"
            advice = f"see that {callback} leads to `web.listen` from outside"
    else:
        return None
    return Trouble(
        url=feed.subscription.url,
        title=_name(feed),
        what=what,
        since=since,
        serious=False,
        advice=advice,
        until=until,
    )


def _name(feed: StoredFeed) -> str:
    return feed.subscription.title or feed.feed.title or feed.subscription.url
