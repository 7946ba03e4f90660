"""What the two families of formats have in common for the quick reader."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from lxml import etree

from aggregator.reading.quick.words import (
    NOTHING_OURS_INSIDE,
    TREES,
    XML,
    StepAside,
    means_something,
)
from aggregator.reading.raw import RawLink

LANG = f"{{{XML}}}lang"
_ENTITY = re.compile("&[A-Za-z0-9_]+;")
# Windows' characters in the place of ISO 8859-1's controls; feedparser mends them, too.
_CONTROLS = re.compile("[\x80-\x9f]")
_CP1252 = {
    code: bytes([code]).decode("cp1252")
    for code in range(0x80, 0xA0)
    if code not in {0x81, 0x8D, 0x8F, 0x90, 0x9D}
}


def children(
    parent: etree._Element, roles: dict[str, str], skip: str = ""
) -> Iterator[tuple[str, etree._Element]]:
    """Yield what has a meaning, once each unless it may be given again."""
    seen: set[str] = set()
    for child in parent:
        tag = child.tag
        if tag == skip:
            continue
        role = roles.get(tag) if isinstance(tag, str) else None
        if not role:
            role = _role_of(child, roles)
            if not role:
                continue
        if role[0] != "*":
            if role in seen:
                raise StepAside
            seen.add(role)
            if len(child):
                holds_only(child, TREES.get(str(tag), ()))
            yield role, child
        else:
            if len(child) and role != "*entry":
                raise StepAside
            yield role[1:], child


def _role_of(element: etree._Element, roles: dict[str, str]) -> str:
    """Return the role of an element that is not plainly known; "" when it says nothing.

    Raises StepAside where feedparser might see something in it.
    """
    tag = element.tag
    if not isinstance(tag, str):
        raise StepAside  # an entity reference
    if roles.get(tag) == "":
        if len(element):
            _holds_levels(element, NOTHING_OURS_INSIDE.get(str(tag), ()))
        return ""
    if len(element) or not tag.startswith("{") or means_something(tag, element.prefix):
        raise StepAside
    return ""


def holds_only(element: etree._Element, names: Collection[str]) -> None:
    """Raise StepAside unless an element's children are of these names, once each and childless.

    feedparser takes anything else in an author or an image for something of the entry's.
    """
    seen: set[object] = set()
    for child in element:
        if child.tag not in names or child.tag in seen or len(child) or (child.tail or "").strip():
            raise StepAside
        seen.add(child.tag)
    if seen and (element.text or "").strip():
        raise StepAside


def _holds_levels(element: etree._Element, names: Sequence[str]) -> None:
    """Raise StepAside unless children have the first of these names, theirs the second ..."""
    for child in element:
        if not names or child.tag != names[0]:
            raise StepAside
        _holds_levels(child, names[1:])


def words(element: etree._Element | None) -> str:
    """Return an element's text as feedparser would: stripped and mended."""
    if element is None:
        return ""
    if len(element):
        raise StepAside
    text = element.text
    if text is None:
        return ""
    text = text.strip()
    if not text.isascii():
        # UTF-8 taken for ISO 8859-1 and encoded again
        with contextlib.suppress(UnicodeError):
            text = text.encode("iso-8859-1").decode("utf-8")
        if _CONTROLS.search(text):  # ten times as fast as translating all of it
            text = text.translate(_CP1252)
    return text


def bare_words(element: etree._Element, *allowed: str) -> str:
    """Return an element's text where attributes, others than those, would change its meaning."""
    names = element.keys()
    if names and any(name not in allowed for name in names):
        raise StepAside
    return words(element)


def link_words(element: etree._Element) -> str:
    """Return the address that RSS writes as text."""
    written = bare_words(element)
    # feedparser takes some entities for parameters, and controls for nothing.
    if ("&" in written and _ENTITY.search(written)) or _CONTROLS.search(element.text or ""):
        raise StepAside
    return written


def language_of(texts: Iterable[etree._Element | None], lang: str) -> str:
    """Return the language of the first of an entry's texts that has one."""
    for text in texts:
        if text is not None and (own := lang_of(text, lang)):
            return own.replace("_", "-")
    return ""


def lang_of(element: etree._Element, lang: str) -> str:
    """Return an element's language; `lang` is its parent's. An empty one is none."""
    if element.get("lang") is not None:
        raise StepAside
    return element.get(LANG, lang)


def permalink(guid: etree._Element) -> bool:
    for name, value in guid.attrib.items():
        if str(name).lower() == "ispermalink":
            return str(value) == "true"
    return True


def link_of(element: etree._Element) -> RawLink:
    if (element.text and element.text.strip()) or element.get("href", " ") == "":
        raise StepAside
    if element.get("url") is not None or element.get("uri") is not None:
        raise StepAside
    rel = element.get("rel", "alternate")
    default = "application/atom+xml" if rel == "self" else "text/html"
    return RawLink(
        (element.get("href") or "").strip(),
        rel=rel,
        type=element.get("type", default) or None,
        title=element.get("title") or None,
        length=element.get("length") or None,
    )
