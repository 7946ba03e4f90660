"""The whole site: every published file, from the database's values."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator.config.settings import Author, Site
from aggregator.errors import ThemeError
from aggregator.model.feed import StoredEntry
from aggregator.model.post import PostStatus, StoredPost
from aggregator.publishing.article import Article, article_of, folder_of, preview, tags_of
from aggregator.publishing.atom import Item, atom_entry_of, atom_feed
from aggregator.publishing.extension import ABOUT, explanation
from aggregator.publishing.feeds import atom_paths, newest, post_feeds, tag_path, try_out
from aggregator.publishing.furniture import furniture_for
from aggregator.publishing.ids import path_name
from aggregator.publishing.opml import blogroll, listed_feeds
from aggregator.publishing.pages import Pages, Tag, templates_of
from aggregator.publishing.parts import source_paths
from aggregator.publishing.plain import language_tag, one_line
from aggregator.publishing.privacy import public_link, without_via
from aggregator.publishing.river import RiverItem, river_items
from aggregator.publishing.sitepages import PLAIN, Presentation, site_pages
from aggregator.publishing.theme import Templates, Theme
from aggregator.storage.protocol import StoredFeed

FEED, RIVER = "feed.atom", "river.atom"

_SHOWN = (PostStatus.PUBLISHED, PostStatus.WITHDRAWN)


@dataclass(frozen=True, kw_only=True)
class SiteFiles:
    """Every file by its path (relative, with "/"), and what had to be left out, in words.

    `keep` names folders, ending in "/", whose files stay if an earlier run wrote them: the pages
    of published posts that cannot be rendered now.
    """

    files: Mapping[str, bytes]
    problems: tuple[str, ...]
    keep: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SitePage:
    """A page of the site, and its folder there, ending in "/"."""

    path: str
    html: bytes
    article: Article


def feed_paths(posts: Iterable[StoredPost]) -> list[str]:
    """Return the paths of all Atom feeds that a site with these posts has; each has an id."""
    return [RIVER, *atom_paths(stored for stored in posts if stored.status in _SHOWN)]


def render_site(
    site: Site,
    posts: Sequence[StoredPost],
    river: Sequence[StoredEntry],
    feeds: Sequence[StoredFeed],
    *,
    ids: Mapping[str, str],
    presentation: Presentation = PLAIN,
) -> SiteFiles:
    """Return the whole site: feeds, pages, blogroll. The same values give the same bytes.

    `ids` are those of all `feed_paths`, minted once and stored. Raises ThemeError, and nothing
    else, for what is wrong with `presentation`.

    Published and withdrawn posts are shown, no others. A post or entry that cannot be rendered
    is left out and named in `problems`. Private feeds, and feeds with a password or token in
    their address, are named nowhere.
    """
    site = _clean(site)
    secret = frozenset(feed.subscription.url for feed in feeds if feed.subscription.private)
    shown = [stored for stored in posts if stored.status in _SHOWN]
    templates = templates_of(presentation.theme)
    articles, post_pages, problems = _articles(site, shown, secret, templates)
    items, river_problems = _river(site, river, feeds)
    problems += river_problems
    tags = _tags(articles)
    pages = Pages(site, tags, templates)
    files = {
        **post_feeds(site, articles, ids),
        RIVER: atom_feed(
            site,
            _merged(newest(articles, site.feed_posts), items, site.river_entries),
            id_=ids[RIVER],
            path=RIVER,
            title=f"{site.title}: {furniture_for(site.language).river}",
            mixed_with=ids[FEED],
        ),
        "blogroll.opml": blogroll(site, feeds),
        ABOUT: explanation(),
    }
    files |= post_pages
    files |= site_pages(
        pages,
        articles,
        [*tags.values()],
        front=site.feed_posts,
        feeds=listed_feeds(feeds),
        about=presentation.about,
    )
    files |= templates.files()
    keep = _kept(shown, {article.path for article in articles}) if problems else ()
    return SiteFiles(files=files, problems=tuple(problems), keep=tuple(keep))


def _clean(site: Site) -> Site:
    """Return the site with texts that any document may hold."""
    title = one_line(site.title) or "Linkblog"
    authors = [
        replace(
            author,
            name=one_line(author.name) or title,
            uri=public_link(author.uri),
            email=one_line(author.email) or None,
        )
        for author in site.authors
    ]
    return replace(
        site,
        title=title,
        subtitle=one_line(site.subtitle),
        authors=tuple(authors) or (Author(name=title),),
        language=language_tag(site.language) or "en",
        rights=one_line(site.rights) or None,
    )


def _articles(
    site: Site, posts: Sequence[StoredPost], secret: frozenset[str], templates: Templates
) -> tuple[list[Article], dict[str, bytes], list[str]]:
    """Return what can be shown, newest first by first publication, their pages, and problems."""
    made: dict[str, Article] = {}
    problems: list[str] = []
    for stored in posts:
        try:
            article = article_of(without_via(stored, secret), site)
            if article.path in made:
                raise ValueError("another post has the same address")
        except Exception as error:  # noqa: BLE001 - whatever ails one post, the others come out
            problems.append(_problem(stored.slug, error))
        else:
            made[article.path] = article
    # Those of one moment stay in the order they came in: the one last written first.
    ordered = sorted(made.values(), key=lambda article: article.published, reverse=True)
    articles: list[Article] = []
    pages: dict[str, bytes] = {}
    for article in _alike(ordered):
        try:
            pages[f"{article.path}index.html"] = _tried_out(site, article, templates)
        except ThemeError:
            raise  # not the post's fault: every page would be without it
        except Exception as error:  # noqa: BLE001
            problems.append(_problem(article.slug, error))
        else:
            articles.append(article)
    return articles, pages, problems


def _problem(slug: str, error: Exception) -> str:
    return f"post {slug}: {error or type(error).__name__}"


def _alike(articles: Sequence[Article]) -> list[Article]:
    """Return the articles with every tag spelled as the newest of them spells it."""
    spelling: dict[str, str] = {}
    for article in articles:
        for tag in article.tags:
            spelling.setdefault(path_name(tag), tag)
    return [
        replace(
            article, tags=tuple(dict.fromkeys(spelling[path_name(tag)] for tag in article.tags))
        )
        for article in articles
    ]


def _kept(posts: Iterable[StoredPost], rendered: Collection[str]) -> list[str]:
    """Return the folders of published posts that did not come out, of their tags and sources.

    A withdrawn post is none of them: whatever ails it, its old words must go.
    """
    kept: set[str] = set()
    for stored in posts:
        folder = folder_of(stored)
        if stored.status is PostStatus.PUBLISHED and folder and folder not in rendered:
            kept |= {folder, *map(tag_path, tags_of(stored.post)), *source_paths(stored.post)}
    return sorted(kept)


def _tried_out(site: Site, article: Article, templates: Templates) -> bytes:
    """Return an article's page; whatever cannot be written of it fails here, alone."""
    try_out(site, article)
    return Pages(site, _tags([article]), templates).article(article)


