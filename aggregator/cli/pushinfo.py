"""What the list of feeds tells of hubs: whether push works, since when, or why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from aggregator.cli.output import counted, day_and_time, stamp

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.model.push import HubSubscription
    from aggregator.storage.protocol import StoredFeed


def echo_push(app: App, feed: StoredFeed) -> None:
    """Print a line about a feed's hub; none when no hub can reach us anyway."""
    if app.settings.websub.callback is not None and not feed.subscription.paused:
        click.echo(f"    {_words(feed)}")


def _words(feed: StoredFeed) -> str:
    if feed.subscription.private or feed.subscription.login:
        return "not pushed: hubs are not told of private feeds, nor of those behind a login"
    push = feed.push
    if push is None:
        known = feed.state.hub
        return f"not pushed yet: its hub is {known.url}" if known else "not pushed: it has no hub"
    from aggregator.services.clock import utc_now

    if push.works(utc_now()) and push.active_since and push.lease_until:
        since, until = day_and_time(push.active_since), day_and_time(push.lease_until)
        brought = f", brought news {day_and_time(push.delivered_at)}" if push.delivered_at else ""
        return f"pushed by {push.hub.url} since {since}, until {until}{brought}"
    return f"not pushed by {push.hub.url}: {_why_not(push)}"


def _why_not(push: HubSubscription) -> str:
    from aggregator.model.push import PushState

    if push.broken_since is not None:
        return f"since {day_and_time(push.broken_since)}, {push.broken_reason}"
    if push.state is PushState.DENIED:
        return f"it refuses: {push.error}"
    if push.error:
        return push.error
    if push.state is PushState.ACTIVE:
        return "its lease is over"
    if push.asked_at is None:
        return "it has not been asked yet"
    times = counted(push.attempts, "time")
    return f"asked {times}, the last {day_and_time(push.asked_at)}; it has not asked back"


def push_json(app: App, feed: StoredFeed) -> dict[str, Any]:
    """Return what is known of a feed's hub for machines; null when it was asked for nothing."""
    push = feed.push
    if push is None or app.settings.websub.callback is None:
        return {"push": None}
    from aggregator.services.clock import utc_now

    works = push.works(utc_now())
    return {
        "push": {
            "hub": push.hub.url,
            "topic": push.hub.topic,
            "state": push.state.value,
            "works": works,
            "since": stamp(push.active_since),
            "until": stamp(push.lease_until),
            "asked_at": stamp(push.asked_at),
            "delivered_at": stamp(push.delivered_at),
            "deliveries": feed.state.deliveries,
            "refused": push.refused,
            "broken_since": stamp(push.broken_since),
            "reason": None if works else _why_not(push),
        }
    }
