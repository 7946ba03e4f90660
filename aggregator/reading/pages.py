"""Web pages, told from feeds that have gone wrong."""

from __future__ import annotations

import re

_HTML = frozenset(
    b"""html head body title meta link base script style noscript template div p span a img br hr
    h1 h2 h3 h4 h5 h6 b i u em strong small font center pre ul ol li dl table tr td form input
    button header footer nav main section article aside iframe frameset""".split()
)
_TAG = re.compile(rb"<(?:(?P<name>[A-Za-z_][A-Za-z0-9_.:-]{0,60})|(?P<comment>!--)|[!?])")
_DOCTYPE = re.compile(rb"<!doctype\s+html", re.IGNORECASE)
_FEED_ROOT = re.compile(
    rb"<(?:(?P<comment>!--)|(?P<raw>script|style|textarea|xmp)(?=[\s>/])"
    rb"|(?:[A-Za-z0-9]+:)?(?:rss|feed|RDF)(?=[\s>]))",
    re.IGNORECASE,
)
_RAW_END = re.compile(rb"</(?:script|style|textarea|xmp)", re.IGNORECASE)


def looks_like_page(body: bytes) -> bool:
    """Whether its first element is one of HTML, or its DOCTYPE where it has no element.

    What stands further down says nothing: licences and trackbacks are written into pages as
    RDF, within comments, and scripts write tags.
    """
    name = _first_element(body)
    return name.lower() in _HTML if name else _DOCTYPE.search(body[:65536]) is not None


def holds_a_feed(page: bytes) -> bool:
    """Whether the root of a feed stands in a page: somebody's template was wrapped around one."""
    at = 0
    while found := _FEED_ROOT.search(page, at):
        if found["comment"]:
            end = page.find(b"-->", found.end())
        elif found["raw"]:
            ending = _RAW_END.search(page, found.end())
            end = ending.start() if ending else -1
        else:
            return True
        if end < 0:
            return False
        at = end
    return False


def _first_element(body: bytes) -> bytes:
    """Return the name of the first element; b"" where there is none."""
    at = 0
    while at >= 0 and (tag := _TAG.search(body, at)):  # any other "<" is text
        if tag["name"]:
            return tag["name"]
        at = body.find(b"-->" if tag["comment"] else b">", tag.start())
    return b""
