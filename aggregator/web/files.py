"""The public site: the files of the published folder, over HTTP (RFC 9110). WSGI, without Flask.

It stands before Flask because it is asked most: a feed by every subscriber, many times a day.
"""

from __future__ import annotations

import errno
import logging
import os
import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote, urlsplit

from werkzeug.wsgi import wrap_file

from aggregator.web.negotiation import IDENTITY, codings_taken, has_it_already
from aggregator.web.shelf import Headers, Kept, Shelf, open_plain, signature_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

INDEX, MISSING = "index.html", "404.html"
LONGEST = 1024  # bytes of a path; no file of a site is as deep
AGAIN = "30"  # seconds until it is worth asking again
SECURITY: Headers = [
    # What pages load is the site's own, but for the pictures and sounds that a post shows.
    (
        "Content-Security-Policy",
        "default-src 'self'; img-src * data:; media-src *; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'",
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),  # as pages say; authors like to know
]
# Of what is asked for by mistake or malice; the others are trouble of ours.
_NO_SUCH_FILE = {
    errno.ENOENT,
    errno.ENOTDIR,
    errno.EISDIR,
    errno.ELOOP,
    errno.ENAMETOOLONG,
    errno.EACCES,
}
# A slash, backslash or NUL within a name, and slashes that the server makes one.
_HIDDEN = re.compile(r"^//|%(?:2f|5c|00)", re.IGNORECASE)
_QUERY = re.compile(r"[\w\-.~!$&'()*+,;=:@/?%]*", re.ASCII)


class _Place(NamedTuple):
    """Where the site is, and below which path of its host it is known."""

    given: tuple[Path, str]
    root: Path
    folder: str
    prefix: str  # ends in "/"


