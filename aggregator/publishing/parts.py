"""What a post is made of, kept beside its HTML for feeds that give parts of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.markup.text import scrub
from aggregator.model.post import Block, Citation, Post, Takeaways, Update, UpdateKind
from aggregator.publishing.addresses import host_of, is_web
from aggregator.publishing.ids import is_path_name, path_name
from aggregator.publishing.plain import one_line

SOURCES = "sources/"


@dataclass(frozen=True)
class CitedSite:
    """A site that a post cites. `path` is its folder, ending in "/"; `outlet` may be empty."""

    path: str
    host: str
    outlet: str


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The parts of a post. Of a withdrawn one, `blocks` and `updates` are empty.

    The other fields say of it too where it stood, so that its notice can stand there.
    """

    blocks: tuple[Block, ...] = ()
    updates: tuple[Update, ...] = ()  # those that are told
    sites: tuple[CitedSite, ...] = ()
    concluded: bool = False  # whether it has takeaways
    corrected: tuple[datetime, ...] = ()  # when it was, in the order of its document

    @property
    def every_block(self) -> tuple[Block, ...]:
        """The blocks, those of updates last."""
        return (*self.blocks, *(block for update in self.updates for block in update.blocks))


NO_PARTS = Parts()


def parts_of(
    post: Post, told: Sequence[Update], cited_urls: Iterable[str], *, withdrawn: bool
) -> Parts:
    """Return the parts of a post whose updates `told` are shown and that cites `cited_urls`."""
    everything = Parts(blocks=post.blocks, updates=post.updates).every_block
    outlets = {scrub(cite.url): one_line(cite.outlet) for cite in (*post.cites, *post.citations)}
    sites: dict[str, CitedSite] = {}
    for url in cited_urls:
        site = CitedSite(source_path(url), _host(url), outlets.get(url, ""))
        if site.path not in sites or (site.outlet and not sites[site.path].outlet):
            sites[site.path] = site
    return Parts(
        blocks=() if withdrawn else post.blocks,
        updates=() if withdrawn else tuple(told),
        sites=tuple(sites.values()),
        concluded=any(isinstance(block, Takeaways) and block.items for block in everything),
        corrected=tuple(u.at for u in post.updates if u.kind is UpdateKind.CORRECTION),
    )


def source_path(url: str) -> str:
    """Return the folder of what is said of the site that an address belongs to."""
    host = _host(url)
    # A host of this name would take the place of the list of sources.
    fine = is_path_name(host) and host != "index.html"
    return f"{SOURCES}{host if fine else path_name(host)}/"


def source_paths(post: Post) -> list[str]:
    """Return the folders of all sites that a post may cite, each once."""
    cited: tuple[Citation, ...] = (*post.citations, *post.cites)
    return list(dict.fromkeys(source_path(scrub(c.url)) for c in cited if is_web(c.url)))


def _host(url: str) -> str:
    return host_of(url).strip(".")
