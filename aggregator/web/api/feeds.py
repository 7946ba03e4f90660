"""Feeds for programs."""

from __future__ import annotations

from typing import Any

from flask import Response

from aggregator.services.newfeeds import MOST_TAGS
from aggregator.web.api.asking import body
from aggregator.web.api.book import Book
from aggregator.web.api.shapes import TEXT, TRUTH, feed, listed, needing, ref, whole
from aggregator.web.desk.parts import Parts

_TAGS = listed(TEXT, maxItems=MOST_TAGS)


def add(book: Book, parts: Parts) -> None:
    feeds = parts.feeds

    @book.on(
        "GET",
        "/feeds",
        "The feeds that are followed, those with trouble first",
        answer=whole(feeds=listed(ref("Feed"))),
    )
    def list_feeds() -> Any:
        return {"feeds": [feed(one) for one in feeds.all()]}

    @book.on("GET", "/feeds/{number}", "A feed", answer=ref("Feed"))
    def get_feed(number: int) -> Any:
        return feed(feeds.one(number))

    @book.on(
        "POST",
        "/feeds",
        "Follow the feed at an address; it is asked with the next poll",
        body=needing("url", url=TEXT, tags=_TAGS),
        answer=ref("Feed"),
        status=201,
    )
    def follow_feed() -> Any:
        with body() as sent:
            url, tags = sent.take("url", str), sent.listed("tags", str, most=MOST_TAGS)
        return feed(feeds.one(parts.new_feeds.follow(url, tags=tags))), 201

    @book.on(
        "PATCH",
        "/feeds/{number}",
        "Change what feeds.yaml says of a feed; what is left out stays",
        body=needing(title=TEXT, tags=_TAGS, interval=TEXT, paused=TRUTH),
        answer=ref("Feed"),
    )
    def change_feed(number: int) -> Any:
        before = feeds.one(number)
        subscription = before.feed.subscription
        with body() as sent:
            title = sent.take("title", str, subscription.title or "")
            tags = sent.listed("tags", str, most=MOST_TAGS)
            interval = sent.take("interval", str, before.interval)
            paused = sent.take("paused", bool, subscription.paused)
        if "title" in sent or "tags" in sent or "interval" in sent:
            told = tags if "tags" in sent else subscription.tags
            feeds.decide(number, title=title, tags=told, interval=interval)
        if paused != subscription.paused:
            feeds.pause(number, paused=paused)
        return feed(feeds.one(number))

    @book.on(
        "DELETE",
        "/feeds/{number}",
        "Follow a feed no more; its entries stay",
        status=204,
    )
    def unfollow_feed(number: int) -> Response:
        feeds.unfollow(number)
        return Response(status=204)
