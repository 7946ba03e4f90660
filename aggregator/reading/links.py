"""The Link field of an HTTP answer (RFC 8288 §3), read as leniently as publishers write it."""

from __future__ import annotations

import re

from aggregator.reading.urls import absolute

LONGEST = 16_384  # characters of the field that are looked at
_TARGET = re.compile(r"[\s,]*<([^<>]*)>")
_PARAMETER = re.compile(
    r"""\s*;\s*(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?)?"""
)


def links_by_rel(field: str, url: str) -> dict[str, list[str]]:
    """Return the absolute addresses that the answer of `url` links to, by relation.

    Relations are in lower case, addresses in the order of the field. Links that speak of
    another resource (`anchor`) are left out, and so is what is no http(s) address.
    """
    field = field[:LONGEST]
    found: dict[str, list[str]] = {}
    place = 0
    while place < len(field):
        target = _TARGET.match(field, place)
        if target is None:
            # Nonsense goes up to the next comma, and takes nothing else with it.
            comma = field.find(",", place)
            place = comma + 1 if comma >= 0 else len(field)
            continue
        given, place = _parameters(field, target.end())
        href = absolute(url, target[1]) if target[1].strip() else url
        about = absolute(url, given["anchor"]) if given.get("anchor") else url
        if href is None or about != url:
            continue
        for relation in given.get("rel", "").lower().split():
            found.setdefault(relation, []).append(href)
    return found


def _parameters(field: str, place: int) -> tuple[dict[str, str], int]:
    """Return the parameters of a link by name, the first of each, and where they end."""
    given: dict[str, str] = {}
    while match := _PARAMETER.match(field, place):
        place = match.end()
        name, quoted, plain = match.groups()
        if name:
            value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else plain or ""
            given.setdefault(name.lower(), value)
    return given, place
