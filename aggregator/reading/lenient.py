"""Any feed at all → raw values, by feedparser: the judge, and the reader of last resort."""

from __future__ import annotations

import io
from typing import Any

from feedparser.exceptions import NonXMLContentType

from aggregator.errors import ReadError
from aggregator.model.poll import FailureKind
from aggregator.reading.mending import parse
from aggregator.reading.normalize import author_name
from aggregator.reading.raw import (
    Kind,
    RawDocument,
    RawEntry,
    RawFeed,
    RawLink,
    RawSource,
    RawText,
)

_HTML_TYPES = ("text/html", "application/xhtml+xml", "html", "xhtml")


def read_leniently(body: bytes, *, url: str, content_type: str) -> RawDocument:
    """Return what feedparser sees. `format` is "" when it sees no feed; entries may be there.

    feedparser's own sanitizer and resolver are off: they are slow, and `markup` does both once.
    Raises ReadError(PARSER) for what breaks the XML parser's limits, or confuses feedparser.
    """
    try:
        result = parse(
            io.BytesIO(body),  # a str could be taken for a file's name or an address
            response_headers={"content-type": content_type, "content-location": url},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except MemoryError:
        raise
    except Exception as error:  # it raises whatever it likes
        raise ReadError(FailureKind.PARSER, f"it confuses the parser: {error!r}") from error
    version = str(result.get("version") or "")
    atom = version.startswith("atom")
    _refuse_breach(result.get("bozo_exception"))
    notes = []
    # Half of all feeds are sent as text/html or the like; it says nothing about the document.
    if result.get("bozo") and not isinstance(result.get("bozo_exception"), NonXMLContentType):
        notes.append(f"not well-formed: {_reason(result.get('bozo_exception'))}")
    return RawDocument(
        format=version,
        feed=_feed(result.get("feed", {}), atom=atom),
        entries=[_entry(entry, atom=atom) for entry in result.get("entries", ())],
        notes=notes,
    )


def _refuse_breach(error: object) -> None:
    """Raise ReadError(PARSER) when the XML parser stopped to save itself."""
    # feedparser would go on with a parser that knows no limits.
    if "amplification" in str(error) or "recursive entity" in str(error):
        raise ReadError(FailureKind.PARSER, f"the XML parser refuses it: {_reason(error)}")


def has_links_at(document: RawDocument, url: str) -> bool:
    """Whether an entry links to the host of `url`, or is relative to it."""
    origin = url[: url.find("/", url.find("//") + 2) + 1] or url
    return any(
        link.href.startswith(origin) for entry in document.entries[:50] for link in entry.links
    )


def _reason(error: object) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text.removeprefix("<unknown>:")[:200]


def _get(value: Any, key: str) -> Any:
    # Not `.get`: feedparser answers some keys with the value of others.
    return dict.get(value, key) if isinstance(value, dict) else None


def _str(value: Any, key: str) -> str:
    found = _get(value, key)
    return found if isinstance(found, str) else ""


def _text(value: Any, key: str, *, atom: bool, title: bool = False) -> RawText:
    detail = _get(value, f"{key}_detail")
    words = _str(value, key)
    if detail is None:
        return RawText(words, Kind.TEXT if atom else Kind.GUESS if title else Kind.HTML)
    return _detailed(detail, words or _str(detail, "value"), atom=atom, title=title)


def _detailed(detail: Any, words: str, *, atom: bool, title: bool = False) -> RawText:
    kind = Kind.HTML if _str(detail, "type") in _HTML_TYPES else Kind.TEXT
    if title and not atom:
        kind = Kind.GUESS
    return RawText(words, kind, _str(detail, "base"))


def _feed(feed: Any, *, atom: bool) -> RawFeed:
    image = _get(feed, "image")
    icon = _str(feed, "icon") or _str(feed, "logo")
    if not icon and isinstance(image, dict):
        icon = _str(image, "href") or _str(image, "url")
    return RawFeed(
        title=_text(feed, "title", atom=atom, title=True),
        subtitle=_text(feed, "subtitle", atom=atom, title=True),
        id=_str(feed, "id"),
        author=_authors(feed),
        rights=_text(feed, "rights", atom=atom, title=True),
        language=_str(feed, "language"),
        icon=icon,
        updated=_str(feed, "updated") or _str(feed, "published"),
        links=_links(feed),
    )


def _entry(entry: Any, *, atom: bool) -> RawEntry:
    contents = _get(entry, "content") or []
    content = RawText()
    for one in contents:  # the richest: HTML before text, then the longest
        candidate = _detailed(one, _str(one, "value"), atom=atom)
        better = (candidate.kind is Kind.HTML, len(candidate.value))
        if not content.value or better > (content.kind is Kind.HTML, len(content.value)):
            content = candidate
    summary = RawText()
    # Without a detail it is a copy of the content that feedparser made.
    if _get(entry, "summary_detail") is not None or not contents:
        summary = _text(entry, "summary", atom=atom)
    identifier = _str(entry, "id")
    # "guidislink" is only true where there was no link before; then `link` is the guid.
    is_link = _str(entry, "link") == identifier or (
        bool(_get(entry, "guidislink")) and not _str(entry, "link")
    )
    return RawEntry(
        id=identifier,
        id_is_link=bool(identifier) and is_link,
        title=_text(entry, "title", atom=atom, title=True),
        content=content,
        summary=summary,
        author=_authors(entry),
        published=_str(entry, "published") or _str(entry, "created"),
        updated=_str(entry, "updated"),
        language=_language(entry),
        tags=[_str(tag, "label") or _str(tag, "term") for tag in _get(entry, "tags") or ()],
        links=_links(entry),
        source=_source(entry),
    )


def _language(entry: Any) -> str:
    for one in (*(_get(entry, "content") or ()), _get(entry, "summary_detail")):
        if one is not None and _str(one, "language"):
            return _str(one, "language")
    title = _get(entry, "title_detail")
    return _str(title, "language") if title is not None else ""


def _authors(value: Any) -> str:
    names = [_str(author, "name") for author in _get(value, "authors") or ()]
    names = list(dict.fromkeys(name for name in names if name))
    if len(names) > 1:  # "mail (Name)" is taken apart one by one
        return ", ".join(name for one in names if (name := author_name(one)))
    return names[0] if names else _str(value, "author")


def _links(value: Any) -> list[RawLink]:
    return [
        RawLink(
            _str(link, "href"),
            rel=_str(link, "rel") or "alternate",
            type=_str(link, "type") or None,
            title=_str(link, "title") or None,
            length=_str(link, "length") or None,
        )
        for link in _get(value, "links") or ()
        if _str(link, "href")
    ]


def _source(entry: Any) -> RawSource | None:
    source = _get(entry, "source")
    if not isinstance(source, dict) or not source:
        return None
    links = _links(source)
    own = next((link.href for link in links if link.rel == "self"), None)
    page = next((link.href for link in links if link.rel == "alternate"), None)
    return RawSource(
        title=_str(source, "title") or _str(source, "value"),
        url=_str(source, "href") or own,
        link=page or (_str(source, "link") or None),
    )
