"""The callback as strangers see it: nothing for them, and nothing of theirs comes back."""

from __future__ import annotations

from typing import Any

import pytest

from aggregator.errors import StorageError
from aggregator.model.push import Hub, HubSubscription
from aggregator.services.callback import Callback
from aggregator.web.site import create_site

TOKEN = "t" * 43
TOPIC = "https://news.example/feed?a=1&b=2"
HOSTILE = '<script>alert(1)</script>"\r\nSet-Cookie: a=b'


class Hubs:
    """One subscription that waits to be verified."""

    def __init__(self) -> None:
        self.verifications: list[str] = []
        self.broken = False

    def subscription(self, token: str) -> HubSubscription | None:
        if self.broken:
            raise StorageError("the disk is full")
        if token != TOKEN:
            return None
        from aggregator.services.clock import utc_now

        return HubSubscription(
            feed=1,
            feed_url="https://news.example/feed",
            hub=Hub(url="https://hub.example/", topic=TOPIC),
            callback="https://blog.example/deep/websub/",
            token=TOKEN,
            secret="s",
            asked_at=utc_now(),
        )

    def verified(self, token: str, *times: Any) -> None:
        self.verifications.append(token)

    def refused(self, *of: Any) -> None: ...


@pytest.fixture
def hubs() -> Hubs:
    return Hubs()


@pytest.fixture
def client(hubs: Hubs) -> Any:
    return create_site(Callback(hubs, None)).test_client()  # type: ignore[arg-type]


PATH = f"/deep/websub/{TOKEN}"


def query(**more: str) -> dict[str, str]:
    asked = {"mode": "subscribe", "topic": TOPIC, "challenge": "abc", "lease_seconds": "600"}
    return {f"hub.{name}": value for name, value in {**asked, **more}.items()}


def test_a_challenge_comes_back_as_plain_text_and_nothing_else(client: Any) -> None:
    answer = client.get(PATH, query_string=query(challenge=HOSTILE))
    assert answer.status_code == 200
    assert answer.data.decode() == HOSTILE
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "asked",
    [
        {},
        query(mode="unsubscribe"),
        query(mode="publish"),
        query(mode=HOSTILE),
        query(topic=TOPIC + "&c=3"),
        query(topic=""),
        query(topic=HOSTILE),
        query(challenge=""),
        query(challenge="x" * 5000),
        {"hub.mode": "subscribe", "hub.topic": TOPIC},
    ],
)
def test_what_was_not_asked_for_is_not_found(
    client: Any, hubs: Hubs, asked: dict[str, str]
) -> None:
    answer = client.get(PATH, query_string=asked)
    assert (answer.status_code, answer.data) == (404, b"Not Found\n")
    assert hubs.verifications == []


@pytest.mark.parametrize(
    "path",
    [
        "/",
        f"/{TOKEN}",
        f"/websub/{TOKEN}",
        f"/deep/websub//{TOKEN}",
        f"//deep/websub/{TOKEN}",
        f"/deep/websub/{TOKEN}/",
        f"/deep/websub/{TOKEN}x",
        f"/deep/websub/../websub/{TOKEN}",
        f"/deep/websub/{'x' * 43}",
        "/deep/websub/" + "%00" * 30,
        "/deep/websub/<script>",
    ],
)
def test_other_paths_are_not_found_and_redirect_nowhere(client: Any, hubs: Hubs, path: str) -> None:
    for method in ("get", "post"):
        answer = getattr(client, method)(path, query_string=query())
        assert (answer.status_code, answer.data) == (404, b"Not Found\n")
        assert "Location" not in answer.headers
    assert hubs.verifications == []


@pytest.mark.parametrize("method", ["head", "put", "delete", "options", "patch"])
def test_other_methods_change_nothing(client: Any, hubs: Hubs, method: str) -> None:
    answer = getattr(client, method)(PATH, query_string=query())
    assert answer.status_code == 405
    assert hubs.verifications == []


@pytest.mark.parametrize(
    "header", ["Host", "X-Forwarded-Host", "X-Forwarded-Prefix", "X-Forwarded-For", "Forwarded"]
)
def test_where_a_request_goes_is_told_by_its_path_alone(
    client: Any, hubs: Hubs, header: str
) -> None:
    answer = client.get(PATH, query_string=query(), headers={header: "evil.example"})
    assert answer.status_code == 200
    assert not any("evil.example" in value for value in answer.headers.values())
    assert client.get(f"/{TOKEN}", headers={"X-Forwarded-Prefix": "/deep/websub"}).status_code == (
        404
    )


def test_a_database_in_trouble_has_the_hub_try_again(client: Any, hubs: Hubs, caplog: Any) -> None:
    hubs.broken = True
    assert client.get(PATH, query_string=query()).status_code == 503
    assert client.post(PATH, data=b"x").status_code == 503
    assert "the disk is full" in caplog.text


def test_a_bug_is_told_without_what_a_stranger_wrote(hubs: Hubs, caplog: Any) -> None:
    hubs.subscription = lambda token: 1 / 0  # type: ignore[method-assign,assignment]
    client = create_site(Callback(hubs, None)).test_client()  # type: ignore[arg-type]
    answer = client.get(f"/x%1bforged/{TOKEN}", query_string=query())
    assert (answer.status_code, answer.data) == (500, b"Internal Server Error\n")
    assert "ZeroDivisionError" in caplog.text
    assert "forged" not in caplog.text


def test_metrics_are_given_at_their_path_alone(hubs: Hubs, client: Any) -> None:
    site = create_site(Callback(hubs, None), lambda: b"aggregator_feeds 1\n")  # type: ignore[arg-type]
    answer = site.test_client().get("/metrics")
    assert (answer.status_code, answer.data) == (200, b"aggregator_feeds 1\n")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert site.test_client().post("/metrics").status_code in {404, 405}
    assert site.test_client().get("/metrics/").status_code == 404
    assert client.get("/metrics").status_code == 404
