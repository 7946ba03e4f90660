"""Frozen settings, as the rest of the program sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from aggregator.model.subscription import Subscription


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


@dataclass(frozen=True, kw_only=True)
class FetchSettings:
    allow_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    allow_ports: tuple[int, ...] = (80, 443, 8080, 8443)
    timeout: timedelta = timedelta(seconds=30)  # for a whole fetch, redirects included
    max_bytes: int = 10 * 1024 * 1024  # of a decoded body
    connections: int = 32  # side by side


@dataclass(frozen=True, kw_only=True)
class PollSettings:
    interval: timedelta = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class ParseSettings:
    workers: int = 2  # processes
    timeout: timedelta = timedelta(seconds=10)  # for one document
    memory_bytes: int = 1024 * 1024 * 1024  # address space of one worker
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
    subscriptions: tuple[Subscription, ...] = ()
