"""RSS 0.91 to 2.0, and RSS 1.0 in RDF → raw values."""

from __future__ import annotations

from lxml import etree

from aggregator.reading.quick.parts import LANG, children, link_of, words
from aggregator.reading.quick.words import CONTENT, RDF, RSS1, RSS_CHANNEL, RSS_ITEM, StepAside
from aggregator.reading.raw import Kind, RawDocument, RawEntry, RawFeed, RawLink, RawSource, RawText

_RDF_CHILDREN = {f"{{{RSS1}}}{name}" for name in ("channel", "image", "item", "textinput")}


def read_rss(
    version: str, root: etree._Element, channel: etree._Element, item: str, max_entries: int
) -> RawDocument:
    lang = root.get(LANG, "")
    if lang and version == "rss10":
        raise StepAside
    outer = channel if version != "rss10" else root
    items = outer.findall(item)
    if version == "rss10" and any(child.tag not in _RDF_CHILDREN for child in root):
        raise StepAside
    channel_lang = channel.get(LANG) or lang
    return RawDocument(
        format=version,
        feed=_channel(channel, item, lang),
        entries=[_item(one, one.get(LANG) or channel_lang) for one in items[:max_entries]],
        total=len(items) if len(items) > max_entries else None,
    )


def _channel(channel: etree._Element, item: str, lang: str) -> RawFeed:
    feed = RawFeed(language=lang.replace("_", "-"))
    for role, element in children(channel, RSS_CHANNEL, skip=item):
        if role == "title":
            feed.title = RawText(words(element), Kind.GUESS)
        elif role == "link":
            feed.links.append(RawLink(words(element), type="text/html"))
        elif role == "atom:link":
            feed.links.append(link_of(element))
        elif role == "subtitle":
            feed.subtitle = RawText(words(element), Kind.GUESS)
        elif role == "language":
            feed.language = words(element)
        elif role == "rights":
            feed.rights = RawText(words(element), Kind.GUESS)
        elif role == "author":
            feed.author = _author(element)
        elif role == "updated":
            feed.updated = words(element)
        elif role == "published":
            feed.updated = feed.updated or words(element)
        elif role == "image":
            feed.icon = words(element.find("url"))
    return feed


def _item(item: etree._Element, lang: str) -> RawEntry:
    entry = RawEntry(id=item.get(f"{{{RDF}}}about", ""))
    guid_is_link = False
    texts: list[etree._Element] = []
    for role, element in children(item, RSS_ITEM):
        if role == "title":
            entry.title = RawText(words(element), Kind.GUESS)
            if not texts:
                texts.append(element)
        elif role == "link":
            entry.links.append(RawLink(words(element), type="text/html"))
        elif role == "content":
            entry.content = RawText(words(element))
            texts = [element]
        elif role == "description":
            entry.summary = RawText(words(element))
            if not texts or texts[0].tag not in {CONTENT}:
                texts = [element]
        elif role == "guid":
            entry.id = words(element)
            guid_is_link = _permalink(element)
        elif role == "published":
            entry.published = words(element)
        elif role == "updated":
            entry.updated = words(element)
        elif role == "author":
            entry.author = _author(element)
        elif role == "category":
            entry.tags.append(words(element))
        elif role == "enclosure":
            entry.links.append(_enclosure(element))
        elif role == "atom:link":
            entry.links.append(link_of(element))
        elif role == "source":
            entry.source = RawSource(title=words(element), url=element.get("url"))
    entry.id_is_link = guid_is_link and not any(
        link.rel == "alternate" and link.href for link in entry.links
    )
    entry.language = (texts[0].get(LANG) or lang).replace("_", "-") if texts else ""
    return entry


def _permalink(guid: etree._Element) -> bool:
    for name, value in guid.attrib.items():
        if str(name).lower() == "ispermalink":
            return str(value) == "true"
    return True


def _enclosure(element: etree._Element) -> RawLink:
    href = element.get("url") or element.get("href") or ""
    return RawLink(href, rel="enclosure", type=element.get("type"), length=element.get("length"))


def _author(element: etree._Element) -> str:
    written = words(element)
    if "<" in written or "mailto:" in written:
        raise StepAside  # feedparser takes such apart
    return written
