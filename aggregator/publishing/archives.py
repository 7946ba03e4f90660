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
from typing import TYPE_CHECKING

from aggregator.markup.text import scrub
from aggregator.publishing.article import Article
from aggregator.publishing.body import changed_html, is_linked, post_html

if TYPE_CHECKING:
    from aggregator.publishing.brief import Brief

Month = str  # "2026-03"


@dataclass(frozen=True, kw_only=True)
class Archive:
    """One document, of posts as they stood at the end of the month.

    `previous` is the path of the one before it; None: it is the first.
    """

    path: str
    month: Month
    posts: tuple[Brief, ...]
    previous: str | None

    @property
    def json_path(self) -> str:
        """The path of the same as JSON Feed."""
        return f"{self.path.removesuffix('.atom')}.json"

    def articles(self) -> list[Article]:
        return [as_of(post.article, self.month) for post in self.posts]


def month_path(month: Month) -> str:
    """Return the path of a month's document."""
    return f"archive/{month}.atom"


def archives_of(posts: Sequence[Brief], current: Collection[str]) -> list[Archive]:
    """Return the documents, the oldest first; the feed's own `prev-archive` is the last of them.

    `current` are the ids of the posts in the feed. The newest month is not over, and has no
    document unless the feed is too short for it; that one has a path of its own, so that
    readers who know it still ask for the month's final document.
    """
    held: dict[Month, list[Brief]] = {}
    for post in posts:
        for month in post.months:
            held.setdefault(month, []).append(post)
    made: list[Archive] = []
    for month in sorted(held):
        path = month_path(month)
        if month == max(held):
            if all(post.id in current for post in held[month]):
                continue
            path = path.replace(".atom", "-so-far.atom")
        made.append(
            Archive(
                path=path,
                month=month,
                posts=tuple(held[month]),
                previous=made[-1].path if made else None,
            )
        )
    return made


def months_of(article: Article) -> set[Month]:
    """Return the months in whose documents a post stands."""
    moments = [article.published, article.updated]
    moments += [update.at for update in article.parts.updates if update.at > article.published]
    return {month_of(at) for at in moments}


def as_of(article: Article, month: Month) -> Article:
    """Return a post as it stood at the end of a month."""
    if not article.parts.updates:
        return article
    first = article.published
    told = [u for u in article.parts.updates if month_of(u.at) <= month or u.at <= first]
    late = [update for update in told if update.at > first]
    if article.withdrawn or month not in {month_of(first), *(month_of(u.at) for u in late)}:
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


def month_of(at: datetime) -> Month:
    """Return the month of a time, in UTC."""
    return at.astimezone(UTC).isoformat()[: len("2026-03")]
