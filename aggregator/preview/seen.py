"""What somebody who looks at HTML sees of it, taken apart: words, links, quoted words, numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

_SPACES = re.compile(r"\s+")

BLOCKS = frozenset(
    """address article aside blockquote center dd details div dl dt figcaption figure footer h1 h2
    h3 h4 h5 h6 header hr li main nav ol p pre section summary table td th tr ul""".split()
)


@dataclass(frozen=True)
class Link:
    url: str
    words: str


@dataclass(frozen=True)
class Picture:
    url: str
    alt: str


@dataclass(frozen=True)
class Item:
    """An item of an ordered list; `number` is what stands before it, None: nothing does."""

    number: int | None
    text: str  # squashed


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Texts are squashed: without any white space, since readers break lines as they like."""

    text: str
    quoted: tuple[str, ...] = ()  # what stands in each outermost quotation, set off from the rest
    links: tuple[Link, ...] = ()
    pictures: tuple[Picture, ...] = ()
    items: tuple[Item, ...] = ()


def squashed(text: str) -> str:
    """Return a text without its white space."""
    return _SPACES.sub("", text)


def seen_in(html: str) -> Seen:
    """Return what a browser would show of safe HTML."""
    eye = _Eye()
    eye.feed(html)
    eye.close()
    eye.end()
    return Seen(
        text=squashed("".join(eye.text)),
        quoted=tuple(squashed("".join(words)) for words in eye.quoted),
        links=tuple(Link(url, " ".join("".join(words).split())) for url, words in eye.links),
        pictures=tuple(eye.pictures),
        items=tuple(Item(item.number, squashed("".join(item.words))) for item in eye.items),
    )


@dataclass
class _Open:
    number: int | None
    words: list[str] = field(default_factory=list)


class _Eye(HTMLParser):
    """Notes what is seen, in the order in which it is."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.quoted: list[list[str]] = []
        self.links: list[tuple[str, list[str]]] = []
        self.pictures: list[Picture] = []
        self.items: list[_Open] = []
        self._quotes = 0
        self._link: list[str] | None = None
        self._lists: list[int | None] = []  # the next number of each open list; None: no numbers
        self._inside: list[_Open] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "blockquote":
            self._quotes += 1
            if self._quotes == 1:
                self.quoted.append([])
        elif tag == "a" and given.get("href"):
            self._link = []
            self.links.append((given["href"], self._link))
        elif tag == "img" and given.get("src"):
            self.pictures.append(Picture(given["src"], given.get("alt", "")))
            if self._link is not None:  # a picture that leads somewhere can be seen
                self._link.append(given.get("alt") or given["src"])
        elif tag in ("ol", "ul"):
            start = given.get("start", "1")
            first = int(start) if re.fullmatch(r"-?\d{1,9}", start) else 1
            self._lists.append(first if tag == "ol" else None)
        elif tag == "li":
            self._begin_item()

    def handle_endtag(self, tag: str) -> None:
        if tag == "blockquote":
            self._quotes = max(0, self._quotes - 1)
        elif tag == "a":
            self._link = None
        elif tag in ("ol", "ul") and self._lists:
            self._lists.pop()
        elif tag == "li" and self._inside:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        if self._quotes:
            self.quoted[-1].append(data)
        if self._link is not None:
            self._link.append(data)
        for item in self._inside:
            item.words.append(data)

    def end(self) -> None:
        """Forget what numbers nothing: items of lists that have none."""
        self.items = [item for item in self.items if item.number is not None]

    def _begin_item(self) -> None:
        number = self._lists[-1] if self._lists else None
        if number is not None:
            self._lists[-1] = number + 1
        item = _Open(number)
        self.items.append(item)
        self._inside.append(item)
