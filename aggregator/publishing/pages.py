"""HTML pages: posts, and the lists of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment
from markupsafe import Markup

from aggregator.config.settings import Site
from aggregator.markup.text import scrub
from aggregator.publishing import jsonld
from aggregator.publishing.addresses import address, host_of
from aggregator.publishing.article import Article
from aggregator.publishing.atomparts import atom_time
from aggregator.publishing.body import lower_headings
from aggregator.publishing.brief import Brief
from aggregator.publishing.furniture import furniture_for
from aggregator.publishing.ids import tag_path
from aggregator.publishing.opml import feed_name
from aggregator.publishing.parts import source_path
from aggregator.publishing.periods import Period
from aggregator.publishing.plain import is_rtl, one_line
from aggregator.publishing.privacy import public_link
from aggregator.publishing.signs import signs_for
from aggregator.publishing.sources import Source
from aggregator.publishing.theme import Templates, Theme
from aggregator.publishing.words import primary, words_for
from aggregator.storage.protocol import StoredFeed

MOST_LISTED = 1000  # posts on one page: some 200 KB, which a phone still opens at once
_LINK = re.compile(r"\{([^|}]+)\|([^}]+)\}")


@dataclass(frozen=True, kw_only=True)
class Tag:
    """A tag with its articles, newest first. `path` is its folder, ending in "/"."""

    name: str
    path: str
    articles: tuple[Brief, ...]


@dataclass(frozen=True, kw_only=True)
class TagPage:
    """Where a tag has its page. Of what is on it nothing is said: pages that name a tag would
    have to be written anew with every post of that tag."""

    name: str
    path: str


class TagPages:
    """The page of each tag, by its name."""

    def __getitem__(self, name: str) -> TagPage:
        return TagPage(name=name, path=tag_path(name))


class Pages:
    """The pages of one site, whose texts are clean."""

    def __init__(self, site: Site, templates: Templates | None = None) -> None:
        self.site = site
        self._templates = templates or templates_of(None)

    @property
    def themed(self) -> bool:
        """Whether templates of the author's may be among them."""
        return self._templates.themed

    def index(self, articles: Sequence[Brief], *, more: bool) -> bytes:
        """Return the front page; `more` says that the archive holds more posts."""
        data = jsonld.blog(self.site)
        return self._page("index.html", "", articles=articles, more=more, json_ld=data)

    def article(self, article: Article) -> bytes:
        """Return a post's own page."""
        return self._page(
            "post.html",
            article.path,
            article=article,
            language=article.language,
            around=furniture_for(article.language, self.site.language),
            json_ld=jsonld.posting(self.site, article),
        )

    def archive(self, years: Sequence[Period], months: Sequence[Period]) -> bytes:
        """Return the list of all years and months, newest first, and of their posts.

        Of more than MOST_LISTED posts it says only how many there are in each month.
        """
        by_year = [(year, [month for month in months if month.year == year.year]) for year in years]
        listed = sum(len(year.articles) for year in years) <= MOST_LISTED
        return self._page("archive.html", "archive/", years=by_year, listed=listed)

    def period(
        self,
        period: Period,
        months: Sequence[Period],
        *,
        earlier: Period | None,
        later: Period | None,
    ) -> bytes:
        """Return the list of a month's posts, or of a year's by its `months`."""
        return self._page(
            "year.html" if period.month is None else "month.html",
            period.path,
            period=period,
            months=months,
            earlier=earlier,
            later=later,
        )

    def tag(self, tag: Tag) -> bytes:
        """Return the list of a tag's posts."""
        return self._page("tag.html", tag.path, tag=tag)

    def source(self, source: Source) -> bytes:
        """Return the list of the posts that cite a site."""
        return self._page("source.html", source.path, source=source)

    def groups(self, template: str, path: str, groups: Sequence[Tag] | Sequence[Source]) -> bytes:
        """Return the list of all tags or sources, by name."""
        return self._page(template, path, groups=sorted(groups, key=_by_name))

    def about(self, path: str, html: str | None) -> bytes:
        """Return the page about the site; `html` is the author's own words, safe."""
        return self._page("about.html", path, about=None if html is None else scrub(html))

    def search(self, years: Sequence[int]) -> bytes:
        """Return the search page; there is an index for each of these years."""
        return self._page("search.html", "search/", years=years)

    def blogroll(self, feeds: Sequence[StoredFeed]) -> bytes:
        """Return the list of what is followed, by first tag; those without come first."""
        by_tag: dict[str, list[tuple[str, str | None, str]]] = {"": []}
        for feed in feeds:
            tag = next(filter(None, map(one_line, feed.subscription.tags)), "")
            line = (feed_name(feed), public_link(feed.feed.link), scrub(feed.subscription.url))
            by_tag.setdefault(tag, []).append(line)
        groups = [(tag, lines) for tag, lines in by_tag.items() if lines]
        return self._page("blogroll.html", "blogroll/", groups=groups)

    def not_found(self) -> bytes:
        """Return the page for addresses that lead nowhere; it may be shown at any of them."""
        return self._page("404.html", None)

    def _page(self, template: str, path: str | None, **values: Any) -> bytes:
        site = self.site
        base = address(site.base_url, "")
        values.setdefault("language", site.language)
        words = words_for(site.language)
        return self._templates.render(
            template,
            {
                "site": site,
                "site_title": site.title,
                "authors": [(author.name, public_link(author.uri)) for author in site.authors],
                "furniture": furniture_for(site.language),
                "signs": signs_for(site.language),
                "canonical": None if path is None else address(site.base_url, path),
                "path": path,
                # Relative addresses also work from a disk and behind a proxy's prefix. The page of
                # what is missing is shown at any address; from the host on, its links hold wherever
                # the site is looked at.
                "root": urlsplit(base).path or "/" if path is None else "../" * path.count("/"),
                "tag_of": TagPages(),
                "month_name": words.month_of,
                "json_ld": None,
                **values,
            },
        )


