"""Importing: once is enough, nothing is overwritten unasked, and all of it can be undone."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from services.desks import HOUR, NOON, POST, REACTION, House

from aggregator.config.settings import ParseSettings
from aggregator.document import parse_document
from aggregator.errors import ReadError, WrongState
from aggregator.migration.compose import Manner
from aggregator.model.post import PostStatus
from aggregator.publishing.manifest import NAME as MANIFEST
from aggregator.services.collecting import collected, exported
from aggregator.services.migrating import Plan, carry_out, plan_import
from aggregator.services.receipts import undo_import, write_receipt
from aggregator.services.syndication import publish
from aggregator.workers.pool import ParserPool

ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">
<title>Old</title><id>urn:old</id><updated>2020-01-02T00:00:00Z</updated>
<link href="https://old.example/"/>
<entry><title>Second &amp; last</title><id>urn:uuid:2</id><author><name>Joe</name></author>
<link href="https://old.example/2020/01/second-post.html"/><category term="city"/>
<published>2020-01-01T10:00:00Z</published><updated>2020-01-02T00:00:00.250Z</updated>
<content type="html">&lt;p&gt;Two &lt;b&gt;words&lt;/b&gt;&lt;/p&gt;</content></entry>
<entry><title>First</title><id>urn:uuid:1</id><link href="https://elsewhere.example/story"/>
<link rel="related" href="https://old.example/linked/first"/>
<published>2019-12-31T10:00:00Z</published><updated>2019-12-31T10:00:00Z</updated>
<content type="html">Mine</content></entry>
<entry><title>No date</title><id>urn:uuid:0</id><content>x</content></entry></feed>"""


@pytest.fixture(scope="module")
def reader():
    pool = ParserPool(ParseSettings(workers=1))
    yield pool
    pool.close()


class Mover:
    def __init__(self, house: House, reader: ParserPool) -> None:
        self.house, self.reader = house, reader

    def plan(self, source, *, replacing: bool = False, name: str = "x", **manner) -> Plan:
        base, now = self.house.site.base_url, self.house.now
        found = collected(source, name=name, reader=self.reader, base_url=base, now=now)
        made = Manner(base_url=base, now=now, **manner)
        return plan_import(self.house.storage, found, made, replacing=replacing)

    def take(self, source, **options) -> Plan:
        plan = self.plan(source, **options)
        carry_out(self.house.storage, plan)
        return plan


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path)
    yield house
    house.storage.close()


@pytest.fixture
def mover(house, reader):
    return Mover(house, reader)


def test_ids_dates_author_tags_and_old_names_stay(mover, house):
    plan = mover.take(ATOM.encode())
    assert plan.broken == []
    assert plan.drafts == {"without a date": 1}
    second, first = house.storage.posts(statuses=[PostStatus.PUBLISHED])
    assert (second.id, second.slug) == ("urn:uuid:2", "second-post")
    assert second.published == datetime(2020, 1, 1, 10, tzinfo=UTC)
    assert second.updated == datetime(2020, 1, 2, tzinfo=UTC)
    assert (second.post.title, second.post.author, second.post.tags) == (
        "Second & last",
        "Joe",
        ("city",),
    )
    assert second.document.endswith("---\nTwo **words**\n")
    assert (first.id, first.slug) == ("urn:uuid:1", "first")
    assert [cite.url for cite in first.post.citations] == ["https://elsewhere.example/story"]
    [draft] = house.storage.posts(statuses=[PostStatus.DRAFT])
    house.desk.publish(draft.slug)
    assert house.post(draft.slug).id == "urn:uuid:0"


def test_importing_twice_adds_nothing_and_a_changed_post_is_told_and_left_alone(mover, house):
    mover.take(ATOM.encode())
    again = mover.take(ATOM.encode())
    assert (len(again.new), again.known, again.changed) == (0, 3, [])
    before = house.post("first")
    other = ATOM.replace(">Mine<", ">Mine, mended<").encode()
    told = mover.take(other)
    assert [slug for _, slug in told.changed] == ["first"]
    assert house.post("first") == before


def test_replace_keeps_the_old_words_the_id_and_the_name(mover, house):
    mover.take(ATOM.encode())
    before = house.post("first")
    house.now += HOUR
    other = ATOM.replace(">Mine<", ">Mine, mended<").encode()
    assert len(mover.take(other, replacing=True).replaced) == 1
    after = house.post("first")
    assert "Mine, mended" in after.document
    assert (after.id, after.published, after.updated) == (
        before.id,
        before.published,
        before.updated,
    )
    [(_, document)] = house.storage.post_revisions("first")
    assert document == before.document
    # What is here was the file's own text once: that is no change.
    assert mover.plan(ATOM.encode()).known == 3


