"""Ids last for ever; names of paths are safe."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from aggregator.publishing.ids import is_path_name, mint_feed_id, mint_id, path_name, path_names

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
        ("C++ / C#", "c-c"),
        ("../../etc", "etc"),
        ("Größe", "grösse"),
        ("東京", "東京"),
    ],
)
def test_a_tag_becomes_one_safe_segment(tag: str, name: str) -> None:
    assert path_name(tag) == name
    assert is_path_name(name)


def test_tags_without_letters_are_told_apart() -> None:
    assert path_name("🎉").startswith("tag-")
    assert path_name("🎉") != path_name("🎈")


def test_tags_share_a_path_only_when_case_and_white_space_tell_them_apart() -> None:
    tags = ["C++", "C", "c", "C#", "City Hall", "city  hall"]
    names = path_names(tags)
    assert names == path_names(reversed(tags))
    assert names["C"] == names["c"] == "c"
    assert names["City Hall"] == names["city  hall"] == "city-hall"
    assert len({names["C++"], names["C#"], "c"}) == 3
    for tag in ("C++", "C#"):
        assert re.fullmatch("c-[0-9a-f]{8}", names[tag])
    assert path_names(["C++"]) == {"C++": names["C++"]}
    long = path_names(["x" * 80, "x" * 81])
    assert len(set(long.values())) == 2
    assert all(map(is_path_name, long.values()))


@pytest.mark.parametrize(
    "slug", ["", ".", "..", "a/b", "a\\b", ".htaccess", "a\x00b", " a", "x" * 300]
)
def test_slugs_that_are_no_file_names_are_told(slug: str) -> None:
    assert not is_path_name(slug)
