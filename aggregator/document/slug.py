"""Titles → the words that name a post in its address."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 80
FALLBACK = "post"

# Letters that no decomposition takes apart.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ŋ": "ng"}
)
_APOSTROPHES = re.compile("['’ʼ`´]")


def slugify(title: str) -> str:
    """Return lower-case ASCII words joined by hyphens, at most LONGEST characters.

    It is cut between words where that is possible, and never empty: a title that has no
    letter in ASCII gives FALLBACK.
    """
    text = _APOSTROPHES.sub("", title).casefold().translate(_LETTERS)
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    slug = "-".join(re.findall(r"[a-z0-9]+", plain))
    if len(slug) > LONGEST:
        cut = slug.rfind("-", 0, LONGEST + 1)
        slug = slug[: cut if cut > 0 else LONGEST]
    return slug or FALLBACK
