"""Following at the desk: an address is looked at, chosen and written into feeds.yaml."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from desk.asking import secret_of, send
from flask.testing import FlaskClient

from aggregator.config.load import load_settings
from aggregator.storage.sql import SqlStorage
from servers import Request, response, serving

DEMO = "demo://courier.example/rss.xml"
LIST = b"""<opml version="2.0"><body><outline text="City">
<outline type="rss" text="A" xmlUrl="https://a.example/rss"/>
<outline type="rss" text="B" xmlUrl="https://b.example/rss"/>
<outline type="rss" text="odd" xmlUrl="mailto:a@b.example"/>
</outline></body></opml>"""


@pytest.fixture(autouse=True)
def config(tmp_path: Path, storage: SqlStorage) -> Path:
    path = tmp_path / "feeds.yaml"
    path.write_text("# mine\nfeeds:\n  - https://a.example/rss  # first\n")
    storage.mirror_subscriptions(load_settings(path).subscriptions)
    return path


def test_a_feed_is_shown_before_it_is_followed(
    ada: FlaskClient, storage: SqlStorage, config: Path
) -> None:
    page = send(ada, "/desk/follow/look", url=DEMO).text
    assert "There is one feed" in page
    assert "The Courier" in page
    assert f'name="feed" value="{DEMO}"' in page
    assert len(load_settings(config).subscriptions) == 1
    answer = send(ada, "/desk/follow", feed=DEMO, tags="city, the  paper")
    assert "It is followed, and asked within the minute." in ada.get(answer.location).text
    followed = load_settings(config).subscriptions[1]
    assert (followed.url, followed.tags) == (DEMO, ("city", "the paper"))
    assert "# mine" in config.read_text()
    assert "It is followed already." in send(ada, "/desk/follow/look", url=DEMO).text
    assert send(ada, "/desk/follow", feed=DEMO).status_code == 422


def test_the_feeds_of_a_page_are_offered(ada: FlaskClient) -> None:
    html = b"""<link rel="alternate" type="application/rss+xml" title="News" href="/news.rss">
        <link rel="alternate" type="application/atom+xml" title="Notes" href="/notes.atom">"""

    def answer(request: Request) -> bytes:
        return response(200, html, content_type="text/html")

    with serving(answer) as server:
        page = send(ada, "/desk/follow/look", url=server.url("/")).text
    assert "There are 2 feeds" in page
    assert f'value="{server.url("/news.rss")}"' in page
    assert f'value="{server.url("/notes.atom")}"' in page


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("", "is no address of a feed"),
        ("ftp://a.example/", "is no address of a feed"),
        ("http://127.0.0.1:1/", "http://127.0.0.1:1/"),
        ("http://192.168.0.1/", "192.168.0.1"),
    ],
)
def test_what_cannot_be_looked_at_is_explained(ada: FlaskClient, url: str, told: str) -> None:
    answer = send(ada, "/desk/follow/look", url=url)
    assert answer.status_code == 422
    assert told in answer.text


def test_an_address_can_be_brought_along_and_asks_nobody(ada: FlaskClient) -> None:
    assert 'value="https://b.example/"' in ada.get("/desk/follow?url=https://b.example/").text


def test_a_list_of_another_reader_is_taken_over(
    ada: FlaskClient, storage: SqlStorage, config: Path
) -> None:
    data = {"csrf": secret_of(ada), "list": (io.BytesIO(LIST), "list.opml")}
    page = ada.post("/desk/follow/list", data=data, content_type="multipart/form-data").text
    assert "1 feed is followed now; 1 were already" in page
    assert "1 left out" in page
    assert [feed.subscription.tags for feed in storage.feeds()] == [(), ("City",)]
    data = {"csrf": secret_of(ada), "list": (io.BytesIO(b"no list"), "list.opml")}
    answer = ada.post("/desk/follow/list", data=data, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert load_settings(config).subscriptions[1].url == "https://b.example/rss"
