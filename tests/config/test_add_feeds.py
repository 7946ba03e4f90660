"""Many feeds are added in one edit, which is whole or not at all."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.config.edit import add_feed, add_feeds, remove_feed
from aggregator.config.load import load_settings
from aggregator.errors import ConfigError
from aggregator.model.subscription import Subscription

A = Subscription(url="https://a.example/", title="A", tags=("x", "a, b"))
B = Subscription(url="https://b.example/")
FLOW_A = '{url: "https://a.example/", title: "A", tags: [x, "a, b"]}'
FLOW_B = '{url: "https://b.example/"}'


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "feeds.yaml"
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("feeds:\n# end\n", f"feeds:\n  - {FLOW_A}\n  - {FLOW_B}\n# end\n"),
        ("feeds: []", f"feeds:\n  - {FLOW_A}\n  - {FLOW_B}"),
        (
            "feeds:\n- https://c.example/  # mine\ndata: d\n",
            f'feeds:\n- https://c.example/  # mine\n- {FLOW_A}\n- "https://b.example/"\ndata: d\n',
        ),
        (
            "feeds:\n  - url: https://c.example/\n    # why\n",
            "feeds:\n  - url: https://c.example/\n"
            '  - url: "https://a.example/"\n    title: "A"\n    tags: [x, "a, b"]\n'
            '  - url: "https://b.example/"\n    # why\n',
        ),
        (
            "feeds: [https://c.example/]\n",
            f'feeds: [https://c.example/, {FLOW_A}, "https://b.example/"]\n',
        ),
        (
            "feeds: [\n  {url: 'https://c.example/'},  # c\n]\n",
            f"feeds: [\n  {{url: 'https://c.example/'}},  # c\n  {FLOW_A},\n  {FLOW_B},\n]\n",
        ),
        (
            '{"feeds": null}',
            '{"feeds": [{"url": "https://a.example/", "title": "A", "tags": ["x", "a, b"]}, '
            '{"url": "https://b.example/"}]}',
        ),
    ],
)
def test_feeds_are_added_in_the_notation_of_the_list(tmp_path, before, after):
    path = written(tmp_path, before)
    assert add_feeds(path, [A, B]) == [A, B]
    assert path.read_text() == after


def test_what_is_there_already_is_passed_over(tmp_path):
    path = written(tmp_path, "feeds:\n  - https://B.example\n")
    kept = []
    assert add_feeds(path, [B, A, A], keep=kept.append) == [A]
    assert kept == [b"feeds:\n  - https://B.example\n"]
    assert add_feeds(path, [B, A], keep=kept.append) == []
    assert len(kept) == 1  # nothing was replaced


def test_one_that_the_file_could_not_hold_stops_all(tmp_path):
    path = written(tmp_path, "feeds: []\n")
    with pytest.raises(ConfigError, match="nothing was changed"):
        add_feeds(path, [A, Subscription(url="ftp://b.example/")])
    assert path.read_text() == "feeds: []\n"


def test_more_than_a_file_may_hold_is_refused_with_the_reason(tmp_path):
    path = written(tmp_path, "feeds: []\n")
    long = Subscription(url="https://a.example/", title="x" * 17_000_000)
    with pytest.raises(ConfigError, match=r"longer than 16,777,216.*add fewer feeds at once"):
        add_feeds(path, [long, B])
    assert path.read_text() == "feeds: []\n"


def test_ten_thousand_feeds_are_added_in_some_seconds_and_read_back_at_once(tmp_path):
    path = written(tmp_path, "# mine\nfeeds:\n  - https://c.example/\n# end\n")
    many = [
        Subscription(url=f"https://{n}.example/feed", title=f"Number {n}", tags=("a", "b c"))
        for n in range(10_000)
    ]
    began = time.monotonic()
    assert len(add_feeds(path, many)) == 10_000
    assert time.monotonic() - began < 30  # three on a machine that has nothing else to do
    began = time.monotonic()
    assert len(load_settings(path).subscriptions) == 10_001
    assert time.monotonic() - began < 2  # the edit has left the settings it checked
    assert path.read_text().endswith("\n# end\n")


lists = st.sampled_from(
    ["feeds:\n", "feeds: []\n", "feeds:\n- https://c.example/\n", "feeds: ['https://c.example/']",
     "feeds: [\n  {url: 'https://c.example/'}\n]\n", "feeds:\r\n  - url: https://c.example/\r\n"]
)  # fmt: skip


@given(text=lists, count=st.integers(1, 4))
@settings(deadline=None, max_examples=40)
def test_many_at_once_are_written_as_one_after_the_other(tmp_path_factory, text, count):
    some = [A, B, *(Subscription(url=f"https://{n}.example/", tags=("t",)) for n in range(2))]
    at_once = written(tmp_path_factory.mktemp("a"), text)
    in_turn = written(tmp_path_factory.mktemp("b"), text)
    add_feeds(at_once, some[:count])
    for one in some[:count]:
        add_feed(in_turn, one)
    before = load_settings(in_turn).subscriptions
    assert load_settings(at_once).subscriptions == before
    for one in some[:count]:
        remove_feed(at_once, one.url)
    after = load_settings(at_once).subscriptions
    assert after == tuple(one for one in before if one not in some[:count])
