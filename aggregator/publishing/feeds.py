"""Which feeds of posts there are, and each of them in every format.

The whole site, each tag and each cited site have a feed of whole posts; takeaways and corrections
have one of their own, even before there are any, so that nobody subscribes in vain. Each is Atom,
RSS and JSON Feed. Beside `feed.*` lies `article-first.*`, whose entries lead to the article cited:
readers differ in which of the two a headline should open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from aggregator.config.settings import Site
from aggregator.model.post import UpdateKind
from aggregator.publishing.archives import archives_of, as_of, months_of
from aggregator.publishing.article import Article
from aggregator.publishing.atom import History, atom_entry_of, atom_feed
from aggregator.publishing.brief import Brief
from aggregator.publishing.extension import extension_key, extension_of
from aggregator.publishing.extracts import companions_of, corrections_of, takeaways_of
from aggregator.publishing.files import File, Stamps, keys, once
from aggregator.publishing.ids import tag_path
from aggregator.publishing.jsonfeed import json_feed
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
    posts: Sequence[Brief]  # all that its entries are made of
    entries: Callable[[list[Article]], list[Article]]  # of these posts, in the feed's order
    outward: bool = True  # whether it can lead to articles as well


def paths_below(folders: Iterable[str]) -> list[str]:
    """Return the paths of all Atom feeds of posts, those of tags and sites in these folders."""
    both = [
        f"{folder}{name}.atom"
        for folder in ("", TAKEAWAYS, *dict.fromkeys(folders))
        for name in (FEED, ARTICLE_FIRST)
    ]
    return [*both, f"{CORRECTIONS}{FEED}.atom"]


def post_feeds(
    site: Site, posts: Sequence[Brief], ids: Mapping[str, str], stamps: Stamps
) -> dict[str, File]:
    """Return every feed of posts, and the archives of the site's own, by path.

    `posts` come newest first; `ids` are those of all `site.feed_paths`. The site is clean.
    """
    sheets = Sheets()
    whole, *others = _subjects(site, posts)
    documents = _Documents(site, ids, stamps, sheets)
    files, history, following = documents.archives(whole, posts)
    files |= documents.of(whole, history, following)
    for subject in others:
        files |= documents.of(subject)
    return files


def try_out(site: Site, article: Article) -> None:
    """Try whether all that feeds say of a post can be written. Raises ValueError when it cannot."""
    alone = [article]
    archived = [as_of(article, month) for month in months_of(article)]
    for one in (
        article,
        *takeaways_of(alone),
        *corrections_of(alone),
        *companions_of(alone),
        *archived,
    ):
        atom_entry_of(site, one)
        rss_item_of(one)
    extension_of(article)


def newest(posts: Sequence[Brief], limit: int) -> list[Brief]:
    """Return the `limit` posts last published or updated, in the order of publication.

    An old post that gets an Update comes back, since readers look at the feed only.
    """
    latest = sorted(posts, key=lambda post: post.updated, reverse=True)[:limit]
    chosen = {post.id for post in latest}
    return [post for post in posts if post.id in chosen]


def _subjects(site: Site, posts: Sequence[Brief]) -> list[Subject]:
    """Return what there are feeds of; the whole site comes first."""
    words, limit = words_for(site.language), site.feed_posts
    found = [
        _whole(site, "", site.title, posts),
        Subject(
            folder=TAKEAWAYS,
            title=f"{site.title}: {words.takeaways}",
            page="",
            posts=newest([post for post in posts if post.concludes], limit),
            entries=takeaways_of,
        ),
        Subject(
            folder=CORRECTIONS,
            title=f"{site.title}: {words.kinds[UpdateKind.CORRECTION]}",
            page="",
            posts=_corrected(posts, limit),
            entries=lambda articles: corrections_of(articles)[:limit],
            outward=False,
        ),
    ]
    tagged: dict[str, list[Brief]] = {}
    names: dict[str, str] = {}
    paths: dict[str, str] = {}
    for post in posts:
        for tag in post.tags:
            path = paths.get(tag) or paths.setdefault(tag, tag_path(tag))
            listed = tagged.setdefault(path, [])
            if not listed or listed[-1] is not post:
                listed.append(post)
            names.setdefault(path, tag)
    cited = _cited(posts)
    for path, (name, _) in cited.items():
        names[path] = name
    both = tagged | {path: listed for path, (_, listed) in cited.items()}
    return found + [
        _whole(site, path, f"{site.title}: {names[path]}", listed) for path, listed in both.items()
    ]


def _cited(posts: Sequence[Brief]) -> dict[str, tuple[str, list[Brief]]]:
    """Return the sites cited by their folders: the name of each, and the posts that cite it.

    Notices of withdrawn posts stand where other posts do; a site that only they cited is named
    no more.
    """
    listed: dict[str, list[Brief]] = {}
    hosts: dict[str, str] = {}
    outlets: dict[str, set[str]] = {}
    for post in posts:
        for path, host, outlet in post.sites:
            listed.setdefault(path, []).append(post)
            if not post.withdrawn:
                hosts.setdefault(path, host)
                outlets.setdefault(path, set()).update({outlet} - {""})
    # Several outlets on one host, as with video sites: the host alone is true of them all.
    return {
        path: (min(outlets[path]) if len(outlets[path]) == 1 else host, listed[path])
        for path, host in hosts.items()
    }


def _corrected(posts: Sequence[Brief], limit: int) -> list[Brief]:
    """Return the posts whose corrections are the latest, in the order of publication."""
    moments = [(at, place) for place, post in enumerate(posts) for at in post.corrected]
    latest = sorted(moments, key=lambda moment: moment[0], reverse=True)[:limit]
    return [posts[place] for place in sorted({place for _, place in latest})]


def _whole(site: Site, folder: str, title: str, posts: Sequence[Brief]) -> Subject:
    """Return a feed of posts, with an entry for each update where the author wants it."""

    def entries(articles: list[Article]) -> list[Article]:
        if not site.update_entries:
            return articles
        beside = companions_of(articles)[: site.feed_posts]
        return sorted([*articles, *beside], key=lambda article: article.published, reverse=True)

    chosen = newest(posts, site.feed_posts)
    return Subject(folder=folder, title=title, page=folder, posts=chosen, entries=entries)


class _Documents:
    """Feed documents of one site."""

    def __init__(self, site: Site, ids: Mapping[str, str], stamps: Stamps, sheets: Sheets) -> None:
        self._site, self._ids, self._stamps, self._sheets = site, ids, stamps, sheets

    def of(
        self, subject: Subject, history: History | None = None, following: str | None = None
    ) -> dict[str, File]:
        """Return all documents of a feed, which goes on in `history`, as JSON in `following`."""
        site, sheets, title, page = self._site, self._sheets, subject.title, subject.page
        files: dict[str, File] = {}
        told = keys(subject.posts)
        plain = once(lambda: subject.entries([self._whole(post) for post in subject.posts]))
        turned = once(lambda: [replace(one, outward=True) for one in plain()])
        for name in (FEED, ARTICLE_FIRST) if subject.outward else (FEED,):
            path = f"{subject.folder}{name}"
            outward = name == ARTICLE_FIRST
            past, before = (None, None) if outward else (history, following)
            shown = turned if outward else plain
            id_ = self._ids[f"{path}.atom"]
            ways = {"page": page, "title": title}
            makers = {
                "atom": partial(_atom, site, shown, id_, f"{path}.atom", ways, past, sheets),
                "rss": partial(_rss, site, shown, f"{path}.rss", ways, sheets),
                "json": partial(_json, site, shown, f"{path}.json", ways, before, sheets),
            }
            for kind, make in makers.items():
                over = {"atom": (id_, past), "rss": (), "json": (before,)}[kind]
                whole = f"{path}.{kind}"
                files[whole] = self._stamps.file(make, "feed", whole, title, page, told, *over)
        return files

    def _whole(self, post: Brief) -> Article:
        article = post.article
        if post.told is not None:
            self._sheets.keep(post.told, *extension_key(article))
        return article

    def archives(
        self, whole: Subject, posts: Sequence[Brief]
    ) -> tuple[dict[str, File], History, str | None]:
        """Return the archives of the site's feed, and how the feed leads to them."""
        archives = archives_of(posts, {post.id for post in whole.posts})
        files: dict[str, File] = {}
        following = None
        for archive in archives:
            id_, told = self._ids[f"{FEED}.atom"], keys(archive.posts)
            history = History(previous=archive.previous, current=f"{FEED}.atom")
            shown = archive.articles
            ways = {"page": "archive/"}
            files[archive.path] = self._stamps.file(
                partial(_atom, self._site, shown, id_, archive.path, ways, history, self._sheets),
                *("archive", archive.path, id_, history, told),
            )
            files[archive.json_path] = self._stamps.file(
                partial(_json, self._site, shown, f"{FEED}.json", {}, following, self._sheets),
                *("archive", archive.json_path, following, told),
            )
            following = archive.json_path
        last = archives[-1].path if archives else None
        return files, History(previous=last), following


Shown = Callable[[], list[Article]]
Ways = Mapping[str, str]


def _atom(
    site: Site,
    shown: Shown,
    id_: str,
    path: str,
    ways: Ways,
    history: History | None,
    sheets: Sheets,
) -> bytes:
    return atom_feed(site, shown(), id_=id_, path=path, history=history, sheets=sheets, **ways)


def _rss(site: Site, shown: Shown, path: str, ways: Ways, sheets: Sheets) -> bytes:
    return rss_feed(site, shown(), path=path, sheets=sheets, **ways)


def _json(
    site: Site, shown: Shown, path: str, ways: Ways, following: str | None, sheets: Sheets
) -> bytes:
    return json_feed(site, shown(), path=path, following=following, sheets=sheets, **ways)
