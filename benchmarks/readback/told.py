"""An entry, as its author means it or as a reader understood it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser

# Elements that stand apart from the words before and after them.
_APART = frozenset("p blockquote ol ul li pre h1 h2 h3 h4 h5 h6 hr br div table tr td th".split())


@dataclass(frozen=True, kw_only=True)
class Told:
    """One entry. None is what a reader does not tell, and is compared with nothing.

    `words` are those of the whole text without markup, in single spaces. Times are in UTC.
    """

    id: str | None
    title: str | None
    link: str | None
    author: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    words: str | None = None

    def properties(self) -> Iterator[tuple[str, object]]:
        """Yield what can be compared, and its value."""
        for name in PROPERTIES:
            yield name, getattr(self, name)


PROPERTIES = ("title", "link", "author", "published", "updated", "words")


def words_of(html: str) -> str:
    """Return the words of HTML, by the standard library's parser and not by ours."""
    reading = _Words()
    reading.feed(html)
    reading.close()
    return spaced("".join(reading.found))


def spaced(text: str) -> str:
    """Return text with single spaces where there was any white space."""
    return " ".join(text.split())


def moment(text: str) -> datetime:
    """Return a time of RFC 3339 in UTC, in whole seconds, which is what all readers keep."""
    return datetime.fromisoformat(text).astimezone(UTC).replace(microsecond=0)


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in _APART:
            self.found.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _APART:
            self.found.append(" ")

    def handle_data(self, data: str) -> None:
        self.found.append(data)
