"""Atom 1.0 (RFC 4287) → raw values."""

from __future__ import annotations

from lxml import etree

from aggregator.reading.quick.parts import (
    children,
    lang_of,
    language_of,
    link_of,
    link_words,
    permalink,
    words,
)
from aggregator.reading.quick.words import ATOM, ATOM_ENTRY, ATOM_FEED, RDF, StepAside
from aggregator.reading.raw import Kind, RawDocument, RawEntry, RawFeed, RawText

_KINDS = {
    "html": Kind.HTML,
    "text/html": Kind.HTML,
    "text": Kind.TEXT,
    "text/plain": Kind.TEXT,
}
# Which feedparser reads in an entry of whatever format.
_MEANT_IN_RSS = frozenset(("lastmod", "href", f"{{{RDF}}}about"))


def read_atom(root: etree._Element, max_entries: int) -> RawDocument:
    lang = lang_of(root, "")
    feed = RawFeed(language=lang.replace("_", "-"))
    logo = ""
    entries: list[etree._Element] = []
    for role, element in children(root, ATOM_FEED):
        if role == "entry":
            entries.append(element)
        elif role == "title":
            feed.title = _atom_text(element)
        elif role == "subtitle":
            feed.subtitle = _atom_text(element)
        elif role == "rights":
            feed.rights = _atom_text(element)
        elif role == "id":
            feed.id = words(element)
        elif role == "link":
            feed.links.append(link_of(element))
        elif role == "author":
            feed.author = _person(element)
        elif role == "updated":
            feed.updated = words(element)
        elif role == "icon":
            feed.icon = link_words(element)
        elif role == "logo":
            logo = link_words(element)
    feed.icon = feed.icon or logo
    return RawDocument(
        format="atom10",
        feed=feed,
        entries=[_atom_entry(one, lang_of(one, lang)) for one in entries[:max_entries]],
        total=len(entries) if len(entries) > max_entries else None,
    )


def _atom_entry(element: etree._Element, lang: str) -> RawEntry:
    if not _MEANT_IN_RSS.isdisjoint(element.keys()):
        raise StepAside
    entry = RawEntry()
    title = summary = content = None
    for role, child in children(element, ATOM_ENTRY):
        if role == "title":
            entry.title = _atom_text(child)
            title = child
        elif role == "link":
            entry.links.append(link_of(child))
        elif role == "id":
            entry.id = words(child)
            entry.id_is_link = permalink(child)
        elif role == "published":
            entry.published = words(child)
        elif role == "updated":
            entry.updated = words(child)
        elif role == "content":
            if child.get("src"):
                raise StepAside
            entry.content = _atom_text(child)
            content = child
        elif role == "summary":
            entry.summary = _atom_text(child)
            summary = child
        elif role == "author":
            entry.author = _person(child)
        elif role == "category":
            entry.tags.append(child.get("label") or child.get("term") or "")
            if child.text and child.text.strip():
                raise StepAside
    entry.id_is_link = entry.id_is_link and not any(
        link.rel == "alternate" and link.href for link in entry.links
    )
    entry.language = language_of((content, summary, title), lang)
    return entry


def _atom_text(element: etree._Element) -> RawText:
    kind = _KINDS.get(element.get("type", "text"))
    if kind is None or element.get("mode"):
        raise StepAside  # XHTML, and documents inside documents
    return RawText(words(element), kind)


def _person(element: etree._Element) -> str:
    name = element.findtext(f"{{{ATOM}}}name")
    if name is None or (not name.strip() and element.findtext(f"{{{ATOM}}}email")):
        raise StepAside
    return name.strip()  # which feedparser does not mend
