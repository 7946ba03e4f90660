"""All posts that are shown, each read and tried out once and then remembered."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from typing import Any, Protocol

from aggregator.config.settings import Site
from aggregator.errors import ThemeError
from aggregator.model.post import PostStatus, StoredPost
from aggregator.publishing.article import Article, article_of, folder_of
from aggregator.publishing.brief import Brief, Facts, Told, brief_of, facts_of
from aggregator.publishing.extension import extension_of
from aggregator.publishing.feeds import try_out
from aggregator.publishing.ids import path_name
from aggregator.publishing.packing import packed, unpacked
from aggregator.publishing.pages import Pages, templates_of
from aggregator.publishing.plain import plain_site
from aggregator.publishing.privacy import without_via
from aggregator.publishing.searchindex import row_of
from aggregator.publishing.sitepages import PLAIN, Presentation
from aggregator.publishing.theme import Templates
from aggregator.publishing.words import Words, words_for
from aggregator.storage.protocol import PostRow, StoredFeed

BATCH = 500  # posts that are remembered at one time


class Memory(Protocol):
    """What was made of posts, by keys that stand for all that goes into it.

    It may forget anything at any time, and says nothing false: what is damaged is forgotten.
    """

    def facts(self) -> Mapping[bytes, tuple[Facts, bytes]]:
        """Return what lists need of each post, and its summary."""

    def article(self, key: bytes) -> Any:
        """Return an article, packed, and its extension object; None: they are not known."""

    def found(self, key: bytes) -> str | None:
        """Return a post's row in the search index; None: it is not known."""

    def add(self, made: Sequence[tuple[bytes, bytes, bytes, bytes, bytes]]) -> None:
        """Remember of each post, by its key: facts as JSON, summary, article as JSON, its row."""

    def keep_only(self, keys: set[bytes]) -> None:
        """Forget all others."""


@dataclass(frozen=True, kw_only=True)
class Library:
    """What a site is made of.

    `briefs` are the posts that can be shown, newest first by first publication; `problems` say
    what ails the others, and `keep` where they stood. The texts of `site` are clean. `context`
    stands for all that every file depends on beside the posts.
    """

    site: Site
    templates: Templates
    about: str | None
    context: bytes
    briefs: tuple[Brief, ...]
    problems: tuple[str, ...]
    keep: tuple[str, ...]


def library_of(
    site: Site,
    rows: Iterable[PostRow],
    feeds: Sequence[StoredFeed] = (),
    *,
    presentation: Presentation = PLAIN,
    program: bytes = b"",
    memory: Memory | None = None,
) -> Library:
    """Return what can be shown of published and withdrawn posts.

    `program` stands for the program that makes the files. Raises ThemeError, and nothing else, for
    what is wrong with `presentation`.
    """
    site, theme = plain_site(site), presentation.theme
    secret = frozenset(feed.subscription.url for feed in feeds if feed.subscription.private)
    told = (site, sorted(secret), sorted(theme.templates.items()) if theme else None)
    context = blake2b(repr(told).encode("utf-8", "surrogatepass"), key=program, digest_size=32)
    librarian = _Librarian(site, secret, templates_of(theme), context.digest(), memory)
    return librarian.library(rows, presentation.about)


