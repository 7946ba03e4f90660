"""A folder of Markdown documents → items: our own form, and that of static site generators."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from pathlib import PurePosixPath
from typing import Any

from aggregator.document import parse_document, slugify
from aggregator.document.front import read_front
from aggregator.document.lines import split
from aggregator.errors import DocumentError
from aggregator.markup.text import scrub
from aggregator.migration.values import Broken, Collection, Item
from aggregator.reading.charset import decoded
from aggregator.reading.dates import parse_date

ENDS = (".md", ".markdown")

_DATED = re.compile(r"(\d{4}-\d\d-\d\d)-(.+)")
_TOML = re.compile(r"\+\+\+[ \t]*\r?\n(.*?)^\+\+\+[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"\A\s*#[ \t]+([^\n]+?)[ \t#]*(?:\n|\Z)")
_DATES = ("date", "published", "pubdate", "created")
_CHANGES = ("updated", "lastmod", "last_modified_at", "modified")
_LINKS = ("link", "external_url", "external-url", "link_url")
_OF_LISTS = ("tags", "categories", "keywords")
_KNOWN = {"title", "slug", "id", "guid", "author", "authors", "language", "lang", "draft"}
_KNOWN |= {"private", "permalink", "url", *_DATES, *_CHANGES, *_LINKS, *_OF_LISTS}


def from_documents(files: Mapping[str, bytes], *, now: datetime) -> Collection:
    """Return the documents among files, by their paths; each that cannot be read is named.

    One in our own form stays as typed. Of others the front matter (YAML, or TOML between
    `+++`) is understood as Jekyll and Hugo mean it; keys that have no place here are noted.
    """
    items: list[Item] = []
    broken: list[Broken] = []
    lost: Counter[str] = Counter()
    for path in sorted(files):
        if not path.lower().endswith(ENDS) or any(part[:1] in "._" for part in path.split("/")):
            continue
        try:
            items.append(_item(path, decoded(files[path]), now, lost))
        except DocumentError as error:
            broken.append(Broken(place=path, reason=str(error)))
    items.sort(key=lambda item: item.published.timestamp() if item.published else 0)
    notes = [f"`{key}` has no place here; left out of {n:,}" for key, n in sorted(lost.items())]
    return Collection(
        format="documents", items=tuple(items), broken=tuple(broken), notes=tuple(notes)
    )


def _item(path: str, text: str, now: datetime, lost: Counter[str]) -> Item:
    stem = PurePosixPath(path).stem
    dated = _DATED.fullmatch(stem)
    slug = slugify(dated[2] if dated else stem) or None
    try:
        post = parse_document(text)
    except DocumentError as own:
        front, body = _parts(text, own)
    else:
        return Item(
            place=path, document=text, slug=slug, title=post.title, published=post.published
        )
    lost.update(key for key in front if key.lower() not in _KNOWN)
    given = {key.lower(): value for key, value in front.items()}
    title = _word(given.get("title"))
    if not title and (heading := _HEADING.match(body)):
        title, body = heading[1], body[heading.end() :]
    published = _first(given, _DATES, now) or (parse_date(dated[1], now) if dated else None)
    named = given.get("author") or given.get("authors")
    return Item(
        place=path,
        id=_word(given.get("id") or given.get("guid")) or None,
        title=title or stem,
        slug=slugify(_word(given.get("slug"))) or slug,
        about=next((word for key in _LINKS if (word := _word(given.get(key)))), None),
        markdown=scrub(body).strip("\n"),
        author=", ".join(_words(named)) or None,
        language=_word(given.get("language") or given.get("lang")).replace("_", "-") or None,
        tags=tuple(word for key in _OF_LISTS for word in _words(given.get(key))),
        published=published,
        updated=_first(given, _CHANGES, now),
        private=_is_true(given.get("draft"))
        or _is_true(given.get("private"))
        or _word(given.get("published")).lower() == "false",
    )


def _parts(text: str, own: DocumentError) -> tuple[dict[str, Any], str]:
    """Return front matter and body of somebody else's document. Raises DocumentError."""
    text = text.removeprefix("\ufeff")
    if found := _TOML.match(text):
        try:
            return tomllib.loads(found[1].replace("\r\n", "\n")), text[found.end() :]
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise DocumentError(f"front matter: {error}", line=1) from None
    parts = split(text)
    body = "\n".join(parts.body)
    if parts.front is None:
        return {}, body
    front = read_front(parts.front).plain()
    if front is not None and not isinstance(front, dict):
        raise own
    return {str(key): value for key, value in (front or {}).items()}, body


def _first(given: Mapping[str, Any], keys: tuple[str, ...], now: datetime) -> datetime | None:
    for key in keys:
        value = given.get(key)
        if isinstance(value, datetime):
            return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
        if isinstance(value, date):
            return datetime.combine(value, time(), UTC)
        if isinstance(value, str) and (found := parse_date(value, now)):
            return found
    return None


def _word(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("name")
    if value is None or isinstance(value, list | dict):
        return ""
    return " ".join(scrub(str(value), bidi=True).split())


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, str) and "," in value:
        value = value.split(",")
    for one in value if isinstance(value, list) else [value]:
        if word := _word(one):
            yield word


def _is_true(value: Any) -> bool:
    return _word(value).lower() in ("true", "yes", "1")
