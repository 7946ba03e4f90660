"""Content codings, undone in small pieces (RFC 9110 §8.4): a bomb meets the cap, not the memory."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from io import BytesIO
from typing import Protocol

import brotli  # type: ignore[import-untyped]

from aggregator.errors import FetchError
from aggregator.fetch.room import STEP
from aggregator.fetch.target import one_line
from aggregator.model.poll import FailureKind

ACCEPT_ENCODING = "gzip, br"
PIECE = 64 * 1024  # decoded at a time
_GZIP_START = b"\x1f\x8b"
_GZIP_WINDOW = 16 + zlib.MAX_WBITS  # with gzip's own header and checksum


class Decoder(Protocol):
    """Undoes one coding."""

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """Yield what `data` decodes to, at most a few PIECEs at a time. Raises BrokenCoding."""

    def finish(self) -> None:
        """Raise BrokenCoding when the coded data ended too early."""


class BrokenCoding(Exception):
    """The bytes are not what the coding says."""


class Identity:
    """No coding."""

    def pieces(self, data: bytes) -> Iterator[bytes]:
        yield data

    def finish(self) -> None:
        """Nothing can be missing: HTTP's own framing tells."""


class Gzip:
    """RFC 1952: members one after the other. What is no member after the first is left out."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP_WINDOW)
        self._started = False
        self._rest = b""  # seen behind a finished member; too short yet to tell what it is
        self._over = False

    def pieces(self, data: bytes) -> Iterator[bytes]:
        while data and not self._over:
            if self._member.eof:
                data = self._rest + data
                self._rest = b""
                if len(data) < len(_GZIP_START):
                    self._rest = data
                    return
                if not data.startswith(_GZIP_START):
                    self._over = True  # servers do pad; other readers ignore it too
                    return
                self._member = zlib.decompressobj(_GZIP_WINDOW)
            self._started = True
            try:
                piece = self._member.decompress(data, PIECE)
            except zlib.error as error:
                raise BrokenCoding(str(error)) from error
            if piece:
                yield piece
            data = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
        # Output may wait inside although all input was taken.
        while not self._over and not self._member.eof and (piece := self._pending()):
            yield piece

    def _pending(self) -> bytes:
        try:
            return self._member.decompress(b"", PIECE)
        except zlib.error as error:
            raise BrokenCoding(str(error)) from error

    def finish(self) -> None:
        if self._started and not self._member.eof:
            raise BrokenCoding("it ends too early")


class Brotli:
    """RFC 7932."""

    def __init__(self) -> None:
        self._stream = brotli.Decompressor()
        self._started = False

    def pieces(self, data: bytes) -> Iterator[bytes]:
        if not data or self._stream.is_finished():
            return
        self._started = True
        try:
            piece = self._stream.process(data, output_buffer_limit=PIECE)
            while piece or not self._stream.can_accept_more_data():
                yield piece
                if self._stream.is_finished():
                    return
                piece = self._stream.process(b"", output_buffer_limit=PIECE)
        except brotli.error as error:
            raise BrokenCoding(str(error)) from error

    def finish(self) -> None:
        if self._started and not self._stream.is_finished():
            raise BrokenCoding("it ends too early")


def decoder_for(content_encoding: str, host: str) -> Decoder:
    """Return what undoes the coding of a Content-Encoding field. Raises FetchError(ENCODING)."""
    match content_encoding.strip().lower():
        case "" | "identity":
            return Identity()
        case "gzip" | "x-gzip":
            return Gzip()
        case "br":
            return Brotli()
    raise FetchError(
        FailureKind.ENCODING,
        f"{host} sent its answer coded as “{one_line(content_encoding, 40)}”, "
        "which was not asked for",
    )


def decoded(
    chunks: Iterable[bytes],
    coding: str,
    *,
    limit: int,
    host: str,
    grows: Callable[[], None] = lambda: None,
) -> bytes:
    """Return the decoded body, of at most `limit` bytes before and after decoding.

    `grows` is called before each STEP that it takes after the first one; it may wait. Raises
    FetchError: ENCODING for a coding that is unknown, stacked, broken or cut off, TOO_LARGE for
    a body above the limit, of which no more than a piece is ever held beyond it.
    """
    decoder = decoder_for(coding, host)
    body, size, raw, room = BytesIO(), 0, 0, STEP
    try:
        for chunk in chunks:
            raw += len(chunk)
            if raw > limit:
                raise too_large(host, limit)
            for piece in decoder.pieces(chunk):
                size += len(piece)
                if size > limit:
                    raise too_large(host, limit)
                while size > room:
                    grows()
                    room += STEP
                body.write(piece)
        decoder.finish()
    except BrokenCoding as error:
        raise FetchError(
            FailureKind.ENCODING, f"{host} sent a broken {coding.strip().lower()} body: {error}"
        ) from error
    return body.getvalue()  # which copies nothing


def beginning(chunks: Iterable[bytes], coding: str, *, most: int, host: str) -> bytes:
    """Return the first `most` decoded bytes of a body, or all of a shorter one.

    No more is taken from `chunks` than that takes. What breaks off counts as far as it goes.
    Raises FetchError(ENCODING) for a coding that is unknown or stacked.
    """
    decoder = decoder_for(coding, host)
    body, raw = bytearray(), 0
    with suppress(BrokenCoding):
        for chunk in chunks:
            raw += len(chunk)
            for piece in decoder.pieces(chunk):
                body += piece
                if len(body) >= most:
                    return bytes(body[:most])
            if raw >= most:  # as many bytes, and hardly anything in them
                break
    return bytes(body)


def too_large(host: str, limit: int) -> FetchError:
    """Return the error that says a body is above the limit."""
    return FetchError(
        FailureKind.TOO_LARGE,
        f"{host} sent more than {limit / 1048576:g} MiB; `fetch.max_bytes` in feeds.yaml can "
        "allow more",
    )
