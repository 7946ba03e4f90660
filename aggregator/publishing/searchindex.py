"""The words of all posts for the search page, a file for each year: a new post rewrites one."""

from __future__ import annotations

import json
from collections.abc import Iterable

from aggregator.markup.text import plain_text
from aggregator.publishing.article import Article
from aggregator.publishing.plain import one_line

FOLDER = "search/"


def search_path(year: int) -> str:
    """Return the path of a year's file."""
    return f"{FOLDER}{year:04}.json"


def search_file(rows: Iterable[str]) -> bytes:
    """Return a year's file of the rows of its posts."""
    # A line for each post, so that a difference between two versions can be read.
    lines = ",\n".join(rows)
    return f"[\n{lines}\n]\n".encode()


def row_of(article: Article) -> str:
    """Return a post's row: path, language, title, day, the day in words, all its words."""
    cited = [word for one in article.citations for word in (one.title, one.author or "")]
    words = " ".join([plain_text(article.html), *article.tags, *cited])
    row = [
        article.path,
        article.language,
        article.title,
        article.published.date().isoformat(),
        article.words.date(article.published),
        one_line(words),
    ]
    return json.dumps(row, ensure_ascii=False)
