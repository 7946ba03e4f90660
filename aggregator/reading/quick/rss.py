"""RSS 0.91 to 2.0, and RSS 1.0 in RDF → raw values."""

from __future__ import annotations

from lxml import etree

from aggregator.reading.quick.parts import (
    LANG,
    bare_words,
    children,
    holds_only,
    lang_of,
    language_of,
    link_of,
    link_words,
    permalink,
    words,
)
from aggregator.reading.quick.words import (
    RDF,
    RSS1_ASIDES,
    RSS_CHANNEL,
    RSS_ITEM,
    StepAside,
)
from aggregator.reading.raw import Kind, RawDocument, RawEntry, RawFeed, RawLink, RawSource, RawText

_ABOUT = f"{{{RDF}}}about"


def read_rss(
    version: str, root: etree._Element, channel: etree._Element, item: str, max_entries: int
) -> RawDocument:
    lang = lang_of(root, "")
    if lang and version == "rss10":
        raise StepAside
    items = (channel if version != "rss10" else root).findall(item)
    if version == "rss10":
        if root[0] is not channel or channel.find(item) is not None:
            raise StepAside
        for child in root:
            if child is not channel and child.tag != item:
                if child.tag not in RSS1_ASIDES:
                    raise StepAside
                holds_only(child, RSS1_ASIDES[child.tag])
    _only_attributes(channel)
    # The items of RSS 1.0 stand beside the channel, not in it.
    channel_lang = lang_of(channel, lang) if version != "rss10" else lang
    return RawDocument(
        format=version,
        feed=_channel(channel, item, lang),
        entries=[_item(one, lang_of(one, channel_lang)) for one in items[:max_entries]],
        total=len(items) if len(items) > max_entries else None,
    )


def _channel(channel: etree._Element, item: str, lang: str) -> RawFeed:
    feed = RawFeed(language=lang.replace("_", "-"))
    for role, element in children(channel, RSS_CHANNEL, skip=item):
        if role == "title":
            feed.title = RawText(bare_words(element, LANG), Kind.GUESS)
        elif role == "link":
            feed.links.append(RawLink(link_words(element), type="text/html"))
        elif role == "atom:link":
            feed.links.append(link_of(element))
        elif role == "subtitle":
            feed.subtitle = RawText(bare_words(element, LANG), Kind.GUESS)
        elif role == "language":
            feed.language = words(element)
        elif role == "rights":
            feed.rights = RawText(bare_words(element, LANG), Kind.GUESS)
        elif role == "author":
            feed.author = words(element)
        elif role == "updated":
            feed.updated = words(element)
        elif role == "published":
            feed.updated = feed.updated or words(element)
        elif role == "image":
            url = element.find("url")
            feed.icon = link_words(url) if url is not None else ""
    return feed


def _item(item: etree._Element, lang: str) -> RawEntry:
    _only_attributes(item)
    entry = RawEntry(id=item.get(_ABOUT, ""))
    guid_is_link = False
    title = description = content = None
    for role, element in children(item, RSS_ITEM):
        if role == "title":
            entry.title = RawText(bare_words(element, LANG), Kind.GUESS)
            title = element
        elif role == "link":
            entry.links.append(RawLink(link_words(element), type="text/html"))
        elif role == "content":
            entry.content = RawText(bare_words(element, LANG))
            content = element
        elif role == "description":
            entry.summary = RawText(bare_words(element, LANG))
            description = element
        elif role == "guid":
            entry.id = words(element)
            guid_is_link = permalink(element)
        elif role == "published":
            entry.published = words(element)
        elif role == "updated":
            entry.updated = words(element)
        elif role == "author":
            entry.author = words(element)
        elif role == "category":
            entry.tags.append(bare_words(element, "domain"))
        elif role == "enclosure":
            entry.links.append(_enclosure(element))
        elif role == "atom:link":
            entry.links.append(link_of(element))
        elif role == "source":
            entry.source = RawSource(title=words(element), url=element.get("url"))
    entry.id_is_link = guid_is_link and not any(
        link.rel == "alternate" and link.href for link in entry.links
    )
    entry.language = language_of((content, description, title), lang)
    return entry


def _only_attributes(element: etree._Element) -> None:
    """CDF, long gone, said the link and the date of channels and items in attributes."""
    names = element.keys()
    if names and any(name not in {_ABOUT, LANG} for name in names):
        raise StepAside


def _enclosure(element: etree._Element) -> RawLink:
    if element.get("uri") is not None:
        raise StepAside
    href = element.get("url") or element.get("href") or ""
    return RawLink(href, rel="enclosure", type=element.get("type"), length=element.get("length"))