class PublishedFiles:
    """A WSGI app that answers GET and HEAD for the files below a folder, and for none beside it.

    `where` gives the folder and the address of the site at each request, for both may change;
    `is_published` says whether a site was ever written into a folder. The site answers at "/"
    and below the path of its address, so that a proxy may pass that on or not.
    """

    def __init__(
        self,
        where: Callable[[], tuple[Path, str]],
        *,
        is_published: Callable[[Path], bool],
        shelf: Shelf | None = None,
    ) -> None:
        self._where, self._is_published = where, is_published
        self._shelf = shelf or Shelf()
        self._last: _Place | None = None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = self.answer(environ, start_response)
        return self.not_found(environ, start_response) if answer is None else answer

    def answer(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes] | None:
        """Answer for a file, or lead to the folder that was meant; None: there is no such file."""
        place = self._place()
        path = _below(place.prefix, environ)
        if path is None:
            return None
        if f"{path}/" == place.prefix:
            return _to_folder(path, environ, start_response)
        try:
            key = f"{place.folder}{path}"
            kept = self._look(place, path)
            if kept is not None:
                return self._send(key, kept, environ, start_response)
            if not path.endswith("/") and self._look(place, f"{path}/"):
                return _to_folder(path, environ, start_response)
        except OSError as error:
            if error.errno in _NO_SUCH_FILE:
                return None
            log = logging.getLogger(__name__)
            log.warning("a published file cannot be read: %s", error.strerror)
            return _later(environ, start_response)
        return None

    def not_found(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer that there is nothing: with the site's own page, where there is one.

        Before a site was ever written this would be false; then it is asked to come again.
        """
        place = self._place()
        if not self._is_published(place.root):
            return _later(environ, start_response)
        try:
            kept = self._look(place, f"/{MISSING}")
        except OSError:
            kept = None
        if kept is None or (form := kept.forms[IDENTITY]).body is None:
            return say(HTTPStatus.NOT_FOUND, environ, start_response)
        headers = [pair for pair in form.headers if pair[0] in {"Content-Type", "Content-Length"}]
        start_response("404 Not Found", [*headers, ("Cache-Control", "no-cache"), *SECURITY])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [form.body]

    def _place(self) -> _Place:
        """Return where the site is now; of one piece, for several threads ask."""
        given = self._where()
        place = self._last
        if place is None or place.given != given:
            root, base_url = given
            prefix = unquote(urlsplit(base_url).path) or "/"
            place = self._last = _Place(given, root, str(root), prefix)
        return place

    def _look(self, place: _Place, path: str) -> Kept | None:
        """Return the file that a path means; None for a folder. Raises OSError."""
        key = f"{place.folder}{path}"
        if kept := self._shelf.known(key):
            return kept
        name = path[1:] + (INDEX if path.endswith("/") else "")
        if not path.startswith("/") or not _is_plain(name):
            return None
        root, file = os.path.realpath(place.root, strict=True), place.root / name
        # Whoever could put a link there between this and the opening may write the site itself.
        if os.path.realpath(file, strict=True) != str(Path(root, name)) or file.is_dir():
            return None
        # Kept by the way through the root, which may be a link that is changed one day.
        return self._shelf.keep(key, file, name)

    def _send(
        self, key: str, kept: Kept, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        codings = codings_taken(environ.get("HTTP_ACCEPT_ENCODING", ""))
        form = self._shelf.form(key, kept, codings)
        if has_it_already(
            form.etag,
            kept.modified,
            if_none_match=environ.get("HTTP_IF_NONE_MATCH"),
            if_modified_since=environ.get("HTTP_IF_MODIFIED_SINCE"),
        ):
            start_response("304 Not Modified", [*form.headers_304, *SECURITY])
            return []
        if environ["REQUEST_METHOD"] == "HEAD":
            body: Iterable[bytes] = []
        elif form.body is None:
            body = _from_disk(kept, environ)
        else:
            body = [form.body]
        start_response("200 OK", [*form.headers, *SECURITY])
        return body


def say(
    status: HTTPStatus,
    environ: WSGIEnvironment,
    start_response: StartResponse,
    *headers: tuple[str, str],
) -> Iterable[bytes]:
    """Answer in plain words with what a status means."""
    text = f"{status.phrase}\n".encode()
    start_response(
        f"{status.value} {status.phrase}",
        [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(text))),
            ("Cache-Control", "no-store"),
            *headers,
            *SECURITY,
        ],
    )
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [text]


def _later(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    return say(HTTPStatus.SERVICE_UNAVAILABLE, environ, start_response, ("Retry-After", AGAIN))


def _below(prefix: str, environ: WSGIEnvironment) -> str | None:
    """Return the path that is asked for, from "/" on, or None when no file can have it."""
    raw: str = environ["PATH_INFO"]
    if len(raw) > LONGEST or _HIDDEN.search(environ.get("REQUEST_URI", "")):
        return None
    try:
        path = raw if raw.isascii() else raw.encode("latin-1").decode("utf-8")
    except ValueError:  # no UTF-8, as all our names are
        return None
    if prefix != "/" and path.startswith(prefix):
        path = path[len(prefix) - 1 :]
    return path


def _is_plain(name: str) -> bool:
    """Whether a name leads down only, to nothing that is hidden.

    What RFC 8615 keeps under ".well-known" is for all to see.
    """
    if "\0" in name or "\\" in name:
        return False
    parts = name.removeprefix(".well-known/").split("/")
    return not any(part == "" or part.startswith(".") for part in parts)


def _to_folder(
    path: str, environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    """Lead to the folder, by an address that cannot lead to another host or path."""
    query = environ.get("QUERY_STRING", "")
    tail = f"?{query}" if query and _QUERY.fullmatch(query) else ""
    target = f"./{quote(path.rpartition('/')[2], safe='')}/{tail}"
    return say(HTTPStatus.MOVED_PERMANENTLY, environ, start_response, ("Location", target))


def _from_disk(kept: Kept, environ: WSGIEnvironment) -> Iterable[bytes]:
    """Return a large file in pieces. Raises OSError, also when it is another one by now."""
    file = open_plain(kept.place)
    if signature_of(os.fstat(file.fileno())) != kept.signature:
        file.close()
        raise OSError(errno.EAGAIN, "it is being written anew")
    return wrap_file(environ, file, 65536)
