"""Which feeds of posts there are, and each of them in every format.

The whole site, each tag and each cited site have a feed of whole posts; takeaways and corrections
have one of their own, even before there are any, so that nobody subscribes in vain. Each is Atom,
RSS and JSON Feed. Beside `feed.*` lies `article-first.*`, whose entries lead to the article cited:
readers differ in which of the two a headline should open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from aggregator.config.settings import Site
from aggregator.model.post import StoredPost, UpdateKind
from aggregator.publishing.archives import archives_of
from aggregator.publishing.article import Article, tags_of
from aggregator.publishing.atom import History, atom_entry_of, atom_feed
from aggregator.publishing.extension import ABOUT, extension_of
from aggregator.publishing.extracts import companions_of, corrections_of, takeaways_of
from aggregator.publishing.ids import path_name
from aggregator.publishing.jsonfeed import json_feed
from aggregator.publishing.parts import source_paths
from aggregator.publishing.rss import rss_feed, rss_item_of
from aggregator.publishing.sheets import Sheets
from aggregator.publishing.words import words_for

FEED, ARTICLE_FIRST = "feed", "article-first"
TAKEAWAYS, CORRECTIONS = "takeaways/", "corrections/"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a feed is about. `folder` holds its documents; `page` shows the same, for people."""

    folder: str
    title: str
    page: str
    articles: Sequence[Article]  # as many as the feed carries, in its order
    outward: bool = True  # whether it can lead to articles as well


def tag_path(tag: str) -> str:
    """Return the folder of a tag's page and feeds."""
    return f"tags/{path_name(tag)}/"


def atom_paths(posts: Iterable[StoredPost]) -> list[str]:
    """Return the path of every Atom feed that a site with these published posts may have."""
    posts = tuple(posts)
    folders = [tag_path(tag) for stored in posts for tag in tags_of(stored.post)]
    folders += [path for stored in posts for path in source_paths(stored.post)]
    both = [
        f"{folder}{name}.atom"
        for folder in ("", TAKEAWAYS, *dict.fromkeys(folders))
        for name in (FEED, ARTICLE_FIRST)
    ]
    return [*both, f"{CORRECTIONS}{FEED}.atom"]


def post_feeds(site: Site, articles: Sequence[Article], ids: Mapping[str, str]) -> dict[str, bytes]:
    """Return every feed of posts, and the archives of the site's own, by path.

    `articles` come newest first; `ids` are those of all `atom_paths`. The site is clean.
    """
    files: dict[str, bytes] = {}
    sheets = Sheets()
    for subject in _subjects(site, articles):
        files |= _documents(site, subject, ids, articles, sheets)
    return files


def try_out(site: Site, article: Article) -> None:
    """Try whether all that feeds say of a post can be written. Raises ValueError when it cannot."""
    alone = [article]
    archived = [one for archive in archives_of(alone, ()) for one in archive.articles]
    for one in (
        article,
        *takeaways_of(alone),
        *corrections_of(alone),
        *companions_of(alone),
        *archived,
    ):
        atom_entry_of(site, one)
        rss_item_of(one)
    extension_of(article, ABOUT)


def newest(articles: Sequence[Article], limit: int) -> list[Article]:
    """Return the `limit` articles last published or updated, in the order of publication.

    An old post that gets an Update comes back, since readers look at the feed only.
    """
    latest = sorted(articles, key=lambda article: article.updated, reverse=True)[:limit]
    chosen = {article.id for article in latest}
    return [article for article in articles if article.id in chosen]


