"""Every page of the site but those of posts: lists, the author's page, search, the blogroll."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from aggregator.markup.markdown import to_html
from aggregator.publishing.addresses import address
from aggregator.publishing.body import lower_headings
from aggregator.publishing.brief import Brief
from aggregator.publishing.files import File, Stamps, keys
from aggregator.publishing.opml import feed_name
from aggregator.publishing.pages import Pages, Tag
from aggregator.publishing.periods import Period, periods
from aggregator.publishing.searchindex import search_file, search_path
from aggregator.publishing.sitemap import ROBOTS, SITEMAP, Listing, sitemap_files
from aggregator.publishing.sources import sources_of
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
    posts: Sequence[Brief],
    tags: Sequence[Tag],
    stamps: Stamps,
    *,
    front: int,
    feeds: Sequence[StoredFeed],
    about: str | None = None,
) -> dict[str, File]:
    """Return the pages by path, with search index and sitemap; posts come newest first.

    `front` is how many posts the front page shows. `feeds` may be named to everybody.
    """
    years = periods(posts, by_month=False)
    months = periods(posts, by_month=True)
    sources = sources_of(posts)
    base = address(pages.site.base_url, ABOUT)
    more, everything = len(posts) > front, keys(posts)
    by_year: dict[int, list[Period]] = {}
    for month in months:
        by_year.setdefault(month.year, []).append(month)

    def told() -> str | None:
        return None if about is None else lower_headings(to_html(about, base=base))

    def page(path: str, make: Callable[[], bytes], *parts: object) -> None:
        files[f"{path}index.html"] = stamps.file(make, "page", path, *parts)

    files: dict[str, File] = {}
    page("", lambda: pages.index(posts[:front], more=more), more, keys(posts[:front]))
    page("archive/", lambda: pages.archive(years, months), everything)
    page("tags/", lambda: pages.groups("tags.html", "tags/", tags), everything)
    page("sources/", lambda: pages.groups("sources.html", "sources/", sources), everything)
    page(ABOUT, lambda: pages.about(ABOUT, told()), about)
    page("search/", lambda: pages.search([year.year for year in years]), [*by_year])
    followed = [
        (feed_name(feed), feed.feed.link, feed.subscription.url, feed.subscription.tags)
        for feed in feeds
    ]
    page("blogroll/", lambda: pages.blogroll(feeds), followed)
    files["404.html"] = stamps.file(pages.not_found, "404")
    for tag in tags:
        page(tag.path, partial(pages.tag, tag), tag.name, keys(tag.articles))
    for source in sources:
        names = (source.name, source.host)
        page(source.path, partial(pages.source, source), names, keys(source.articles))
    for kind in (years, months):
        for place, period in enumerate(kind):
            later = kind[place - 1] if place else None
            earlier = kind[place + 1] if place + 1 < len(kind) else None
            inside = by_year[period.year]
            make = partial(pages.period, period, inside, earlier=earlier, later=later)
            around = [one for one in (later, earlier, *inside) if one]
            # Ours say of the periods around it only where they are; an author's may say more.
            posts_around = [keys(one.articles) for one in around] if pages.themed else []
            beside = [later and later.path, earlier and earlier.path, *(one.path for one in inside)]
            page(period.path, make, beside, posts_around, keys(period.articles))
    for year in years:
        rows = partial(_rows, year.articles)
        files[search_path(year.year)] = stamps.file(rows, "search", year.year, keys(year.articles))
    front_page = Period(year=0, month=None, path="", articles=tuple(posts))
    lists: list[Listing] = [front_page, *tags, *sources, *years, *months]
    others = [ABOUT, "archive/", "blogroll/", "sources/", "tags/"]
    return files | sitemap_files(pages.site, stamps, posts, lists, others)


def _rows(posts: Sequence[Brief]) -> bytes:
    return search_file(post.found() for post in posts)
