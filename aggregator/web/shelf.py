"""Published files in memory, ready to be sent: read, named by their content, compressed once.

A file is known again by what the system says of it (its number, length and times), so nothing has
to be told when the site is written anew: every file there is replaced as a whole.
"""

from __future__ import annotations

import errno
import gzip
import os
import stat
import sys
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import file_digest
from io import BufferedReader, BytesIO
from pathlib import Path

import brotli  # type: ignore[import-untyped]
from werkzeug.http import http_date

from aggregator.web.medium import Medium, medium_of
from aggregator.web.negotiation import IDENTITY

MOST_KEPT = 32 * 1024 * 1024  # bytes of all bodies on the shelf
LARGE = 4 * 1024 * 1024  # bytes; what is larger is sent from the disk, as it is
SMALL = 200  # bytes; compressing what is smaller does not pay
_BESIDE = 3000  # bytes that a file costs besides its bodies

Signature = tuple[int, int, int, int, int]
Headers = list[tuple[str, str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """One form of a file, in which it is sent. `body` is None when it is read from the disk."""

    etag: str
    body: bytes | None
    headers: Headers  # of a 200
    headers_304: Headers


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """A file as it was when it was read, with the forms that were asked for since."""

    place: Path
    signature: Signature
    size: int
    modified: int  # seconds since 1970; the largest number when it is not told
    last_modified: str | None  # None: the file says that it is from the future
    digest: str
    medium: Medium
    forms: dict[str, Form]


class Shelf:
    """Keeps what was asked for last, up to a number of bytes. Threads share it."""

    def __init__(self, *, most: int = MOST_KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    @property
    def held(self) -> int:
        """How many bytes are on the shelf."""
        return self._bytes

    def known(self, key: str) -> Kept | None:
        """Return what was kept under `key`, if the file is still the same."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        try:
            same = signature_of(os.lstat(kept.place)) == kept.signature
        except OSError:
            same = False
        with self._lock:
            if not same:
                self._drop(key)
                return None
            if key in self._kept:
                self._kept.move_to_end(key)
        return kept

    def keep(self, key: str, place: Path, name: str) -> Kept:
        """Read the file at `place`, which holds no link, and keep it. Raises OSError."""
        with open_plain(place) as file:
            before = os.fstat(file.fileno())
            large = before.st_size > LARGE
            body = None if large else file.read(LARGE + 1)
            digest = file_digest(file if body is None else BytesIO(body), "sha256").hexdigest()
            if body is None:
                file.seek(0)
            medium = medium_of(name, file.read(200) if body is None else body)
        modified = int(before.st_mtime)
        # RFC 9110 §8.8.2.1: none is sent that lies ahead.
        told = http_date(modified) if 0 <= modified <= time.time() else None
        if told is None:
            modified = sys.maxsize
        kept = Kept(
            place=place,
            signature=signature_of(before),
            size=before.st_size if body is None else len(body),
            modified=modified,
            last_modified=told,
            digest=digest[:32],
            medium=medium,
            forms={},
        )
        kept.forms[IDENTITY] = _form(kept, IDENTITY, body)
        if told is not None:
            with self._lock:
                self._drop(key)
                self._kept[key] = kept
                self._add(_weight(kept))
        return kept

    def form(self, key: str, kept: Kept, codings: tuple[str, ...]) -> Form:
        """Return the form that suits a client best, compressed when it is first asked for."""
        plain = kept.forms[IDENTITY]
        coding = codings[0]
        if coding == IDENTITY or not kept.medium.is_text or plain.body is None:
            return plain
        if found := kept.forms.get(coding):
            return found
        if kept.size < SMALL:
            return plain
        squeezed = _compressed(plain.body, coding)
        made = _form(kept, coding, squeezed) if len(squeezed) < kept.size else plain
        with self._lock:
            if coding not in kept.forms:
                kept.forms[coding] = made
                if self._kept.get(key) is kept and made is not plain:
                    self._add(len(squeezed))
        return made

    def _drop(self, key: str) -> None:
        if gone := self._kept.pop(key, None):
            self._bytes -= _weight(gone)

    def _add(self, more: int) -> None:
        self._bytes += more
        while self._bytes > self._most and self._kept:
            self._drop(next(iter(self._kept)))


def open_plain(place: Path) -> BufferedReader:
    """Open a file that is nothing else: no link, no folder, no pipe. Raises OSError."""
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0)
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    file = os.fdopen(os.open(place, flags), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(place))
    return file


def signature_of(found: os.stat_result) -> Signature:
    """Return what tells one state of a file from another."""
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _weight(kept: Kept) -> int:
    bodies = {id(form): len(form.body or b"") for form in kept.forms.values()}
    return _BESIDE + sum(bodies.values())


def _compressed(body: bytes, coding: str) -> bytes:
    if coding == "br":
        squeezed: bytes = brotli.compress(body, quality=5)
        return squeezed
    return gzip.compress(body, 6, mtime=0)


def _form(kept: Kept, coding: str, body: bytes | None) -> Form:
    # A strong tag names these very bytes (RFC 9110 §8.8.3), so each form has its own.
    etag = f'"{kept.digest}"' if coding == IDENTITY else f'"{kept.digest}-{coding}"'
    both = [("ETag", etag), ("Cache-Control", kept.medium.cache_control)]
    if kept.last_modified:
        both.append(("Last-Modified", kept.last_modified))
    if kept.medium.is_text:
        both.append(("Vary", "Accept-Encoding"))
    headers = [
        ("Content-Type", kept.medium.content_type),
        ("Content-Length", str(kept.size if body is None else len(body))),
        *both,
    ]
    if coding != IDENTITY:
        headers.append(("Content-Encoding", coding))
    return Form(etag=etag, body=body, headers=headers, headers_304=both)
