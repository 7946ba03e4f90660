"""Bookmarks: Netscape's file, as browsers and bookmark services write it, and Pinboard's JSON."""

from __future__ import annotations

import json
import re
from datetime import datetime
from hashlib import sha256
from html import unescape
from typing import Any

from aggregator.errors import ReadError
from aggregator.markup.markdown import web_address
from aggregator.markup.text import scrub
from aggregator.migration.compose import at_second
from aggregator.migration.html import as_html
from aggregator.migration.values import Broken, Collection, Item, place_of
from aggregator.model.poll import FailureKind
from aggregator.publishing.ids import mint_id
from aggregator.reading.dates import parse_date

_INSIDE = r"""(?:[^<>"']|"[^"]{0,20000}"|'[^']{0,20000}')*+"""
_TOKEN = re.compile(
    rf"<(/?)(a|dd|dt|dl|h3|br)(?=[\s/>])({_INSIDE})>|<[a-z/!?][^<>]*>|[^<]+|<", re.I
)
_ATTRIBUTE = re.compile(r"""([a-z_-]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'<>]+)""", re.IGNORECASE)
_QUOTED = re.compile(r"(<blockquote>.*?</blockquote>)", re.DOTALL | re.IGNORECASE)
_MARK = re.compile(r"</?blockquote>", re.IGNORECASE)


def from_pinboard(text: str, *, base_url: str, now: datetime) -> Collection:
    """Return the bookmarks of a Pinboard export. Raises ReadError for what is none."""
    try:
        values = json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise ReadError(FailureKind.NOT_A_FEED, f"broken JSON: {str(error)[:100]}") from None
    if not isinstance(values, list):
        raise ReadError(FailureKind.NOT_A_FEED, "JSON, but no list of bookmarks")
    made = _Made(base_url)
    for number, value in enumerate(values, 1):
        if not isinstance(value, dict):
            made.broken.append(Broken(place=place_of(number, ""), reason="it is no object"))
            continue
        made.add(
            place_of(number, _text(value, "description")),
            href=_text(value, "href"),
            title=_text(value, "description"),
            said=_text(value, "extended"),
            tags=_text(value, "tags").split(),
            at=parse_date(_text(value, "time"), now),
            private=_text(value, "shared").lower() == "no",
        )
    return made.collection("pinboard")


def from_netscape(text: str, *, base_url: str) -> Collection:
    """Return the bookmarks of a Netscape bookmark file; folders become tags."""
    reader = _Netscape()
    for token in _TOKEN.finditer(scrub(text)):
        reader.token(token)
    made = _Made(base_url)
    for number, one in enumerate(reader.found, 1):
        title = " ".join(one.title.split())
        tags = [tag.strip() for tag in re.split(",", one.attributes.get("tags", ""))]
        stamp = one.attributes.get("add_date", "")
        made.add(
            place_of(number, title),
            href=one.attributes.get("href", ""),
            title=title,
            said=one.said.strip(),
            tags=[*one.folders, *tags],
            at=at_second(int(stamp)) if re.fullmatch("[0-9]{1,18}", stamp) else None,
            private=one.attributes.get("private", "").lower() in ("1", "true"),
        )
    return made.collection("netscape")


class _Made:
    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self.items: list[Item] = []
        self.broken: list[Broken] = []

    def add(
        self,
        place: str,
        *,
        href: str,
        title: str,
        said: str,
        tags: list[str],
        at: datetime | None,
        private: bool,
    ) -> None:
        if web_address(href) is None:
            reason = f"{href[:60]!r} is no address that begins with https://"
            self.broken.append(Broken(place=place, reason=reason))
            return
        # Nobody subscribes to bookmarks, so an id is made, and always the same one.
        name = sha256(f"{href}\0{at.isoformat() if at else ''}".encode("utf-8", "replace"))
        item = Item(
            place=place,
            id=mint_id(self._base_url, f"bookmark-{name.hexdigest()[:16]}", at) if at else None,
            title=title or href,
            about=href,
            html=_html_of(said),
            tags=tuple(tag for tag in tags if tag),
            published=at,
            private=private,
        )
        self.items.append(item)

    def collection(self, format_: str) -> Collection:
        items = list(reversed(self.items))  # of one second, the newest stand first
        items.sort(key=lambda item: item.published.timestamp() if item.published else 0)
        return Collection(format=format_, items=tuple(items), broken=tuple(self.broken))


def _html_of(said: str) -> str:
    """Return a bookmark's description as HTML: plain text, in which passages may be quoted."""
    parts = []
    for part in _QUOTED.split(said):
        inside = as_html(_MARK.sub("", part)) if part.strip() else ""
        quoted = inside and _QUOTED.fullmatch(part)
        parts.append(f"<blockquote>{inside}</blockquote>" if quoted else as_html(part))
    return "".join(parts)


def _text(value: dict[str, Any], key: str) -> str:
    found = value.get(key)
    return scrub(found) if isinstance(found, str) else ""


class _Bookmark:
    def __init__(self, attributes: dict[str, str], folders: list[str]) -> None:
        self.attributes, self.folders = attributes, folders
        self.title = self.said = ""


class _Netscape:
    """A file token by token, for its elements are closed as each program likes."""

    def __init__(self) -> None:
        self.found: list[_Bookmark] = []
        self._folders: list[str] = []
        self._heading = ""
        self._into = ""  # what words belong to now: "a", "dd", "h3" or nothing

    def token(self, token: re.Match[str]) -> None:
        slash, tag, inside = token.groups()
        if tag is None:
            text = token[0]
            if _MARK.fullmatch(text) and self._into == "dd":
                self._data(text)
            elif not text.startswith("<") or text == "<":
                self._data(unescape(text))
        elif slash:
            self._end(tag.lower())
        else:
            self._start(tag.lower(), inside)

    def _start(self, tag: str, inside: str) -> None:
        if tag == "a":
            named = {
                found[1].lower(): unescape(found[2].strip("\"'"))
                for found in _ATTRIBUTE.finditer(inside)
            }
            self.found.append(_Bookmark(named, [one for one in self._folders if one]))
        elif tag == "dl":
            self._folders.append(" ".join(self._heading.split()))
            self._heading = ""
        elif tag == "h3":
            self._heading = ""
        elif tag == "br" and self._into == "dd" and self.found:
            self.found[-1].said += "\n"
        if tag in ("a", "dd", "h3", "dt", "dl"):
            self._into = tag if tag in ("a", "dd", "h3") else ""

    def _end(self, tag: str) -> None:
        if tag == "dl":
            if self._folders:
                self._folders.pop()
            self._into = ""
        elif tag in ("a", "h3"):
            self._into = ""

    def _data(self, text: str) -> None:
        if self._into == "h3":
            self._heading += text
        elif self._into == "a" and self.found:
            self.found[-1].title += text
        elif self._into == "dd" and self.found and not self._heading:
            self.found[-1].said += text


def looks_like_bookmarks(text: str) -> bool:
    """Whether a file is Netscape's, by what it says of itself."""
    return "netscape-bookmark-file" in unescape(text[:2000]).lower()
