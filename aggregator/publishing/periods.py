"""Posts by the month and by the year of their publication."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aggregator.publishing.brief import Brief


@dataclass(frozen=True, kw_only=True)
class Period:
    """A month or a year with its articles, newest first. `path` ends in "/"."""

    year: int
    month: int | None
    path: str
    articles: tuple[Brief, ...]


def periods(articles: Sequence[Brief], *, by_month: bool) -> list[Period]:
    """Return the years, or the months, in which something was published, newest first."""
    held: dict[tuple[int, int | None], list[Brief]] = {}
    for article in articles:
        at = article.published
        held.setdefault((at.year, at.month if by_month else None), []).append(article)
    return [
        Period(
            year=year,
            month=month,
            path=f"{year:04}/" if month is None else f"{year:04}/{month:02}/",
            articles=tuple(group),
        )
        for (year, month), group in held.items()
    ]
