"""What changes in a source's HTML by itself, taken out; what a person changes stays.

Only inside of tags: an article may well be about attributes. What a reader would see stays:
where a link leads, and which picture it is.
"""

from __future__ import annotations

import re

from aggregator.reading.urls import TRACKED, without_tracking

_DROPPED = "class id style width height sizes data- loading decoding fetchpriority".split()
# Looked for first, because plain search is thirty times as fast as a pattern.
_NAMES = [f" {name}" for name in [*_DROPPED, "src", "poster"] if name != "id"] + [" id="]
_NAMES += [f" {name.upper()}" for name in "src class style width height".split()]
_TAG = re.compile(r"""<[a-zA-Z][a-zA-Z0-9:-]*+\s(?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+>""")
_ATTRIBUTE = re.compile(
    rf"""\s(href|src|srcset|poster|{"|".join(_DROPPED).replace("data-", "data-[a-z0-9_.:-]*")})"""
    r"""\s*=\s*("[^"]*"|'[^']*'|[^\s"'<>]+)""",
    re.IGNORECASE,
)
_SOURCE = re.compile(r"\ssrc\s*=", re.IGNORECASE)
# Hosts and queries of pictures change with every delivery: mirrors, sizes, signatures.
_PATH = re.compile(r"(?:(?:[a-z][a-z0-9+.-]*:)?//[^/?#]*)?([^?#]*)", re.IGNORECASE)
_SIZE = re.compile(r"-[0-9]{2,5}x[0-9]{2,5}(?=\.[a-z0-9]{2,5}\Z)", re.IGNORECASE)


def without_volatile(html: str) -> str:
    """Return HTML without what changes by itself, to be compared and never to be shown."""
    html = " ".join(html.split())
    if "<" in html:
        if "<!--" in html:
            html = " ".join(_without_comments(html).split())
        if any(name in html for name in _NAMES) or (
            ("?" in html or "#" in html) and TRACKED.search(html)
        ):
            html = _TAG.sub(_steady_tag, html)
    return html


def _steady_tag(tag: re.Match[str]) -> str:
    has_source = _SOURCE.search(tag[0]) is not None
    return _ATTRIBUTE.sub(lambda attribute: _steady_attribute(attribute, has_source), tag[0])


def _steady_attribute(attribute: re.Match[str], has_source: bool) -> str:
    name, value = attribute[1].lower(), attribute[2].strip("\"'").strip()
    if name == "href":
        return f' href="{without_tracking(value)}"' if TRACKED.search(value) else attribute[0]
    if name in {"src", "poster"}:
        return f' {name}="{_path(value)}"'
    if name == "srcset" and not has_source:  # beside a source they are sizes of the same picture
        paths = {_path(one.split()[0]) for one in value.split(",") if one.strip()}
        return f' srcset="{" ".join(sorted(paths))}"'
    return ""


def _path(address: str) -> str:
    found = _PATH.match(address)
    return _SIZE.sub("", found[1]) if found else address


def _without_comments(html: str) -> str:
    """Leave out the comments; by plain search, for a pattern is quadratic in unclosed ones."""
    kept = []
    at = 0
    while (start := html.find("<!--", at)) >= 0:
        end = html.find("-->", start + 4)
        if end < 0:
            break
        kept.append(html[at:start])
        at = end + 3
    return "".join(kept) + html[at:]
