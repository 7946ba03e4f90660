"""What tells one text of an entry from another, and what does not count."""

from __future__ import annotations

import hashlib
import re

from aggregator.model.feed import Entry
from aggregator.reading.urls import identity_key
from aggregator.reading.volatile import without_volatile

# Part of every hash: a better rule is no edit by ten thousand publishers.
_RULES = "1"

# Shorter texts are not one entry's own: "Open thread", "Photo of the day".
MIN_TEXT_KEY = 120

_TAG = re.compile(r"<[^<>]*>")


def entry_hash(entry: Entry, segment: str | None = None) -> str:
    """Return a hash of what the source says, in two halves, at most 64 characters.

    The first half is of every character, and quick to make: the hash of the entry's `segment`
    of the document where there is one. The second leaves out what changes by itself. Compare
    with `same_text`.
    """
    return f"{segment or _exact(entry)}-{_steady(entry)}"


def same_text(entry: Entry, known_hash: str, segment: str | None = None) -> bool:
    """Whether an entry says what it said when `known_hash` was made.

    Dates, white space, comments, sizes and hosts of images and tracking parameters of links make
    no difference. Works on the text as the source wrote it, before it is cleaned.
    """
    exact, _, steady = known_hash.partition("-")
    return exact == (segment or _exact(entry)) or steady == _steady(entry)


def same_exactly(entry: Entry, known_hash: str, segment: str | None = None) -> bool:
    """Whether it is so to the last character, and of the same date."""
    return known_hash.partition("-")[0] in {segment, _exact(entry)}


def segment_of(known_hash: str) -> str:
    """Return the half of a hash that is a segment's, if the entry had one."""
    return known_hash.partition("-")[0]


def _exact(entry: Entry) -> str:
    links = "\n".join(link.href for link in entry.links)
    date = entry.published or entry.updated
    parts = (
        _RULES,
        entry.title,
        entry.link or "",
        entry.author or "",
        entry.content,
        entry.summary,
        "\n".join(entry.tags),
        links,
        date.isoformat() if date else "",
    )
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:22]


def _steady(entry: Entry) -> str:
    enclosures = [link.href.partition("?")[0] for link in entry.links if link.rel == "enclosure"]
    return _digest(
        _RULES,
        entry.title,
        link_key(entry) or "",
        entry.author or "",
        without_volatile(entry.content),
        without_volatile(entry.summary),
        "\n".join(sorted(entry.tags)),
        "\n".join(link.href for link in entry.links if link.rel != "enclosure"),
        "\n".join(enclosures),
    )


def link_key(entry: Entry) -> str | None:
    """Return the identity key of an entry's link, at most 500 characters; None without one."""
    key = identity_key(entry.link) if entry.link else None
    if key is not None and len(key) > 500:
        return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    return key


def text_key(entry: Entry) -> str | None:
    """Return a hash of title and words, or None when they are too short to tell entries apart."""
    words = _words(entry.content)
    if len(words) < MIN_TEXT_KEY:
        return None
    return _digest(entry.title, words)


def any_text_key(entry: Entry) -> str:
    """Return a hash of all the words there are: an id for what has nothing else."""
    address = entry.link or (entry.links[0].href.partition("?")[0] if entry.links else "")
    return _digest(entry.title, address, _words(entry.content))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:40]


def _words(html: str) -> str:
    """Return the words, cheaply: it need not be pretty, only always the same."""
    if "<" in html:
        html = _TAG.sub(" ", html)
    return " ".join(html.split())
