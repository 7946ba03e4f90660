"""What feedgen cannot write of an Atom entry: titled links, a full source, language, order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

from aggregator.publishing.river import Source

_THREAD = "http://purl.org/syndication/thread/1.0"  # RFC 4685
_HISTORY = "http://purl.org/syndication/history/1.0"  # RFC 5005
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
# RFC 4685 §3: in-reply-to. What it refers to has no id that we know but its address.
_REPLY = f"{{{_THREAD}}}in-reply-to"
_ORDER = [
    *"id title link published updated author category rights summary content".split(),
    _REPLY,
    "source",
]
_TIMES = ("published", "updated")


@dataclass(frozen=True)
class Link:
    """A link of an entry or feed (RFC 4287 §4.2.7)."""

    href: str
    rel: str
    type: str | None = None
    title: str | None = None


class FeedParts:
    """feedgen extension of a feed. Set the fields; feedgen calls the methods."""

    def __init__(self) -> None:
        self.language: str | None = None
        self.links: list[Link] = []
        self.archive = False  # an archive document (RFC 5005 §4)

    def extend_ns(self) -> dict[str, str]:
        return {"thr": _THREAD} | ({"fh": _HISTORY} if self.archive else {})

    def extend_atom(self, feed: etree._Element) -> etree._Element:
        _rewrite(feed, self.links, self.language)
        if self.archive:
            etree.SubElement(feed, f"{{{_HISTORY}}}archive")
        return feed


class EntryParts:
    """feedgen extension of an entry."""

    def __init__(self) -> None:
        self.language: str | None = None
        self.links: list[Link] = []
        self.replies_to: list[str] = []  # addresses of what the entry reacts to
        self.source: Source | None = None

    def extend_atom(self, entry: etree._Element) -> etree._Element:
        _rewrite(entry, self.links, self.language)
        for url in self.replies_to:
            etree.SubElement(entry, _REPLY, {"ref": url, "href": url})
        if self.source:
            entry.append(_source_element(self.source))
        entry[:] = sorted(entry, key=lambda child: _ORDER.index(str(child.tag)))
        return entry


def atom_time(at: datetime) -> str:
    """Return a time as Atom writes it, in UTC (RFC 3339); with milliseconds if it has any."""
    at = at.astimezone(UTC)
    fraction = f".{at.microsecond // 1000:03}" if at.microsecond >= 1000 else ""
    return f"{at.year:04}-{at:%m-%dT%H:%M:%S}{fraction}Z"


def _rewrite(element: etree._Element, links: list[Link], language: str | None) -> None:
    if language:
        element.set(_LANG, language)
    for child in list(element):
        if child.tag == "link":
            element.remove(child)
        elif child.tag in _TIMES and child.text:
            child.text = atom_time(datetime.fromisoformat(child.text))
    for link in links:
        _add_link(element, link)


def _add_link(parent: etree._Element, link: Link) -> None:
    attributes = {"rel": link.rel, "type": link.type, "href": link.href, "title": link.title}
    element = etree.SubElement(parent, "link")
    for name, value in attributes.items():
        if value:
            element.set(name, value)


def _source_element(source: Source) -> etree._Element:
    # Bare names: feedgen writes no namespaces either, and the root declares the default one.
    element = etree.Element("source")
    if source.language:
        element.set(_LANG, source.language)
    _add_text(element, "id", source.id)
    _add_text(element, "title", source.title)
    _add_text(element, "subtitle", source.subtitle)
    _add_text(element, "updated", atom_time(source.updated))
    if source.author:
        _add_text(etree.SubElement(element, "author"), "name", source.author)
    if source.link:
        _add_link(element, Link(source.link, "alternate", "text/html"))
    _add_link(element, Link(source.self_link, "self"))
    _add_text(element, "rights", source.rights)
    _add_text(element, "icon", source.icon)
    return element


def _add_text(parent: etree._Element, name: str, text: str | None) -> None:
    if text:
        etree.SubElement(parent, name).text = text
