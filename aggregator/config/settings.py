"""Frozen settings, as the rest of the program sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from aggregator.model.subscription import Subscription

# Where `serve` listens when `web.listen` does not say: for this machine alone.
LISTEN = ("127.0.0.1", 8321)


@dataclass(frozen=True, kw_only=True)
class Author:
    name: str
    uri: str | None = None
    email: str | None = None


@dataclass(frozen=True, kw_only=True)
class Site:
    """Who publishes, and where. `base_url` is absolute and ends in a slash."""

    title: str = "Linkblog"
    subtitle: str = ""
    base_url: str = "http://localhost:8000/"
    authors: tuple[Author, ...] = (Author(name="The author"),)
    language: str = "en"
    rights: str | None = None
    feed_posts: int = 50  # how many posts a feed carries
    river_entries: int = 200
    hubs: tuple[str, ...] = ()  # that are told of changes, and named in every feed (WebSub)
    theme: Path | None = None  # a folder of templates; None: ours
    about: Path | None = None  # a Markdown file; None: said from these settings
    river_text: str = "summary"  # or "headline", or "full" where the source's rights allow it
    update_entries: bool = False  # whether each Update is an entry of its own as well


@dataclass(frozen=True, kw_only=True)
class FetchSettings:
    allow_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    allow_ports: tuple[int, ...] = (80, 443, 8080, 8443)
    timeout: timedelta = timedelta(seconds=30)  # for a whole fetch, redirects included
    max_bytes: int = 10 * 1024 * 1024  # of a decoded body
    connections: int = 32  # side by side
    proxy: bool = False  # whether the environment's proxies are used


@dataclass(frozen=True, kw_only=True)
class SiteRules:
    """What is different for one site; None: as for the others."""

    site: str
    gap: timedelta | None = None
    retry_after: str | None = None


@dataclass(frozen=True, kw_only=True)
class PollSettings:
    interval: timedelta | None = None  # None: by each feed's rhythm
    gap: timedelta = timedelta(seconds=1)  # between two requests to one site
    spacing: timedelta = timedelta(seconds=10)  # between two requests to one feed, even by force
    retry_after: str = "site"  # or "feed": whom a request to wait is for
    sites: tuple[SiteRules, ...] = ()

    def gap_of(self, site: str) -> timedelta:
        """Return the gap between two requests to a site."""
        gaps = (rules.gap for rules in self.sites if rules.site == site and rules.gap is not None)
        return next(gaps, self.gap)

    def site_waits(self, site: str) -> bool:
        """Whether a request to wait is for the whole site."""
        told = (rules.retry_after for rules in self.sites if rules.site == site)
        return (next((one for one in told if one), None) or self.retry_after) == "site"


@dataclass(frozen=True, kw_only=True)
class KeepSettings:
    """Which entries' texts are let go of. Never: quoted, starred, not yet triaged ones."""

    age: timedelta | None = None  # None: everything is kept for ever
    at_least: int = 200  # of each feed, the newest


@dataclass(frozen=True, kw_only=True)
class WebSettings:
    # Host and port. None: `serve` listens at LISTEN, `run` not at all.
    listen: tuple[str, int] | None = None
    hosts: tuple[str, ...] = ()  # names of the desk, besides that of base_url


@dataclass(frozen=True, kw_only=True)
class WebSubSettings:
    callback: str | None = None  # the public address that reaches `listen`; None: no push


@dataclass(frozen=True, kw_only=True)
class TellSettings:
    webmention: bool = False  # whether cited pages are told; it speaks in the author's name
    delay: timedelta = timedelta(0)  # after writing the site, until somebody is told


@dataclass(frozen=True, kw_only=True)
class ParseSettings:
    workers: int = 2  # processes
    timeout: timedelta = timedelta(seconds=10)  # for one document
    memory_bytes: int = 384 * 1024 * 1024  # of one worker; ten megabytes of feed may need 256 MiB
    max_entries: int = 2000  # of one document; the rest is left out and noted


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything in feeds.yaml, checked, with paths made absolute."""

    path: Path
    site: Site = Site()
    data: Path = Path("data")
    output: Path = Path("public")
    fetch: FetchSettings = FetchSettings()
    poll: PollSettings = PollSettings()
    parse: ParseSettings = ParseSettings()
    keep: KeepSettings = KeepSettings()
    web: WebSettings = WebSettings()
    websub: WebSubSettings = WebSubSettings()
    tell: TellSettings = TellSettings()
    subscriptions: tuple[Subscription, ...] = ()
