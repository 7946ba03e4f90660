"""The API as a Flask app."""

from __future__ import annotations

from typing import Any

from flask import Flask

from aggregator.web.api import entries, feeds, posts
from aggregator.web.api.asking import install
from aggregator.web.api.book import ROOT, Book
from aggregator.web.desk.parts import Parts
from aggregator.web.numbers import Number
from aggregator.web.site import MOST_BYTES, Site

DESCRIPTION = f"{ROOT}/openapi.json"


def create_api(parts: Parts) -> Flask:
    """Return the app that answers for everything below /api."""
    api = Site(__name__, static_folder=None, template_folder=None)
    api.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    api.url_map.converters["int"] = Number
    install(api, parts.accounts, public=frozenset({"describe"}))
    book = Book(api)
    for room in (entries, posts, feeds):
        room.add(book, parts)

    @api.get(DESCRIPTION, provide_automatic_options=False)
    def describe() -> dict[str, Any]:
        return book.description()

    return api
