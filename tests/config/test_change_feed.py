"""What is decided about a feed is written into its lines; every other byte stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.config.edit import change_feed
from aggregator.config.load import load_settings
from aggregator.errors import ConfigError, FeedNotFound
from aggregator.model.subscription import Subscription

URL = "https://a.example/rss"


def paused(one: Subscription) -> Subscription:
    return replace(one, paused=True)


def resumed(one: Subscription) -> Subscription:
    return replace(one, paused=False)


def tagged(one: Subscription) -> Subscription:
    return replace(one, tags=("city", "far away"), interval=timedelta(hours=2))


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        (
            'feeds:\n  - {url: "https://a.example/rss", title: "A"}  # the first\n  # end\n',
            paused,
            'feeds:\n  - {url: "https://a.example/rss", title: "A", paused: true}  # the first\n'
            "  # end\n",
        ),
        (
            "feeds:\n  - https://a.example/rss  # the first\n  - https://b.example/rss\n",
            paused,
            'feeds:\n  - {url: "https://a.example/rss", paused: true}  # the first\n'
            "  - https://b.example/rss\n",
        ),
        (
            "feeds:\n  - url: https://a.example/rss  # the first\n    title: A  # its name\n\n"
            "  # next\n  - url: https://b.example/rss\n",
            paused,
            "feeds:\n  - url: https://a.example/rss  # the first\n    title: A  # its name\n"
            "    paused: true\n\n  # next\n  - url: https://b.example/rss\n",
        ),
        (
            "feeds:\n- url: https://a.example/rss\n  paused: true  # for now\n  title: A\n",
            resumed,
            "feeds:\n- url: https://a.example/rss\n  title: A\n",
        ),
        (
            "feeds:\n- url: https://a.example/rss\n  tags:\n    - old\n    - older\n"
            "  interval: 1h  # often\n",
            tagged,
            'feeds:\n- url: https://a.example/rss\n  tags: [city, "far away"]\n'
            "  interval: 2h  # often\n",
        ),
        ("feeds:\n- url: https://a.example/rss", paused, None),
        (
            'feeds: ["https://a.example/rss", "https://b.example/rss"]\n',
            paused,
            'feeds: [{url: "https://a.example/rss", paused: true}, "https://b.example/rss"]\n',
        ),
        (
            '{"feeds": [{"url": "https://a.example/rss"}]}\n',
            paused,
            '{"feeds": [{"url": "https://a.example/rss", "paused": true}]}\n',
        ),
    ],
)
def test_only_the_lines_of_that_feed_change(
    tmp_path: Path, before: str, change: object, after: str | None
) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_text(before)
    was = load_settings(path).subscriptions
    change_feed(path, URL, change)  # type: ignore[arg-type]
    if after is not None:
        assert path.read_text() == after
    now = load_settings(path).subscriptions
    assert now[0] == change(was[0])  # type: ignore[operator]
    assert now[1:] == was[1:]


def test_a_comment_that_would_be_lost_is_kept_and_the_way_out_told(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    text = "feeds:\n- url: https://a.example/rss\n  tags:\n    - old  # why\n"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"write it there yourself: \{url: .*far away"):
        change_feed(path, URL, tagged)
    assert path.read_text() == text


def test_the_address_stays_and_what_the_file_cannot_hold_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_text("feeds:\n- https://a.example/rss\n")
    with pytest.raises(ConfigError):
        change_feed(path, URL, lambda one: replace(one, interval=timedelta(seconds=-5)))
    with pytest.raises(FeedNotFound):
        change_feed(path, "https://other.example/", paused)
    change_feed(path, URL, lambda one: replace(one, url="https://else.example/"))
    assert path.read_text() == "feeds:\n- https://a.example/rss\n"
