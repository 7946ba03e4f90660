"""What feeds.yaml said the last time, so that it need not be parsed and checked for every poll.

Loading the parser and the checker takes longer than a poll of a few feeds, and parsing a
millisecond for each feed. The cache is believed only for the very bytes it was made from, at the
same place, by the same version of the program. Whatever is wrong with it, feeds.yaml is read
instead.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import tempfile
from dataclasses import fields, is_dataclass
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any

from aggregator import __version__
from aggregator.config.settings import (
    Author,
    FetchSettings,
    KeepSettings,
    ParseSettings,
    PollSettings,
    Settings,
    Site,
    SiteRules,
    TellSettings,
    WebSettings,
    WebSubSettings,
)
from aggregator.model.subscription import Subscription

NAME = "settings-cache.json"

_DATA = re.compile(
    rb"""^data:[ \t]+(?P<quote>["']?)(?P<folder>[^"'#\r\n]+?)(?P=quote)[ \t]*\r?$""", re.M
)


def find(content: bytes, path: Path) -> Settings | None:
    """Return the settings that these bytes gave before, or None."""
    try:
        with (data_folder(content, path) / NAME).open("rb") as file:
            key, _, kept = file.read().partition(b"\n")
        if key.decode("ascii") != _key(content, path, kept):
            return None
        return _settings(json.loads(kept), path)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def keep(content: bytes, settings: Settings) -> None:
    """Keep what the bytes said, in the folder for data; fail silently."""
    folder = data_folder(content, settings.path)
    if folder != settings.data:
        return
    with contextlib.suppress(OSError, ValueError, TypeError):
        kept = json.dumps(_plain(settings)).encode("ascii")
        folder.mkdir(exist_ok=True)  # the database is going to be there as well
        # mkstemp lets only the owner read it: private feeds are named in it.
        descriptor, name = tempfile.mkstemp(prefix=NAME, suffix=".new", dir=folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(_key(content, settings.path, kept).encode("ascii") + b"\n" + kept)
            os.replace(name, folder / NAME)  # noqa: PTH105 - `name` is a string
        except OSError:
            os.unlink(name)  # noqa: PTH108


def _key(content: bytes, path: Path, kept: bytes) -> str:
    place = os.fsencode(path.absolute())
    digests = (hashlib.sha256(part).hexdigest() for part in (content, place, kept))
    return " ".join((__version__, *digests))


def data_folder(content: bytes, path: Path) -> Path:
    """Return where `data` lies, guessed without parsing; a wrong guess costs time, no more."""
    match = _DATA.search(content)
    written = match["folder"].decode("utf-8", errors="replace") if match else "data"
    return path.absolute().parent / written


def _plain(value: Any) -> Any:
    """Return a setting as JSON can hold it."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Path | IPv4Network | IPv6Network):
        return str(value)
    return value


def _settings(plain: dict[str, Any], path: Path) -> Settings:
    """Return what `_plain` was given; a test holds the two together."""
    site, fetch, parse = plain["site"], plain["fetch"], plain["parse"]
    return Settings(
        path=path.absolute(),
        site=Site(
            **site
            | {
                "authors": tuple(Author(**author) for author in site["authors"]),
                "hubs": tuple(site["hubs"]),
            }
        ),
        data=Path(plain["data"]),
        output=Path(plain["output"]),
        fetch=FetchSettings(
            **fetch
            | {
                "allow_networks": tuple(ip_network(one) for one in fetch["allow_networks"]),
                "allow_ports": tuple(fetch["allow_ports"]),
                "timeout": timedelta(seconds=fetch["timeout"]),
            }
        ),
        poll=_poll(plain["poll"]),
        parse=ParseSettings(**parse | {"timeout": timedelta(seconds=parse["timeout"])}),
        keep=KeepSettings(**plain["keep"] | {"age": _span(plain["keep"]["age"])}),
        web=WebSettings(
            listen=tuple(plain["web"]["listen"]) if plain["web"]["listen"] else None,
            hosts=tuple(plain["web"]["hosts"]),
        ),
        websub=WebSubSettings(**plain["websub"]),
        tell=TellSettings(**plain["tell"] | {"delay": _span(plain["tell"]["delay"])}),
        subscriptions=tuple(_subscription(one) for one in plain["subscriptions"]),
    )


def _poll(plain: dict[str, Any]) -> PollSettings:
    spans = {name: _span(plain[name]) for name in ("interval", "gap", "spacing")}
    sites = tuple(SiteRules(**one | {"gap": _span(one["gap"])}) for one in plain["sites"])
    return PollSettings(**plain | spans | {"sites": sites})


def _subscription(plain: dict[str, Any]) -> Subscription:
    more = {"tags": tuple(plain["tags"]), "interval": _span(plain["interval"])}
    return Subscription(**plain | more)


def _span(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
