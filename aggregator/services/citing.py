"""Citing from the desk: words of a source into a text, and links that are brought in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from aggregator.document import (
    VERBS,
    Placed,
    cited_link,
    draft_of,
    paragraphs_of,
    place_quotation,
)
from aggregator.errors import DocumentError
from aggregator.markup.text import scrub
from aggregator.model.post import StoredPost, UpdateKind
from aggregator.reading.urls import identity_key, without_credentials
from aggregator.services.desk import Desk
from aggregator.storage.draftprotocol import DraftStorage
from aggregator.storage.protocol import Storage

LONGEST_WORDS = 20_000  # characters that are quoted at once


@dataclass(frozen=True, kw_only=True)
class Brought:
    """A link that was brought to the desk. `draft` is the document that cites it."""

    url: str
    draft: str
    entry: int | None  # the entry that leads there; None: we have none
    posts: tuple[StoredPost, ...]  # that cite it already, newest first


class Citing:
    """Threads share it."""

    def __init__(self, storage: Storage, texts: DraftStorage, desk: Callable[[], Desk]) -> None:
        self._storage, self._texts, self._desk = storage, texts, desk

    @property
    def verbs(self) -> tuple[str, ...]:
        """What a lead-in may say that a source does; empty where it is made by itself."""
        return VERBS if self._desk().is_english else ()

    def quote(
        self,
        text: str,
        at: int,
        words: str,
        *,
        entry: int,
        verb: str = VERBS[0],
        kind: UpdateKind | None = None,
    ) -> Placed:
        """Return a text with words of an entry quoted at a place of it, or stitched there.

        `kind` is that of the update it is. Raises EntryNotFound, and DocumentError when the text
        has a mistake that is in the way.
        """
        if len(words) > LONGEST_WORDS:
            raise DocumentError(f"that is more than {LONGEST_WORDS:,} characters; select fewer")
        if kind is None and not text.lstrip("\ufeff").startswith("---"):
            raise DocumentError('there is no title; begin with a line `---`, then `title: "…"`')
        desk = self._desk()
        chosen = verb if verb in VERBS else VERBS[0]
        drafted = desk.draft_from(entry)
        return place_quotation(text, at, words, desk.cited(entry), verb=chosen, drafted=drafted)

    def bring(self, url: str, title: str, words: str, via: str) -> Brought:
        """Return what there is to a link. Raises DocumentError when it is none of the web.

        Its `draft` quotes the `words`, if there are any.
        """
        via = without_credentials(via.strip())
        english = self._desk().is_english
        cited = cited_link(without_credentials(url.strip()), title, via=via, english=english)
        if cited is None or cited.cite is None:
            raise DocumentError(
                f"{url[:200]!r} is no address of a page; give one such as https://…"
            )
        key = identity_key(cited.cite.url)
        numbers = self._texts.entries_at(key) if key else []
        posts = [
            post
            for post in self._storage.posts()
            if any(identity_key(one.url) == key for one in (*post.post.citations, *post.post.cites))
        ]
        if numbers:
            draft = self._desk().draft_from(numbers[0], words=words, via=via)
        else:
            said = paragraphs_of(scrub(words, bidi=True))
            draft = draft_of(cited, said, untitled=_named(cited.cite.url))
        return Brought(
            url=cited.cite.url,
            draft=draft,
            entry=numbers[0] if numbers else None,
            posts=tuple(posts),
        )


def _named(url: str) -> str:
    return urlsplit(url).hostname or url
