"""HTML pages: front page, posts, archive, tags, "not found"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import groupby

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from aggregator.config.settings import Site
from aggregator.publishing.addresses import address, host_of
from aggregator.publishing.article import Article
from aggregator.publishing.atomparts import atom_time
from aggregator.publishing.body import lower_headings
from aggregator.publishing.furniture import furniture_for
from aggregator.publishing.opml import feed_name
from aggregator.publishing.plain import is_rtl
from aggregator.publishing.privacy import public_link
from aggregator.publishing.words import primary, words_for
from aggregator.storage.protocol import StoredFeed

_LINK = re.compile(r"\{([^|}]+)\|([^}]+)\}")


@dataclass(frozen=True, kw_only=True)
class Tag:
    """A tag with its articles, newest first. `path` is its folder, ending in "/"."""

    name: str
    path: str
    articles: tuple[Article, ...]


class Pages:
    """The pages of one site, whose texts are clean. `tags` says which page a tag has."""

    def __init__(self, site: Site, tags: dict[str, Tag]) -> None:
        self._site, self._tags = site, tags

    def index(
        self, articles: Sequence[Article], *, more: bool, feeds: Sequence[StoredFeed]
    ) -> bytes:
        """Return the front page; `more` says that the archive holds more posts."""
        listed = [(feed_name(feed), public_link(feed.feed.link)) for feed in feeds]
        return self._page("index.html", "", articles=articles, more=more, feeds=listed)

    def article(self, article: Article) -> bytes:
        """Return a post's own page."""
        return self._page(
            "post.html",
            article.path,
            article=article,
            language=article.language,
            around=furniture_for(article.language, self._site.language),
        )

    def archive(self, articles: Sequence[Article]) -> bytes:
        """Return the list of all posts by month, newest first."""
        words = words_for(self._site.language)
        by_month = [
            (words.month_of(*month), list(group))
            for month, group in groupby(
                articles, key=lambda one: (one.published.year, one.published.month)
            )
        ]
        return self._page(
            "archive.html",
            "archive/",
            months=by_month,
            tags=sorted({tag.path: tag for tag in self._tags.values()}.values(), key=_by_name),
        )

    def tag(self, tag: Tag) -> bytes:
        """Return the list of a tag's posts."""
        return self._page("tag.html", tag.path, tag=tag)

    def not_found(self) -> bytes:
        """Return the page for addresses that lead nowhere; it may be shown at any of them."""
        return self._page("404.html", None)

    def _page(self, template: str, path: str | None, **values: object) -> bytes:
        site = self._site
        base = address(site.base_url, "")
        values.setdefault("language", site.language)
        text = (
            _templates()
            .get_template(template)
            .render(
                site=site,
                site_title=site.title,
                authors=[(author.name, public_link(author.uri)) for author in site.authors],
                furniture=furniture_for(site.language),
                canonical=None if path is None else address(site.base_url, path),
                # Relative addresses also work from a disk and behind a proxy's prefix.
                root=base if path is None else "../" * path.count("/"),
                tag_of=self._tags,
                **values,
            )
        )
        return (text.rstrip("\n") + "\n").encode()


def marked(language: str, within: str) -> Markup:
    """Return the attributes of an element in a language `within` text of another; or nothing."""
    if language == within or language == primary(within):
        return Markup()
    if is_rtl(language) == is_rtl(within):
        return Markup(' lang="{}"').format(language)
    return Markup(' lang="{}" dir="{}"').format(language, "rtl" if is_rtl(language) else "ltr")


def linked(sentence: str, root: str) -> Markup:
    """Return a sentence whose `{path|words}` are links to paths below `root`."""
    parts = _LINK.split(sentence)
    made = Markup()
    for text, path, words in zip(parts[::3], [*parts[1::3], ""], [*parts[2::3], ""], strict=True):
        made += text
        if path:
            made += Markup('<a href="{}">{}</a>').format(root + path, words)
    return made


def stylesheet() -> bytes:
    """Return the one style sheet."""
    return files("aggregator.publishing").joinpath("static/style.css").read_bytes()


def _by_name(tag: Tag) -> tuple[str, str]:
    return tag.name.casefold(), tag.name


@lru_cache(maxsize=1)
def _templates() -> Environment:
    templates = Environment(
        loader=PackageLoader("aggregator", "publishing/templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    # Only for `Article.html`, which is safe by construction.
    templates.filters["safe_html"] = Markup
    templates.filters["lower_headings"] = lower_headings
    templates.filters["machine"] = atom_time
    templates.filters["host"] = host_of
    templates.filters["linked"] = linked
    templates.filters["capital"] = lambda words: words[:1].upper() + words[1:]
    templates.globals["marked"] = marked
    templates.tests["rtl"] = is_rtl
    return templates
