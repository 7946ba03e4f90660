"""Who is cited: the posts of each site that the author has cited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aggregator.publishing.brief import Brief


@dataclass(frozen=True, kw_only=True)
class Source:
    """A cited site with the articles that cite it, newest first. `path` ends in "/".

    `name` is the outlet, when the author calls all that was cited from there by one name; else
    the host.
    """

    name: str
    host: str
    path: str
    articles: tuple[Brief, ...]


def sources_of(articles: Sequence[Brief]) -> list[Source]:
    """Return the sites cited, by name; articles come newest first and stay so."""
    held: dict[str, list[Brief]] = {}
    hosts: dict[str, str] = {}
    names: dict[str, dict[str, str]] = {}
    for article in articles:
        for path, host, outlet in article.cites:
            hosts.setdefault(path, host)
            listed = held.setdefault(path, [])
            if not listed or listed[-1] is not article:
                listed.append(article)
            if outlet:
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
