"""Filters: tried before they are made, and then at work on what comes in."""

from __future__ import annotations

import pytest
from desk.asking import send
from desk.receiving import feed, follow, item, receive
from flask.testing import FlaskClient

from aggregator.model.feed import EntryStatus
from aggregator.storage.sql import SqlStorage

FIELDS = {"field": "any", "action": "mute"}


@pytest.fixture(autouse=True)
def followed(storage: SqlStorage) -> None:
    follow(storage, feed("Courier"), feed("Gazette"))


def test_a_filter_says_what_it_would_have_caught_and_does_nothing_yet(
    ada: FlaskClient, storage: SqlStorage
) -> None:
    one, _ = receive(storage, "Courier", item("Transfer rumours"), item("Budget"))
    page = send(ada, "/desk/filters/try", pattern="transfer", **FIELDS).text
    assert "It would have caught 1 of the newest 2" in page
    assert f'href="/desk/entries/{one}"' in page
    assert storage.entry(one).status is EntryStatus.INBOX
    assert storage.filters.filters() == []


def test_a_filter_is_for_what_comes_in_from_now_on(ada: FlaskClient, storage: SqlStorage) -> None:
    (old,) = receive(storage, "Courier", item("Transfer rumours"))
    assert send(ada, "/desk/filters", pattern="transfer", **FIELDS).status_code == 303
    mute, keep = receive(storage, "Gazette", item("A TRANSFER"), item("Transferred"))
    ada.get("/desk/inbox")
    assert storage.entry(mute).status is EntryStatus.DISMISSED
    assert storage.entry(keep).status is EntryStatus.INBOX  # whole words only
    assert storage.entry(old).status is EntryStatus.INBOX


def test_a_filter_does_it_to_the_old_ones_too_when_asked_and_that_is_taken_back(
    ada: FlaskClient, storage: SqlStorage
) -> None:
    (old,) = receive(storage, "Courier", item("Transfer rumours"))
    send(ada, "/desk/filters", pattern="transfer", apply="1", **FIELDS)
    assert storage.entry(old).status is EntryStatus.DISMISSED
    send(ada, "/desk/inbox/undo")
    assert storage.entry(old).status is EntryStatus.INBOX


def test_filters_star_and_tag_by_field_and_feed(ada: FlaskClient, storage: SqlStorage) -> None:
    receive(storage, "Courier", item("old"))
    receive(storage, "Gazette", item("old"))
    gazette = next(one for one in storage.inbox.beside().feeds if one.title == "Gazette")
    send(ada, "/desk/filters", pattern="reyes", field="author", action="star")
    send(
        ada,
        "/desk/filters",
        pattern="audit|*dge*",
        field="text",
        action="tag",
        tag="money",
        feed=f"{gazette.number}",
    )
    starred, _ = receive(
        storage, "Courier", item("One", author="Ana Reyes"), item("Reyes", content="<p>budget</p>")
    )
    (tagged,) = receive(storage, "Gazette", item("Two", content="<p>The <b>Budget</b></p>"))
    page = ada.get("/desk/inbox?tag=money").text
    assert f'id="e{tagged}"' in page
    assert page.count('<li id="e') == 1
    assert f'id="e{starred}"' in ada.get("/desk/inbox?among=starred").text
    assert f'id="e{tagged}"' in ada.get("/desk/inbox?q=tag:money").text


def test_a_stopped_filter_catches_nothing_until_it_is_started(
    ada: FlaskClient, storage: SqlStorage
) -> None:
    send(ada, "/desk/filters", pattern="transfer", **FIELDS)
    number = storage.filters.filters()[0].number
    send(ada, f"/desk/filters/{number}/pause")
    (one,) = receive(storage, "Courier", item("Transfer one"))
    ada.get("/desk/inbox")
    send(ada, f"/desk/filters/{number}/resume")
    (two,) = receive(storage, "Courier", item("Transfer two"))
    ada.get("/desk/inbox")
    assert storage.entry(one).status is EntryStatus.INBOX
    assert storage.entry(two).status is EntryStatus.DISMISSED
    send(ada, f"/desk/filters/{number}/remove")
    assert storage.filters.filters() == []
    assert send(ada, f"/desk/filters/{number}/remove").status_code == 404


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("", "needs a word"),
        ("budget |", "each side"),
        ("***", "needs a word"),
        ("bud*et", "not inside: bud*et"),
        ("x" * 201, "200 characters"),
    ],
)
def test_a_pattern_that_will_not_do_is_explained(ada: FlaskClient, pattern: str, told: str) -> None:
    answer = send(ada, "/desk/filters/try", pattern=pattern, **FIELDS)
    assert answer.status_code == 422
    assert told in answer.text
    assert send(ada, "/desk/filters", pattern=pattern, **FIELDS).status_code == 422


def test_a_filter_that_tags_needs_a_tag(ada: FlaskClient) -> None:
    answer = send(ada, "/desk/filters", pattern="x", field="any", action="tag")
    assert answer.status_code == 422
    assert "Which tag" in answer.text
