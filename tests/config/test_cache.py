"""A large feeds.yaml is parsed once; the cache is believed for the very same bytes only."""

from __future__ import annotations

import os
import shutil
import stat
import time
from pathlib import Path

import pytest

from aggregator.config import cache
from aggregator.config.edit import add_feed, remove_feed
from aggregator.config.load import load_settings
from aggregator.errors import ConfigError
from aggregator.model.subscription import Subscription

MANY = 2000


def item(number: int) -> str:
    return (
        f'  - url: https://news{number}.example/feed.xml\n    title: "Feed {number}"\n'
        f"    tags: [city, budget]\n    interval: 2h\n"
    )


def large(tmp_path: Path, count: int = 60, head: str = "") -> Path:
    (tmp_path / "data").mkdir(exist_ok=True)
    path = tmp_path / "feeds.yaml"
    path.write_text(head + "feeds:\n" + "".join(item(number) for number in range(count)))
    return path


def hit(path: Path) -> bool:
    return cache.find(path.read_bytes(), path) is not None


def test_the_second_reading_comes_from_the_cache_and_says_the_same(tmp_path):
    path = large(tmp_path)
    assert not hit(path)
    first = load_settings(path)
    assert hit(path)
    assert load_settings(path) == first
    kept = tmp_path / "data" / cache.NAME
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert os.listdir(tmp_path / "data") == [cache.NAME]  # noqa: PTH208


def test_the_cache_is_found_where_data_says(tmp_path):
    (tmp_path / "machine").mkdir()
    path = large(tmp_path, head="data: './machine'   \n")
    load_settings(path)
    assert (tmp_path / "machine" / cache.NAME).exists()
    assert hit(path)


def test_one_changed_byte_makes_the_cache_stale(tmp_path):
    path = large(tmp_path)
    load_settings(path)
    path.write_text(path.read_text().replace('Feed 7"', 'Feed X"'))
    assert not hit(path)
    assert load_settings(path).subscriptions[7].title == "Feed X"
    assert hit(path)


@pytest.mark.parametrize(
    "damage",
    [
        lambda kept: b"",
        lambda kept: b"\xff\x00" * 50,
        lambda kept: kept[:-10],
        lambda kept: kept.replace(b"Feed 7", b"Feed Z"),
        lambda kept: kept.partition(b"\n")[0] + b"\n" + b"[" * 100_000,
    ],
)
def test_a_damaged_cache_is_passed_over_and_written_anew(tmp_path, damage):
    path = large(tmp_path)
    first = load_settings(path)
    kept = tmp_path / "data" / cache.NAME
    kept.write_bytes(damage(kept.read_bytes()))
    assert not hit(path)
    assert load_settings(path) == first
    assert hit(path)


def test_the_folder_for_data_is_made_but_not_what_it_should_stand_in(tmp_path):
    path = large(tmp_path)
    (tmp_path / "data").rmdir()
    assert load_settings(path).subscriptions
    assert hit(path)
    (tmp_path / "elsewhere").mkdir()
    far = large(tmp_path / "elsewhere", head="data: ./there/data\n")
    assert load_settings(far).subscriptions
    assert not (far.parent / "there").exists()


def test_a_file_that_is_wrong_is_never_kept(tmp_path):
    path = large(tmp_path, head="feds: []\n")
    for _ in range(2):
        with pytest.raises(ConfigError, match="did you mean"):
            load_settings(path)
    assert not (tmp_path / "data" / cache.NAME).exists()


def test_every_kind_of_setting_comes_back_as_it_was(tmp_path):
    path = tmp_path / "feeds.yaml"
    path.write_text(
        "site: {title: T, base_url: https://b.example/, language: pt-BR, rights: CC BY,"
        " authors: [{name: A, uri: https://a.example/, email: a@a.example}, B]}\n"
        "output: ./out\nfetch: {allow_networks: [127.0.0.0/8, fd00::/8], allow_ports: [80, 8000],"
        " timeout: 5s, max_bytes: 1 MiB, connections: 3}\n"
        "poll: {interval: 30m}\nparse: {workers: 1, timeout: 3s, memory: 512 MiB}\n"
        "feeds:\n  - {url: https://x.example/, title: X, tags: [a, b], interval: 1h30m,"
        " identity: link, encoding: latin-1, private: true, paused: true}\n  - https://y.example/\n"
    )
    first = load_settings(path)
    assert hit(path)
    assert load_settings(path) == first


def test_a_copy_elsewhere_is_not_taken_for_the_original(tmp_path):
    path = large(tmp_path)
    load_settings(path)
    shutil.copytree(tmp_path, tmp_path / "copy")
    assert not hit(tmp_path / "copy" / "feeds.yaml")
    assert load_settings(tmp_path / "copy" / "feeds.yaml").data == tmp_path / "copy" / "data"


def test_two_thousand_feeds_load_quickly_and_from_the_cache_at_once(tmp_path):
    path = large(tmp_path, count=MANY)
    started = time.perf_counter()
    first = load_settings(path)
    parsed = time.perf_counter() - started
    cached = parsed
    for _ in range(3):  # the best of three: the garbage of the first may be collected in the next
        started = time.perf_counter()
        second = load_settings(path)
        cached = min(cached, time.perf_counter() - started)
        assert second == first
    assert len(first.subscriptions) == MANY
    assert parsed < 10  # 1.0 s where this was written, twice for an edit
    assert cached < 1  # 0.03 s there
    assert cached < parsed / 5


def test_a_long_list_can_be_edited(tmp_path):
    path = large(tmp_path, count=400)
    before = path.read_bytes()
    add_feed(path, Subscription(url="https://new.example/", title="N"))
    remove_feed(path, "https://new.example/")
    assert path.read_bytes() == before
