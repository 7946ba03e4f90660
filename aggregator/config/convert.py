"""Checked keys → Settings, and the checks that need more than one key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel

from aggregator.config.places import why_not_published_to
from aggregator.config.problems import Problem, shown
from aggregator.config.schema import AuthorKeys, FeedKeys, File, PollKeys, SiteKeys
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
from aggregator.config.values import same_address
from aggregator.model.subscription import Subscription


def settings_of(file: File, path: Path) -> tuple[Settings, list[Problem]]:
    """Return the settings, and what is wrong between keys that are each right by themselves.

    Relative paths are taken from the folder of `path`; an absent key leaves the default.
    """
    path = path.absolute()
    parse = _given(file.parse)
    if "memory" in parse:
        parse["memory_bytes"] = parse.pop("memory")
    settings = Settings(
        path=path,
        site=_site(file.site, path),
        data=_folder(file.data or "data", path),
        output=_folder(file.output or "public", path),
        fetch=FetchSettings(**_given(file.fetch)),
        poll=_poll(file.poll),
        parse=ParseSettings(**parse),
        keep=KeepSettings(**_given(file.keep)),
        web=WebSettings(**_given(file.web)),
        websub=WebSubSettings(**_given(file.websub)),
        tell=TellSettings(**_given(file.tell)),
        subscriptions=tuple(subscription_of(feed) for feed in file.feeds),
    )
    return settings, [
        *_two_authors(file.site),
        *_folders(settings),
        *_closed_callback(file),
        *_twice(file.feeds),
    ]


def _poll(keys: PollKeys) -> PollSettings:
    given = _given(keys)
    given["sites"] = tuple(SiteRules(**_given(rules)) for rules in given.get("sites", ()))
    return PollSettings(**given)


def subscription_of(feed: FeedKeys) -> Subscription:
    """Return what the author decided about a feed."""
    return Subscription(**_given(feed))


def _site(keys: SiteKeys, path: Path) -> Site:
    given = _given(keys)
    one = given.pop("author", None)
    people = given.pop("authors", None) or ((one,) if one else None)
    if people:
        given["authors"] = tuple(_author(person) for person in people)
    given |= {name: _folder(given[name], path) for name in ("theme", "about") if name in given}
    return Site(**given)


def _author(keys: AuthorKeys) -> Author:
    return Author(name=keys.name, uri=keys.uri, email=keys.email)


def _given(keys: BaseModel) -> dict[str, Any]:
    """Return the keys that have a value; the defaults of Settings stand for the others."""
    return {name: value for name, value in keys if value is not None}


def _folder(written: str, config: Path) -> Path:
    folder = Path(written)
    if written.startswith("~"):
        try:
            folder = folder.expanduser()
        except RuntimeError:  # no such user: then it is a folder of that name
            folder = Path(written)
    return config.parent / folder


def _two_authors(site: SiteKeys) -> list[Problem]:
    if site.author is None or site.authors is None:
        return []
    return [Problem(path=("site", "author"), message="expected `author` or `authors`, not both")]


def _closed_callback(file: File) -> list[Problem]:
    if file.websub.callback is None or file.web.listen is not None:
        return []
    message = (
        "expected `web: {listen: 127.0.0.1:8321}` as well, the place where this address leads to"
    )
    return [Problem(path=("websub", "callback"), message=message)]


def _folders(settings: Settings) -> list[Problem]:
    return [
        Problem(path=("output",), message=reason)
        for reason in why_not_published_to(settings.output, settings)
    ]


def _twice(feeds: tuple[FeedKeys, ...]) -> list[Problem]:
    """The same address again: two decisions about one feed cannot both hold."""
    first: dict[str, int] = {}
    problems = []
    for place, feed in enumerate(feeds):
        before = first.setdefault(same_address(feed.url), place)
        if before != place:
            problems.append(
                Problem(
                    path=("feeds", place, "url"),
                    message=f"{shown(feed.url)} is followed already",
                    other=("feeds", before, "url"),
                )
            )
    return problems
