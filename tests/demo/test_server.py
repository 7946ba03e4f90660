"""What is answered depends on the request's validators and on nothing else."""

from __future__ import annotations

import pytest

from aggregator.demo.server import SOURCES, Source, serve

changing = [source for source in SOURCES if source.states == 2]
steady = [source for source in SOURCES if source.states == 1 and source.validators]


@pytest.mark.parametrize("source", changing, ids=lambda source: source.name)
def test_three_polls_see_the_first_state_then_the_second_then_nothing_new(source: Source):
    first = serve(source.url, {})
    assert (first.status, first.body) == (200, source.document(1))

    second = serve(source.url, {"If-None-Match": first.headers["etag"]})
    assert (second.status, second.body) == (200, source.document(2))
    assert second.headers["etag"] != first.headers["etag"]

    third = serve(source.url, {"if-none-match": second.headers["etag"]})
    assert (third.status, third.body) == (304, b"")
    assert third.headers["etag"] == second.headers["etag"]


@pytest.mark.parametrize("source", steady, ids=lambda source: source.name)
def test_a_source_that_does_not_change_says_so_at_the_second_poll(source: Source):
    first = serve(source.url, {})
    assert serve(source.url, {"If-None-Match": first.headers["etag"]}).status == 304


def test_one_source_has_no_validators_and_repeats_itself():
    (source,) = (source for source in SOURCES if not source.validators)
    first = serve(source.url, {})
    again = serve(source.url, {"If-None-Match": '"anything"'})
    assert "etag" not in first.headers
    assert "last-modified" not in first.headers
    assert (first.status, again.status) == (200, 200)
    assert first.body == again.body


def test_the_server_has_no_memory():
    source = changing[0]
    for _ in range(3):
        assert serve(source.url, {}).body == source.document(1)


@pytest.mark.parametrize(
    ("validator", "status", "state"),
    [
        ('W/"courier-1"', 200, 2),
        ('"courier-1", "courier-2"', 304, None),
        ('"other", W/"courier-2"', 304, None),
        ('"harbourradio-2"', 200, 1),  # another source's
        ("courier-2", 200, 1),  # not a tag: the quotes belong to it
        ("", 200, 1),
        ("*", 304, None),
    ],
)
def test_validators_are_compared_as_the_standard_asks(
    validator: str, status: int, state: int | None
):
    source = changing[0]
    answer = serve(source.url, {"If-None-Match": validator})
    assert answer.status == status
    assert answer.body == (source.document(state) if state else b"")


def test_the_content_type_names_the_format():
    types = {source.name: serve(source.url, {}).headers["content-type"] for source in SOURCES}
    assert types["courier"] == "application/rss+xml; charset=utf-8"
    assert types["harbourradio"] == "application/atom+xml; charset=utf-8"
    assert types["tidewire"] == "application/feed+json; charset=utf-8"
