"""Documents as publishers write them, dates and ids as wrong as theirs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import formatdate
from html import escape

from aggregator.model.feed import Hints

DAY = 86_400.0
TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml", "rdf": "application/xml"}
TYPES["json"] = "application/feed+json"
PERIODS = {3600: "hourly", 86_400: "daily", 7 * 86_400: "weekly"}

WORDS = """council vote budget river bridge school market union harbour train mayor winter garden
light paper letter morning number question answer street station window deadline history weather
signal border island machine library kitchen doctor teacher village forest""".split()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A story as it stands in a document."""

    number: int
    at: float
    edits: int  # how often it has been edited


def title_of(publisher: int, story: int) -> str:
    """Return the title that names a story, whatever else a publisher makes of it."""
    return f"Story {publisher}/{story}"


def document(
    kind: str,
    home: str,
    stories: Sequence[Shown],
    *,
    publisher: int,
    dates: str,
    ids: str,
    changed: float,
    hints: Hints,
) -> tuple[str, bytes]:
    """Return content type and body. `changed` is when it became what it is."""
    items = []
    for story in stories:
        text = _text(publisher, story)
        items.append(
            (
                title_of(publisher, story.number),
                f"{home}{story.number}",
                _id(ids, publisher, story.number),
                _date(dates, story, changed),
                text,
            )
        )
    made = {"rss": _rss, "atom": _atom, "rdf": _rdf, "json": _json}[kind]
    return TYPES[kind], made(f"Publisher {publisher}", home, items, changed, hints).encode()


Item = tuple[str, str, str | None, float | None, str]  # title, link, id, date, text


def _text(publisher: int, story: Shown) -> str:
    turn = publisher * 7 + story.number * 13
    at = turn % len(WORDS)
    words = " ".join((WORDS + WORDS)[at : at + 26])
    edits = "".join(f" <p>Update {n + 1}: it was not so.</p>" for n in range(story.edits))
    return f"<p>{words} {publisher}.{story.number}</p>{edits}"


def _id(ids: str, publisher: int, story: int) -> str | None:
    return {
        "guid": f"urn:p{publisher}:{story}",
        "missing": None,
        "repeated": f"urn:p{publisher}",
        "link": f"https://cms.example/?p={publisher}&i={story}",  # after a move to another system
    }[ids]


def _date(dates: str, story: Shown, changed: float) -> float | None:
    return {
        "right": story.at,
        "missing": None,
        "wrong": float((story.number * 7_919_000) % 1_500_000_000),
        "future": story.at + 3 * DAY,
        "moving": changed,  # that of the last build
    }[dates]


def _rss(name: str, home: str, items: Sequence[Item], changed: float, hints: Hints) -> str:
    body = "".join(
        f"<item><title>{title}</title><link>{link}</link>"
        + (f'<guid isPermaLink="false">{escape(one)}</guid>' if one else "")
        + (f"<pubDate>{formatdate(at, usegmt=True)}</pubDate>" if at is not None else "")
        + f"<description>{escape(text)}</description></item>\n"
        for title, link, one, at, text in items
    )
    told = [f"<ttl>{hints.ttl_minutes}</ttl>"] if hints.ttl_minutes else []
    if hints.skip_hours:
        hours = "".join(f"<hour>{hour}</hour>" for hour in sorted(hints.skip_hours))
        told.append(f"<skipHours>{hours}</skipHours>")
    if hints.skip_days:
        days = "".join(f"<day>{day}</day>" for day in sorted(hints.skip_days))
        told.append(f"<skipDays>{days}</skipDays>")
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" '
        'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">'
        f"<channel><title>{name}</title><link>{home}</link><description>d</description>"
        f"{''.join(told)}{_period(hints)}\n{body}</channel></rss>"
    )


def _atom(name: str, home: str, items: Sequence[Item], changed: float, hints: Hints) -> str:
    body = "".join(
        f"<entry><title>{title}</title><link href='{link}'/>"
        + (f"<id>{escape(one)}</id>" if one else "")
        + (
            f"<updated>{_iso(at)}</updated><published>{_iso(at)}</published>"
            if at is not None
            else ""
        )
        + f"<content type='html'>{escape(text)}</content></entry>\n"
        for title, link, one, at, text in items
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        f"<title>{name}</title><id>{home}</id><link href='{home}'/>"
        f"<updated>{_iso(changed)}</updated>\n{body}</feed>"
    )


def _rdf(name: str, home: str, items: Sequence[Item], changed: float, hints: Hints) -> str:
    body = "".join(
        f'<item rdf:about="{escape(one or link)}"><title>{title}</title><link>{link}</link>'
        + (f"<dc:date>{_iso(at)}</dc:date>" if at is not None else "")
        + f"<description>{escape(text)}</description></item>\n"
        for title, link, one, at, text in items
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">'
        f'<channel rdf:about="{home}"><title>{name}</title><link>{home}</link>'
        f"{_period(hints)}</channel>\n{body}</rdf:RDF>"
    )


def _json(name: str, home: str, items: Sequence[Item], changed: float, hints: Hints) -> str:
    found = [
        {"id": one or link, "url": link, "title": title, "content_html": text}
        | ({"date_published": _iso(at)} if at is not None else {})
        for title, link, one, at, text in items
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": name, "home_page_url": home}
    return json.dumps({**feed, "items": found}, indent=1)


def _period(hints: Hints) -> str:
    if hints.update_period_seconds is None:
        return ""
    return f"<sy:updatePeriod>{PERIODS[hints.update_period_seconds]}</sy:updatePeriod>"


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
