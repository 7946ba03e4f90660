"""What feeds say of a post's parts: its updates, what it replies to, what it is made of."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest
from lxml import etree
from publishing.samples import BLOCKS, LANE, PUBLISHED, REYES, SITE, UPDATE, UPDATED, post_of

from aggregator.model.post import Commentary, PostStatus, Quotation, Takeaways, UpdateKind
from aggregator.publishing.article import article_of
from aggregator.publishing.atom import atom_feed
from aggregator.publishing.jsonfeed import json_feed
from aggregator.publishing.rss import rss_feed

LINE = "<strong>Updated 31 March 2026, 14:05 UTC:</strong> Joe Lane makes several points, but"


def test_an_updated_post_says_so_at_its_top_in_feeds_only() -> None:
    article = article_of(post_of(updates=(UPDATE,)), SITE)
    assert article.feed_html.startswith(f"<p>{LINE}")
    assert "Updated" not in article.html
    assert "Updated" not in article_of(post_of(), SITE).feed_html
    for document in (
        atom_feed(SITE, [article], id_="urn:x:feed", path="feed.atom"),
        rss_feed(SITE, [article]),
        json_feed(SITE, [article]),
    ):
        assert b"Updated 31 March 2026, 14:05 UTC:" in document


def test_the_newest_update_is_announced_with_its_kind_and_short() -> None:
    correction = replace(
        UPDATE,
        kind=UpdateKind.CORRECTION,
        blocks=(Commentary(markdown="The vote <was> in *May*. " + "More words. " * 50),),
    )
    earlier = replace(UPDATE, at=PUBLISHED)
    stored = post_of(updates=(correction, earlier), updated=UPDATED)
    line, *_ = article_of(stored, SITE).feed_html.splitlines()
    assert "</strong> Correction: The vote &lt;was&gt; in May. More words." in line
    assert line.endswith("…</p>")
    assert len(line) < 200


def test_a_withdrawn_post_announces_no_update_and_tells_no_parts() -> None:
    article = article_of(post_of(updates=(UPDATE,), status=PostStatus.WITHDRAWN), SITE)
    assert article.changed == ""
    item = json.loads(json_feed(SITE, [article]))["items"][0]
    assert item["_linkblog"].keys() == {"about", "withdrawn"}
    assert article.parts.every_block == ()


def test_an_entry_replies_to_what_it_quotes_and_not_to_what_it_links_to() -> None:
    linked = Commentary(markdown="See [this](https://else.example/).")
    stored = post_of(blocks=(*BLOCKS, linked), updates=(UPDATE,))
    cites = (replace(LANE, url="https://else.example/"),)
    stored = replace(stored, post=replace(stored.post, cites=cites))
    document = atom_feed(SITE, [article_of(stored, SITE)], id_="urn:x:feed", path="feed.atom")
    [entry] = etree.fromstring(document).findall("{*}entry")
    replies = entry.findall("{http://purl.org/syndication/thread/1.0}in-reply-to")
    assert [reply.get("ref") for reply in replies] == [REYES.url, LANE.url]
    related = [link.get("href") for link in entry.findall("{*}link[@rel='related']")]
    assert "https://else.example/" in related


def test_the_extension_tells_quotations_takeaways_updates_and_via(corpus: Path) -> None:
    document = json.loads(json_feed(SITE, [article_of(post_of(updates=(UPDATE,)), SITE)]))
    schema = json.loads((corpus / "schemas" / "jsonfeed-1.1.schema.json").read_text())
    jsonschema.validate(document, schema)
    told = document["items"][0]["_linkblog"]
    assert told["about"] == "https://blog.example/linkblog-extension.txt"
    assert told["quotations"] == [
        {
            "text": 'The council put off its vote … "We need more time," said the mayor …',
            "url": REYES.url,
            "title": REYES.title,
            "author": "Ana Reyes",
            "outlet": "The Courier",
            "via": "https://www.b.example/seen",
        }
    ]
    assert told["takeaways"] == [
        "it was the mayor who blinked.",
        "the unions were not asked.",
        "nothing is settled.",
    ]
    assert told["via"] == ["https://www.b.example/seen"]
    [update] = told["updates"]
    assert (update["date"], update["kind"]) == ("2026-03-31T14:05:00Z", "update")
    assert update["quotations"][0]["url"] == LANE.url
    assert update["text"].startswith("Joe Lane makes several points")


@pytest.mark.parametrize("text", ["[The vote][1]", "<script>alert(1)</script>", "a\x01b\ufffe"])
def test_texts_of_the_extension_are_plain_and_links_defined_elsewhere_hold(text: str) -> None:
    blocks = (
        Quotation(text=text, citation=REYES),
        Takeaways(items=(text,)),
        Commentary(markdown="[1]: https://news.example/vote"),
    )
    document = json_feed(SITE, [article_of(post_of(blocks=blocks), SITE)])
    told = json.loads(document)["items"][0]["_linkblog"]
    shown = {"[The vote][1]": "The vote", "a\x01b\ufffe": "ab"}.get(text, text)
    assert told["quotations"][0]["text"] == told["takeaways"][0] == shown


def test_categories_say_whose_words_they_are_in_rss_too() -> None:
    item = etree.fromstring(rss_feed(SITE, [article_of(post_of(), SITE)])).find("channel/item")
    assert item is not None
    assert [(one.get("domain"), one.text) for one in item.findall("category")] == [
        ("https://blog.example/tags/", "city"),
        ("https://blog.example/tags/", "budget"),
    ]


def test_an_update_before_publication_is_no_news() -> None:
    again = UPDATED + timedelta(days=1)  # published again after a withdrawal
    stored = post_of(updates=(UPDATE,), published=UPDATED, updated=again)
    assert article_of(stored, SITE).changed == ""
