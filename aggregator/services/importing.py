"""Following all feeds of a list: what is new in it, and one edit of feeds.yaml for that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aggregator.config.edit import add_feeds, as_written
from aggregator.config.load import load_settings
from aggregator.config.replace import keep_copy
from aggregator.config.settings import Settings
from aggregator.model.subscription import Subscription
from aggregator.reading.listed import FeedList, LeftOut
from aggregator.services.following import spelling
from aggregator.storage.protocol import FeedStorage


@dataclass(frozen=True, kw_only=True)
class ImportPlan:
    """What importing a list would do."""

    new: tuple[Subscription, ...]
    followed: int = 0  # that are followed already, perhaps under another spelling
    repeated: int = 0  # that stand in the list once more
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Imported:
    added: tuple[Subscription, ...]
    copy: Path | None  # of feeds.yaml as it was before; None when nothing was added


def import_plan(found: FeedList, subscriptions: Sequence[Subscription]) -> ImportPlan:
    """Return what of a list is to be followed by somebody who has these subscriptions.

    The same address with http and https, in other letters or with its default port is one feed.
    """
    known = {spelling(one.url) for one in subscriptions}
    seen: set[str] = set()
    new: list[Subscription] = []
    left = list(found.left_out)
    followed = repeated = 0
    for feed in found.feeds:
        try:
            one = as_written(Subscription(url=feed.url, title=feed.title, tags=feed.tags))
        except ValueError as error:
            left.append(LeftOut(name=feed.title or feed.url, reason=str(error)))
            continue
        address = spelling(one.url)
        if address in seen:
            repeated += 1
        elif address in known:
            followed += 1
        else:
            new.append(one)
        seen.add(address)
    return ImportPlan(new=tuple(new), followed=followed, repeated=repeated, left_out=tuple(left))


def import_feeds(
    settings: Settings, plan: ImportPlan, storage: FeedStorage, at: datetime
) -> Imported:
    """Add the new feeds of a plan to feeds.yaml, all of them or none.

    The file as it was is kept in the folder for data first. Raises ConfigError, StorageError,
    OSError.
    """
    copy = settings.data / f"feeds-before-import-{at:%Y%m%dT%H%M%S.%fZ}.yaml"
    added = add_feeds(settings.path, plan.new, keep=lambda content: keep_copy(copy, content))
    if added:
        storage.mirror_subscriptions(load_settings(settings.path).subscriptions)
    return Imported(added=tuple(added), copy=copy if added else None)