def test_what_the_author_changed_here_is_not_told_as_a_change_there(mover, house):
    mover.take(ATOM.encode())
    house.desk.edit("first", house.post("first").document.replace("Mine", "Ours"))
    plan = mover.take(ATOM.encode(), replacing=True)
    assert (plan.known, plan.replaced) == (3, [])
    assert "Ours" in house.post("first").document


def test_an_update_that_readers_saw_is_never_replaced_away(mover, house):
    slug = house.published()
    house.now += HOUR
    house.desk.update(slug, REACTION)
    post = house.post(slug)
    files = exported(house.storage)
    files[f"posts/{slug}.md"] = POST.replace("budget", "x").replace("June", "July").encode()
    plan = mover.take(files, replacing=True)
    assert [one.place for one in plan.broken] == [f"posts/{slug}.md"]
    assert house.post(slug) == post


def test_a_taken_name_and_a_repeated_id_are_told_apart(mover, house):
    pins = [
        {"href": f"https://n.example/{n}", "description": "Same", "time": "2020-01-01T00:00:00Z"}
        for n in (1, 2, 2)
    ]
    plan = mover.take(json.dumps(pins).encode())
    assert [post.slug for post, _ in plan.new] == ["same", "same-2"]
    assert plan.repeated == 1
    assert mover.take(json.dumps(pins).encode()).known == 2


def test_undo_takes_out_what_was_added_and_nobody_changed(mover, house, tmp_path):
    slug = house.published()
    plan = mover.plan(ATOM.encode())
    write_receipt(tmp_path, "old.xml", [post for post, _ in plan.new], NOON)
    carry_out(house.storage, plan)
    version = house.storage.site_version(river=10)
    house.desk.edit("first", house.post("first").document + "\nmore\n")
    undone = undo_import(house.storage, tmp_path)
    assert set(undone.removed) == {"second-post", "no-date"}
    assert undone.kept == ("first",)
    assert {post.slug for post in house.storage.posts()} == {slug, "first"}
    assert house.storage.site_version(river=10) != version
    with pytest.raises(WrongState, match="no import"):
        undo_import(house.storage, tmp_path)


def test_a_failure_midway_saves_nothing(mover, house):
    plan = mover.plan(ATOM.encode())
    (one, earlier), *rest = plan.new
    plan.new = [(one, earlier), *rest, (replace(one, id="urn:other"), ())]  # a slug of its own
    with pytest.raises(WrongState, match="already"):
        carry_out(house.storage, plan)
    assert house.storage.posts() == []


def test_an_archive_brings_back_the_same_site_byte_for_byte(mover, house, reader, tmp_path):
    mover.take(ATOM.encode())
    slug = house.published(POST.replace("\n", "\r\n"))
    house.now += HOUR
    house.desk.update(slug, REACTION)
    gone = house.published(POST.replace("blinked", "slept"))
    house.desk.edit(gone, house.post(gone).document + "\nmore\n")
    house.now += HOUR
    house.desk.withdraw(gone)
    house.desk.new('---\ntitle: "A draft"\n---\nnot yet\n')
    late = house.desk.new('---\ntitle: "Later"\n---\nsoon\n').slug
    house.desk.publish(late, at=house.now + HOUR)
    publish(house.storage, house.site, tmp_path / "one", clock=lambda: house.now)
    files = exported(house.storage)

    other = House(tmp_path / "other")
    other.now = house.now + 9 * HOUR
    plan = Mover(other, reader).take(files)
    assert plan.broken == []
    publish(other.storage, other.site, tmp_path / "two", clock=lambda: other.now)
    assert _bytes(tmp_path / "two") == _bytes(tmp_path / "one")
    assert exported(other.storage) == files
    assert other.storage.posts() == house.storage.posts()
    assert other.storage.post_revisions(gone) == house.storage.post_revisions(gone)
    again = Mover(other, reader).take(files)
    assert (again.new, again.changed) == ([], [])
    other.storage.close()


def _bytes(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }


def test_a_list_of_feeds_is_sent_to_the_other_command(mover):
    with pytest.raises(ReadError, match="aggregator import"):
        mover.plan(b'<?xml version="1.0"?><opml version="2.0"><body/></opml>')


def test_documents_written_are_documents_that_can_be_read(mover, house):
    mover.take(ATOM.encode())
    for post in house.storage.posts():
        assert parse_document(post.document) == post.post
