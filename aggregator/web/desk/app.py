"""The desk as a Flask app: its pages, its guard, its errors."""

from __future__ import annotations

import hashlib
import logging
from functools import cache
from pathlib import Path

from flask import Flask, Response, g, make_response, render_template, request, url_for
from werkzeug.exceptions import HTTPException

from aggregator.errors import AggregatorError, NotFound, StorageError
from aggregator.web.desk import account, front, signin
from aggregator.web.desk.guard import install
from aggregator.web.desk.parts import Parts
from aggregator.web.site import MOST_BYTES, Site

HERE = Path(__file__).parent
YEAR = 365 * 24 * 3600  # seconds


def create_desk(parts: Parts) -> Flask:
    """Return the app that answers for everything below /desk."""
    desk = Site(
        __name__,
        static_folder=str(HERE / "static"),
        static_url_path="/desk/static",
        template_folder=str(HERE / "templates"),
    )
    desk.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    desk.config["MAX_FORM_MEMORY_SIZE"] = MOST_BYTES
    desk.config["SEND_FILE_MAX_AGE_DEFAULT"] = YEAR  # their addresses change with them
    desk.jinja_env.trim_blocks = desk.jinja_env.lstrip_blocks = True
    install(desk, parts)
    for pages in (front.pages, signin.pages, account.pages):
        desk.register_blueprint(pages(parts))

    @desk.context_processor
    def everywhere() -> dict[str, object]:
        session = g.get("session")
        return {
            "about": parts.about(),
            "user": session.user if session else None,
            "csrf": session.csrf if session else "",
            "static": _static,
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
    if request.headers.get("HX-Request"):
        return make_response(f"{told}\n", status, {"Content-Type": "text/plain; charset=utf-8"})
    return make_response(render_template("trouble.html", told=told, status=status), status)


@cache
def _version(name: str) -> str:
    return hashlib.sha256((HERE / "static" / name).read_bytes()).hexdigest()[:12]


def _static(name: str) -> str:
    """Return the address of a file of ours, which changes when the file does."""
    return url_for("static", filename=name, v=_version(name))
