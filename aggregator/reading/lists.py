"""A list of feeds, as other programs write it, by the reader of its format. Pure."""

from __future__ import annotations

import json
from typing import Any

from aggregator.errors import ReadError
from aggregator.model.poll import FailureKind
from aggregator.reading.charset import decoded
from aggregator.reading.listed import FeedList, LeftOut, ListedFeed, listed
from aggregator.reading.opml import MOST, read_opml

LARGEST = 16 * 1024 * 1024  # bytes; the longest lists of real readers have a hundredth of that


def read_list(body: bytes, *, content_type: str = "") -> FeedList:
    """Return the feeds of an OPML list, or of a JSON array of objects with `url`.

    Raises ReadError: NOT_A_FEED for what is no list, TOO_LARGE for one beyond LARGEST, PARSER
    for one beyond MOST.
    """
    if len(body) > LARGEST:
        raise ReadError(FailureKind.TOO_LARGE, f"the list is larger than {LARGEST >> 20} MiB")
    text = decoded(body, content_type)
    if text.lstrip()[:1] == "[":
        return _of_json(text)
    return read_opml(text)


def _of_json(text: str) -> FeedList:
    """Read what `feeds --json` prints, and the lists that planets publish."""
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ReadError(FailureKind.NOT_A_FEED, f"broken JSON: {str(error)[:100]}") from None
    if not isinstance(values, list):
        raise ReadError(FailureKind.NOT_A_FEED, "JSON, but no list of feeds")
    if len(values) > MOST:
        raise ReadError(FailureKind.PARSER, f"it lists more than {MOST:,} feeds; split it")
    feeds: list[ListedFeed] = []
    left: list[LeftOut] = []
    for value in values:
        one = value if isinstance(value, dict) else {}
        address = _text(one, "url") or _text(one, "xmlUrl")
        title = _text(one, "title") or _text(one, "name")
        tags = one.get("tags")
        words = [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
        entry = listed(address, title, words)
        if isinstance(entry, ListedFeed):
            feeds.append(entry)
        else:
            left.append(entry)
    return FeedList(feeds=tuple(feeds), left_out=tuple(left))


def _text(value: dict[str, Any], key: str) -> str:
    found = value.get(key)
    return found if isinstance(found, str) else ""
