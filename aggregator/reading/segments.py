"""The bytes of single entries within a document, so that known ones need not be parsed again.

Most of what a poll brings is known: one new entry among thirty. Entries are found by their tags
alone, which is no parsing; what is left when the known ones are taken out must be a well-formed
document with as many entries as are left, or else the whole is read.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

# What an entry's meaning depends on outside of it: namespaces, language, and the site's address.
_CONTEXT = re.compile(
    rb"<(?:[A-Za-z0-9]{1,20}:)?(?:rss|feed|RDF|channel)(?=[\s>])[^>]{0,4000}>"
    rb"|<(?:[A-Za-z0-9]{1,20}:)?link(?=[\s>/])[^>]{0,4000}>"
    rb"[^<]{0,4000}(?:<!\[CDATA\[[^\]]{0,4000})?"
)


@dataclass(frozen=True, kw_only=True)
class Segments:
    """Where entries stand in a document, and a hash of each: 22 characters."""

    places: tuple[tuple[int, int], ...]
    hashes: tuple[str, ...]


def segments_of(body: bytes, *, url: str, most: int) -> Segments | None:
    """Return the entries' places, or None when there are none or more than `most`.

    An entry's hash changes with every byte of it, with `url`, and with what it depends on in
    the rest of the document.
    """
    for name in (b"item", b"entry"):
        places = _places(body, name, most)
        if places:
            break
    else:
        return None
    rest = cut(body, places)
    if b"</" + name in rest:
        return None  # an entry's text speaks of such tags, so one of the places is wrong
    context = hashlib.sha256(url.encode("utf-8", "surrogatepass"))
    for part in _CONTEXT.findall(rest):
        context.update(b"\0" + part)
    hashes = []
    for start, end in places:
        one = context.copy()
        one.update(b"\0\0" + body[start:end])
        hashes.append(one.hexdigest()[:22])
    return Segments(places=tuple(places), hashes=tuple(hashes))


def cut(body: bytes, places: Collection[tuple[int, int]]) -> bytes:
    """Return `body` without what stands at `places`, which are in order."""
    parts, at = [], 0
    for start, end in places:
        parts.append(body[at:start])
        at = end
    parts.append(body[at:])
    return b"".join(parts)


def told_apart(hashes: Collection[str]) -> set[str]:
    """Return the hashes that occur once: an entry that stands there twice proves nothing."""
    return {one for one, count in Counter(hashes).items() if count == 1}


def _places(body: bytes, name: bytes, most: int) -> list[tuple[int, int]] | None:
    opening, closing = b"<" + name, b"</" + name + b">"
    places: list[tuple[int, int]] = []
    at = 0
    while (start := body.find(opening, at)) >= 0:
        at = start + len(opening)
        if body[at : at + 1] not in {b">", b" ", b"\t", b"\r", b"\n"}:
            continue  # <items> of RSS 1.0, <entry-point>
        end = body.find(closing, at)
        if end < 0 or len(places) == most:
            return None
        at = end + len(closing)
        places.append((start, at))
    return places
