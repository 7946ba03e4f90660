"""Passwords and random keys: argon2id for what people choose, SHA-256 for what nobody can guess."""

from __future__ import annotations

import hashlib
import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 10, 1024  # characters of a password

_HASHER = PasswordHasher()  # argon2id, with the parameters of RFC 9106 for where memory is short
_ONE_AT_A_TIME = threading.Lock()  # each takes 64 MiB
_NOBODYS = "$argon2id$v=19$m=65536,t=3,p=4$c29tZSBzYWx0IG9mIG91cnM$" + "A" * 43


def digest_of(password: str) -> str:
    """Return what to keep of a password, in argon2's own notation."""
    with _ONE_AT_A_TIME:
        return _HASHER.hash(password)


def is_password(password: str, digest: str | None) -> bool:
    """Whether this is the password of a digest; where there is none it takes as long to say no."""
    with _ONE_AT_A_TIME:
        try:
            return _HASHER.verify(digest or _NOBODYS, password) and digest is not None
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(digest: str) -> bool:
    """Whether a password should be digested anew, with today's parameters."""
    return _HASHER.check_needs_rehash(digest)


def new_key() -> str:
    """Return 256 random bits, fit for a cookie, an address and a header."""
    return secrets.token_urlsafe(32)


def key_digest(key: str) -> str:
    """Return what to keep of a random key, 64 characters."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
