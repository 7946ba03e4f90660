"""A post as lists of posts need it; the whole of it is fetched when somebody asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from typing import Any

from aggregator.publishing.addresses import host_of
from aggregator.publishing.archives import Month, months_of
from aggregator.publishing.article import Article
from aggregator.publishing.extracts import corrected_at, has_takeaways
from aggregator.publishing.parts import source_path
from aggregator.publishing.searchindex import row_of
from aggregator.publishing.words import Words

Facts = list[Any]  # what JSON can hold of a Brief
Told = dict[str, object] | None


@dataclass(eq=False, slots=True, kw_only=True)
class Brief:
    """An article's place in the site. What else an Article has, it has as well.

    `key` stands for everything that can be told of the post: where it is the same, so is every
    byte made of it.
    """

    key: bytes
    words: Words
    whole: Callable[[], tuple[Article, Told]]
    found: Callable[[], str]  # its row in the search index
    page: Callable[[], bytes] | None = None  # its page, where that was made already
    slug: str
    id: str
    path: str
    title: str
    opening: bytes  # its summary
    language: str
    tags: tuple[str, ...]
    published: datetime
    updated: datetime
    news: datetime | None
    withdrawn: bool
    months: list[Month]  # of whose archive it is a part
    sites: list[tuple[str, str, str]]  # folder, host and outlet of those with a feed of citations
    cites: list[tuple[str, str, str | None]]  # folder, host and outlet of each citation
    concludes: bool  # whether there are takeaways to tell
    corrected: list[datetime]  # of each entry among the corrections
    told: Told = None  # its extension object, once the article was asked for; None: not known
    _article: Article | None = None

    @property
    def article(self) -> Article:
        """All of it."""
        if self._article is None:
            self._article, self.told = self.whole()
        return self._article

    @property
    def summary(self) -> str:
        return self.opening.decode()

    def __getattr__(self, name: str) -> Any:
        # For templates of themes, which may ask a post in a list for anything.
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.article, name)

    def retagged(self, tags: tuple[str, ...]) -> Brief:
        """Return it with its tags spelled like this."""
        before = self
        return replace(
            self,
            key=blake2b(repr(tags).encode(), key=self.key, digest_size=16).digest(),
            tags=tags,
            whole=lambda: (replace(before.article, tags=tags), before.told),
            found=lambda: row_of(replace(before.article, tags=tags)),
            page=None,
            _article=None,
        )


def facts_of(article: Article) -> Facts:
    """Return what lists need of an article, but its summary, which is long."""
    return [
        article.slug,
        article.id,
        article.path,
        article.title,
        article.language,
        list(article.tags),
        article.published.isoformat(),
        article.updated.isoformat(),
        article.news.isoformat() if article.news else None,
        article.withdrawn,
        sorted(months_of(article)),
        [[site.path, site.host, site.outlet] for site in article.parts.sites],
        [
            [
                source_path(cited.url),
                host_of(cited.url).strip("."),
                article.details.outlet_of(cited.url),
            ]
            for cited in article.citations
        ],
        has_takeaways(article),
        [at.isoformat() for at in corrected_at(article)],
    ]


def brief_of(
    facts: Facts,
    summary: bytes,
    *,
    key: bytes,
    words: Callable[[str], Words],
    whole: Callable[[], tuple[Article, Told]],
    found: Callable[[], str],
    page: Callable[[], bytes] | None = None,
) -> Brief:
    """Return a Brief of its facts; `words` by language.

    Raises ValueError, TypeError or IndexError when they are none.
    """
    (slug, id_, path, title, language, tags, published, updated, news, withdrawn, *more) = facts
    months, sites, cites, concludes, corrected = more
    time = datetime.fromisoformat
    return Brief(
        key=key,
        words=words(language),
        whole=whole,
        found=found,
        page=page,
        slug=slug,
        id=id_,
        path=path,
        title=title,
        opening=summary,
        language=language,
        tags=tuple(tags),
        published=time(published),
        updated=time(updated),
        news=time(news) if news else None,
        withdrawn=withdrawn,
        months=months,
        sites=sites,
        cites=cites,
        concludes=concludes,
        corrected=[time(at) for at in corrected],
    )
