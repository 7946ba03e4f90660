"""The desk as a Flask app: its pages, its guard, its errors."""

from __future__ import annotations

import logging
from pathlib import Path

from flask import Flask, Response, g, make_response, render_template
from werkzeug.exceptions import HTTPException

from aggregator.errors import AggregatorError, NotFound, StorageError
from aggregator.web.desk.guard import by_script, install
from aggregator.web.desk.parts import Parts
from aggregator.web.desk.rooms import ROOMS
from aggregator.web.desk.statics import install_statics, static
from aggregator.web.desk.times import short_time
from aggregator.web.desk.viewing import place_of
from aggregator.web.numbers import Number
from aggregator.web.site import MOST_BYTES, Site

HERE = Path(__file__).parent


def create_desk(parts: Parts) -> Flask:
    """Return the app that answers for everything below /desk."""
    desk = Site(__name__, static_folder=None, template_folder=str(HERE / "templates"))
    desk.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    desk.config["MAX_FORM_MEMORY_SIZE"] = MOST_BYTES
    desk.jinja_env.trim_blocks = desk.jinja_env.lstrip_blocks = True
    desk.url_map.converters["int"] = Number
    install(desk, parts)
    install_statics(desk)
    for room in ROOMS:
        desk.register_blueprint(room.pages(parts))

    @desk.context_processor
    def everywhere() -> dict[str, object]:
        session = g.get("session")
        return {
            "about": parts.about(),
            "user": session.user if session else None,
            "csrf": session.csrf if session else "",
            "static": static,
            "place_of": place_of,
            "short_time": lambda at: short_time(at, parts.clock()),
            "has_page": lambda endpoint: endpoint in desk.view_functions,
            "rooms": [room for room in ROOMS if room.label],
            "now": parts.clock(),
        }

    @desk.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        if error.response is not None:
            return make_response(error.response)
        told = {404: "There is nothing here."}.get(error.code or 500, error.description or "")
        return _trouble(f"{told}", error.code or 500)

    @desk.errorhandler(NotFound)
    def absent(error: NotFound) -> Response:
        return _trouble(str(error), 404)

    @desk.errorhandler(StorageError)
    def unstored(error: StorageError) -> Response:
        logging.getLogger(__name__).error("the desk: %s", error)
        return _trouble(str(error), 503)

    @desk.errorhandler(AggregatorError)
    def mendable(error: AggregatorError) -> Response:
        return _trouble(str(error), 422)

    return desk


def _trouble(told: str, status: int) -> Response:
    """Return an answer that says what is wrong: a page, or to a script a line."""
    if by_script():
        return make_response(f"{told}\n", status, {"Content-Type": "text/plain; charset=utf-8"})
    return make_response(render_template("trouble.html", told=told, status=status), status)
