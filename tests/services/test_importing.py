"""What an import would do, what it does, and that an export is its reverse."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.config.load import load_settings
from aggregator.config.settings import Author, Site
from aggregator.document import parse_document
from aggregator.model.feed import Feed
from aggregator.model.poll import PollState
from aggregator.model.subscription import Subscription
from aggregator.publishing.opml import subscription_list
from aggregator.reading.listed import FeedList, LeftOut, ListedFeed
from aggregator.reading.lists import read_list
from aggregator.services.importing import ImportPlan, import_feeds, import_plan
from aggregator.storage.protocol import StoredFeed
from aggregator.storage.sql import SqlStorage

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


def listing(*urls: str) -> FeedList:
    return FeedList(feeds=tuple(ListedFeed(url=url) for url in urls))


@pytest.mark.parametrize(
    "spelled",
    [
        "https://a.example/",
        "http://a.example/",
        "https://A.EXAMPLE",
        "https://a.example:443/",
        "http://a.example:80/#top",
    ],
)
def test_a_feed_is_known_in_every_spelling_of_its_address(spelled: str) -> None:
    followed = [Subscription(url="https://a.example/")]
    plan = import_plan(listing(spelled), followed)
    assert (plan.new, plan.followed) == ((), 1)
    plan = import_plan(listing("https://a.example/", spelled, "https://b.example/"), [])
    assert [one.url for one in plan.new] == ["https://a.example/", "https://b.example/"]
    assert plan.repeated == 1


def test_what_feeds_yaml_could_not_hold_is_left_out_with_the_reason() -> None:
    found = FeedList(
        feeds=(ListedFeed(url="https://a.example/x y"), ListedFeed(url="https://b.example/")),
        left_out=(LeftOut(name="C", reason="why not"),),
    )
    plan = import_plan(found, [])
    assert [one.url for one in plan.new] == ["https://b.example/"]
    assert [one.name for one in plan.left_out] == ["C", "https://a.example/x y"]
    assert "without spaces" in plan.left_out[1].reason


def test_an_import_is_one_edit_with_a_copy_of_the_file_before_it(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_text("# mine\nfeeds:\n  - https://a.example/\n")
    before = path.read_bytes()
    told = load_settings(path)
    storage = SqlStorage(tmp_path / "a.sqlite", parse=parse_document)
    plan = import_plan(listing("https://a.example/", "https://b.example/"), told.subscriptions)
    done = import_feeds(told, plan, storage, NOON)
    assert [one.url for one in done.added] == ["https://b.example/"]
    assert storage.feed_urls() == ["https://a.example/", "https://b.example/"]
    assert done.copy is not None
    assert done.copy.read_bytes() == before
    assert done.copy.stat().st_mode & 0o077 == 0  # logins stand in it
    assert path.read_text().startswith("# mine\nfeeds:\n  - https://a.example/\n")
    storage.close()


def test_where_no_copy_can_be_kept_nothing_is_changed(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    text = "data: ./data\nfeeds: []\n"
    path.write_text(text)
    told = load_settings(path)
    shutil.rmtree(told.data)
    told.data.write_text("a file where the folder belongs")
    storage = SqlStorage(tmp_path / "a.sqlite", parse=parse_document)
    with pytest.raises(OSError, match="exists"):
        import_feeds(told, import_plan(listing("https://b.example/"), ()), storage, NOON)
    assert path.read_text() == text
    storage.close()


def test_all_lists_of_the_corpus_are_imported_in_one_edit(tmp_path: Path, corpus: Path) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_text("# mine\nfeeds: []\n")
    told = load_settings(path)
    new: list[Subscription] = []
    files = [one for one in sorted((corpus / "opml").iterdir()) if one.name != "expected.json"]
    for file in files:
        found = read_list(file.read_bytes())
        plan = import_plan(found, new)
        in_sum = len(plan.new) + plan.followed + plan.repeated
        assert in_sum + len(plan.left_out) == len(found.feeds) + len(found.left_out), file.name
        # One of the two kinds of lists without feeds links to pages, the other says nothing.
        assert bool(plan.new or plan.followed) == (
            file.name not in {"newsboat-body-element-missing.opml", "rome-opml_1.0_links.xml"}
        )
        new += plan.new
    storage = SqlStorage(tmp_path / "a.sqlite", parse=parse_document)
    done = import_feeds(told, ImportPlan(new=tuple(new)), storage, NOON)
    assert len(files) == 54
    assert len(done.added) == len(new) > 2_500
    assert load_settings(path).subscriptions == tuple(new)
    assert len(storage.feed_urls()) == len(new)
    storage.close()


words = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cn"), exclude_characters="\u2028\u2029\ufeff"),
    min_size=1,
    max_size=20,
).map(lambda text: " ".join(text.split()))
# Characters that turn a text around are left out of lists on purpose.
names = words.filter(
    lambda text: (
        bool(text) and not any("\u202a" <= c <= "\u202e" or "\u2066" <= c <= "\u2069" for c in text)
    )
)
tags = names | st.sampled_from(["a,b", "/a/b", "a/b", "&amp;", "<x>", '"', "city", ","])
urls = st.builds(
    lambda scheme, host, path: f"{scheme}://{host}.example/{path}",
    st.sampled_from(["http", "https"]),
    st.from_regex(r"[a-z]{1,6}", fullmatch=True),
    st.sampled_from(["", "feed?a=1&b=2", "rss.xml", "~joe/feed/", "%C3%A9", "é", "a;b'c"]),
)
subscriptions = st.builds(
    Subscription,
    url=urls,
    title=st.none() | names,
    tags=st.lists(tags, max_size=4, unique=True).map(tuple),
)
stored = st.lists(
    st.tuples(subscriptions, st.sampled_from(["", "Its own & name"])),
    max_size=6,
    unique_by=lambda pair: pair[0].url.partition("://")[2],
)


@given(followed=stored)
@settings(deadline=None, max_examples=200)
def test_reading_an_export_gives_the_same_addresses_titles_and_tags(
    followed: list[tuple[Subscription, str]],
) -> None:
    feeds = [
        StoredFeed(
            number=number,
            subscription=subscription,
            feed=Feed(title=own, link="https://a.example/"),
            state=PollState(),
            active=True,
            entries=None,
        )
        for number, (subscription, own) in enumerate(followed)
    ]
    site = Site(title="T & U", authors=(Author(name="Ana"),))
    found = read_list(subscription_list(site, feeds, private=False))
    assert found.well_formed
    plan = import_plan(found, [])
    # Feeds of one folder stand together, so the order may differ.
    by_url = {one.url: one for one in plan.new}
    assert by_url == {subscription.url: subscription for subscription, _ in followed}


def stored_feed(subscription: Subscription, **more: bool) -> StoredFeed:
    values = {"active": True} | more
    return StoredFeed(
        number=1,
        subscription=subscription,
        feed=Feed(),
        state=PollState(),
        entries=None,
        **values,  # type: ignore[arg-type]
    )


def test_private_feeds_are_written_when_asked_for_and_logins_never() -> None:
    feeds = [
        stored_feed(Subscription(url="https://a.example/")),
        stored_feed(Subscription(url="https://b.example/", private=True)),
        stored_feed(Subscription(url="https://c.example/", login="me:secret")),
        stored_feed(Subscription(url="https://d.example/?token=1")),
        stored_feed(Subscription(url="https://e.example/"), active=False),
        stored_feed(Subscription(url="https://f.example/", paused=True)),
    ]
    public = subscription_list(Site(), feeds, private=False)
    assert [one.url[8] for one in read_list(public).feeds] == ["a", "f"]
    whole = subscription_list(Site(), feeds, private=True)
    assert [one.url[8] for one in read_list(whole).feeds] == ["a", "b", "c", "d", "f"]
    assert b"secret" not in whole


def test_an_export_is_the_same_bytes_every_time_and_folders_are_first_tags() -> None:
    feeds = [
        stored_feed(Subscription(url="https://a.example/", title="A", tags=("x", "y"))),
        stored_feed(Subscription(url="https://b.example/", tags=("x",))),
    ]
    first = subscription_list(Site(), feeds, private=False)
    assert first == subscription_list(Site(), feeds, private=False)
    text = first.decode()
    assert text.count('<outline text="x" title="x">') == 1
    assert 'title="A" category="x,y"/>' in text
    assert 'text="b.example" type="rss" xmlUrl="https://b.example/" title=""' in text
