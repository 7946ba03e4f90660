"""Raw values → Feed and Entry, the same for every lane. Content stays as the source wrote it."""

from __future__ import annotations

import re
from datetime import datetime
from html import escape, unescape
from urllib.parse import urlsplit

from aggregator.markup.text import plain_text, scrub
from aggregator.model.feed import Entry, Feed, Hints, Link, Source
from aggregator.reading.dates import parse_date
from aggregator.reading.raw import Kind, RawEntry, RawFeed, RawLink, RawText
from aggregator.reading.urls import absolute, trimmed

LONGEST_TITLE = 1000
MOST_TAGS = 50
MOST_LINKS = 50

_HTML_TAG = re.compile(
    r"<(?P<end>/)?(?P<name>a|abbr|acronym|b|big|blockquote|br|center|cite|code|del|div|dfn|em|font"
    r"|h[1-6]|hr|i|img|ins|kbd|li|mark|nobr|ol|p|pre|q|s|samp|small|span|strike|strong|sub|sup"
    r"|table|td|time|tr|tt|u|ul|var|wbr)"
    r"""(?:\s+[\w:.-]+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>]+))*\s*/?>""",
    re.IGNORECASE,
)
_ALONE = frozenset(("br", "hr", "img", "wbr"))  # which have no end tag
_PARTS_WORDS = frozenset(
    "blockquote br center div h1 h2 h3 h4 h5 h6 hr li ol p pre table td tr ul".split()
)
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_PERSON = re.compile(r"(?P<mail>[^\s()<>@]+@[^\s()<>@]+)?\s*\((?P<name>[^()]+)\)\s*")
_MAIL = re.compile(r"\s*[(<\[]?\s*(?:mailto:)?[^\s()<>@]+@[^\s()<>@]+\.[^\s()<>@]+\s*[)>\]]?\s*")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*")
_REGISTERED = "http://www.iana.org/assignments/relation/"
_KEPT_RELS = frozenset(("related", "via", "enclosure", "replies", "license"))

# Where a plain text's lines and paragraphs end. They are white space, so that whether a text has
# changed does not depend on them, and become elements when the text is cleaned.
LINE, PARAGRAPH = "\u2028", "\u2029"
_LINE_END = re.compile(r"[ \t]*(?:\r\n?|\n)")
_BLANK_LINES = re.compile(r"[ \t]*(?:\r\n|\r(?!\n)|\n)(?:[ \t]*(?:\r\n|\r(?!\n)|\n))+")


def feed_of(raw: RawFeed, url: str, now: datetime, hints: Hints) -> Feed:
    """Return what the feed says of itself; `url` is where it was found."""
    home = home_of(raw, url)
    links = _links(raw.links, home)
    page = _alternate(links)
    return Feed(
        title=_title(raw.title),
        subtitle=_title(raw.subtitle),
        id=_line(raw.id) or None,
        link=page,
        self_link=next((link.href for link in links if link.rel == "self"), None),
        hubs=tuple(dict.fromkeys(link.href for link in links if link.rel == "hub")),
        author=author_name(raw.author),
        rights=_title(raw.rights) or None,
        language=_language(raw.language),
        icon=absolute(home, raw.icon) if raw.icon else None,
        updated=parse_date(raw.updated, now),
        hints=hints,
    )


def home_of(raw: RawFeed, url: str) -> str:
    """Return what relative addresses in a feed are relative to when it does not say.

    RFC 3986 §5.1.3 has it that this is where the feed was found. But feeds are served by other
    hosts than the site's, and then the address that the feed gives of its site, or of itself,
    is what makes its links work.
    """
    host = _host(url)
    for rel in ("alternate", "self"):
        for link in raw.links:
            if link.rel == rel and (other := _host(link.href)) and other != host:
                return trimmed(link.href)
    return url


def older_of(raw: RawFeed, url: str) -> str | None:
    """Return the address of the document that goes on where this one ends (RFC 5005 §3, §4).

    An archive's own chain before the pages of a long feed; None when the feed names neither.
    """
    for rel in ("prev-archive", "next"):
        for link in raw.links:
            if _rel(link) == rel and (href := absolute(url, link.href)):
                return href
    return None


def _rel(link: RawLink) -> str:
    return (link.rel or "alternate").lower().removeprefix(_REGISTERED)


def _host(url: str) -> str:
    try:
        parts = urlsplit(trimmed(url))
    except ValueError:
        return ""
    return (parts.hostname or "") if parts.scheme in {"http", "https", "demo"} else ""


def entry_of(raw: RawEntry, url: str, now: datetime) -> Entry:
    """Return an entry with the id as the source gave it, "" when it gave none.

    `content` and `summary` are HTML as the source wrote it: cleaning is left for what is new.
    """
    links = _links(raw.links, url)
    link = _alternate(links)
    if link is None and raw.id_is_link:
        # Without a base: "8842" is a number, whatever RSS says of guids that are permalinks.
        link = absolute("", raw.id)
    if link is None:
        link = next((one.href for one in links if one.rel == "self"), None)
    content, summary = _html(raw.content), _html(raw.summary)
    if not content:
        content, summary = summary, ""
    elif summary.strip() == content.strip():
        summary = ""
    published, updated = parse_date(raw.published, now), parse_date(raw.updated, now)
    if published is None:  # dc:date is all that many RSS feeds have, `updated` all of many Atom
        published = updated
    return Entry(
        id=scrub(raw.id).strip(),
        title=_title(raw.title),
        link=link,
        author=author_name(raw.author),
        published=published,
        updated=updated,
        content=content,
        summary=summary,
        language=_language(raw.language),
        tags=_tags(raw.tags),
        links=tuple(one for one in links if one.rel in _KEPT_RELS)[:MOST_LINKS],
        source=_source(raw, url),
    )


