"""Front matter: the YAML at the head of a document → the details of a post, checked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any, NoReturn

from aggregator.document.slug import is_slug
from aggregator.document.times import EXAMPLE, moment, moment_or_day
from aggregator.errors import DocumentError
from aggregator.markup.markdown import web_address
from aggregator.markup.text import scrub
from aggregator.model.post import Citation
from aggregator.yamltext import YamlDocument, YamlError, load

KEYS = ("title", "slug", "language", "author", "tags", "published", "cites")
CITE_KEYS = ("url", "author", "outlet", "title", "published", "via", "entry")
LONGEST_LINE = 1_000  # characters of a title or name
LARGEST_ENTRY = 2**63 - 1  # what a database can number

_LONGEST_TAG = 100
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")  # as BCP 47 looks

Path = tuple[str | int, ...]


def _is_language(text: str) -> bool:
    return bool(_LANGUAGE.fullmatch(text)) and len(text) <= _LONGEST_TAG


@dataclass(frozen=True, kw_only=True)
class Front:
    """What the front matter says. An absent value is None, or an empty tuple."""

    title: str | None = None
    slug: str | None = None
    language: str | None = None
    author: str | None = None
    tags: tuple[str, ...] = ()
    published: datetime | None = None
    cites: tuple[Citation, ...] = ()


def read_front(text: str) -> YamlDocument:
    """Return the YAML between the two `---`. Raises DocumentError with the document's line."""
    try:
        return load(text, name="front matter")
    except YamlError as error:
        line = (error.line or 1) + 1
        message = error.message_below(1)
        raise DocumentError(f"front matter: {message}", line=line) from error


def parse_front(text: str, *, keys: tuple[str, ...] = KEYS) -> Front:
    """Return the details; only `keys` may be there. Raises DocumentError."""
    document = read_front(text)
    return _Reader(document).front(document.plain(), keys)


class _Reader:
    def __init__(self, document: YamlDocument) -> None:
        self._document = document

    def _fail(self, path: Path, message: str) -> NoReturn:
        while (place := self._document.position(path)) is None and path:
            path = path[:-1]
        raise DocumentError(message, line=(place[0] if place else 1) + 1)

    def front(self, plain: Any, keys: tuple[str, ...]) -> Front:
        if plain is None:
            return Front()
        if not isinstance(plain, dict):
            self._fail((), 'front matter: expected `key: value`, such as `title: "…"`')
        self._check_keys(plain, keys, ())
        return Front(
            title=self._words(plain, ("title",)),
            slug=self._matching(plain, "slug", is_slug, "lower-case words, such as `two-words`"),
            language=self._matching(plain, "language", _is_language, "a tag, as `en` or `de-AT`"),
            author=self._words(plain, ("author",)),
            tags=self._tags(plain.get("tags")),
            published=self._published(plain.get("published")),
            cites=self._cites(plain.get("cites")),
        )

    def _check_keys(self, plain: Mapping[str, Any], keys: tuple[str, ...], path: Path) -> None:
        for key in plain:
            if key in keys:
                continue
            meant = get_close_matches(key.lower(), keys, 1)
            hint = f"did you mean `{meant[0]}`?" if meant else f"known are {', '.join(keys)}"
            self._fail((*path, key), f"the key `{key[:60]}` is not known here; {hint}")

    def _words(self, plain: Mapping[str, Any], path: Path) -> str | None:
        key = str(path[-1])
        value = plain.get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            self._fail(path, f'{key}: expected text; put it in quotes, as in `{key}: "…"`')
        line = " ".join(scrub(value, bidi=True).split())
        if len(line) > LONGEST_LINE:
            self._fail(path, f"{key}: longer than {LONGEST_LINE} characters")
        return line or None

    def _matching(
        self, plain: Mapping[str, Any], key: str, fits: Callable[[str], bool], what: str
    ) -> str | None:
        value = plain.get(key)
        if value is None or value == "":
            return None
        text = unicodedata.normalize("NFC", value) if isinstance(value, str) else None
        if text is None or not fits(text):
            self._fail((key,), f"{key}: expected {what}, found {str(value)[:60]!r}")
        return text

    def _published(self, value: Any) -> datetime | None:
        if value is None or value == "":
            return None
        found = moment(value) if isinstance(value, str) else None
        if found is None:
            self._fail(("published",), f"published: expected a time with its zone, as {EXAMPLE}")
        return found

    def _tags(self, value: Any) -> tuple[str, ...]:
        if value is None:
            return ()
        if not isinstance(value, list):
            self._fail(("tags",), "tags: expected a list, such as `tags: [city, budget]`")
        found: dict[str, None] = {}
        for index, tag in enumerate(value):
            if not isinstance(tag, str):
                self._fail(("tags", index), f"tags: {tag!s:.60} is not text; put it in quotes")
            word = " ".join(scrub(tag, bidi=True).split())
            if not word or len(word) > LONGEST_LINE:
                self._fail(("tags", index), "tags: a tag is a word or a few")
            found[word] = None
        return tuple(found)

    def _cites(self, value: Any) -> tuple[Citation, ...]:
        if value is None:
            return ()
        if not isinstance(value, list):
            self._fail(("cites",), 'cites: expected a list of `- {url: "https://…"}`')
        found: dict[str, Citation] = {}
        for index, item in enumerate(value):
            path: Path = ("cites", index)
            if not isinstance(item, dict):
                self._fail(path, 'cites: expected `{url: "https://…", author: …}`')
            self._check_keys(item, CITE_KEYS, path)
            cite = self._cite(item, path)
            if cite.url in found:
                self._fail(path, f"cites: {cite.url} is listed twice; make one of the two")
            found[cite.url] = cite
        return tuple(found.values())

    def _cite(self, item: Mapping[str, Any], path: Path) -> Citation:
        url = self._address(item, (*path, "url"))
        if url is None:
            self._fail(path, 'cites: a `url` is missing, such as `url: "https://…"`')
        return Citation(
            url=url,
            title=self._words(item, (*path, "title")),
            author=self._words(item, (*path, "author")),
            outlet=self._words(item, (*path, "outlet")),
            published=self._time(item.get("published"), (*path, "published")),
            via=self._address(item, (*path, "via")),
            entry=self._number(item.get("entry"), (*path, "entry")),
        )

    def _address(self, item: Mapping[str, Any], path: Path) -> str | None:
        value = item.get(str(path[-1]))
        if value is None or value == "":
            return None
        found = web_address(value) if isinstance(value, str) else None
        if found is None:
            message = f"expected an address that begins with https://, found {str(value)[:60]!r}"
            self._fail(path, f"{path[-1]}: {message}")
        return found

    def _time(self, value: Any, path: Path) -> datetime | None:
        if value is None or value == "":
            return None
        found = moment_or_day(value) if isinstance(value, str) else None
        if found is None:
            self._fail(path, "published: expected a time such as 2026-03-31T14:05:00Z, or a day")
        return found

    def _number(self, value: Any, path: Path) -> int | None:
        if value is None:
            return None
        if type(value) is not int or not 0 < value <= LARGEST_ENTRY:
            self._fail(path, "entry: expected the number of an entry, as the inbox shows it")
        return value
