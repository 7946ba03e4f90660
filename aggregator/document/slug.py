"""Titles → the words that name a post in its address."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 80  # characters
MOST_OCTETS = 160  # of a folder's name, whose limit is 255; a count may have to be added

# Letters that no decomposition takes apart.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ŋ": "ng"}
)
_APOSTROPHES = re.compile("['’ʼ`´]")
_SLUG = re.compile(r"[^-]+(?:-[^-]+)*")


def slugify(title: str) -> str:
    """Return lower-case words joined by hyphens, at most LONGEST characters; empty without any.

    Letters of the Latin script become plain ASCII, those of every other script stay (NFC). It
    is cut between words where that is possible.
    """
    text = unicodedata.normalize("NFC", _APOSTROPHES.sub("", title)).lower()
    words = "".join(map(_plain, text)).split()
    slug = "-".join(filter(None, map(_without_loose_marks, words)))
    if len(slug) > LONGEST or len(slug.encode()) > MOST_OCTETS:
        slug = _cut(slug)
    return slug


def is_slug(text: str) -> bool:
    """Whether a text is fit to be a slug as it stands: words as `slugify` joins them."""
    return (
        len(text) <= LONGEST + 20
        and len(text.encode("utf-8", "replace")) <= MOST_OCTETS + 20
        and bool(_SLUG.fullmatch(text))
        and text == text.lower() == unicodedata.normalize("NFC", text)
        and all(character == "-" or _is_of_word(character) for character in text)
    )


def _plain(character: str) -> str:
    """Return a character as ASCII where it is a variety of that, a space where it is no letter."""
    folded = unicodedata.normalize("NFKD", character.casefold().translate(_LETTERS))
    plain = re.sub("[^a-z0-9]", "", folded.encode("ascii", "ignore").decode().lower())
    if plain:
        return plain
    if unicodedata.category(character) == "Cf":  # soft hyphens, joiners: nobody sees them
        return ""
    return character if _is_of_word(character) else " "


def _is_of_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN"


def _without_loose_marks(word: str) -> str:
    """Return a word without the accents of letters that are plain now."""
    kept = ""
    for character in word:
        if unicodedata.category(character)[0] != "M" or not (kept[-1:] or "x").isascii():
            kept += character
    return kept


def _cut(slug: str) -> str:
    room = LONGEST
    while len(slug[:room].encode()) > MOST_OCTETS:
        room -= 1
    between = slug.rfind("-", 0, room + 1)
    if between > 0:
        return slug[:between]
    while room > 1 and unicodedata.category(slug[room])[0] == "M":
        room -= 1  # never between a letter and its sign
    return slug[:room]
