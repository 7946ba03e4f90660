"""What a client has already, and which form of a file it takes (RFC 9110 §12.5.3, §13). Pure."""

from __future__ import annotations

from functools import lru_cache

from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header, parse_date, parse_etags

CODINGS = ("br", "gzip")  # the smaller first
IDENTITY = "identity"
_LONGEST = 500  # characters of Accept-Encoding; what is longer says nothing


@lru_cache(maxsize=256)
def codings_taken(accept_encoding: str) -> tuple[str, ...]:
    """Return the content codings that a client takes, the one it likes best first.

    Plain bytes are always among them: one that refuses even those is sent them all the same,
    as RFC 9110 §12.5.3 advises. Equal wishes go to the smaller form.
    """
    if not accept_encoding or len(accept_encoding) > _LONGEST:
        return (IDENTITY,)
    wishes = parse_accept_header(accept_encoding, Accept)
    quality = {coding: float(wishes.quality(coding)) for coding in CODINGS}
    # Not being named is no dislike (§12.5.3); it is only liked less than what is.
    plain = float(wishes.quality(IDENTITY)) if IDENTITY in accept_encoding.lower() else 0.0
    better = [coding for coding in CODINGS if quality[coding] > 0 and quality[coding] >= plain]
    return (*sorted(better, key=lambda coding: -quality[coding]), IDENTITY)


def has_it_already(
    etag: str, modified: int, *, if_none_match: str | None, if_modified_since: str | None
) -> bool:
    """Return whether a client has what would be sent, by what it says of its own copy.

    `etag` is quoted; `modified` is in seconds since 1970. If-None-Match goes first, and whatever
    it says, If-Modified-Since is then not looked at (RFC 9110 §13.1.3); tags are compared weakly
    (§13.1.2), since a proxy that compresses weakens them. A date that is none counts for nothing.
    """
    if if_none_match is not None:
        return if_none_match == etag or parse_etags(if_none_match).contains_weak(etag[1:-1])
    if if_modified_since is None:
        return False
    since = parse_date(if_modified_since)
    return since is not None and modified <= since.timestamp()
