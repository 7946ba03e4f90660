"""The Link field as publishers write it (RFC 8288)."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.reading.links import links_by_rel

PAGE = "https://news.example/feed"
HUB, SELF = "https://hub.example/", "https://news.example/atom"


@pytest.mark.parametrize(
    "field",
    [
        f'<{HUB}>; rel="hub", <{SELF}>; rel="self"',
        f"<{HUB}>;rel=hub,<{SELF}>;rel=self",
        f'<{HUB}>; rel="hub" , , <{SELF}> ; title="a, <b>; c" ; REL = "Self"',
        f'<{HUB}>; rel="hub"; rel="self", <{SELF}>; rel="self"',  # the first rel counts
        f'<{HUB}>; title="say \\"hi\\", <x>"; rel=hub, <{SELF}>; crossorigin; rel=self;',
        f'nonsense, <{HUB}>; rel="hub", </atom>; rel="self"',
        f'<{HUB}>; rel="hub", <{SELF}>; rel="self", <https://x.example/>; rel="un',
        f'<{HUB}>; rel="hub", <{SELF}>; rel="self"; anchor="{PAGE}"',
        f"<{HUB}>; rel=\"hub\", <{SELF}>; rel*=UTF-8''next; rel=self",
    ],
)
def test_hub_and_self_are_found_however_they_are_written(field: str) -> None:
    found = links_by_rel(field, PAGE)
    assert found["hub"] == [HUB]
    assert found["self"][0] == SELF


def test_one_link_may_have_several_relations_and_one_relation_several_links() -> None:
    found = links_by_rel('<https://a/>; rel="hub  SELF", <https://b/>; rel=hub', PAGE)
    assert found == {"hub": ["https://a/", "https://b/"], "self": ["https://a/"]}


def test_an_empty_reference_is_the_page_itself() -> None:
    assert links_by_rel("<>; rel=self", PAGE) == {"self": [PAGE]}


@pytest.mark.parametrize(
    "field",
    [
        "",
        ";;;",
        "<https://a/",
        "https://a/; rel=hub",
        "<https://a/>",
        "<javascript:alert(1)>; rel=hub",
        "<https://a/>; rel=hub; anchor='/other'",
        '<https://a/>; rel=hub; anchor="https://elsewhere.example/"',
    ],
)
def test_what_links_to_nothing_from_here_is_left_out(field: str) -> None:
    assert "hub" not in links_by_rel(field, PAGE)


@given(st.text(alphabet='<>;,="\\ \tarelhubself/:', max_size=300))
def test_no_field_confuses_it(field: str) -> None:
    for hrefs in links_by_rel(field, PAGE).values():
        assert all(href.startswith(("http://", "https://")) for href in hrefs)


@pytest.mark.parametrize("piece", ["<", '<>;a="', "<>;", ' ; a="\\', ",<", '"'])
def test_no_field_takes_long(piece: str) -> None:
    begun = time.process_time()
    links_by_rel(piece * 60_000, PAGE)
    assert time.process_time() - begun < 0.5
