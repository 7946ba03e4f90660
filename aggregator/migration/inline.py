"""What stands within a paragraph of HTML → Markdown."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from lxml import html as lxml_html

from aggregator.markup.markdown import escaped, link, web_address

Element = lxml_html.HtmlElement

_MARKS: Final = {
    "em": "*",
    "i": "*",
    "cite": "*",
    "dfn": "*",
    "var": "*",
    "strong": "**",
    "b": "**",
}
_CODE = frozenset(("code", "kbd", "samp", "tt"))
_SPACES = re.compile(r"[ \t\r\n\f]+")
_OTHER = re.compile(r"(?:mailto|tel):[^\s<>()\\]+", re.IGNORECASE)
BREAK = "\\\n"


class Inline:
    """Words with their links, emphasis, code and pictures; `links_only` leaves out the rest."""

    def __init__(self, blocks: Collection[str], *, links_only: bool = False) -> None:
        self._blocks, self._links_only = blocks, links_only

    def paragraph(self, element: Element) -> str:
        """Return an element's inside as one paragraph; blocks within it are words of it."""
        text = re.sub(" +", " ", self._inside(element))
        text = re.sub(r" ?(?:\\\n) ?", lambda _: BREAK, text)
        while text.startswith((BREAK, " ")) or text.endswith((BREAK, " ")):
            text = text.removeprefix(BREAK).removesuffix(BREAK).strip(" ")
        return re.sub(r"(?:\\\n){2,}", "\n\n", text)

    def _inside(self, element: Element) -> str:
        parts = [_text(element.text)]
        for child in element:
            if isinstance(child.tag, str):
                parts.append(self._element(child))
            parts.append(_text(child.tail))
        return "".join(parts)

    def _element(self, element: Element) -> str:
        tag = str(element.tag)
        if tag == "br":
            return BREAK
        if tag == "img":
            return self._picture(element)
        if tag == "wbr":
            return ""
        if tag in _CODE and not self._links_only and not len(element):
            return _code(element.text or "")
        inside = self._inside(element)
        if tag == "a":
            return _link(inside, str(element.get("href") or ""), str(element.get("title") or ""))
        if tag in _MARKS and not self._links_only and BREAK not in inside:
            return _around(inside, _MARKS[tag])
        return f" {inside} " if tag in self._blocks else inside

    def _picture(self, element: Element) -> str:
        alt, source = str(element.get("alt") or ""), web_address(str(element.get("src") or ""))
        if source is None:
            return _text(alt)
        said = escaped(" ".join(alt.split()))
        return f"![{said}]{_target(source, str(element.get('title') or ''))}"


def _text(text: str | None) -> str:
    """Return words with nothing in them that Markdown would obey; spaces at both ends stay."""
    if not text:
        return ""
    text = _SPACES.sub(" ", text)
    inside = text.strip(" ")
    if not inside:
        return " "
    return f"{' ' * text.startswith(' ')}{escaped(inside)}{' ' * text.endswith(' ')}"


def _around(inside: str, mark: str) -> str:
    words = inside.strip(" ")
    if not words:
        return inside
    before = " " * inside.startswith(" ")
    return f"{before}{mark}{words}{mark}{' ' * inside.endswith(' ')}"


def _link(inside: str, href: str, title: str) -> str:
    address = web_address(href)
    target = _target(address, title) if address else f"({href})" if _OTHER.fullmatch(href) else ""
    if not inside.strip() or not target:
        return inside
    before = " " * inside.startswith(" ")
    return f"{before}[{inside.strip(' ')}]{target}{' ' * inside.endswith(' ')}"


def _target(address: str, title: str) -> str:
    target = link("", address)[2:]
    words = re.sub(r'([\\"])', r"\\\1", " ".join(title.split()))
    return f'{target[:-1]} "{words}")' if words else target


def _code(text: str) -> str:
    text = _SPACES.sub(" ", text)
    if not text.strip():
        return " "
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text.startswith(("`", " ")) or text.endswith(("`", " ")) else ""
    return f"{fence}{pad}{text}{pad}{fence}"
