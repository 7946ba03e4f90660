"""sitemap.xml and robots.txt, for those who look for pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from lxml import etree

from aggregator.config.settings import Site
from aggregator.publishing.addresses import address
from aggregator.publishing.atomparts import atom_time

SITEMAP, ROBOTS = "sitemap.xml", "robots.txt"
MOST = 50_000  # addresses in one file (sitemaps.org)
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def sitemap_files(
    site: Site, pages: Sequence[tuple[str, datetime | None]], *, most: int = MOST
) -> dict[str, bytes]:
    """Return sitemap.xml of these paths with the time of their last news, and robots.txt.

    More than `most` pages are listed in several files, which sitemap.xml then names. robots.txt
    is asked for at the root of a host only, so a site in a folder has none.
    """
    parts = [pages[start : start + most] for start in range(0, len(pages), most)]
    if len(parts) <= 1:
        files = {SITEMAP: _listed(site, "urlset", "url", pages)}
    else:
        names = [f"sitemap-{number}.xml" for number in range(1, len(parts) + 1)]
        files = {
            name: _listed(site, "urlset", "url", part)
            for name, part in zip(names, parts, strict=True)
        }
        index = [(name, None) for name in names]
        files[SITEMAP] = _listed(site, "sitemapindex", "sitemap", index)
    if urlsplit(site.base_url).path in ("", "/"):
        where = address(site.base_url, SITEMAP)
        files[ROBOTS] = f"User-agent: *\nAllow: /\n\nSitemap: {where}\n".encode()
    return files


def _listed(
    site: Site, root: str, item: str, pages: Sequence[tuple[str, datetime | None]]
) -> bytes:
    tree = etree.Element(f"{{{_NAMESPACE}}}{root}", nsmap={None: _NAMESPACE})
    for path, at in pages:
        entry = etree.SubElement(tree, f"{{{_NAMESPACE}}}{item}")
        etree.SubElement(entry, f"{{{_NAMESPACE}}}loc").text = address(site.base_url, path)
        if at:
            etree.SubElement(entry, f"{{{_NAMESPACE}}}lastmod").text = atom_time(at)
    return etree.tostring(tree, encoding="UTF-8", xml_declaration=True, pretty_print=True)