class _Librarian:
    def __init__(
        self,
        site: Site,
        secret: frozenset[str],
        templates: Templates,
        context: bytes,
        memory: Memory | None,
    ) -> None:
        self._site, self._secret, self._context = site, secret, context
        self._templates, self._pages = templates, Pages(site, templates)
        self._memory = memory
        self._known = memory.facts() if memory else {}
        self._words = cache(self._words_of)
        self._new: list[tuple[bytes, bytes, bytes, bytes, bytes]] = []

    def library(self, rows: Iterable[PostRow], about: str | None) -> Library:
        made: dict[str, Brief] = {}
        problems: list[str] = []
        ill: list[StoredPost] = []
        for row in rows:
            try:
                brief = self._remembered(row) or self._made(row, made)
                if brief.path in made:
                    raise ValueError("another post has the same address")
            except ThemeError:
                raise  # not the post's fault: every page would be without it
            except Exception as error:  # noqa: BLE001 - whatever ails one post, the others come out
                ill.append(row.stored())
                problems.append(f"post {ill[-1].slug}: {error or type(error).__name__}")
            else:
                made[brief.path] = brief
        if self._memory:
            self._memory.add(self._new)
            self._memory.keep_only({brief.key for brief in made.values()})
        # Those of one moment stay in the order they came in: the one last written first.
        ordered = sorted(made.values(), key=lambda brief: brief.published, reverse=True)
        return Library(
            site=self._site,
            templates=self._templates,
            about=about,
            context=self._context,
            briefs=tuple(_alike(ordered)),
            problems=tuple(problems),
            keep=tuple(sorted(_kept([stored for stored in ill if folder_of(stored) not in made]))),
        )

    def _words_of(self, language: str) -> Words:
        return words_for(language, site_language=self._site.language)

    def _key(self, row: PostRow) -> bytes:
        return blake2b(row.digest, key=self._context, digest_size=16).digest()

    def _remembered(self, row: PostRow) -> Brief | None:
        key = self._key(row)
        known = self._known.get(key)
        if known is None:
            return None
        facts, summary = known
        try:
            return brief_of(
                facts,
                summary,
                key=key,
                words=self._words,
                whole=lambda: self._fetched(key, facts[4], row),
                found=lambda: self._found(key, row),
            )
        except (ValueError, TypeError, IndexError):
            return None

    def _fetched(self, key: bytes, language: str, row: PostRow) -> tuple[Article, Told]:
        known = self._memory.article(key) if self._memory else None
        if known is not None:
            try:
                whole, told = known
                article: Article = unpacked(whole, self._words(language))
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
                pass
            else:
                return article, told
        return self._article(row), None

    def _found(self, key: bytes, row: PostRow) -> str:
        known = self._memory.found(key) if self._memory else None
        return row_of(self._article(row)) if known is None else known

    def _article(self, row: PostRow) -> Article:
        stored = row.stored()
        if stored.broken:
            raise ValueError(f"{stored.broken}; mend it: aggregator post edit {stored.slug}")
        return article_of(without_via(stored, self._secret), self._site)

    def _made(self, row: PostRow, made: Mapping[str, Brief]) -> Brief:
        """Return a post that is not remembered; whatever cannot be written of it fails here."""
        article = self._article(row)
        key, facts, found = self._key(row), facts_of(article), row_of(article)
        page: bytes | None = None
        extension: Told = None
        if article.path not in made:
            try_out(self._site, article)
            page, extension = self._pages.article(article), extension_of(article)
            whole = json.dumps([packed(article), extension])
            self._remember(key, json.dumps(facts), article.summary, whole, found)
        return brief_of(
            facts,
            article.summary.encode(),
            key=key,
            words=self._words,
            whole=lambda: (article, extension),
            found=lambda: found,
            page=None if page is None else lambda: page,
        )

    def _remember(self, key: bytes, facts: str, summary: str, whole: str, found: str) -> None:
        if self._memory:
            made = (key, facts.encode(), summary.encode(), whole.encode(), found.encode())
            self._new.append(made)
            if len(self._new) == BATCH:
                self._memory.add(self._new)
                self._new.clear()


def _kept(ill: Sequence[StoredPost]) -> set[str]:
    """Return the folders of published posts that did not come out.

    A withdrawn post is none of them: whatever ails it, its old words must go. Nor are lists of
    posts: they may hold words of another that was withdrawn, so they are written without these.
    """
    published = [one for one in ill if one.status is PostStatus.PUBLISHED]
    return {folder for folder in map(folder_of, published) if folder}


def _alike(briefs: Sequence[Brief]) -> list[Brief]:
    """Return the posts with every tag spelled as the newest of them spells it."""
    spelling: dict[str, str] = {}
    spelled: dict[str, str] = {}
    for brief in briefs:
        for tag in brief.tags:
            if tag not in spelled:
                spelled[tag] = spelling.setdefault(path_name(tag), tag)
    if all(tag == shown for tag, shown in spelled.items()):
        return list(briefs)
    return [
        brief if tags == brief.tags else brief.retagged(tags)
        for brief in briefs
        for tags in [tuple(dict.fromkeys(spelled[tag] for tag in brief.tags))]
    ]
