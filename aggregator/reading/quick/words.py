"""Which elements the quick reader knows, and which it leaves to feedparser.

A role that begins with `*` may be given again; "" means that the element says nothing of ours.
"""

from __future__ import annotations

from feedparser.mixin import _FeedParserMixin

ATOM = "http://www.w3.org/2005/Atom"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RSS1 = "http://purl.org/rss/1.0/"
XML = "http://www.w3.org/XML/1998/namespace"
_DC = "http://purl.org/dc/elements/1.1/"
_MEDIA = "http://search.yahoo.com/mrss/"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"

# feedparser gives these a meaning of their own; what is not listed below is left to it.
_MEANT_BY_FEEDPARSER = (
    "http://www.w3.org/",
    "http://purl.org/dc/",
    "http://purl.org/atom/",
    "http://purl.org/net/rss1.1#",
    "http://purl.org/rss/1.0/",
    "http://my.netscape.com/",
    "http://channel.netscape.com/",
    "http://backend.userland.com/",
    "http://blogs.law.harvard.edu/",
    "http://search.yahoo.com/mrss",
    "http://www.itunes.com/",
    "http://podlove.org/",
    "http://www.georss.org/",
    "http://www.opengis.net/",
    "http://creativecommons.org/",
    "http://web.resource.org/cc/",
    "http://cyber.law.harvard.edu/",
    "http://xmlns.com/foaf/",
    "http://freshmeat.net/",
    "http://example.com/",
)


# An element of any other name is kept by feedparser under that name; these it uses itself.
_KEYS = frozenset(("authors", "guidislink", "icon", "links", "logo"))
_NAMESPACES = {name.lower(): prefix for name, prefix in _FeedParserMixin.namespaces.items()}


class StepAside(Exception):
    """The document holds something that only feedparser is trusted with."""


def means_something(tag: str, prefix: str | None) -> bool:
    """Whether feedparser has a meaning for an element of a namespace, of whatever name."""
    namespace, _, name = tag[1:].partition("}")
    if namespace.lower().startswith(_MEANT_BY_FEEDPARSER):
        return True
    known = _NAMESPACES.get(namespace.lower(), prefix)
    # Of namespaces that it does not know it goes by the prefix, or else by the bare name.
    key = f"{known}_{name}".lower() if known else name.lower()
    return hasattr(_FeedParserMixin, f"_start_{key}") or key in _KEYS or key.endswith("_detail")


def _in(namespace: str, roles: dict[str, str]) -> dict[str, str]:
    return {f"{{{namespace}}}{name}": role for name, role in roles.items()}


_SHARED = {
    **_in(ATOM, {"link": "*atom:link"}),
    **_in(
        "http://purl.org/rss/1.0/modules/syndication/",
        dict.fromkeys(("updatePeriod", "updateFrequency", "updateBase"), ""),
    ),
    **_in(_DC, {"creator": "author", "subject": "*category", "date": "updated"}),
}
_ITEM = {
    "title": "title",
    "link": "link",
    "description": "description",
    "guid": "guid",
    "pubDate": "published",
    "author": "author",
    "category": "*category",
    "enclosure": "*enclosure",
    "source": "source",
    "comments": "",
}
RSS_ITEM = {
    **_ITEM,
    **_in(RSS1, {name: _ITEM[name] for name in ("title", "link", "description")}),
    **_SHARED,
    CONTENT: "content",
    **_in("http://wellformedweb.org/CommentAPI/", {"comment": "", "commentRss": ""}),
    **_in(
        "http://purl.org/rss/1.0/modules/slash/",
        dict.fromkeys(("comments", "section", "department", "hit_parade"), ""),
    ),
    **_in("http://rssnamespace.org/feedburner/ext/1.0", {"origLink": ""}),
    **_in(_MEDIA, {"content": "", "thumbnail": "", "rating": ""}),
}
_CHANNEL = {
    "title": "title",
    "link": "link",
    "description": "subtitle",
    "language": "language",
    "copyright": "rights",
    "managingEditor": "author",
    "lastBuildDate": "updated",
    "pubDate": "published",
    "image": "image",
    "generator": "",
    "docs": "",
    "ttl": "",
    "category": "",
    "webMaster": "",
    "cloud": "",
    "rating": "",
    "skipHours": "",
    "skipDays": "",
}
RSS_CHANNEL = {
    **_CHANNEL,
    **_in(RSS1, {"title": "title", "link": "link", "description": "subtitle", "items": ""}),
    **_in(RSS1, {"image": "", "textinput": ""}),
    **_SHARED,
    **_in(
        _DC,
        {
            "language": "language",
            "rights": "rights",
            "creator": "author",
            "date": "updated",
            "publisher": "",
            "subject": "",
        },
    ),
    **_in(
        "http://rssnamespace.org/feedburner/ext/1.0",
        dict.fromkeys(("info", "feedburnerHostname", "emailServiceId"), ""),
    ),
    "{http://webns.net/mvcb/}generatorAgent": "",
    "{http://webns.net/mvcb/}errorReportsTo": "",
}
ATOM_ENTRY = {
    **_in(
        ATOM,
        {
            "title": "title",
            "link": "*link",
            "id": "id",
            "published": "published",
            "updated": "updated",
            "content": "content",
            "summary": "summary",
            "author": "author",
            "category": "*category",
            "rights": "",
        },
    ),
    **_in("http://purl.org/syndication/thread/1.0", {"total": "", "in-reply-to": ""}),
    **_in("http://rssnamespace.org/feedburner/ext/1.0", {"origLink": ""}),
    **_in(_MEDIA, {"content": "", "thumbnail": ""}),
}
ATOM_FEED = {
    **_in(
        ATOM,
        {
            "entry": "*entry",
            "title": "title",
            "subtitle": "subtitle",
            "rights": "rights",
            "id": "id",
            "link": "*link",
            "author": "author",
            "updated": "updated",
            "icon": "icon",
            "logo": "logo",
            "generator": "",
            "category": "",
        },
    ),
    **_in(
        "http://rssnamespace.org/feedburner/ext/1.0",
        dict.fromkeys(("info", "feedburnerHostname", "emailServiceId"), ""),
    ),
}
# What has children and is understood with them: which they may be.
TREES = {
    "image": frozenset(("url", "title", "link", "width", "height", "description")),
    f"{{{ATOM}}}author": frozenset(f"{{{ATOM}}}{name}" for name in ("name", "email", "uri")),
}
# What says nothing of ours, with the names of its children and theirs.
NOTHING_OURS_INSIDE = {
    "skipHours": ("hour",),
    "skipDays": ("day",),
    f"{{{RSS1}}}items": (f"{{{RDF}}}Seq", f"{{{RDF}}}li"),
}
# Beside the channel and the items of RSS 1.0, with what they may hold.
RSS1_ASIDES = {
    f"{{{RSS1}}}{name}": frozenset(f"{{{RSS1}}}{one}" for one in inside.split())
    for name, inside in (("image", "title url link"), ("textinput", "title description name link"))
}
