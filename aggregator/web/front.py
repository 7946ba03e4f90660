"""Who answers a request: the desk, the published files, or the app behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from aggregator.errors import StorageError
from aggregator.web.files import PublishedFiles, say

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

METRICS = "/metrics"


def with_desk(
    desk: WSGIApplication, api: WSGIApplication, others: WSGIApplication
) -> WSGIApplication:
    """Return an app that answers with the desk, or the API, for its own, else with `others`."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/desk" or path.startswith("/desk/"):
            return desk(environ, start_response)
        return (api if path.startswith("/api/") else others)(environ, start_response)

    return app


def with_files(
    files: PublishedFiles, behind: WSGIApplication, *, is_callback: Callable[[str], bool]
) -> WSGIApplication:
    """Return an app that answers with the site, and asks `behind` for what is not part of it.

    That is metrics and what `is_callback`, a question that may raise StorageError. The site is
    read, never changed: other methods than GET and HEAD are refused.
    """

    def is_behind(path: str) -> bool:
        try:
            return path == METRICS or is_callback(path)
        except StorageError:
            return True  # it knows what to answer then

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        reading = environ["REQUEST_METHOD"] in {"GET", "HEAD"}
        if reading:
            answer = files.answer(environ, start_response)
            if answer is not None:
                return answer
        if is_behind(environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")):
            return behind(environ, start_response)
        if not reading:
            return say(
                HTTPStatus.METHOD_NOT_ALLOWED, environ, start_response, ("Allow", "GET, HEAD")
            )
        return files.not_found(environ, start_response)

    return app
