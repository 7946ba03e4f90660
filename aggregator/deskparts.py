"""Wiring: what the desk is made of. No decisions are made here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.services.citing import Citing
from aggregator.services.feedroom import FeedRoom
from aggregator.services.filtering import Filtering
from aggregator.services.inbox import Inbox
from aggregator.services.newfeeds import NewFeeds
from aggregator.services.reader import Reader
from aggregator.services.writing import Writing
from aggregator.web.desk.parts import About, Parts

if TYPE_CHECKING:
    from aggregator.app import App


def desk_parts(app: App) -> Parts:
    """Return what the desk's pages are given; the settings are those of the moment."""

    def about() -> About:
        site = app.settings.site
        return About(
            title=site.title,
            base_url=site.base_url,
            authors=tuple(author.name for author in site.authors),
            hosts=frozenset(app.settings.web.hosts),
        )

    return Parts(
        about=about,
        accounts=app.accounts,
        inbox=Inbox(app.storage.inbox, app.intake),
        reader=Reader(app.storage, app.storage.inbox),
        filtering=Filtering(app.storage.filters, app.storage.inbox, app.intake),
        feeds=FeedRoom(
            app.storage,
            app.settings.path,
            callback=lambda: app.settings.websub.callback,
        ),
        new_feeds=NewFeeds(app.storage, app.discovery, lambda: app.settings),
        writing=Writing(app.storage, app.storage.drafts, lambda: app.desk),
        citing=Citing(app.storage, app.storage.drafts, lambda: app.desk),
        desk=lambda: app.desk,
        previewing=lambda: app.previewing,
        posts=app.storage,
        site_writer=app.site_writer,
    )
