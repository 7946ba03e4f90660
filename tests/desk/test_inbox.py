"""The inbox in a browser without scripts: forms all the way down."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from desk.asking import secret_of, send
from desk.receiving import NOON, fail, feed, follow, item, receive
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from aggregator.errors import StorageError
from aggregator.model.feed import EntryStatus
from aggregator.model.inbox import Among, View
from aggregator.services.inbox import Inbox
from aggregator.services.intake import Intake
from aggregator.services.query import parse_query
from aggregator.storage.sql import SqlStorage

SCRIPT = {"X-Desk-Script": "1"}


@pytest.fixture(autouse=True)
def followed(storage: SqlStorage) -> None:
    follow(storage, feed("Courier", "city"), feed("Gazette", "harbour"))


def titles(answer: TestResponse) -> list[str]:
    assert answer.status_code == 200, answer.text
    return re.findall(r'class="words" dir="auto"><b>([^<]*)</b>', answer.text)


def test_the_inbox_shows_what_is_unread_and_who_says_it(
    ada: FlaskClient, storage: SqlStorage
) -> None:
    receive(storage, "Courier", item("Vote & budget", summary="<p>The council <b>waits</b>.</p>"))
    page = ada.get("/desk/inbox")
    assert titles(page) == ["Vote &amp; budget"]
    assert "<bdi>Courier</bdi>" in page.text
    assert "The council waits." in page.text


def test_an_empty_inbox_says_why(ada: FlaskClient, storage: SqlStorage) -> None:
    assert "All read." in ada.get("/desk/inbox").text
    assert "Nothing is starred." in ada.get("/desk/inbox?among=starred").text
    assert "Nothing that was received" in ada.get("/desk/inbox?q=council").text
    follow(storage)
    assert "No feed is followed yet." in ada.get("/desk/inbox").text


def test_pages_lead_on_until_all_was_seen(ada: FlaskClient, storage: SqlStorage) -> None:
    receive(storage, "Courier", *(item(f"no {n}", ago=n) for n in range(120)))
    seen: list[str] = []
    address = "/desk/inbox"
    while address:
        page = ada.get(address)
        seen += titles(page)
        more = re.search(r'class="next"><a href="([^"]+)"', page.text)
        address = more[1].replace("&amp;", "&") if more else ""
    assert seen == [f"no {n}" for n in range(120)]


def test_a_script_gets_the_rest_of_a_list_and_no_page_around_it(
    ada: FlaskClient, storage: SqlStorage
) -> None:
    receive(storage, "Courier", item("One"))
    answer = ada.get("/desk/inbox", headers=SCRIPT)
    assert answer.text.lstrip().startswith("<li")


def test_buttons_dismiss_star_and_take_back(ada: FlaskClient, storage: SqlStorage) -> None:
    one, two = receive(storage, "Courier", item("One", ago=1), item("Two", ago=2))
    back = "/desk/inbox?tag=city"
    answer = send(ada, "/desk/inbox/mark", do=f"dismiss {one}", back=back)
    assert (answer.status_code, answer.location) == (303, back)
    assert storage.entry(one).status is EntryStatus.DISMISSED
    send(ada, "/desk/inbox/mark", do=f"star {two}")
    assert titles(ada.get("/desk/inbox?among=starred")) == ["Two"]
    assert "“Two”: starred" in ada.get("/desk/inbox").text
    send(ada, "/desk/inbox/undo")
    assert not storage.entry(two).starred
    send(ada, "/desk/inbox/undo")
    assert storage.entry(one).status is EntryStatus.INBOX


def test_a_script_is_told_what_was_done_and_how_the_entry_looks_now(
    ada: FlaskClient, storage: SqlStorage
) -> None:
    (one,) = receive(storage, "Courier", item("One"))
    data = {"csrf": secret_of(ada), "do": f"star {one}"}
    told = ada.post("/desk/inbox/mark", data=data, headers=SCRIPT).json
    assert told
    assert told["done"]["told"] == "“One”: starred"
    assert "★" in told["rows"][str(one)]
    again = ada.post("/desk/inbox/mark", data=data, headers=SCRIPT).json
    assert again
    assert again["done"] is None


def test_all_read_leaves_what_came_in_meanwhile(ada: FlaskClient, storage: SqlStorage) -> None:
    receive(storage, "Courier", item("One"), item("Two"))
    newest = re.search(r'name="newest" value="(\d+)"', ada.get("/desk/inbox").text)
    assert newest
    receive(storage, "Courier", item("Late"))
    send(ada, "/desk/inbox/read", newest=newest[1])
    assert titles(ada.get("/desk/inbox")) == ["Late"]
    send(ada, "/desk/inbox/undo")
    assert len(titles(ada.get("/desk/inbox"))) == 3


def test_all_read_of_a_search_leaves_everything_else(ada: FlaskClient, storage: SqlStorage) -> None:
    receive(storage, "Courier", item("Budget one", ago=1), item("Else", ago=2))
    send(ada, "/desk/inbox/read", newest="99", q="budget")
    assert titles(ada.get("/desk/inbox")) == ["Else"]


def test_a_bad_search_is_explained_and_marks_nothing(ada: FlaskClient, storage: SqlStorage) -> None:
    receive(storage, "Courier", item("One"))
    answer = ada.get("/desk/inbox?q=is:foo")
    assert answer.status_code == 422
    assert "is:foo is not known; there are is:starred" in answer.text
    assert 'value="is:foo"' in answer.text
    assert send(ada, "/desk/inbox/read", newest="99", q="is:foo").status_code == 422
    assert titles(ada.get("/desk/inbox")) == ["One"]


@pytest.mark.parametrize(
    "odd",
    [
        "among=nothing",
        "feed=99999999999999999999999&from=x",
        "feed=-1&story=",
        "from=99999999999999999-1",
        "from=-62135596800000000-9007199254740992",
        "tag=%00&q=%00",
        "q=%F0%9F%8F%A0+%22+*+NEAR(a,b)",
        "q=title:%22%22%22a",
    ],
)
def test_no_address_however_odd_is_a_fault_of_ours(ada: FlaskClient, odd: str) -> None:
    assert ada.get(f"/desk/inbox?{odd}").status_code in (200, 422)


@pytest.mark.parametrize("order", ["", "star", "eat 1", "star x", "star 99", "star " + "9" * 30])
def test_orders_that_cannot_be_followed_are_refused(ada: FlaskClient, order: str) -> None:
    assert send(ada, "/desk/inbox/mark", do=order).status_code in (404, 422)


def test_nobody_elses_page_can_be_returned_to(ada: FlaskClient, storage: SqlStorage) -> None:
    (one,) = receive(storage, "Courier", item("One"))
    answer = send(ada, "/desk/inbox/mark", do=f"star {one}", back="//evil.example/")
    assert answer.location == "/desk/inbox"


def test_whatever_sources_write_is_text_in_a_list(ada: FlaskClient, storage: SqlStorage) -> None:
    bad = "<script>alert(1)</script>"
    receive(storage, "Courier", item(bad, author=bad, summary="<p>x</p><p title='\"<b"))
    page = ada.get("/desk/inbox").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_trouble_names_feeds_that_fail_with_their_reason(
    ada: FlaskClient, storage: SqlStorage
) -> None:
    assert "Every feed answers." in ada.get("/desk/trouble").text
    fail(storage, "Gazette", "no answer within 30 s", since=NOON - timedelta(days=2))
    page = ada.get("/desk/trouble").text
    assert "Gazette" in page
    assert "no answer within 30 s" in page
    assert "29 Mar 2026" in page


class FullDisk(Intake):
    def filter_news(self) -> None:
        raise StorageError("the disk is full")


def test_a_disk_that_takes_nothing_keeps_nobody_from_reading(storage: SqlStorage) -> None:
    follow(storage, feed("Courier"))
    receive(storage, "Courier", item("One"))
    inbox = Inbox(storage.inbox, FullDisk(storage.words, storage.filters))
    assert [line.title for line in inbox.page(View()).lines] == ["One"]
    searched = inbox.page(View(among=Among.ALL, query=parse_query("one")))
    assert (searched.lines, searched.unsearched) == ((), 1)
