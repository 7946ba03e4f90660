"""JSON Feed 1.1."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial

from aggregator.config.settings import Author, Site
from aggregator.publishing.addresses import address
from aggregator.publishing.article import Article
from aggregator.publishing.atomparts import atom_time
from aggregator.publishing.extension import ABOUT, NAME, extension_key, extension_of
from aggregator.publishing.sheets import Sheets


def json_feed(
    site: Site,
    articles: Sequence[Article],
    *,
    path: str = "feed.json",
    page: str = "",
    title: str | None = None,
    following: str | None = None,
    sheets: Sheets | None = None,
) -> bytes:
    """Return a JSON Feed 1.1 document of `articles`, in their order.

    `path` is where the feed will be published, `page` the page that shows the same. `following`
    is the path of the document with the items before these (`next_url`); None: there are none,
    or they are not offered. Such a document is a part of the same feed, and says so by `path`.
    `external_url` is the first article cited. `<` is escaped, so that the document may stand
    inside a script element.
    """
    sheets = sheets or Sheets()
    feed: dict[str, object] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title or site.title,
        "home_page_url": address(site.base_url, page),
        "feed_url": address(site.base_url, path),
        "next_url": None if following is None else address(site.base_url, following),
        "description": site.subtitle or None,
        "language": site.language,
        "authors": [_author(author) for author in site.authors],
        "hubs": [{"type": "WebSub", "url": hub} for hub in site.hubs] or None,
        "items": [_item(article, site, sheets) for article in articles],
    }
    text = json.dumps(_present(feed), ensure_ascii=False, allow_nan=False, indent=1)
    return (text.replace("<", "\\u003c") + "\n").encode()


def _item(article: Article, site: Site, sheets: Sheets) -> dict[str, object]:
    cited = article.citations
    told = sheets.once(partial(extension_of, article), *extension_key(article))
    return _present(
        {
            "id": article.id,
            "url": article.link,
            "external_url": cited[0].url if cited else None,
            "title": article.title,
            "content_html": article.feed_html,
            "summary": article.summary or None,
            "date_published": atom_time(article.published),
            "date_modified": atom_time(article.updated),
            "authors": [_author(article.author)],
            "tags": list(article.tags) or None,
            "language": article.language if article.language != site.language else None,
            NAME: {"about": address(site.base_url, ABOUT)} | told,
        }
    )


def _author(author: Author) -> dict[str, object]:
    url = author.uri or (f"mailto:{author.email}" if author.email else None)
    return _present({"name": author.name, "url": url})


def _present(values: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}
