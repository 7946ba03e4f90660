"""The bytes of an answer, ready to be read: unpacked, and in an encoding that is honest."""

from __future__ import annotations

import json
import re
import zlib
from codecs import lookup

from aggregator.errors import ReadError
from aggregator.model.poll import FailureKind

MAX_UNPACKED = 64 * 1024 * 1024  # of a gzip file that is sent as if it were the feed
MOST_MEMBERS = 2000  # of it; packers that work in parallel make one of every 64 KiB or more
_CHUNK = 64 * 1024  # unpacked at a time, so that many small members do not copy the rest each
_GZIP = b"\x1f\x8b"

_ENCODINGS = re.compile(
    r"utf-?(?:8|16|32)(?:-?[lb]e)?(?:-sig)?|utf8|us-ascii|ascii|(?:iso-?8859|latin)-?\d{1,2}|(?:windows|cp)-?\d{3,4}"
    r"|koi8-[rtu]|gb(?:k|2312|18030)|hz(?:-gb-2312)?|big5(?:-?hkscs)?|shift[-_]jis|euc[-_](?:jp|kr)"
    r"|iso-?2022[-_](?:jp|kr)[-\w]*|mac[-_]?\w+|tis-620|johab|sjis|macintosh"
)
_REFUSED = frozenset(("cp037", "cp500", "cp1140", "cp1026", "cp875", "cp424", "cp273", "cp65001"))
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([^"']{1,60})["'][^>]{0,100}\?>""")
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([^\s;\"']+)[\"']?", re.IGNORECASE)


def unpacked(body: bytes) -> tuple[bytes, bool]:
    """Unpack a gzip file within the body: some servers send feed.xml.gz as it is.

    The second value says whether it breaks off; then the bytes are what there is of it.
    """
    if not body.startswith(_GZIP):
        return body, False
    unpacked, cut = _unzipped(body)
    if unpacked.startswith(_GZIP):
        raise ReadError(FailureKind.PARSER, "gzip files within gzip files")
    return unpacked, cut


def _unzipped(body: bytes) -> tuple[bytes, bool]:
    """Unpack RFC 1952's members, one after the other; what is none after them is padding."""
    pieces: list[bytes] = []
    at = length = 0
    for _ in range(MOST_MEMBERS):
        member = zlib.decompressobj(wbits=31)
        while not member.eof and at < len(body):
            chunk = body[at : at + _CHUNK]
            try:
                piece = member.decompress(chunk, MAX_UNPACKED + 1 - length)
            except zlib.error as error:
                raise ReadError(FailureKind.NOT_A_FEED, f"a broken gzip file: {error}") from None
            pieces.append(piece)
            length += len(piece)
            if length > MAX_UNPACKED:
                raise ReadError(FailureKind.PARSER, "a gzip file that unpacks to more than 64 MiB")
            at += len(chunk) - len(member.unused_data)
        if not member.eof or not body.startswith(_GZIP, at):
            return b"".join(pieces), not member.eof
    raise ReadError(FailureKind.PARSER, f"a gzip file of more than {MOST_MEMBERS} members")


def with_encoding(body: bytes, content_type: str, encoding: str | None) -> tuple[bytes, str]:
    """Return body and type, of encodings in which tags are ASCII and that not only attackers use.

    `encoding` is the author's word, over what the document says.
    """
    if encoding is None:
        wide = _wide(body)
        if wide is not None:
            return _as_utf8(wide, content_type)
    else:
        return _as_utf8(body.decode(encoding, errors="replace"), content_type)
    charset = _CHARSET.search(content_type)
    if charset and not is_trusted(charset[1]):
        content_type = _CHARSET.sub("", content_type)
    declared = _DECLARED.search(body[:1024])
    if declared and not is_trusted(declared[1].decode("latin-1")):
        body = body[: declared.start()] + body[declared.end() :]
    return body, content_type


def _wide(body: bytes) -> str | None:
    """Return the text of what is in UTF-16 or UTF-32; None for what is not."""
    encoding = json.detect_encoding(body)  # it looks where the NULs are
    if not encoding.startswith(("utf-16", "utf-32")):
        return None
    text = body.decode(encoding, errors="replace")
    return text if "<" in text[:4096] or "{" in text[:4096] else None


def _as_utf8(text: str, content_type: str) -> tuple[bytes, str]:
    body = _DECLARED.sub(b"", text.lstrip("\ufeff").encode("utf-8", errors="replace"), count=1)
    return body.lstrip(), _CHARSET.sub("", content_type) + "; charset=utf-8"


def is_trusted(name: str) -> bool:
    lower = name.strip().lower()
    if not _ENCODINGS.fullmatch(lower) or lower.replace("-", "") in _REFUSED:
        return False
    try:
        lookup(lower)
    except LookupError:
        return False
    return True
