"""Webmention (W3C Recommendation of 2017) without a network: where a page wants to be told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from aggregator.reading.links import links_by_rel
from aggregator.reading.urls import absolute

# Of a page that is looked at: endpoints stand in the head, or near the comments.
MAX_PAGE = 1024 * 1024

REL = "webmention"
_HTML = frozenset(("", "text/html", "application/xhtml+xml"))
# A scanner of our own, for a hostile page is read in this process: the standard library's parser
# takes minutes for a megabyte of "<!", and lxml can be crashed. Every piece is looked at once.
_OPENS = re.compile(r"<(?:(?P<comment>!--)|(?P<name>[a-zA-Z][^\s/>]*+)|(?P<other>[!?/]))")
_ATTRIBUTE = re.compile(
    r"[\s/]*+(?P<name>[^\s/>][^\s/>=]*+)"
    r"(?:\s*+=\s*+(?:(?P<quote>[\"'])|(?P<plain>[^\s>\"'][^\s>]*+))?+)?+"
)
_TAG_ENDS = re.compile(r"[\s/]*+>")
_ENDS = re.compile(">")
_COMMENT_ENDS = re.compile(r"--!?>")
# What stands in these is text, or is not part of the page.
_RAW_ENDS = {
    name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE)
    for name in "script style textarea title xmp iframe noembed noframes template".split()
}


def endpoint_of(links: str, body: bytes, content_type: str, url: str) -> str | None:
    """Return where the page of `url` wants to be told who links to it (§3.1.2); None: nowhere.

    `links` is the Link field of the answer, which wins over the page. In that, the first link
    or a element with the relation counts; without `href` it is passed over, with an empty one
    the page is its own endpoint. What comes after MAX_PAGE bytes is not looked at.
    """
    named = links_by_rel(links, url).get(REL)
    if named:
        return named[0]
    if content_type.partition(";")[0].strip().lower() not in _HTML:
        return None
    base = url
    for tag, given in _tags(body[:MAX_PAGE].decode("utf-8", "replace")):
        href = given.get("href")
        if href is None:
            continue
        if tag == "base":
            base = absolute(url, href) or url if base == url else base
        elif REL in given.get("rel", "").lower().split():
            endpoint = absolute(base, href) if href.strip() else url
            if endpoint is not None:
                return endpoint
    return None


def _tags(page: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the base, link and a elements of a page in its order, with their attributes."""
    place = 0
    while opening := _OPENS.search(page, place):
        place = opening.end()
        if opening["comment"]:
            ending = _COMMENT_ENDS.search(page, place - 2)  # "<!-->" is one already
        elif opening["other"]:
            ending = _ENDS.search(page, place)
        else:
            name = opening["name"].lower()
            given, after = _attributes(page, place)
            if after is None:
                return
            if name in ("a", "link", "base"):
                yield name, given
            if name not in _RAW_ENDS:
                place = after
                continue
            ending = _RAW_ENDS[name].search(page, after)
        if ending is None:
            return
        place = ending.end()


def _attributes(page: str, place: int) -> tuple[dict[str, str], int | None]:
    """Return the attributes of a tag, the first of each name, and where it ends.

    None: it does not end, and takes the rest of the page with it.
    """
    given: dict[str, str] = {}
    while not (ending := _TAG_ENDS.match(page, place)):
        found = _ATTRIBUTE.match(page, place)
        if found is None:
            return given, None
        value, place = found["plain"] or "", found.end()
        if found["quote"]:
            closing = page.find(found["quote"], place)
            if closing < 0:
                return given, None
            value, place = page[place:closing], closing + 1
        given.setdefault(found["name"].lower(), unescape(value))
    return given, ending.end()
