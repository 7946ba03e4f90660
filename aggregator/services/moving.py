"""Moving a feed to another address: feeds.yaml is edited, all that is known of it goes along."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from aggregator.config import edit
from aggregator.config.load import load_settings
from aggregator.storage.protocol import FeedStorage


def move_feed(path: Path, storage: FeedStorage, old_url: str, new_url: str, at: datetime) -> None:
    """Write a feed's new address into feeds.yaml; its entries and poll state move along.

    At whatever point this is interrupted, the feed stays one feed. Raises FeedNotFound,
    ConfigError, StorageError.
    """
    storage.expect_move(old_url, new_url, at)
    edit.move_feed(path, old_url, new_url)
    storage.mirror_subscriptions(load_settings(path).subscriptions)
