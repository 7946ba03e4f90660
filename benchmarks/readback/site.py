"""A site of a real linkblog's posts and of hostile ones, beside what their authors meant."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from aggregator.config.settings import Author, ParseSettings, Site
from aggregator.document import parse_document
from aggregator.markup.markdown import web_address
from aggregator.migration.compose import Manner
from aggregator.services.collecting import collected
from aggregator.services.desk import Desk
from aggregator.services.migrating import Plan, carry_out, plan_import
from aggregator.services.syndication import publish
from aggregator.storage.sql import SqlStorage
from aggregator.workers.pool import ParserPool
from benchmarks.readback.hostile import hostile_posts, possible
from benchmarks.readback.told import Told, moment

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
SITE = Site(
    title="Marks & <notes>",
    base_url="https://blog.example/",
    authors=(Author(name="Somebody"),),
    feed_posts=10_000,
)
AUTHOR = "Søren <Some> & Body"  # of the linkblog's posts


@dataclass(frozen=True, kw_only=True)
class Built:
    """The published folder, every post by its id, and what importing the linkblog came to."""

    public: Path
    meant: Mapping[str, Told]
    tags: Mapping[str, frozenset[str]]  # of the linkblog's posts, by id
    cited: Mapping[str, str]  # the address that each of them is about
    plan: Plan
    again: Plan  # the same import, planned once more

    @property
    def faults(self) -> list[str]:
        """What went wrong with importing: every post has to come, and once."""
        there = len(self.tags)
        came, known = len(self.plan.new), self.again.known
        found = [f"{came} of {there} posts came"] if came != there else []
        found += [str(one) for one in self.plan.broken] + [*self.plan.drafts]
        if (known, self.again.new, self.again.changed) != (there, [], []):
            found.append(f"importing again: {known} of {there} posts are known")
        return found

    @property
    def archived(self) -> dict[str, Told]:
        """The posts that archives hold: all but those of the newest month, which is not over."""
        newest = max(self.meant.values(), key=lambda told: str(told.updated)).updated
        month = f"{newest:%Y-%m}"
        return {id_: one for id_, one in self.meant.items() if f"{one.published:%Y-%m}" < month}


def archives(public: Path) -> list[Path]:
    """Return the archives by month, the oldest first."""
    return sorted((public / "archive").glob("*.atom"))


def documents(public: Path) -> list[Path]:
    """Return every feed document of a site."""
    return sorted(
        path
        for path in public.rglob("*")
        if path.suffix in {".atom", ".rss", ".json"}
        and path.name[0] != "."
        and "search" not in path.parts
    )


def build(linkblog: Path, folder: Path, *, every: int = 1) -> Built:
    """Import the linkblog, write the hostile posts, and publish all of it below `folder`.

    `every` second, third … post of the linkblog will do where time is short.
    """
    marks = [json.loads(line) for line in linkblog.read_text().splitlines()[::every]]
    items = [_item(mark) for mark in marks]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Marks",
        "home_page_url": "https://marks.example/",
        "items": items,
    }
    folder.mkdir(exist_ok=True)
    storage = SqlStorage(folder / "a.sqlite", parse=parse_document)
    pool = ParserPool(ParseSettings(workers=1))
    try:
        found = collected(
            json.dumps(feed).encode(), name="marks", reader=pool, base_url=SITE.base_url, now=NOW
        )
    finally:
        pool.close()
    manner = Manner(base_url=SITE.base_url, now=NOW)
    plan = plan_import(storage, found, manner)
    carry_out(storage, plan)
    meant = _imported(items, {stored.id: stored.slug for stored, _ in plan.new})
    meant |= _written(storage)
    publication = publish(storage, SITE, folder / "public", clock=lambda: NOW)
    if publication.problems:
        raise RuntimeError(f"posts were left out: {publication.problems}")
    again = plan_import(storage, found, manner)
    storage.close()
    return Built(
        public=folder / "public",
        meant=meant,
        tags={str(item["id"]): frozenset(item["tags"]) for item in items},
        cited={str(item["id"]): web_address(item["external_url"]) for item in items},
        plan=plan,
        again=again,
    )


def _item(mark: Mapping[str, str]) -> dict[str, object]:
    return {
        "id": f"https://marks.example/{mark['id']}",
        "url": f"https://marks.example/{mark['created'][:4]}/{mark['slug']}/",
        "external_url": mark["url"],
        "title": mark["title"],
        "content_text": mark["commentary"],
        "tags": mark["tags"],
        "date_published": f"{mark['created'].replace(' ', 'T')}Z",
        "authors": [{"name": AUTHOR}],
    }


def _imported(
    items: Sequence[Mapping[str, object]], slugs: Mapping[str | None, str]
) -> dict[str, Told]:
    """Return what the linkblog's author meant: the headline is a link to what it is about."""
    meant = {}
    for item in items:
        id_, title = str(item["id"]), str(item["title"])
        at = moment(str(item["date_published"]))
        meant[id_] = Told(
            id=id_,
            title=possible(title, line=True),
            link=_page(slugs[id_], at),
            author=AUTHOR,
            published=at,
            updated=at,
            words=possible(f"{title} {item['content_text']}"),
        )
    return meant


def _written(storage: SqlStorage) -> dict[str, Told]:
    """Write and publish the hostile posts."""
    meant = {}
    clock = NOW
    desk = Desk(storage, SITE, clock=lambda: clock)
    for post in hostile_posts():
        clock = post.at
        slug = desk.new(post.document).slug
        stored = desk.publish(slug)
        if post.updated:
            clock = post.updated
            desk.update(slug, post.update)
        if not stored.id:
            raise RuntimeError(f"{slug} got no id")
        meant[stored.id] = Told(
            id=stored.id,
            title=post.title,
            link=_page(slug, post.at),
            author=post.author,
            published=post.at,
            updated=post.updated or post.at,
            words=post.words,
        )
    return meant


def _page(slug: str, at: datetime) -> str:
    return f"{SITE.base_url}{at:%Y/%m}/{quote(slug)}/"
