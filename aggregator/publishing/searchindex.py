"""The words of all posts for the search page, a file for each year: a new post rewrites one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import groupby

from aggregator.markup.text import plain_text
from aggregator.publishing.article import Article
from aggregator.publishing.plain import one_line

FOLDER = "search/"


def search_years(articles: Iterable[Article]) -> list[int]:
    """Return the years that there is a file for, newest first."""
    return sorted({article.published.year for article in articles}, reverse=True)


def search_files(articles: Sequence[Article]) -> dict[str, bytes]:
    """Return the files by path; articles come newest first and stay so.

    A post is an array: path, language, title, day, the day in words, all its words.
    """
    return {
        f"{FOLDER}{year:04}.json": _written([_row(article) for article in group])
        for year, group in groupby(articles, key=lambda article: article.published.year)
    }


def _row(article: Article) -> list[str]:
    cited = [word for one in article.citations for word in (one.title, one.author or "")]
    words = " ".join([plain_text(article.html), *article.tags, *cited])
    return [
        article.path,
        article.language,
        article.title,
        article.published.date().isoformat(),
        article.words.date(article.published),
        one_line(words),
    ]


def _written(rows: list[list[str]]) -> bytes:
    # A line for each post, so that a difference between two versions can be read.
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return f"[\n{lines}\n]\n".encode()
