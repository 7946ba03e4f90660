"""The Flask app: hubs' requests to our callback, translated, and metrics. It decides nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus
from types import TracebackType
from typing import TypeAlias

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from aggregator.errors import StorageError
from aggregator.services.callback import Callback, Received

MOST_BYTES = 10 * 1024 * 1024  # of a body

_HEADERS = {
    # What a hub made us say is shown by no browser as anything but text.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_STATUS = {
    Received.TAKEN: HTTPStatus.ACCEPTED,
    # A forger learns nothing from a success (WebSub §7.1).
    Received.REFUSED: HTTPStatus.ACCEPTED,
    Received.LEFT: HTTPStatus.GONE,
}

ExceptionInfo: TypeAlias = (
    tuple[type, BaseException, TracebackType | None] | tuple[None, None, None]
)


class Site(Flask):
    """Flask without what answers need not: no files, no templates, no paths in the log."""

    def log_exception(self, exc_info: ExceptionInfo) -> None:
        # Flask would write the path, which is whatever a stranger wants to see in a log.
        logging.getLogger(__name__).error("answering a request", exc_info=exc_info)


def create_site(callback: Callback, metrics: Callable[[], bytes] | None = None) -> Flask:
    """Return the app that answers for `callback`, and gives the `metrics` of the moment.

    Where a request goes is told by its path alone: Host and X-Forwarded-* are a stranger's word.
    """
    site = Site(__name__, static_folder=None, template_folder=None)
    site.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    site.url_map.merge_slashes = False  # it redirects to the host that was named

    @site.route("/<path:path>", methods=["GET", "POST"], provide_automatic_options=False)
    def hub(path: str) -> Response:
        if request.method == "HEAD":  # comes with GET, and must change nothing
            return _text(HTTPStatus.METHOD_NOT_ALLOWED)
        subscription = callback.find(f"/{path}")
        if subscription is None:
            return _text(HTTPStatus.NOT_FOUND)
        if request.method == "GET":
            answer = callback.answer(subscription, request.args)
            return _text(HTTPStatus.NOT_FOUND) if answer is None else _text(HTTPStatus.OK, answer)
        received = callback.deliver(
            subscription,
            content_type=request.headers.get("Content-Type", ""),
            signature=request.headers.get("X-Hub-Signature", ""),
            body=request.get_data(cache=False),
        )
        return _text(_STATUS[received])

    if metrics is not None:

        @site.get("/metrics", provide_automatic_options=False)
        def told() -> Response:
            return _text(HTTPStatus.OK, metrics())

    @site.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        return _text(HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR))

    @site.errorhandler(StorageError)
    def unstored(error: StorageError) -> Response:
        """Have the hub try again later."""
        logging.getLogger(__name__).error("a hub's request could not be answered: %s", error)
        return _text(HTTPStatus.SERVICE_UNAVAILABLE)

    return site


def _text(status: HTTPStatus, text: str | bytes | None = None) -> Response:
    """Return an answer in plain text: the one given, or what the status means."""
    body = f"{status.phrase}\n" if text is None else text
    return Response(body, status, headers=_HEADERS, mimetype="text/plain")
