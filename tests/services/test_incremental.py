"""Publishing makes what has changed, and leaves what publishing from nothing would leave."""

from __future__ import annotations

import os
import random
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.config.settings import Site
from aggregator.document import parse_document
from aggregator.model.post import Post, PostStatus
from aggregator.publishing.files import File, Files
from aggregator.publishing.writer import MANIFEST, output, write_site
from aggregator.services.desk import Desk
from aggregator.services.syndication import Publication, publish
from aggregator.storage.memory import PostMemory
from aggregator.storage.sql import SqlStorage

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
SITE = Site(title="The Margin", base_url="https://blog.example/", feed_posts=3)
TAGS = ("city", "City", "new york", "New-York", "budget", "C++")
HOSTS = ("news.example", "courier.example", "joelane.example")


class House:
    """A database, the site that is published again and again, and the clock."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.site, self.now = folder, SITE, NOON
        self.database, self.kept = folder / "a.sqlite", folder / "made.sqlite"
        self.read: list[str] = []  # the documents that were, in order
        self.storage = SqlStorage(self.database, parse=self._parse)
        self.desk = Desk(self.storage, SITE, clock=lambda: self.now)
        self.public = folder / "public"
        self.count = 0

    def _parse(self, document: str) -> Post:
        self.read.append(document)
        return parse_document(document)

    def write(self, title: str = "", *, tag: str = "city", host: str = HOSTS[0]) -> str:
        self.now += timedelta(days=11)
        title = title or f"Story {self.count}"
        self.count += 1
        slug = self.desk.new(
            f"---\ntitle: {title}\ntags: [{tag}]\n---\n"
            f"[Ana Reyes](https://{host}/{self.count}) reports:\n\n> Words of {title}.\n\n"
            "::: takeaways prose\nI see two.\n\n1. it was late.\n2. it was long.\n:::\n"
        ).slug
        self.desk.publish(slug)
        return slug

    def publish(self, to: str = "public", *, anew: bool = False) -> Publication:
        with closing(PostMemory(self.kept)) as memory:
            return publish(
                self.storage,
                self.site,
                self.folder / to,
                clock=lambda: self.now,
                memory=memory,
                anew=anew,
            )

    def from_nothing(self) -> dict[str, bytes]:
        """Return the files of the site as they are when nothing is known of it."""
        self.count += 1
        where = self.folder / f"anew-{self.count}"
        publish(self.storage, self.site, where, clock=lambda: self.now)
        return files_in(where)


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != MANIFEST
    }


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.storage.close()


def change(house: House, chance: random.Random) -> None:
    """Do one of the things that happen to a site."""
    slugs = [post.slug for post in house.storage.posts(statuses=[PostStatus.PUBLISHED])]
    gone = [post.slug for post in house.storage.posts(statuses=[PostStatus.WITHDRAWN])]
    slug = chance.choice(slugs) if slugs else ""
    published = [path for path in house.public.rglob("*.*") if path.is_file()]
    file = chance.choice(sorted(published)) if published else None
    house.now += timedelta(days=chance.randint(0, 20))

    def write() -> None:
        house.write(tag=chance.choice(TAGS), host=chance.choice(HOSTS))

    def update() -> None:
        house.desk.update(slug, f"They voted on day {house.now.day}.")

    def mend() -> None:
        text = house.storage.post(slug).document
        house.desk.edit(slug, text.replace("Words of", f"Said {chance.random()} of"))

    def retag() -> None:
        text = house.storage.post(slug).document
        house.desk.edit(slug, text.replace("tags: [", f"tags: [{chance.choice(TAGS)}, "))

    def withdraw() -> None:
        house.desk.withdraw(slug)

    def return_it() -> None:
        if gone:
            house.desk.publish(chance.choice(gone))

    def rename() -> None:
        house.site = replace(house.site, title=f"Margin {chance.randint(1, 3)}")

    def enlarge() -> None:
        house.site = replace(house.site, feed_posts=chance.randint(1, 5))

    def entries() -> None:
        house.site = replace(house.site, update_entries=not house.site.update_entries)

    def tamper() -> None:
        if file is not None and file.name != MANIFEST:
            file.write_bytes(file.read_bytes() + b"<!-- somebody -->")

    def take_away() -> None:
        if file is not None and file.name != MANIFEST:
            file.unlink()

    def damage() -> None:
        content = bytearray(house.kept.read_bytes() if house.kept.exists() else b"")
        for _ in range(25):
            if content:
                content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        house.kept.write_bytes(content)

    ways: list[Callable[[], None]] = [write, write, rename, enlarge, entries, tamper, take_away]
    ways += [damage, return_it]
    if slugs:
        ways += [update, update, mend, retag, withdraw]
    chance.choice(ways)()


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_it_is_the_site_that_publishing_from_nothing_makes(
    house: House, seed: int
) -> None:
    chance = random.Random(seed)
    for _ in range(25):
        change(house, chance)
        assert house.publish().problems == ()
        assert files_in(house.public) == house.from_nothing()
    assert house.publish().report.written == ()


def test_one_more_post_writes_what_it_must_and_nothing_else(house: House) -> None:
    for number in range(8):
        house.write(tag=f"t{number % 4}", host=f"s{number % 4}.example")
    house.publish()
    before, at = house.now, house.now + timedelta(days=11)
    slug = house.write(tag="t1", host="s2.example")
    kinds = ("atom", "json", "rss")
    feeds = [f"{name}.{kind}" for name in ("feed", "article-first") for kind in kinds]
    lists = ("", f"{at:%Y}/", f"{at:%Y/%m}/", "archive/", "sources/", "tags/")
    its_own = ("tags/t1/", "sources/s2.example/")
    assert set(house.publish().report.written) == {
        f"{at:%Y/%m}/{slug}/index.html",
        *(f"{folder}index.html" for folder in (*lists, *its_own)),
        *(f"{folder}{name}" for folder in ("", "takeaways/", *its_own) for name in feeds),
        "river.atom",
        "sitemap.xml",
        f"search/{at:%Y}.json",
        # With the first post of a month, the one before it is over.
        f"{before:%Y/%m}/index.html",
        f"archive/{before:%Y-%m}.atom",
        f"archive/{before:%Y-%m}.json",
    }


def test_what_nothing_has_changed_for_is_neither_read_nor_made(house: House) -> None:
    for title in ("One", "Two", "Three", "Four"):
        house.write(title)
    house.publish()
    before = len(house.read)
    house.publish()
    assert house.read[before:] == []
    house.write("Five")
    before = len(house.read)
    house.publish()
    assert [document.split("\n")[1] for document in house.read[before:]] == ["title: Five"]
    house.kept.unlink()  # what was made of them; now every one is read anew, to the same end
    before = len(house.read)
    assert house.publish().report.written == ()
    assert len(house.read[before:]) == 5


def test_a_file_whose_stamp_is_the_same_is_not_made(tmp_path: Path) -> None:
    def never() -> bytes:
        raise AssertionError("it was made")

    first = Files({"a.html": File("one", lambda: b"a"), "b.html": File("two", lambda: b"b")})
    write_site(first, tmp_path)
    again = Files({"a.html": File("one", never), "b.html": File("three", lambda: b"c")})
    assert write_site(again, tmp_path).written == ("b.html",)
    (tmp_path / "a.html").write_bytes(b"somebody else's")
    with pytest.raises(AssertionError, match="made"):
        write_site(again, tmp_path)


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_memory_that_is_none_costs_time_and_nothing_else(house: House, content: bytes) -> None:
    house.write("One")
    house.publish()
    house.kept.write_bytes(content)
    house.write("Two")
    house.publish()
    assert files_in(house.public) == house.from_nothing()
    assert house.kept.read_bytes()[:15] == b"SQLite format 3"


def test_no_false_word_comes_out_of_a_damaged_memory(house: House) -> None:
    house.write("One")
    house.publish()
    with closing(sqlite3.connect(house.kept)) as kept, kept:
        kept.execute("UPDATE articles SET article = replace(article, 'Words', 'Lies')")
        kept.execute("UPDATE articles SET found = replace(found, 'Words', 'Lies')")
        kept.execute("UPDATE facts SET facts = replace(facts, 'One', 'Lie')")
    house.write("Two")
    house.publish()
    assert files_in(house.public) == house.from_nothing()


def test_where_nothing_can_be_kept_it_is_published_all_the_same(house: House) -> None:
    house.kept.mkdir()
    house.write("One")
    assert house.publish().problems == ()
    assert files_in(house.public) == house.from_nothing()


def test_all_is_made_anew_when_it_is_asked_for(house: House) -> None:
    house.write("One")
    house.publish()
    page = house.public / "index.html"
    before = page.stat()
    # As somebody might who covers the traces.
    page.write_bytes(page.read_bytes().replace(b"Words", b"Lies!"))
    os.utime(page, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert house.publish().report.written == ()
    with closing(sqlite3.connect(house.kept)) as kept, kept:
        [key] = next(kept.execute("SELECT key FROM facts"))
        kept.execute("UPDATE facts SET sum = 0")
    assert house.publish(anew=True).report.written == ("index.html",)
    assert files_in(house.public) == house.from_nothing()
    with closing(sqlite3.connect(house.kept)) as kept:
        assert kept.execute("SELECT key, sum = 0 FROM facts").fetchall() == [(key, 0)]


def test_two_folders_of_one_site_are_kept_apart(house: House) -> None:
    house.write("One")
    house.publish()
    house.publish("other")
    house.write("Two")
    assert len(house.publish("other").report.written) == len(house.publish().report.written)
    assert files_in(house.folder / "other") == files_in(house.public)


def test_a_post_that_cannot_be_read_is_named_every_time_and_its_page_stays(house: House) -> None:
    slug = house.write("One")
    house.write("Two")
    house.publish()
    with closing(sqlite3.connect(house.database)) as database, database:
        database.execute("UPDATE posts SET document = '---' WHERE slug = ?", (slug,))
    for _ in range(2):
        [problem] = house.publish().problems
        assert slug in problem
        assert f"aggregator post edit {slug}" in problem
        assert any(f"/{slug}/" in path for path in files_in(house.public))


def test_whatever_a_theme_tells_of_other_months_keeps_up_with_them(house: House) -> None:
    theme = house.folder / "theme"
    theme.mkdir()
    told = "{% for one in [earlier, later] if one %}{{ one.articles[0].summary }}{% endfor %}"
    for name in ("month.html", "year.html"):
        text = '{% extends "default/' + name + '" %}{% block end %}' + told + "{% endblock %}"
        (theme / name).write_text(text)
    (theme / "post.html").write_text(
        '{% extends "default/post.html" %}{% block end %}{{ site.about }}{% endblock %}'
    )
    house.site = replace(house.site, theme=theme)
    first = house.write("One")
    house.now += timedelta(days=25)
    house.write("Two")
    house.publish()
    house.desk.withdraw(first)
    house.publish()
    assert files_in(house.public) == house.from_nothing()
    (house.folder / "about.md").write_text("Who I am.")
    house.site = replace(house.site, about=house.folder / "about.md")
    house.publish()
    assert files_in(house.public) == house.from_nothing()


def test_who_waited_for_another_publishes_what_is_true_by_then(house: House) -> None:
    slug = house.write("One")
    house.publish()
    house.desk.update(slug, "They voted.")
    with output(house.public):
        thread = threading.Thread(target=house.publish)
        thread.start()
        threading.Event().wait(0.3)
        house.desk.withdraw(slug)
    thread.join()
    assert files_in(house.public) == house.from_nothing()


def test_a_memory_that_was_lost_for_once_is_used_again(house: House) -> None:
    house.write("One")
    with closing(PostMemory(house.kept)) as memory:
        for content in (None, b"no database", None):
            if content:
                house.kept.write_bytes(content)
            publish(house.storage, house.site, house.public, memory=memory)
        assert len(memory.facts()) == 1


def test_what_a_killed_run_left_in_the_memory_goes(house: House) -> None:
    house.write("One")
    house.publish()
    with closing(sqlite3.connect(house.kept)) as kept, kept:
        kept.execute("INSERT INTO articles VALUES (x'00', x'7b7d', 1, x'20', 2)")
    house.publish()
    with closing(sqlite3.connect(house.kept)) as kept:
        assert kept.execute("SELECT count(*) FROM articles").fetchone() == (1,)


def test_who_waits_where_a_first_publication_fails_still_holds_the_folder(tmp_path: Path) -> None:
    public, order = tmp_path / "public", []
    is_in = threading.Event()

    def publish_it() -> None:
        with output(public) as place:
            order.append("in")
            is_in.set()
            threading.Event().wait(0.3)
            place.write({"index.html": b"one"})
            order.append("out")

    first, second = (threading.Thread(target=publish_it) for _ in range(2))

    def fail() -> None:
        with output(public):
            first.start()  # waits for this one, whose folder goes
            threading.Event().wait(0.3)
            raise ValueError("no theme")

    with pytest.raises(ValueError, match="no theme"):
        fail()
    is_in.wait()
    second.start()
    first.join()
    second.join()
    assert order == ["in", "out", "in", "out"]
