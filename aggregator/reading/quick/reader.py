"""Well-formed, plain RSS and Atom → raw values, by lxml: twenty times as fast as feedparser.

It reads what it is known to read exactly as feedparser does and steps aside for all else: an
element given twice, a namespace that feedparser gives a meaning, an xml:base, a DOCTYPE. A
differential test over many feeds holds the two together.
"""

from __future__ import annotations

import re

from lxml import etree

from aggregator.reading.quick.atom import read_atom
from aggregator.reading.quick.rss import read_rss
from aggregator.reading.quick.words import ATOM, RDF, RSS1, StepAside
from aggregator.reading.raw import RawDocument

_DECLARATION = re.compile(rb"""\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([^\s;\"']+)", re.IGNORECASE)
_BASE = re.compile(rb"[\s:]base\s*=")
_UTF8 = frozenset(("utf-8", "utf8", "us-ascii", "ascii"))
_RSS_VERSIONS = {"0.91": "rss091u", "0.92": "rss092", "0.93": "rss093", "0.94": "rss094"}


def read_quickly(body: bytes, *, content_type: str, max_entries: int) -> RawDocument | None:
    """Return what the document says, or None when another reader should look at it."""
    start = body[:2048]
    if b"<!DOCTYPE" in start or b"<!ENTITY" in body or b"\0" in start:
        return None
    if b"base" in body and _BASE.search(body):
        return None
    if start.startswith(b"<?") and b"<" in start[2 : start.find(b"?>")]:
        return None  # feedparser ends a declaration at the first >
    if not _is_utf8(body, start, content_type):
        return None
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    try:
        return _document(root, max_entries)
    except StepAside:
        return None


def _is_utf8(body: bytes, start: bytes, content_type: str) -> bool:
    declared = _DECLARATION.match(start.removeprefix(b"\xef\xbb\xbf"))
    if declared and declared[1].decode("ascii").lower() not in _UTF8:
        return False
    charset = _CHARSET.search(content_type)
    if charset and charset[1].lower() not in _UTF8:
        return False
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _document(root: etree._Element, max_entries: int) -> RawDocument:
    tag = root.tag
    if tag == "rss":
        version = root.get("version", "")
        channels = root.findall("channel")
        if len(channels) != 1 or len(root) != 1:
            raise StepAside
        default = "rss20" if version.startswith("2.") else "rss"
        return read_rss(_RSS_VERSIONS.get(version, default), root, channels[0], "item", max_entries)
    if tag == f"{{{ATOM}}}feed":
        if root.get("version"):
            raise StepAside
        return read_atom(root, max_entries)
    if tag == f"{{{RDF}}}RDF":
        channel = root.find(f"{{{RSS1}}}channel")
        if channel is None:
            raise StepAside
        return read_rss("rss10", root, channel, f"{{{RSS1}}}item", max_entries)
    raise StepAside
