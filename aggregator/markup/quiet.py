"""Clean HTML for reading at the desk: nothing in it is loaded from anywhere. Pure."""

from __future__ import annotations

import re
from html import escape, unescape

# The sanitizer writes `"`, `<` and `>` inside attributes as entities, so these match whole tags.
_ATTRIBUTES = r"((?: [a-z]+(?:=\"[^\"]*\")?)*)"
_IMAGE = re.compile(rf"<img{_ATTRIBUTES}>")
_PLAYED = re.compile(rf"<(audio|video){_ATTRIBUTES}>|</(?:audio|video)>|<source{_ATTRIBUTES}>")
_LINK = re.compile(r"<a ")
_HEADING = re.compile(r"<(/?)h([1-6])(?=[ >])")
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')


def quiet(html: str) -> str:
    """Return cleaned HTML without pictures, sound and films, each named in words in its place.

    Links open beside the desk, and headings are below that of the entry.
    """
    html = _IMAGE.sub(lambda tag: _named("Picture", tag[1]), html)
    html = _PLAYED.sub(_played, html)
    html = _LINK.sub('<a target="_blank" ', html)
    return _HEADING.sub(lambda tag: f"<{tag[1]}h{min(max(int(tag[2]), 2) + 1, 6)}", html)


def _played(tag: re.Match[str]) -> str:
    if tag[1] is None:
        return ""
    return _named({"audio": "Sound", "video": "Film"}[tag[1]], tag[2]) + " "


def _named(kind: str, attributes: str) -> str:
    told = dict(_ATTRIBUTE.findall(attributes))
    words = unescape(told.get("alt") or told.get("title") or "").strip()
    text = f"{kind}: {words}" if words else kind
    return f'<span class="left-out" title="{told.get("src", "")}">{escape(text)}</span>'
