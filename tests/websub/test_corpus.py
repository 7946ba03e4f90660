"""The cases of the corpus, each by its number, with a hub that is a function on loopback."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from aggregator.model.poll import PollOutcome, PollStatus
from servers import Request, Server, response, serving

DAY = timedelta(days=1)


class Net:
    """A publisher and a hub at one address; what the hub was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes] = {}
        self.asked: list[dict[str, str]] = []
        self.server: Server | None = None

    def __call__(self, request: Request) -> bytes:
        if request.method == "POST":
            form = parse_qs(request.raw.partition(b"\r\n\r\n")[2].decode())
            self.asked.append({name: value[0] for name, value in form.items()})
            self.asked[-1]["at"] = request.target
            return response(202)
        return self.answers.get(request.target, response(404))

    def url(self, path: str) -> str:
        assert self.server is not None
        return self.server.url(path)


@pytest.fixture
def net() -> Iterator[Net]:
    made = Net()
    with serving(made) as server:
        made.server = server
        yield made


def test_every_case_of_the_corpus_has_its_test(corpus: Path) -> None:
    told = json.loads((corpus / "protocol" / "websub-subscriber.json").read_text())
    for case in told["cases"]:
        assert any(name.startswith(f"test_{case['n']}_") for name in globals()), case


ITEM = "<item><title>a</title><guid isPermaLink='false'>a</guid></item>"


def rss(links: str = "", items: str = ITEM) -> bytes:
    return (
        "<rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom'><channel><title>T</title>"
        f"<link>https://news.example/</link><description>d</description>{links}{items}"
        "</channel></rss>"
    ).encode()


def atom(links: str) -> bytes:
    return (
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title><id>tag:t</id>"
        f"<updated>2026-03-31T10:00:00Z</updated>{links}"
        "<entry><id>tag:a</id><title>a</title><updated>2026-03-31T10:00:00Z</updated></entry>"
        "</feed>"
    ).encode()


def subscribed(house: Any, net: Net) -> dict[str, str]:
    """Poll and see to hubs; return the one request that a hub got."""
    house.poll()
    [report] = house.tend()
    assert report.error is None
    [asked] = net.asked
    assert asked["hub.mode"] == "subscribe"
    return asked


def test_100_hub_and_self_only_in_http_link_headers(house: Any, net: Net) -> None:
    topic = net.url("/100")
    link = f'<{net.url("/hub")}>; rel="hub", <{topic}>; rel="self"'
    net.answers["/100"] = response(200, rss(), link=link)
    house.follow(topic)
    asked = subscribed(house, net)
    assert (asked["at"], asked["hub.topic"]) == ("/hub", topic)


def test_102_atom_feed_with_hub_and_self_in_the_feed(house: Any, net: Net) -> None:
    topic = net.url("/102")
    links = f"<link rel='hub' href='{net.url('/hub')}'/><link rel='self' href='{topic}'/>"
    net.answers["/102"] = response(200, atom(links))
    house.follow(topic)
    asked = subscribed(house, net)
    assert (asked["at"], asked["hub.topic"]) == ("/hub", topic)


def test_103_rss_feed_with_hub_and_self_in_the_feed(house: Any, net: Net) -> None:
    topic = net.url("/103")
    links = f"<atom:link rel='hub' href='{net.url('/hub')}'/>"
    links += f"<atom:link rel='self' href='{topic}'/>"
    net.answers["/103"] = response(200, rss(links))
    house.follow(topic)
    asked = subscribed(house, net)
    assert (asked["at"], asked["hub.topic"]) == ("/hub", topic)


def test_200_the_topic_is_rel_self_and_not_where_the_feed_was_found(house: Any, net: Net) -> None:
    topic = net.url("/canonical?a=1&b=2")
    link = f'<{net.url("/hub")}>; rel="hub", <{topic}>; rel="self"'
    net.answers["/200"] = response(200, rss(), link=link)
    house.follow(net.url("/200"))
    assert subscribed(house, net)["hub.topic"] == topic


def test_201_after_a_redirect_the_hub_and_topic_of_its_end_count(house: Any, net: Net) -> None:
    topic = net.url("/other")
    old = f'<{net.url("/old-hub")}>; rel="hub", <{net.url("/201")}>; rel="self"'
    new = f'<{net.url("/new-hub")}>; rel="hub", <{topic}>; rel="self"'
    net.answers["/201"] = response(302, location=topic, link=old)
    net.answers["/other"] = response(200, rss(), link=new)
    house.follow(net.url("/201"))
    asked = subscribed(house, net)
    assert (asked["at"], asked["hub.topic"]) == ("/new-hub", topic)


def test_205_a_subscription_nobody_asked_for_is_not_verified(house: Any, net: Net) -> None:
    topic = net.url("/205")
    link = f'<{net.url("/hub")}>; rel="hub", <{topic}>; rel="self"'
    net.answers["/205"] = response(200, rss(), link=link)
    house.follow(topic)
    path = subscribed(house, net)["hub.callback"].removeprefix(f"http://{house.web.address}")
    client = house.site.test_client()
    query = {"hub.mode": "subscribe", "hub.challenge": "xyz", "hub.lease_seconds": "600"}
    other = client.get(path, query_string={**query, "hub.topic": net.url("/other")})
    assert other.status_code == 404
    assert b"xyz" not in other.data
    elsewhere = client.get("/websub/" + "x" * 43, query_string={**query, "hub.topic": topic})
    assert elsewhere.status_code == 404
    assert not house.push.works(house.now)
    right = client.get(path, query_string={**query, "hub.topic": topic})
    assert (right.status_code, right.data) == (200, b"xyz")


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_301_content_with_a_wrong_signature_is_not_used(house: Any, net: Net, method: str) -> None:
    topic = net.url("/301")
    link = f'<{net.url("/hub")}>; rel="hub", <{topic}>; rel="self"'
    net.answers["/301"] = response(200, rss(), link=link)
    house.follow(topic)
    asked = subscribed(house, net)
    body = rss(items=ITEM.replace(">a<", ">forged<"))
    wrong = hmac.new(b"another secret", body, method).hexdigest()
    path = asked["hub.callback"].removeprefix(f"http://{house.web.address}")
    client = house.site.test_client()
    answer = client.post(path, data=body, headers={"X-Hub-Signature": f"{method}={wrong}"})
    assert answer.status_code == 202
    house.deliveries.close()
    assert house.inbox == {"a"}
    assert house.push.refused == 1


def test_a_feed_that_has_not_changed_since_push_was_switched_on_is_subscribed_to(
    house: Any, net: Net
) -> None:
    topic = net.url("/103")
    links = f"<atom:link rel='hub' href='{net.url('/hub')}'/>"
    net.answers["/103"] = response(200, rss(links), etag='"1"')
    house.follow(topic)
    house.poll()
    [claim] = house.storage.claim_due(house.clock(), limit=1, lease=DAY, force=True)
    state = replace(claim.state, hub=None)  # as a program that knew of no hubs left it
    outcome = PollOutcome(status=PollStatus.UNCHANGED, at=house.clock(), state=state)
    house.storage.save_polls([(claim, outcome)])
    house.storage.release([])
    net.answers["/103"] = response(304)
    assert house.poll(force=True).status is PollStatus.NOT_MODIFIED
    [report] = house.tend()
    assert report.error is None
    assert net.asked[0]["hub.topic"] == topic
