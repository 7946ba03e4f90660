"""Entries made of parts of posts: takeaways alone, corrections alone, an entry for each update.

Their ids are the post's own, minted once, with a fragment; so they too stay for good.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from html import escape

from aggregator.markup.text import excerpt, plain_text, scrub
from aggregator.model.post import Takeaways, Update, UpdateKind
from aggregator.publishing.article import SUMMARY_LENGTH, Article
from aggregator.publishing.body import post_html
from aggregator.publishing.parts import Parts


def takeaways_of(articles: Iterable[Article]) -> list[Article]:
    """Return an entry for each post that has takeaways: these, and a link to the post.

    Those of updates stand behind the update's date. A withdrawn post leaves its notice.
    """
    made = []
    for article in articles:
        if not article.parts.concluded:
            continue
        id_ = f"{article.id}#takeaways"
        if article.withdrawn:
            made.append(replace(article, id=id_))
            continue
        blocks = tuple(block for block in article.parts.blocks if isinstance(block, Takeaways))
        updates = tuple(
            replace(update, blocks=only)
            for update in article.parts.updates
            if (only := tuple(block for block in update.blocks if isinstance(block, Takeaways)))
        )
        if blocks or updates:  # else they were part of what is told no more
            made.append(_part(article, Parts(blocks=blocks, updates=updates), id_=id_))
    return made


def has_takeaways(article: Article) -> bool:
    """Whether `takeaways_of` has an entry for it."""
    told = article.parts.every_block
    return article.parts.concluded and (
        article.withdrawn or any(isinstance(block, Takeaways) for block in told)
    )


def corrected_at(article: Article) -> list[datetime]:
    """Return the times by which `corrections_of` puts an article's entries in order."""
    return [one.published for one in corrections_of([article])]


def corrections_of(articles: Iterable[Article]) -> list[Article]:
    """Return an entry for each correction and each withdrawal, the latest first.

    Corrections of a withdrawn post say that it is withdrawn, instead of what they said.
    """
    made: list[Article] = []
    for article in articles:
        if article.withdrawn:
            made += _withdrawn(article)
        else:
            told = article.parts.updates
            made += _entries(article, [u for u in told if u.kind is UpdateKind.CORRECTION])
    return sorted(made, key=lambda one: one.published, reverse=True)


def companions_of(articles: Iterable[Article]) -> list[Article]:
    """Return an entry for each update that came after its post, the latest first.

    They are for readers that never show a changed entry again. A withdrawn post has none.
    """
    made: list[Article] = []
    for article in articles:
        late = [update for update in article.parts.updates if update.at > article.published]
        made += _entries(article, late)
    return sorted(made, key=lambda one: one.published, reverse=True)


def _entries(article: Article, updates: Sequence[Update]) -> list[Article]:
    names = _names([(update.kind, update.at) for update in updates])
    return [
        _part(
            article,
            Parts(updates=(update,)),
            id_=f"{article.id}#{name}",
            title=f"{article.words.kinds[update.kind]}: {article.title}",
            at=_utc(update.at),
        )
        for name, update in zip(names, updates, strict=True)
    ]


def _withdrawn(article: Article) -> list[Article]:
    title = f"{article.words.kinds[UpdateKind.WITHDRAWAL]}: {article.title}"
    notice = replace(
        article,
        id=f"{article.id}#withdrawn",
        title=title,
        published=article.news or article.updated,
    )
    names = _names([(UpdateKind.CORRECTION, at) for at in article.parts.corrected])
    return [
        notice,
        *(
            replace(article, id=f"{article.id}#{name}", title=title, published=_utc(at))
            for name, at in zip(names, article.parts.corrected, strict=True)
        ),
    ]


def _names(told: Iterable[tuple[UpdateKind, datetime]]) -> list[str]:
    """Return a name for each, such as "correction-20260331T140500Z"; no two are alike."""
    names: list[str] = []
    for kind, at in told:
        name = f"{kind}-{_utc(at):%Y%m%dT%H%M%SZ}"
        same = sum(one == name or one.startswith(f"{name}-") for one in names)
        names.append(f"{name}-{same + 1}" if same else name)
    return names


def _part(
    article: Article,
    parts: Parts,
    *,
    id_: str,
    title: str | None = None,
    at: datetime | None = None,
) -> Article:
    """Return a part of an article as an entry, with a link to the whole below it."""
    everything = article.parts.every_block
    html = post_html(
        parts.blocks, parts.updates, article.words, base=article.permalink, beside=everything
    )
    whole = f'<p>∞ <a href="{escape(article.permalink)}">{escape(article.title)}</a></p>'
    return replace(
        article,
        id=id_,
        title=title or article.title,
        html=scrub(f"{html}\n{whole}"),
        summary=scrub(excerpt(plain_text(html), SUMMARY_LENGTH)),
        published=at or article.published,
        updated=at or article.updated,
        news=None,
        changed="",
        parts=replace(parts, sites=article.parts.sites),
    )


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)
