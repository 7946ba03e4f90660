"""OPML 1.0 to 2.0, and what passes for it, → a list of feeds. Pure.

No tree is built and no document type read: what stands before `<opml` is not looked at, so a
list can declare no entities. One that is not well-formed is mended as text first, because the
parser's own recovery loses half an address at every bare `&`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from html import unescape
from html.entities import html5

from lxml import etree

from aggregator.errors import ReadError
from aggregator.markup.text import scrub
from aggregator.model.poll import FailureKind
from aggregator.reading.listed import FeedList, LeftOut, ListedFeed, line, listed

MOST = 100_000  # outlines, folders among them
DEEPEST = 100
UNREAD = "unread"  # the attribute for what cannot be read of a tag

_OPML = re.compile(r"<opml(?=[\s>/])", re.IGNORECASE)
_PAGE = re.compile(r"<(?:html|rss|feed|rdf:RDF)(?=[\s>])", re.IGNORECASE)
_FEED_TYPES = frozenset(("rss", "rss1", "rss2", "atom", "feed"))

# Mending
_BARE = re.compile(r"&(?!#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,31};)")
_REFERENCE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)(#?[A-Za-z0-9]+);")
_TAGS = re.compile(r"(?=</?(?:outline|body|head|opml)(?=[\s>/]))", re.IGNORECASE)
_NAME = re.compile(r"\s*([A-Za-z_][\w:.-]*)\s*=\s*([\"'])")
_KNOWN = r"(?i:text|title|type|xmlUrl|htmlUrl|url|description|category|language|isComment|created)"
# Without quotes only a name that OPML knows begins an attribute: a title may hold `E=mc2`.
_UNQUOTED = re.compile(rf"\s++({_KNOWN})\s*=\s*(?=[^\s\"'<>])")
_QUOTE = re.compile("[\"']")
_VALUE_END = re.compile(
    rf"(?<!\s)\s++(?={_KNOWN}\s*+=|[A-Za-z_][\w:.-]*+\s*+=\s*+[\"'])|(?<!\s)\s*+/?>|\Z"
)
_ASSIGNED = re.compile(r"=\s*[\"']")
_END = re.compile(r"\s*(?:/?>|\Z)")


def read_opml(text: str) -> FeedList:
    """Return the feeds of an OPML document.

    Raises ReadError: NOT_A_FEED for what is no OPML, PARSER for one with more than MOST
    outlines, or with outlines nested more than DEEPEST deep.
    """
    start = _OPML.search(text)
    if start is None:
        if _PAGE.search(text[:65536]):
            raise ReadError(
                FailureKind.NOT_A_FEED,
                "this is no list of feeds; if it is a feed or a page of one, follow it",
            )
        raise ReadError(FailureKind.NOT_A_FEED, "this is no OPML: nothing in it says <opml>")
    text = scrub(text[start.start() :])
    try:
        return _read(text, recover=False)
    except etree.XMLSyntaxError:
        return replace(_read(_mended(text), recover=True), well_formed=False)


def _read(text: str, *, recover: bool) -> FeedList:
    # The stubs ask for a target of their own class.
    parser = etree.XMLParser(  # type: ignore[call-overload]
        target=_Outlines(),
        recover=recover,
        resolve_entities="internal",  # there are none: no document type stands before <opml>
        load_dtd=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
    )
    parser.feed(text.encode("utf-8", "replace"))
    found = parser.close()
    assert isinstance(found, FeedList)  # noqa: S101 - for the type checker
    return found


@dataclass(slots=True)
class _Outline:
    name: str
    is_feed: bool = False
    hidden: bool = False  # it, or one around it, is marked as a comment
    told: bool = False  # it was listed or left out, or holds others
    href: str = ""  # of a page or another list
    meant: bool = False  # to be a feed, whatever it lacks


class _Outlines:
    """What the parser tells its events to; `close` gives the result."""

    def __init__(self) -> None:
        self._open: list[_Outline | None] = []  # None: an element that is no outline
        self._seen = 0
        self._feeds: list[ListedFeed] = []
        self._left: list[LeftOut] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._seen += 1
        if self._seen > MOST:
            raise ReadError(FailureKind.PARSER, f"it has more than {MOST:,} outlines; split it")
        if len(self._open) >= DEEPEST:
            raise ReadError(FailureKind.PARSER, f"it is nested more than {DEEPEST} deep")
        if tag.rpartition("}")[2].lower() != "outline":
            self._open.append(None)
            return
        above = [one for one in self._open if one is not None]
        if above:
            above[-1].told = True
        said = {name.rpartition("}")[2].lower(): value for name, value in attributes.items()}
        outline = _Outline(name=line(said.get("text") or said.get("title") or ""))
        outline.hidden = said.get("iscomment", "").strip().lower() == "true" or any(
            one.hidden for one in above
        )
        self._open.append(outline)
        kind = said.get("type", "").strip().lower()
        address = said.get("xmlurl", "").strip()
        if not address and kind in _FEED_TYPES:
            address = said.get("url", "").strip()
        # A type may have swallowed what stands after it.
        outline.meant = UNREAD in said or _QUOTE.split(kind)[0] in _FEED_TYPES
        outline.href = said.get("url", "").strip() or said.get("htmlurl", "").strip()
        if address:
            outline.is_feed = outline.told = True
            self._add(outline, address, said, [one.name for one in above if not one.is_feed])

    def _add(
        self, outline: _Outline, address: str, said: dict[str, str], folders: list[str]
    ) -> None:
        # An empty title says that whoever wrote the list gave the feed none of their own.
        title = said.get("title", said.get("text", ""))
        tags = [*folders, *_categories(said.get("category", ""))]
        one = listed(address, title, tags, shown=outline.name)
        if outline.hidden:
            name = outline.name or (one.url if isinstance(one, ListedFeed) else one.name)
            one = LeftOut(name=name, reason="it is marked as a comment")
        if isinstance(one, ListedFeed):
            self._feeds.append(one)
        else:
            self._left.append(one)

    def end(self, tag: str) -> None:
        outline = self._open.pop() if self._open else None
        if outline is None or outline.told:
            return
        if outline.name or outline.href or outline.meant:
            reason = "it has no address of a feed"
            if outline.href:
                reason += f", only {line(outline.href)[:200]}"
            self._left.append(LeftOut(name=outline.name or "(no name)", reason=reason))

    def data(self, data: str) -> None:
        """OPML says nothing between its tags."""

    def close(self) -> FeedList:
        return FeedList(feeds=tuple(self._feeds), left_out=tuple(self._left))


def _categories(written: str) -> list[str]:
    """Return the tags of a `category`: parts between commas, `/a/b` being two (OPML 2.0)."""
    tags: list[str] = []
    for part in written.split(","):
        tag = part.strip()
        tags += tag.split("/") if tag.startswith("/") else [tag]
    return tags


def _mended(text: str) -> str:
    """Return a document with its bare ampersands, quotes and angle brackets escaped."""
    parts = _TAGS.split(_REFERENCE.sub(_reference, _BARE.sub("&amp;", text)))
    return "".join(_tag(part) if part[:8].lower() == "<outline" else part for part in parts)


def _reference(match: re.Match[str]) -> str:
    """Return a reference that XML does not know as one that it does."""
    name = match[1]
    if name[0] != "#":
        chars = html5.get(name + ";", "")
        return "".join(f"&#{ord(char)};" for char in chars) or f"&amp;{name};"
    char = scrub(unescape(match[0]))  # numbers that are no characters are left out
    return f"&#{ord(char[0])};" if char else ""


def _tag(part: str) -> str:
    """Return `<outline …>` with every value in quotes of its own.

    A quote ends a value where another attribute begins after it, or where the tag ends and
    nothing more is assigned. A value without quotes ends where another attribute begins, or with
    the tag. What cannot be read becomes the value of UNREAD.
    """
    at = len("<outline")
    last = max((match.start() for match in _ASSIGNED.finditer(part)), default=0)
    written = [part[:at]]
    while True:
        if name := _NAME.match(part, at):
            end = part.find(name[2], name.end())
            while end >= 0 and not (
                _NAME.match(part, end + 1)
                or _UNQUOTED.match(part, end + 1)
                or (end > last and _END.match(part, end + 1))
            ):
                end = part.find(name[2], end + 1)
            if end < 0:
                break
            after = end + 1
        elif name := _UNQUOTED.match(part, at):
            found = _VALUE_END.search(part, name.end())
            after = end = found.start() if found else len(part)
        else:
            break
        written.append(_attribute(name[1], part[name.end() : end]))
        at = after
    tag, closing, _ = part[at:].partition(">")
    if left := tag.removesuffix("/").strip():
        written.append(_attribute(UNREAD, left))
    if len(written) == 1:
        return part
    return "".join(written) + ("/>" if closing and tag.endswith("/") else ">")


def _attribute(name: str, value: str) -> str:
    value = value.replace("<", "&lt;").replace('"', "&quot;")
    return f' {name}="{value}"'
