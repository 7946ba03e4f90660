"""Pages as programs of the IndieWeb read them: h-entry, h-cite, h-feed, h-card."""

from __future__ import annotations

from typing import Any

import mf2py
from publishing.samples import LANE, REYES, UPDATE, feed_of, post_of, render_posts

from aggregator.model.post import Commentary

LINK = Commentary(markdown="See [the minutes](https://city.example/minutes).")


def items(path: str) -> list[dict[str, Any]]:
    posts = [post_of(updates=(UPDATE,)), post_of("plain", blocks=(LINK,))]
    feeds = (feed_of("https://news.example/rss", title="Courier"),)
    files = render_posts(*posts, feeds=feeds).files
    address = f"https://blog.example/{path}"
    found = mf2py.parse(doc=files[f"{path}index.html"].decode(), url=address)["items"]
    assert isinstance(found, list)
    return found


def test_a_post_is_an_entry_that_quotes_works_with_their_authors() -> None:
    (entry,) = items("2026/03/the-council-blinked/")
    assert entry["type"] == ["h-entry"]
    said = entry["properties"]
    assert said["name"] == ["The council blinked"]
    assert said["url"] == ["https://blog.example/2026/03/the-council-blinked/"]
    assert said["uid"] == ["tag:blog.example,2026-03-31:the-council-blinked"]
    assert said["published"] == ["2026-03-31T08:00:00Z"]
    assert said["updated"] == ["2026-03-31T14:05:00Z"]
    assert said["category"] == ["city", "budget"]
    assert said["author"][0]["properties"]["name"] == ["Ada Author"]
    first, second = said["quotation-of"]
    assert first["type"] == ["h-cite"]
    assert first["properties"]["url"] == [REYES.url]
    assert first["properties"]["name"] == ["Council delays vote"]
    assert first["properties"]["author"] == ["Ana Reyes"]
    assert first["properties"]["publication"] == ["The Courier"]
    assert first["properties"]["content"][0].startswith("The council put off its vote …")
    assert second["properties"]["url"] == [LANE.url]


def test_a_work_that_is_only_linked_is_in_no_list_of_quotations() -> None:
    (entry,) = items("2026/03/plain/")
    assert "quotation-of" not in entry["properties"]


def test_the_front_page_is_a_feed_of_entries() -> None:
    (feed,) = items("")
    assert feed["type"] == ["h-feed"]
    assert feed["properties"]["name"] == ["The Margin"]
    names = [entry["properties"]["name"][0] for entry in feed["children"]]
    assert names == ["The council blinked", "The council blinked"]


def test_lists_are_entries_and_the_blogroll_is_cards() -> None:
    listed = items("tags/city/")
    assert [entry["type"] for entry in listed] == [["h-entry"], ["h-entry"]]
    [summary] = listed[0]["properties"]["summary"]
    assert summary.startswith("I see three takeaways from this news. First, it was the mayor")
    (card,) = items("blogroll/")
    assert card["properties"]["name"] == ["Courier"]
    assert card["properties"]["url"] == ["https://news.example/"]
