"""A real linkblog of 2,710 posts: imported, published, and read as its subscribers do."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import feedparser
from services.desks import House

from aggregator.config.settings import ParseSettings, Site
from aggregator.markup.markdown import web_address
from aggregator.markup.text import plain_text, scrub
from aggregator.migration.compose import Manner
from aggregator.services.collecting import collected
from aggregator.services.migrating import carry_out, plan_import
from aggregator.services.syndication import publish
from aggregator.workers.pool import ParserPool


def _item(mark):
    return {
        "id": f"https://marks.example/{mark['id']}",
        "url": f"https://marks.example/{mark['created'][:4]}/{mark['slug']}/",
        "external_url": mark["url"],
        "title": mark["title"],
        "content_text": mark["commentary"],
        "tags": mark["tags"],
        "date_published": f"{mark['created'].replace(' ', 'T')}Z",
        "authors": [{"name": "Somebody"}],
    }


def mended(text):
    """Return a text as feedparser gives it, which undoes UTF-8 that was encoded twice."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def test_subscribers_of_a_linkblog_find_every_post_as_it_was(corpus, tmp_path):
    lines = (corpus / "linkblog" / "blogmarks.jsonl").read_text().splitlines()
    items = [_item(json.loads(line)) for line in lines]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Marks",
        "home_page_url": "https://marks.example/",
        "items": items,
    }
    house = House(tmp_path)
    site: Site = replace(house.site, feed_posts=10_000)
    pool = ParserPool(ParseSettings(workers=1))
    found = collected(
        json.dumps(feed).encode(), name="x", reader=pool, base_url=site.base_url, now=house.now
    )
    pool.close()
    manner = Manner(base_url=site.base_url, now=house.now)
    plan = plan_import(house.storage, found, manner)
    assert (len(plan.new), plan.broken, plan.drafts) == (2710, [], {})
    carry_out(house.storage, plan)
    publish(house.storage, site, tmp_path / "public", clock=lambda: house.now)

    read = feedparser.parse((tmp_path / "public" / "feed.atom").read_bytes())
    entries = {entry.id: entry for entry in read.entries}
    assert len(entries) == len(read.entries) == len(items) == 2710
    for item in items:
        entry = entries[item["id"]]
        said = " ".join(item["title"].split())
        assert entry.title == mended(said)
        at = datetime.fromisoformat(item["date_published"])
        assert datetime(*entry.published_parsed[:6], tzinfo=UTC) == at
        assert datetime(*entry.updated_parsed[:6], tzinfo=UTC) == at
        assert entry.author == "Somebody"
        assert {tag.label for tag in entry.get("tags", [])} == set(item["tags"])
        assert [link.href for link in entry.links if link.rel == "related"] == [
            web_address(item["external_url"])  # braces and spaces are escaped in it
        ]
        words = plain_text(entry.content[0].value).split()
        # Control characters may stand in no feed.
        assert words == mended(f"{said} {scrub(item['content_text'])}").split()
    again = plan_import(house.storage, found, manner)
    assert (again.known, again.new, again.changed) == (2710, [], [])
    house.storage.close()
