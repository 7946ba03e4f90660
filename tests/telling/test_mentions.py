"""Cited pages are told of the post that cites them: once, of every Update, and when it ends."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs

import pytest

from aggregator.config.settings import TellSettings
from aggregator.model.notice import NoticeKind, NoticeState
from aggregator.model.subscription import Subscription
from servers import response, serving

SOURCE = "https://blog.example/2026/03/the-council-blinked/"


def told_targets(world) -> list[str]:
    return [parse_qs(form)["target"][0] for form in world.forms]


@pytest.fixture(autouse=True)
def endpoint(world) -> None:
    world.answers["POST /told"] = response(202)


def test_a_cited_page_is_told_where_it_wants_to_be(house, world) -> None:
    world.answers["POST /told?a=1"] = response(201, location="/status/1")
    page = world.page("/talk?id=1", "/told?a=1")
    house.cite(page)
    [one] = house.tell()
    assert (one.kind, one.about, one.whom) == (NoticeKind.MENTION, SOURCE, page)
    assert (one.state, one.answer) == (NoticeState.TOLD, "taken (201)")
    assert parse_qs(world.forms[0]) == {"source": [SOURCE], "target": [page]}
    assert world.asked == ["/talk?id=1", "POST /told?a=1"]
    assert house.tell() == []  # never twice for one change
    [notice] = house.notices
    assert notice.endpoint == world.url("/told?a=1")


def test_the_link_field_and_redirects_are_followed(house, world) -> None:
    world.answers["/old"] = response(302, location="/deep/new")
    world.answers["/deep/new"] = response(
        200, b"\x89PNG", content_type="image/png", link='<told>; rel="webmention"'
    )
    world.answers["POST /deep/told"] = response(202)
    house.cite(world.url("/old"))
    [one] = house.tell()
    assert one.state is NoticeState.TOLD
    assert told_targets(world) == [world.url("/old")]  # as the post cites it
    assert world.asked[-1] == "POST /deep/told"


def test_quoted_linked_and_repeated_pages_are_told_once_each(house, world) -> None:
    pages = [world.page(f"/{name}", "/told") for name in "abc"]
    text = (
        f"---\ntitle: T\n---\n[Ana]({pages[0]}) reports:\n\n> Words.\n\n"
        f"See [this]({pages[1]}), [it again]({pages[1]}), <{pages[2]}> and [home]"
        "(https://blog.example/about), [mail](mailto:a@b.example).\n"
    )
    house.desk.publish(house.desk.new(text).slug)
    house.tell()
    assert sorted(told_targets(world)) == sorted(pages)


def test_every_target_is_told_again_of_an_update_and_none_of_a_typo(house, world) -> None:
    pages = [world.page(f"/{name}", "/told") for name in "ab"]
    slug = house.cite(pages[0])
    house.tell()
    house.now += timedelta(minutes=1)
    document = house.storage.post(slug).document
    house.desk.edit(slug, document.replace("My words.", "My own words."))
    assert house.tell() == []
    house.now += timedelta(minutes=1)
    house.desk.update(slug, f"[Joe]({pages[1]}) answers.\n")
    house.tell()
    assert sorted(told_targets(world)) == sorted([pages[0], *pages])
    house.now += timedelta(minutes=1)
    assert house.tell() == []


def test_a_page_that_is_cited_no_more_is_told_once(house, world) -> None:
    pages = [world.page(f"/{name}", "/told") for name in "ab"]
    slug = house.cite(*pages)
    house.tell()
    document = house.storage.post(slug).document
    house.now += timedelta(minutes=1)
    house.desk.edit(slug, document.replace(pages[1], "https://blog.example/about"))
    [one] = house.tell()
    assert one.whom == pages[1]
    [notice] = [notice for notice in house.notices if notice.removed]
    assert notice.whom == pages[1]
    house.now += timedelta(minutes=1)
    house.desk.update(slug, "More.\n")
    assert [one.whom for one in house.tell()] == [pages[0]]
    assert len(world.forms) == 4


def test_a_withdrawn_post_tells_all_that_it_cited(house, world) -> None:
    pages = [world.page(f"/{name}", "/told") for name in "ab"]
    slug = house.cite(*pages)
    house.tell()
    house.now += timedelta(minutes=1)
    house.desk.withdraw(slug)
    assert sorted(one.whom for one in house.tell()) == sorted(pages)
    assert house.tell() == []


def test_a_page_that_asks_for_no_mentions_is_asked_once_for_each_change(house, world) -> None:
    slug = house.cite(world.page("/plain", None))
    [one] = house.tell()
    assert one.state is NoticeState.UNWANTED
    house.now += timedelta(days=1)
    assert house.tell() == []
    assert world.asked == ["/plain"]
    house.desk.update(slug, "More.\n")
    world.page("/plain", "/told")  # now it does
    assert [one.state for one in house.tell()] == [NoticeState.TOLD]


def test_nobody_is_told_unless_the_author_says_so_and_then_of_news_only(house, world) -> None:
    house.settings = replace(house.settings, tell=TellSettings())
    house.cite(world.page("/old", "/told"))
    house.now += timedelta(days=8)
    house.cite(world.page("/new", "/told"), title="New")
    assert house.tell() == []
    assert house.notices == []
    house.settings = replace(house.settings, tell=TellSettings(webmention=True))
    assert [one.whom for one in house.tell()] == [world.url("/new")]
    house.now += timedelta(days=30)  # a post that was told of stays known
    [old, new] = sorted(house.storage.posts(), key=lambda post: post.published)
    house.desk.update(new.slug, "More.\n")
    assert [one.whom for one in house.tell()] == [world.url("/new")]
    house.desk.update(old.slug, "More.\n")  # and one that is updated is news
    assert [one.whom for one in house.tell()] == [world.url("/old")]


def test_posts_imported_with_their_own_dates_tell_nobody(house, world) -> None:
    house.cite(world.page("/a", "/told"), more="published: 2019-05-01T10:00:00Z\n")
    assert house.tell() == []
    assert world.asked == []


def test_drafts_and_scheduled_posts_tell_nobody_before_their_time(house, world) -> None:
    page = world.page("/a", "/told")
    slug = house.desk.new(f"---\ntitle: T\n---\n[This]({page}).\n").slug
    assert house.tell() == []
    house.desk.publish(slug, at=house.now + timedelta(hours=1))
    assert house.tell() == []
    house.now += timedelta(hours=2)
    house.desk.publish_scheduled()
    assert [one.whom for one in house.tell()] == [page]


def test_addresses_of_private_feeds_and_with_secrets_are_told_nothing(house, world) -> None:
    private = world.page("/private.xml", "/told")
    behind = world.page("/login.xml", "/told")
    house.follow(
        Subscription(url=private, private=True), Subscription(url=behind, login="ana:secret")
    )
    token = world.page("/a?token=s3cret", "/told")
    house.cite(private, behind + "#top", token, private.replace("http:", "HTTP:") + "/")
    assert house.tell() == []
    house.follow()  # followed no more, and private all the same
    house.now += timedelta(minutes=1)
    house.desk.update("the-council-blinked", "More.\n")
    assert house.tell() == []
    assert world.asked == []


def test_private_addresses_are_never_asked_whoever_names_them(house, world) -> None:
    inside = "http://10.1.2.3/told"
    house.cite(
        "http://192.168.1.1/admin",
        world.page("/a", inside),
        world.page("/b", "http://[::1]:8000/told"),
    )
    world.answers["/c"] = response(302, location="http://169.254.169.254/latest/meta-data/")
    house.cite(world.url("/c"), title="Another")
    told = house.tell()
    assert len(told) == 4
    assert {one.state for one in told} == {NoticeState.FAILED}
    assert all("address" in one.answer for one in told)
    assert world.forms == []


def slowly(*parts: bytes):
    def answer():
        for part in itertools.chain(parts, itertools.repeat(b" ")):
            yield part
            time.sleep(0.05)

    return answer


def endless():
    yield b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<title>"
    while True:
        yield b"<a rel=webmention href=/told>" * 1000


@pytest.mark.parametrize(
    ("answers", "state", "words"),
    [
        ({"/a": response(302, location="/a")}, NoticeState.FAILED, "circle"),
        ({"/a": response(500)}, NoticeState.WAITING, "the page answered 500"),
        ({"/a": response(503, retry_after="60")}, NoticeState.WAITING, "the page answered 503"),
        ({"/a": response(429, retry_after="99999999")}, NoticeState.FAILED, "429"),
        ({"/a": response(404)}, NoticeState.FAILED, "the page answered 404"),
        ({"/a": response(410)}, NoticeState.FAILED, "the page answered 410"),
        ({"/a": response(401)}, NoticeState.FAILED, "the page answered 401"),
        ({"/a": response(403)}, NoticeState.FAILED, "the page answered 403"),
        ({"/a": b"nonsense\r\n\r\n"}, NoticeState.WAITING, "127.0.0.1"),
        ({"/a": endless}, NoticeState.UNWANTED, "no mentions"),
        ({"/a": slowly(b"HTTP/1.1 200 OK\r\n\r\n")}, NoticeState.WAITING, "within 2 s"),
        ({"/a": slowly(b"HTTP/1.1 200 ")}, NoticeState.WAITING, "within 2 s"),
        ({"POST /told": response(400, b"no link")}, NoticeState.FAILED, "400"),
        ({"POST /told": response(500)}, NoticeState.WAITING, "500"),
        ({"POST /told": response(302, location="/elsewhere")}, NoticeState.FAILED, "302"),
        ({"POST /told": response(307, location="/told")}, NoticeState.FAILED, "circle"),
        ({"POST /told": slowly(b"HTTP/1.1 ")}, NoticeState.WAITING, "within 2 s"),
    ],
)
def test_a_hostile_page_or_endpoint_is_one_bounded_failure(
    house, world, answers, state, words
) -> None:
    page = world.page("/a", "/told")
    world.answers |= answers
    fine = response(200, link="</told>; rel=webmention")
    begun = time.monotonic()
    with serving(lambda _: fine, host="127.0.0.2") as other:
        house.cite(page, other.url("/"))
        one, another = house.tell()
    assert (one.state, words in one.answer) == (state, True), one
    assert another.state is NoticeState.TOLD  # whatever becomes of the first
    assert time.monotonic() - begun < 6
    assert len(world.asked) <= 3


def test_a_page_is_given_up_after_a_day_of_attempts(house, world) -> None:
    world.answers["/a"] = response(500)
    house.cite(world.url("/a"))
    house.publish()
    begun = house.now
    while house.notices[0].due_at is not None:
        house.now = max(house.notices[0].due_at, house.now)
        assert len(house.teller.tell()) == 1
    assert world.asked == ["/a"] * 8
    assert timedelta(hours=12) < house.now - begun < timedelta(hours=36)
    assert house.storage.notices.retry(house.now) == 1
    world.page("/a", "/told")
    assert [one.state for one in house.teller.tell()] == [NoticeState.TOLD]


def test_stopping_and_the_end_of_the_time_leave_the_rest_waiting(house, world) -> None:
    house.cite(*(world.page(f"/{number}", "/told") for number in range(30)))
    house.publish()
    assert house.teller.tell(until=house.now) == []
    assert len(house.teller.tell()) == 20  # in one go
    assert len(house.teller.tell()) == 10
    assert len(set(told_targets(world))) == len(told_targets(world)) == 30


def test_two_programs_at_once_tell_everybody_once(house, world) -> None:
    from threading import Thread

    house.cite(*(world.page(f"/{number}", "/told") for number in range(12)))
    house.publish()
    threads = [Thread(target=house.teller_of(house.fetcher).tell) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(told_targets(world)) == len(set(told_targets(world))) == 12
    assert {notice.state for notice in house.notices} == {NoticeState.TOLD}


def test_one_site_is_asked_for_one_thing_at_a_time_with_its_gap(house, world) -> None:
    from aggregator.fetch.client import HttpFetcher
    from aggregator.fetch.pace import Pace

    waits: list[float] = []
    pace = Pace(lambda origin: "one", lambda site: 1.5, clock=lambda: 0.0, sleep=waits.append)
    fetcher = HttpFetcher(house.settings.fetch, user_agent="test/1", pace=pace)
    house.cite(world.page("/a", "/told"))
    house.publish()
    house.teller_of(fetcher).tell()
    fetcher.close()
    assert waits == [1.5]  # between the page and its endpoint
    assert len(world.forms) == 1
