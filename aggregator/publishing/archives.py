"""Archive documents by month (RFC 5005 §4), for readers that want what the feed no longer has.

Each is there as Atom and as JSON Feed, whose `next_url` leads from one to the one before.

An archive document must not change, and yet old posts get updates. So the document of a month holds
every post that was published or updated in it, as it stood at the month's end: a later update goes
into the document of its own month, and into the feed. Nothing of it depends on a later month but
withdrawals, since words taken back must not stay anywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from aggregator.markup.text import scrub
from aggregator.publishing.article import Article
from aggregator.publishing.body import changed_html, is_linked, post_html

Month = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Archive:
    """One document. `previous` is the path of the one before it; None: it is the first."""

    path: str
    articles: tuple[Article, ...]
    previous: str | None

    @property
    def json_path(self) -> str:
        """The path of the same as JSON Feed."""
        return f"{self.path.removesuffix('.atom')}.json"


def archives_of(articles: Sequence[Article], current: Collection[str]) -> list[Archive]:
    """Return the documents, the oldest first; the feed's own `prev-archive` is the last of them.

    `current` are the ids of the posts in the feed. The newest month is not over, and has no
    document unless the feed is too short for it; that one has a path of its own, so that
    readers who know it still ask for the month's final document.
    """
    held: dict[Month, list[Article]] = {}
    for article in articles:
        for month in _months(article):
            held.setdefault(month, []).append(article)
    made: list[Archive] = []
    for month in sorted(held):
        name = f"{month[0]:04}-{month[1]:02}"
        if month == max(held):
            if all(article.id in current for article in held[month]):
                continue
            name += "-so-far"
        made.append(
            Archive(
                path=f"archive/{name}.atom",
                articles=tuple(_as_of(article, month) for article in held[month]),
                previous=made[-1].path if made else None,
            )
        )
    return made


def _months(article: Article) -> set[Month]:
    moments = [article.published, article.updated]
    moments += [update.at for update in article.parts.updates if update.at > article.published]
    return {_month(at) for at in moments}


def _as_of(article: Article, month: Month) -> Article:
    """Return a post as it stood at the end of a month."""
    if not article.parts.updates:
        return article
    told = [u for u in article.parts.updates if _month(u.at) <= month or u.at <= article.published]
    late = [update for update in told if update.at > article.published]
    if article.withdrawn or month not in {_month(article.published), *(_month(u.at) for u in late)}:
        return article  # withdrawn, or published again in that month
    moments = [u.at.astimezone(UTC).replace(microsecond=0) for u in late]
    updated = max([article.published, *moments])
    if len(told) == len(article.parts.updates) and updated == article.updated:
        return article
    parts, words, page = article.parts, article.words, article.permalink
    html = scrub(post_html(parts.blocks, told, words, base=page))
    return replace(
        article,
        html=html,
        updated=updated,
        news=updated if late else None,
        changed=scrub(changed_html(late, words, parts.blocks, base=page)) if late else "",
        citations=tuple(cited for cited in article.citations if is_linked(cited.url, html)),
        parts=replace(parts, updates=tuple(told)),
    )


def _month(at: datetime) -> Month:
    at = at.astimezone(UTC)
    return at.year, at.month
