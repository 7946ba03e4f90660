"""sitemap.xml and robots.txt, for those who look for pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Protocol
from urllib.parse import urlsplit

from lxml import etree

from aggregator.config.settings import Site
from aggregator.publishing.addresses import address
from aggregator.publishing.atomparts import atom_time
from aggregator.publishing.brief import Brief
from aggregator.publishing.files import File, Stamps, keys

SITEMAP, ROBOTS = "sitemap.xml", "robots.txt"
FEW = 1_000  # posts, with which one file is enough
MOST = 50_000  # addresses in one file (sitemaps.org)
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"

Page = tuple[str, datetime | None]


class Listing(Protocol):
    """A page that lists posts."""

    @property
    def path(self) -> str: ...

    @property
    def articles(self) -> Sequence[Brief]: ...


def sitemap_files(
    site: Site,
    stamps: Stamps,
    posts: Sequence[Brief],
    listings: Sequence[Listing],
    others: Sequence[str],
    *,
    few: int = FEW,
    most: int = MOST,
) -> dict[str, File]:
    """Return sitemap.xml of all that search engines shall find, and robots.txt.

    `posts` come newest first, `others` are paths of pages without news. Each has the time of its
    last news. With more than `few` posts there is a file for each year, and more for a year with
    more than `most`, which sitemap.xml then names. robots.txt is asked for at the root of a host
    only, so a site in a folder has none.
    """
    shown = [post for post in posts if not post.withdrawn]
    lists = partial(_lists, listings, others)
    told = (keys(posts), [one.path for one in listings], *others)
    if len(shown) <= few:
        pages = partial(_both, lists, shown)
        files = {SITEMAP: stamps.file(partial(_listed, site, pages), "sitemap", *told)}
    else:
        files = {"sitemap-lists.xml": stamps.file(partial(_listed, site, lists), "sitemap", *told)}
        for year, group in groupby(shown, key=lambda post: post.published.year):
            whole = list(group)
            for number, start in enumerate(range(0, len(whole), most), 1):
                part = whole[start : start + most]
                name = f"sitemap-{year}{f'-{number}' if number > 1 else ''}.xml"
                make = partial(_listed, site, partial(_both, list, part))
                files[name] = stamps.file(make, "sitemap", keys(part))
        files[SITEMAP] = stamps.ready(_index(site, list(files)))
    if urlsplit(site.base_url).path in ("", "/"):
        where = address(site.base_url, SITEMAP)
        robots = f"User-agent: *\nAllow: /\n\nSitemap: {where}\n"
        files[ROBOTS] = stamps.ready(robots.encode())
    return files


def _lists(listings: Sequence[Listing], others: Sequence[str]) -> list[Page]:
    return [
        *((one.path, max(map(_news, one.articles), default=None)) for one in listings),
        *((path, None) for path in others),
    ]


def _both(lists: Callable[[], list[Page]], posts: Sequence[Brief]) -> list[Page]:
    return [*lists(), *((post.path, _news(post)) for post in posts)]


def _news(post: Brief) -> datetime:
    return post.news or post.published


def _listed(site: Site, pages: Callable[[], Sequence[Page]]) -> bytes:
    return _document(site, "urlset", "url", pages())


def _index(site: Site, names: Sequence[str]) -> bytes:
    return _document(site, "sitemapindex", "sitemap", [(name, None) for name in names])


def _document(site: Site, root: str, item: str, pages: Sequence[Page]) -> bytes:
    tree = etree.Element(f"{{{_NAMESPACE}}}{root}", nsmap={None: _NAMESPACE})
    for path, at in pages:
        entry = etree.SubElement(tree, f"{{{_NAMESPACE}}}{item}")
        etree.SubElement(entry, f"{{{_NAMESPACE}}}loc").text = address(site.base_url, path)
        if at:
            etree.SubElement(entry, f"{{{_NAMESPACE}}}lastmod").text = atom_time(at)
    return etree.tostring(tree, encoding="UTF-8", xml_declaration=True, pretty_print=True)
