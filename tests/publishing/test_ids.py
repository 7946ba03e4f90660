"""Ids last for ever; names of paths are safe."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from aggregator.publishing.ids import is_path_name, mint_feed_id, mint_id, path_name

AT = datetime(2026, 3, 31, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("base_url", "slug", "expected"),
    [
        ("https://blog.example/", "a-post", "tag:blog.example,2026-03-31:a-post"),
        ("https://BLOG.Example:8443/x/", "a-post", "tag:blog.example,2026-03-31:a-post"),
        ("https://bücher.example/", "a", "tag:xn--bcher-kva.example,2026-03-31:a"),
        ("https://blog.example/", "größe", "tag:blog.example,2026-03-31:gr%C3%B6%C3%9Fe"),
        ("http://[::1]:8000/", "a", "tag:--1,2026-03-31:a"),
    ],
)
def test_an_id_is_a_tag_uri(base_url: str, slug: str, expected: str) -> None:
    assert mint_id(base_url, slug, AT) == expected


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        ("https://blog.example/", "tag:blog.example,2026-03-31:tags/%E6%9D%B1%E4%BA%AC/feed.atom"),
        ("https://b.example/a/", "tag:b.example,2026-03-31:a/tags/%E6%9D%B1%E4%BA%AC/feed.atom"),
    ],
)
def test_the_id_of_a_feed_tells_sites_of_one_host_apart(base_url: str, expected: str) -> None:
    assert mint_feed_id(base_url, "tags/東京/feed.atom", AT) == expected


def test_the_day_is_taken_in_utc() -> None:
    late = datetime(2026, 3, 31, 23, tzinfo=timezone(timedelta(hours=-5)))
    assert mint_id("https://blog.example/", "a", late) == "tag:blog.example,2026-04-01:a"


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("City Hall", "city-hall"),
        ("Größe", "grösse"),
        ("東京", "東京"),
        ("-x-", "x"),
    ],
)
def test_a_tag_becomes_one_safe_segment(tag: str, name: str) -> None:
    assert path_name(tag) == name
    assert is_path_name(name)


@pytest.mark.parametrize(
    "spellings",
    [
        ("New York", "new york", "new-york", "NEW  YORK", "new_york", "New–York", " new - york "),
        ("C++ lang", "c++-lang"),
        ("Ｔｏｋｙｏ", "tokyo"),
    ],
)
def test_spellings_of_one_tag_share_one_path(spellings: tuple[str, ...]) -> None:
    assert len({path_name(tag) for tag in spellings}) == 1


def test_a_tag_that_its_path_cannot_say_has_a_hash_in_it_from_the_beginning() -> None:
    tags = ["C++", "C", "C#", "../../etc", "etc", "🎉", "🎈", "x" * 80, "x" * 81, "x" * 60]
    names = [path_name(tag) for tag in tags]
    assert len(set(names)) == len(tags)
    assert (names[1], names[4]) == ("c", "etc")
    for name in (names[0], names[2]):
        assert re.fullmatch("c-[0-9a-f]{8}", name)
    assert all(map(is_path_name, names))


@pytest.mark.parametrize(
    "slug", ["", ".", "..", "a/b", "a\\b", ".htaccess", "a\x00b", " a", "x" * 300]
)
def test_slugs_that_are_no_file_names_are_told(slug: str) -> None:
    assert not is_path_name(slug)
