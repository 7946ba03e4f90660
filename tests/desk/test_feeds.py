"""Feeds at the desk: how they fare, and decisions that stand in feeds.yaml afterwards."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from desk.asking import send
from desk.receiving import NOON, fail, item, receive
from flask.testing import FlaskClient

from aggregator.config.load import load_settings
from aggregator.storage.sql import SqlStorage

FEEDS = """\
feeds:
  # the paper
  - {url: "https://courier.example/feed", title: Courier, tags: [city]}  # every day
  - {url: "https://gazette.example/feed", title: Gazette}
"""


@pytest.fixture(autouse=True)
def config(tmp_path: Path, storage: SqlStorage) -> Path:
    path = tmp_path / "feeds.yaml"
    path.write_text(FEEDS)
    storage.mirror_subscriptions(load_settings(path).subscriptions)
    return path


def number_of(storage: SqlStorage, title: str) -> int:
    return next(one.number for one in storage.feeds() if one.subscription.title == title)


def test_feeds_in_trouble_stand_first_with_their_reason(
    ada: FlaskClient, storage: SqlStorage
) -> None:
    receive(storage, "Courier", item("One"))
    fail(storage, "Gazette", "no answer within 30 s", since=NOON - timedelta(days=2))
    page = ada.get("/desk/feeds").text
    assert page.index("Gazette") < page.index("Courier")
    assert "no answer within 30 s" in page
    one = ada.get(f"/desk/feeds/{number_of(storage, 'Gazette')}").text
    assert "No answer within 30 s" in one
    assert "29 Mar 2026" in one
    assert '<rect class="failed"' in one


def test_a_paused_feed_is_paused_in_the_file_and_comments_stay(
    ada: FlaskClient, storage: SqlStorage, config: Path
) -> None:
    number = number_of(storage, "Courier")
    send(ada, f"/desk/feeds/{number}/pause")
    assert "tags: [city], paused: true}  # every day\n" in config.read_text()
    assert "not at all: you paused it" in ada.get(f"/desk/feeds/{number}").text
    send(ada, f"/desk/feeds/{number}/resume")
    assert load_settings(config).subscriptions[0].paused is False
    assert "# the paper" in config.read_text()


def test_name_tags_and_interval_are_the_authors(
    ada: FlaskClient, storage: SqlStorage, config: Path
) -> None:
    number = number_of(storage, "Gazette")
    address = f"/desk/feeds/{number}"
    send(ada, address, title="The Gazette", tags="harbour,  far  away, harbour", interval="90m")
    changed = load_settings(config).subscriptions[1]
    assert changed.title == "The Gazette"
    assert changed.tags == ("harbour", "far away")
    assert changed.interval == timedelta(minutes=90)
    page = ada.get(address).text
    assert 'value="harbour, far away"' in page
    assert 'value="1h30m"' in page
    send(ada, address, title="", tags="", interval="")
    assert load_settings(config).subscriptions[1].interval is None


def test_what_cannot_be_decided_is_told_and_what_was_typed_stays(
    ada: FlaskClient, storage: SqlStorage, config: Path
) -> None:
    address = f"/desk/feeds/{number_of(storage, 'Gazette')}"
    answer = send(ada, address, title="New name", tags="a", interval="often")
    assert answer.status_code == 422
    assert "expected a duration such as 30m" in answer.text
    assert 'value="New name"' in answer.text
    assert config.read_text() == FEEDS


def test_a_feed_that_was_let_go_of_is_followed_again_as_it_was(
    ada: FlaskClient, storage: SqlStorage, config: Path
) -> None:
    (entry,) = receive(storage, "Courier", item("One"))
    number = number_of(storage, "Courier")
    answer = send(ada, f"/desk/feeds/{number}/unfollow")
    page = ada.get(answer.location).text
    assert "is not followed any more; its entries stay" in page
    assert len(load_settings(config).subscriptions) == 1
    assert ada.get(f"/desk/entries/{entry}").status_code == 200
    assert ada.get(f"/desk/feeds/{number}").status_code == 404
    send(ada, f"/desk/feeds/{number}/follow")
    assert load_settings(config).subscriptions[1].tags == ("city",)
    assert ada.get(f"/desk/feeds/{number}").status_code == 200


def test_a_feed_that_moves_stays_the_same_feed(
    ada: FlaskClient, storage: SqlStorage, config: Path
) -> None:
    number = number_of(storage, "Courier")
    send(ada, f"/desk/feeds/{number}/move", to="https://courier.example/new")
    assert "https://courier.example/new" in ada.get(f"/desk/feeds/{number}").text
    answer = send(ada, f"/desk/feeds/{number}/move", to="ftp://courier.example/")
    assert answer.status_code == 422
    assert load_settings(config).subscriptions[0].url == "https://courier.example/new"


def test_a_file_that_cannot_be_edited_is_told_with_the_way_out(
    ada: FlaskClient, storage: SqlStorage, config: Path
) -> None:
    config.write_text(FEEDS + "  - nonsense: [\n")
    answer = send(ada, f"/desk/feeds/{number_of(storage, 'Courier')}/pause")
    assert answer.status_code == 422
    assert "feeds.yaml:" in answer.text
