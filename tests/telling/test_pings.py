"""Hubs are told of each feed document that changed, once, and are named in every feed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs

import feedparser
import pytest

from aggregator.config.settings import TellSettings
from aggregator.model.notice import NoticeState
from servers import response

FEEDS = {"feed.atom", "feed.rss", "feed.json", "river.atom", "tags/city/feed.atom"}


def topics(world) -> list[str]:
    return [parse_qs(form)["hub.url"][0] for form in world.forms]


def feeds(house) -> dict[str, bytes]:
    """Return every feed as it is published, by its address."""
    public = house.folder / "public"
    return {
        f"https://blog.example/{path.relative_to(public).as_posix()}": path.read_bytes()
        for path in public.rglob("*")
        if path.suffix in {".atom", ".rss", ".json"}
        and path.relative_to(public).parts[0] not in {"archive", "search"}
        and not path.name.startswith(".")
    }


def differing(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    return {address for address in after if after[address] != before.get(address)}


def addresses(*paths: str) -> set[str]:
    return {f"https://blog.example/{path}" for path in paths}


@pytest.fixture
def hub(house, world) -> str:
    world.answers["POST /hub"] = response(204)
    house.have(world.url("/hub"))
    return world.url("/hub")


def test_every_feed_names_the_hubs_and_itself(house, hub) -> None:
    house.have(hub, "https://second.example/?a=1&b=2")
    house.cite(more="tags: [city]\n")
    house.publish()
    public = house.folder / "public"
    for path in FEEDS - {"feed.json"}:
        links = feedparser.parse((public / path).read_bytes()).feed.links
        hubs = [link.href for link in links if link.rel == "hub"]
        assert hubs == [hub, "https://second.example/?a=1&b=2"], path
        [own] = [link.href for link in links if link.rel == "self"]
        assert own == f"https://blog.example/{path}"
    told = json.loads((public / "feed.json").read_text())
    assert told["hubs"][0] == {"type": "WebSub", "url": hub}
    assert told["feed_url"] == "https://blog.example/feed.json"
    house.have()
    house.publish()
    assert "hubs" not in json.loads((public / "feed.json").read_text())


def test_each_feed_that_changed_is_told_of_and_no_other(house, hub, world) -> None:
    slug = house.cite(more="tags: [city]\n")
    told = house.tell()
    assert {one.state for one in told} == {NoticeState.TOLD}
    first = feeds(house)
    assert set(first) > addresses(*FEEDS)
    assert sorted(topics(world)) == sorted(first)
    assert parse_qs(world.forms[0]) == {
        "hub.mode": ["publish"],
        "hub.topic": [topics(world)[0]],
        "hub.url": [topics(world)[0]],
    }
    assert house.tell() == []  # nothing changed
    for do in (lambda: house.cite(title="Another"), lambda: house.desk.update(slug, "He says.\n")):
        house.now += timedelta(minutes=1)
        count = len(world.forms)
        do()
        house.tell()
        second = feeds(house)
        assert sorted(topics(world)[count:]) == sorted(differing(first, second))
        assert differing(first, second) < set(second)
        first = second


def test_a_crash_between_writing_and_noting_loses_no_ping(house, hub, world) -> None:
    house.cite()
    house.announcer, announcer = None, house.announcer
    house.publish()  # the files are there, and nobody was noted
    house.announcer = announcer
    house.tell()
    assert sorted(topics(world)) == sorted(feeds(house))


def test_many_changes_before_a_hub_is_told_are_one(house, hub, world) -> None:
    for number in range(5):
        house.now += timedelta(minutes=1)
        house.cite(title=f"Post {number}")
        house.publish()
    house.tell()
    assert sorted(topics(world)) == sorted(feeds(house))


def test_a_hub_that_fails_is_asked_again_later_and_given_up_in_the_end(house, hub, world) -> None:
    world.answers["POST /hub"] = response(500)
    house.cite()
    house.publish()
    waits = []
    for _ in range(8):
        for one in house.teller.tell():
            assert "500" in one.answer
        due = [notice.due_at for notice in house.notices if notice.due_at]
        if due:
            waits.append(max(due) - house.now)
            house.now = max(due)
    assert waits == [timedelta(minutes=10 * 2**n) for n in range(7)]
    assert {notice.state for notice in house.notices} == {NoticeState.FAILED}
    assert len(world.forms) == len(feeds(house)) * 8
    house.now += timedelta(days=30)
    assert house.tell() == []
    house.now += timedelta(minutes=1)
    house.cite(title="Another")  # a newer change has attempts of its own
    world.answers["POST /hub"] = response(202)
    assert {one.state for one in house.tell()} == {NoticeState.TOLD}


def test_one_silent_hub_costs_one_wait_and_no_other_hub(house, hub, world) -> None:
    gone = "http://127.0.0.2:9/"  # nobody listens
    house.have(gone, hub)
    house.cite()
    told = house.tell()
    assert [one.state for one in told if one.whom == hub] == [NoticeState.TOLD] * len(feeds(house))
    assert [one.state for one in told if one.whom == gone] == [NoticeState.WAITING] * len(
        feeds(house)
    )


def test_a_hub_that_asks_us_to_wait_is_obeyed(house, hub, world) -> None:
    world.answers["POST /hub"] = response(429, retry_after="7200")
    house.cite()
    told = house.tell()
    assert len(world.forms) == 1  # the others were not tried
    assert {one.state for one in told} == {NoticeState.WAITING}
    house.now += timedelta(minutes=119)
    assert house.teller.tell() == []
    house.now += timedelta(minutes=1)
    world.answers["POST /hub"] = response(202)
    assert len(house.teller.tell()) == len(feeds(house))
    assert len(world.forms) == 1 + len(feeds(house))


def test_a_hub_that_refuses_is_not_asked_again(house, hub, world) -> None:
    world.answers["POST /hub"] = response(400, b"no such topic", content_type="text/plain")
    house.cite()
    assert {one.state for one in house.tell()} == {NoticeState.FAILED}
    assert all("no such topic" in (notice.answer or "") for notice in house.notices)
    house.now += timedelta(days=1)
    assert house.tell() == []


@pytest.mark.parametrize(
    "base_url",
    [
        "http://localhost:8000/",
        "http://blog.localhost/",
        "https://127.0.0.1/",
        "https://10.1.2.3/",
        "https://[::1]/",
        "https://[fe80::1]/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://127.1/",
        "http://laptop/",
        "https://laptop.local/",
        "https://wiki.corp/",
        "http://nas.home.arpa./",
    ],
)
def test_nobody_is_told_of_a_site_that_others_cannot_reach(house, hub, world, base_url) -> None:
    house.cite(world.page("/a", "/told"))
    house.have(hub, base_url=base_url)
    assert house.tell() == []
    assert house.notices == []
    house.have(hub, base_url="https://blog.example/")
    house.publish()
    house.have(hub, base_url=base_url)
    assert house.teller.tell() == []  # what waits is kept back, too
    assert world.asked == []


def test_a_hub_at_a_private_address_is_never_asked(house, world) -> None:
    house.have("http://10.0.0.1/hub", "http://[::1]/", "http://169.254.169.254/latest/")
    house.cite()
    told = house.tell()
    assert {one.state for one in told} == {NoticeState.FAILED}
    assert all("fetch.allow_networks" in one.answer for one in told)


def test_a_delay_holds_back_what_is_new_unless_asked_to(house, hub, world) -> None:
    house.settings = replace(house.settings, tell=TellSettings(delay=timedelta(minutes=10)))
    house.cite()
    assert house.tell() == []
    house.now += timedelta(minutes=9)
    assert house.tell() == []
    assert len(house.tell(new_ones=True)) == len(feeds(house))
    house.cite(title="Another")
    before = feeds(house)
    house.publish()
    house.now += timedelta(minutes=10)
    assert len(house.tell()) == len(differing(before, feeds(house)))


def test_what_was_sent_when_the_program_ended_is_not_sent_again(house, hub, world) -> None:
    class Killed(BaseException):
        """As a signal would end it."""

    class Dying:
        def post_form(self, url: str, form: object, *, within: object = None) -> int:
            house.fetcher.post_form(url, form)
            raise Killed

    house.cite()
    house.publish()
    with pytest.raises(Killed):
        house.teller_of(Dying()).tell()
    assert len(world.forms) == 1
    assert len(house.tell()) == len(feeds(house)) - 1
    assert sorted(set(topics(world))) == sorted(topics(world))
    house.now += timedelta(hours=1)
    assert house.tell() == []
    states = [notice.state for notice in house.notices]
    assert sorted(states) == [NoticeState.TOLD] * (len(feeds(house)) - 1) + [NoticeState.UNSURE]