def _subjects(site: Site, articles: Sequence[Article]) -> list[Subject]:
    words, limit = words_for(site.language), site.feed_posts
    corrections = words.kinds[UpdateKind.CORRECTION]
    found = [
        Subject(folder="", title=site.title, page="", articles=_whole(site, articles)),
        Subject(
            folder=TAKEAWAYS,
            title=f"{site.title}: {words.takeaways}",
            page="",
            articles=newest(takeaways_of(articles), limit),
        ),
        Subject(
            folder=CORRECTIONS,
            title=f"{site.title}: {corrections}",
            page="",
            articles=corrections_of(articles)[:limit],
            outward=False,
        ),
    ]
    tagged: dict[str, list[Article]] = {}
    names: dict[str, str] = {}
    for article in articles:
        for path, name in {tag_path(tag): tag for tag in article.tags}.items():
            tagged.setdefault(path, []).append(article)
            names.setdefault(path, name)
    cited = _cited(articles)
    for path, (name, _) in cited.items():
        names[path] = name
    found += [
        Subject(
            folder=path,
            title=f"{site.title}: {names[path]}",
            page=path,
            articles=_whole(site, listed),
        )
        for path, listed in (tagged | {path: listed for path, (_, listed) in cited.items()}).items()
    ]
    return found


def _cited(articles: Sequence[Article]) -> dict[str, tuple[str, list[Article]]]:
    """Return the sites cited by their folders: the name of each, and the posts that cite it.

    Notices of withdrawn posts stand where other posts do; a site that only they cited is named
    no more.
    """
    listed: dict[str, list[Article]] = {}
    hosts: dict[str, str] = {}
    outlets: dict[str, set[str]] = {}
    for article in articles:
        for cite in article.parts.sites:
            listed.setdefault(cite.path, []).append(article)
            if not article.withdrawn:
                hosts.setdefault(cite.path, cite.host)
                outlets.setdefault(cite.path, set()).update({cite.outlet} - {""})
    # Several outlets on one host, as with video sites: the host alone is true of them all.
    return {
        path: (min(outlets[path]) if len(outlets[path]) == 1 else host, listed[path])
        for path, host in hosts.items()
    }


def _whole(site: Site, articles: Sequence[Article]) -> list[Article]:
    """Return the posts of a feed, with an entry for each update where the author wants it."""
    chosen = newest(articles, site.feed_posts)
    if not site.update_entries:
        return chosen
    beside = companions_of(chosen)[: site.feed_posts]
    return sorted([*chosen, *beside], key=lambda article: article.published, reverse=True)


def _documents(
    site: Site,
    subject: Subject,
    ids: Mapping[str, str],
    articles: Sequence[Article],
    sheets: Sheets,
) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    title, page = subject.title, subject.page
    history, following = None, None
    if subject.folder == "":
        current = {article.id for article in subject.articles}
        archives = archives_of(articles, current)
        history = History(previous=archives[-1].path if archives else None)
        for archive in archives:
            files[archive.path] = atom_feed(
                site,
                archive.articles,
                id_=ids[f"{FEED}.atom"],
                path=archive.path,
                page="archive/",
                history=History(previous=archive.previous, current=f"{FEED}.atom"),
                sheets=sheets,
            )
            files[archive.json_path] = json_feed(
                site, archive.articles, path=f"{FEED}.json", following=following, sheets=sheets
            )
            following = archive.json_path
    for name in (FEED, ARTICLE_FIRST) if subject.outward else (FEED,):
        path = f"{subject.folder}{name}"
        outward = name == ARTICLE_FIRST
        shown = [replace(one, outward=True) for one in subject.articles if outward]
        shown = shown or list(subject.articles)
        files[f"{path}.atom"] = atom_feed(
            site,
            shown,
            id_=ids[f"{path}.atom"],
            path=f"{path}.atom",
            page=page,
            title=title,
            history=None if outward else history,
            sheets=sheets,
        )
        ways = {"page": page, "title": title}
        files[f"{path}.rss"] = rss_feed(site, shown, path=f"{path}.rss", **ways, sheets=sheets)
        files[f"{path}.json"] = json_feed(
            site,
            shown,
            path=f"{path}.json",
            **ways,
            following=None if outward else following,
            sheets=sheets,
        )
    return files
