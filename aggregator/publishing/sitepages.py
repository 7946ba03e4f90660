"""Every page of the site but those of posts: lists, the author's page, search, the blogroll."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.markup.markdown import to_html
from aggregator.publishing.addresses import address
from aggregator.publishing.article import Article
from aggregator.publishing.body import lower_headings
from aggregator.publishing.pages import Pages, Tag
from aggregator.publishing.periods import Period, periods
from aggregator.publishing.searchindex import search_files, search_years
from aggregator.publishing.sitemap import ROBOTS, SITEMAP, sitemap_files
from aggregator.publishing.sources import Source, sources_of
from aggregator.publishing.theme import Theme
from aggregator.storage.protocol import StoredFeed

ABOUT = "about/"
# An author may have made these by hand before the program did: theirs stand.
YIELDING = frozenset({f"{ABOUT}index.html", SITEMAP, ROBOTS})


@dataclass(frozen=True, kw_only=True)
class Presentation:
    """What the author gives besides posts. `about` is Markdown; None: said from the settings."""

    about: str | None = None
    theme: Theme | None = None


PLAIN = Presentation()


def site_pages(
    pages: Pages,
    articles: Sequence[Article],
    tags: Sequence[Tag],
    *,
    front: int,
    feeds: Sequence[StoredFeed],
    about: str | None = None,
) -> dict[str, bytes]:
    """Return the pages by path, with search index and sitemap; articles come newest first.

    `front` is how many posts the front page shows. `feeds` may be named to everybody.
    """
    years = periods(articles, by_month=False)
    months = periods(articles, by_month=True)
    sources = sources_of(articles)
    base = address(pages.site.base_url, ABOUT)
    told = None if about is None else lower_headings(to_html(about, base=base))
    files = {
        "index.html": pages.index(articles[:front], more=len(articles) > front),
        "archive/index.html": pages.archive(years, months),
        "tags/index.html": pages.groups("tags.html", "tags/", tags),
        "sources/index.html": pages.groups("sources.html", "sources/", sources),
        f"{ABOUT}index.html": pages.about(ABOUT, told),
        "search/index.html": pages.search(search_years(articles)),
        "blogroll/index.html": pages.blogroll(feeds),
        "404.html": pages.not_found(),
    }
    for tag in tags:
        files[f"{tag.path}index.html"] = pages.tag(tag)
    for source in sources:
        files[f"{source.path}index.html"] = pages.source(source)
    for kind in (years, months):
        for place, period in enumerate(kind):
            later = kind[place - 1] if place else None
            earlier = kind[place + 1] if place + 1 < len(kind) else None
            inside = [one for one in months if one.year == period.year]
            page = pages.period(period, inside, earlier=earlier, later=later)
            files[f"{period.path}index.html"] = page
    files |= search_files(articles)
    files |= sitemap_files(pages.site, _listed(articles, tags, sources, [*years, *months]))
    return files


def _listed(
    articles: Sequence[Article],
    tags: Sequence[Tag],
    sources: Sequence[Source],
    times: Sequence[Period],
) -> list[tuple[str, datetime | None]]:
    """Return what search engines shall find, with the time of its last news."""
    lists: list[Tag | Source | Period] = [*tags, *sources, *times]
    return [
        ("", _newest(articles)),
        *(
            (article.path, article.news or article.published)
            for article in articles
            if not article.withdrawn
        ),
        *((one.path, _newest(one.articles)) for one in lists),
        *((path, None) for path in (ABOUT, "archive/", "blogroll/", "sources/", "tags/")),
    ]


def _newest(articles: Sequence[Article]) -> datetime | None:
    return max((article.news or article.published for article in articles), default=None)