def marked(language: str, within: str) -> Markup:
    """Return the attributes of an element in a language `within` text of another; or nothing."""
    if language == within or language == primary(within):
        return Markup()
    if is_rtl(language) == is_rtl(within):
        return Markup(' lang="{}"').format(language)
    return Markup(' lang="{}" dir="{}"').format(language, "rtl" if is_rtl(language) else "ltr")


@lru_cache(maxsize=256)  # the footer of every page
def linked(sentence: str, root: str) -> Markup:
    """Return a sentence whose `{path|words}` are links to paths below `root`."""
    parts = _LINK.split(sentence)
    made = Markup()
    for text, path, words in zip(parts[::3], [*parts[1::3], ""], [*parts[2::3], ""], strict=True):
        made += text
        if path:
            made += Markup('<a href="{}">{}</a>').format(root + path, words)
    return made


def templates_of(theme: Theme | None) -> Templates:
    """Return the templates of a theme, or ours. Raises ThemeError."""
    return _ours() if theme is None else Templates(theme, _equip)


@lru_cache(maxsize=1)
def _ours() -> Templates:
    return Templates(None, _equip)


def _by_name(one: Tag | Source) -> tuple[str, str]:
    return one.name.casefold(), one.path


def _equip(templates: Environment) -> None:
    # Only for `Article.html` and the author's page, which are safe by construction.
    templates.filters["safe_html"] = Markup
    templates.filters["lower_headings"] = lower_headings
    templates.filters["machine"] = atom_time
    templates.filters["host"] = host_of
    templates.filters["source_path"] = source_path
    templates.filters["linked"] = linked
    templates.filters["capital"] = lambda words: words[:1].upper() + words[1:]
    templates.globals["marked"] = marked
    templates.tests["rtl"] = is_rtl
