"""The whole site: every published file, from the database's values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.config.settings import Site
from aggregator.model.feed import StoredEntry
from aggregator.model.post import PostStatus, StoredPost
from aggregator.publishing.article import Article, preview
from aggregator.publishing.atom import Item, atom_entry_of, atom_feed
from aggregator.publishing.brief import Brief
from aggregator.publishing.extension import ABOUT, explanation
from aggregator.publishing.feeds import newest, paths_below, post_feeds
from aggregator.publishing.files import File, Files, Stamps
from aggregator.publishing.furniture import furniture_for
from aggregator.publishing.ids import tag_path
from aggregator.publishing.library import Library
from aggregator.publishing.opml import blogroll, listed_feeds
from aggregator.publishing.pages import Pages, Tag, templates_of
from aggregator.publishing.plain import plain_site
from aggregator.publishing.river import RiverItem, river_items
from aggregator.publishing.sitepages import site_pages
from aggregator.publishing.theme import Theme
from aggregator.storage.protocol import StoredFeed

FEED, RIVER = "feed.atom", "river.atom"
SHOWN = (PostStatus.PUBLISHED, PostStatus.WITHDRAWN)


@dataclass(frozen=True, kw_only=True)
class SiteFiles:
    """Every file by its path (relative, with "/"), and what had to be left out, in words.

    `keep` names files, and folders by their ending in "/", that stay if an earlier run wrote
    them: the pages of published posts that cannot be rendered now.
    """

    files: Files
    problems: tuple[str, ...]
    keep: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SitePage:
    """A page of the site, and its folder there, ending in "/"."""

    path: str
    html: bytes
    article: Article


def feed_paths(library: Library) -> list[str]:
    """Return the paths of all Atom feeds that a site with these posts has; each has an id."""
    tags = {tag for brief in library.briefs for tag in brief.tags}
    sites = {path for brief in library.briefs for path, _, _ in brief.sites}
    folders = [*sorted(map(tag_path, tags)), *sorted(sites)]
    return [RIVER, *paths_below(folders)]


def render_site(
    library: Library,
    river: Sequence[StoredEntry],
    feeds: Sequence[StoredFeed],
    *,
    ids: Mapping[str, str],
) -> SiteFiles:
    """Return the whole site: feeds, pages, blogroll. The same values give the same bytes.

    `ids` are those of all `feed_paths`, minted once and stored. Files are made when they are asked
    for; nothing but ThemeError is raised then.

    Published and withdrawn posts are shown, no others. A post or entry that cannot be rendered
    is left out and named in `problems`. Private feeds, and feeds with a password or token in
    their address, are named nowhere.
    """
    site, briefs, stamps = library.site, library.briefs, Stamps(library.context)
    items, problems = _river(site, river, feeds)
    flow = _merged(newest(briefs, site.feed_posts), items, site.river_entries)
    merged = atom_feed(
        site,
        flow,
        id_=ids[RIVER],
        path=RIVER,
        title=f"{site.title}: {furniture_for(site.language).river}",
        mixed_with=ids[FEED],
    )
    pages = Pages(site, library.templates)
    files = post_feeds(site, briefs, ids, stamps)
    ready = {RIVER: merged, "blogroll.opml": blogroll(site, feeds), ABOUT: explanation()}
    for path, content in (ready | library.templates.files()).items():
        files[path] = stamps.ready(content)
    for brief in briefs:
        files[f"{brief.path}index.html"] = _page(pages, brief)
    files |= site_pages(
        pages,
        briefs,
        _tags(briefs),
        stamps,
        front=site.feed_posts,
        feeds=listed_feeds(feeds),
        about=library.about,
    )
    return SiteFiles(files=Files(files), problems=(*library.problems, *problems), keep=library.keep)


def _page(pages: Pages, brief: Brief) -> File:
    # Its key stands for all that goes into it, so that no other stamp is needed.
    return File(brief.key.hex(), brief.page or (lambda: pages.article(brief.article)))


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


def _merged(briefs: Sequence[Brief], items: Sequence[RiverItem], limit: int) -> list[Item]:
    """Return both, newest first, at most `limit`.

    Busy sources never push the author out, and the author leaves them half of the room.
    """
    taken = {brief.id for brief in briefs}
    others = [item for item in items if item.id not in taken]
    own = list(briefs)[: max(limit - len(others), (limit + 1) // 2)]
    return sorted(
        [*(brief.article for brief in own), *others[: limit - len(own)]],
        key=lambda item: item.published if isinstance(item, Article) else item.at,
        reverse=True,
    )


def _tags(briefs: Sequence[Brief]) -> list[Tag]:
    """Return every tag; its posts stand as they stand here."""
    held: dict[str, list[Brief]] = {}
    for brief in briefs:
        for tag in brief.tags:
            held.setdefault(tag, []).append(brief)
    return [
        Tag(name=tag, path=tag_path(tag), articles=tuple(listed)) for tag, listed in held.items()
    ]


def render_page(site: Site, stored: StoredPost, now: datetime, theme: Theme | None) -> SitePage:
    """Return the page of one post, as it would be were it published `now`. Raises ThemeError.

    Raises ValueError when it cannot be shown.
    """
    site = plain_site(site)
    article = preview(stored, site, now)
    page = Pages(site, templates_of(theme)).article(article)
    return SitePage(path=article.path, html=page, article=article)