def _river(
    site: Site, river: Sequence[StoredEntry], feeds: Sequence[StoredFeed]
) -> tuple[list[RiverItem], list[str]]:
    items, problems = river_items(river, feeds, text=site.river_text)
    good = []
    for item in items:
        try:
            atom_entry_of(site, item)
        except ValueError as error:
            problems.append(f"entry {item.id}: {error}")
        else:
            good.append(item)
    return good, problems


def _merged(articles: Sequence[Article], items: Sequence[RiverItem], limit: int) -> list[Item]:
    """Return both, newest first, at most `limit`.

    Busy sources never push the author out, and the author leaves them half of the room.
    """
    taken = {article.id for article in articles}
    others = [item for item in items if item.id not in taken]
    own = list(articles)[: max(limit - len(others), (limit + 1) // 2)]
    return sorted(
        [*own, *others[: limit - len(own)]],
        key=lambda item: item.published if isinstance(item, Article) else item.at,
        reverse=True,
    )


def _tags(articles: Sequence[Article]) -> dict[str, Tag]:
    """Return the page of every tag, by the tag; its articles stand as they stand here."""
    held: dict[str, list[Article]] = {}
    for article in articles:
        for tag in article.tags:
            held.setdefault(tag, []).append(article)
    return {tag: Tag(name=tag, path=tag_path(tag), articles=tuple(held[tag])) for tag in held}


def render_page(site: Site, stored: StoredPost, now: datetime, theme: Theme | None) -> SitePage:
    """Return the page of one post, as it would be were it published `now`. Raises ThemeError.

    Raises ValueError when it cannot be shown.
    """
    site = _clean(site)
    article = preview(stored, site, now)
    page = Pages(site, _tags([article]), templates_of(theme)).article(article)
    return SitePage(path=article.path, html=page, article=article)
