"""Who is cited: the posts of each site that the author has cited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aggregator.publishing.addresses import host_of
from aggregator.publishing.article import Article
from aggregator.publishing.parts import source_path


@dataclass(frozen=True, kw_only=True)
class Source:
    """A cited site with the articles that cite it, newest first. `path` ends in "/".

    `name` is the outlet, when the author calls all that was cited from there by one name; else
    the host.
    """

    name: str
    host: str
    path: str
    articles: tuple[Article, ...]


def sources_of(articles: Sequence[Article]) -> list[Source]:
    """Return the sites cited, by name; articles come newest first and stay so."""
    held: dict[str, list[Article]] = {}
    hosts: dict[str, str] = {}
    names: dict[str, dict[str, str]] = {}
    for article in articles:
        for cited in article.citations:
            path = source_path(cited.url)
            hosts.setdefault(path, host_of(cited.url).strip("."))
            listed = held.setdefault(path, [])
            if not listed or listed[-1] is not article:
                listed.append(article)
            if outlet := article.details.outlet_of(cited.url):
                names.setdefault(path, {}).setdefault(outlet.casefold(), outlet)
    made = [
        Source(
            name=_one_name(names.get(path, {})) or hosts[path],
            host=hosts[path],
            path=path,
            articles=tuple(listed),
        )
        for path, listed in held.items()
    ]
    return sorted(made, key=lambda source: (source.name.casefold(), source.path))


def _one_name(names: dict[str, str]) -> str | None:
    # Several outlets on one host, as with video sites: the host alone is true of them all.
    return next(iter(names.values())) if len(names) == 1 else None