def base_of(raw: RawEntry, url: str, home: str) -> str:
    """Return what relative addresses in the entry's content are relative to.

    That is its xml:base, else `home`; feedparser gives `url`, the document's, where it has none.
    """
    base = raw.content.base or raw.summary.base
    if not base or base == url:
        return home
    return absolute(home, base) or home


def is_empty(entry: Entry) -> bool:
    """Whether it says nothing at all: half an item at the end of a truncated document."""
    return not (entry.title or entry.link or entry.content or entry.id or entry.links)


def author_name(written: str) -> str | None:
    """Return a person's name out of "Name", "mail (Name)", "Name <mail>"; never the address."""
    name = _line(written[: 2 * LONGEST_TITLE])[:LONGEST_TITLE]
    if not name:
        return None
    if match := _PERSON.fullmatch(name):
        inside = match["name"].strip()
        name = inside if "@" not in inside else (match["mail"] or "")
    if "@" in name:
        name = _MAIL.sub(" ", name)
    if "&" in name:
        name = unescape(name)
    name = " ".join(name.split()).strip(" ,;")
    return name or None


def _line(text: str) -> str:
    return " ".join(scrub(text, bidi=True).split()) if text else ""


def _title(raw: RawText) -> str:
    """Return a title as plain text (RFC 4287 §3.1; RSS says nothing about it)."""
    value = raw.value
    if raw.kind is Kind.HTML:
        value = plain_text(value)
    elif raw.kind is Kind.ENTITIES:
        value = _REFERENCE.sub(lambda one: unescape(one[0]), value)
    elif raw.kind is Kind.GUESS:
        value = _without_markup(value)
        if "&" in value:
            # Escaped twice: what comes out is HTML, not words about HTML.
            value = _without_markup(unescape(value))
    line = _line(value)
    return line if len(line) <= LONGEST_TITLE else line[: LONGEST_TITLE - 1] + "…"


def _without_markup(text: str) -> str:
    """Return what may be HTML or words about it without what can only be HTML.

    That is an element with both its tags, or one that has no end. "How <table> broke" is words.
    """
    if "<" not in text:
        return text
    tags = list(_HTML_TAG.finditer(text))
    markup = set()
    started: dict[str, list[int]] = {}
    for number, tag in enumerate(tags):
        name = tag["name"].lower()
        if name in _ALONE:
            markup.add(number)
        elif not tag["end"]:
            started.setdefault(name, []).append(number)
        elif started.get(name):
            markup |= {started[name].pop(), number}
    parts, at = [], 0
    for number in sorted(markup):
        tag = tags[number]
        parts += [text[at : tag.start()], " " if tag["name"].lower() in _PARTS_WORDS else ""]
        at = tag.end()
    return "".join(parts) + text[at:]


def _html(raw: RawText) -> str:
    if raw.kind is not Kind.TEXT:
        return raw.value
    text = _BLANK_LINES.sub(PARAGRAPH, escape(raw.value, quote=False).strip())
    return _LINE_END.sub(LINE, text)


def _tags(raw: list[str]) -> tuple[str, ...]:
    if not raw:
        return ()
    lines = (_line(unescape(tag) if "&" in tag else tag)[:100] for tag in raw)
    return tuple(dict.fromkeys(line for line in lines if line))[:MOST_TAGS]


def _links(raw: list[RawLink], url: str) -> list[Link]:
    found = []
    for link in raw[:200]:
        href = absolute(url, link.href) if link.href else None
        if href is None:
            continue
        length = link.length
        found.append(
            Link(
                href=href,
                rel=_rel(link),
                type=_line(link.type)[:100] or None if link.type else None,
                title=_line(link.title) if link.title else None,
                length=int(length)
                if length and length.isascii() and length.isdigit() and len(length) < 16
                else None,
            )
        )
    return found


def _alternate(links: list[Link]) -> str | None:
    """Return the page an entry stands on: an alternate, a web page rather than another type."""
    pages = [link for link in links if link.rel == "alternate"]
    for link in pages:
        if link.type is None or "html" in link.type:
            return link.href
    return pages[0].href if pages else None


def _source(raw: RawEntry, url: str) -> Source | None:
    if raw.source is None:
        return None
    source = Source(
        title=_title(RawText(raw.source.title, Kind.GUESS)),
        url=absolute(url, raw.source.url) if raw.source.url else None,
        link=absolute(url, raw.source.link) if raw.source.link else None,
    )
    return source if source.title or source.url or source.link else None


def _language(written: str) -> str | None:
    tag = written.strip()
    return tag.replace("_", "-") if _LANGUAGE.fullmatch(tag) else None
