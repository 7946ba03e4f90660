"""HTML to plain text, and plain text made presentable."""

from __future__ import annotations

import re
from html import unescape

# What XML 1.0 §2.2 forbids, and the C1 controls; tab and line feed may stay.
_FORBIDDEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85]")
_FORBIDDEN_BYTES = bytes([*range(9), *range(11, 32), 127])  # of those, the ASCII ones
# Embeddings, overrides and isolates: one left open turns the rest of a page around.
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")

_UNSEEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style)\b[^<>]*>.*?(?:</\1\b[^<>]*>?|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_CDATA = re.compile(r"<!\[CDATA\[(.*?)(?:\]\]>|\Z)", re.DOTALL)
_BLOCK = (
    "address|article|aside|blockquote|br|caption|center|dd|details|div|dl|dt|fieldset|figcaption"
    "|figure|footer|form|h[1-6]|header|hr|li|main|nav|ol|option|p|pre|section|summary|table|tbody"
    "|td|tfoot|th|thead|tr|ul"
)
_INSIDE = r"""(?:[^<>"']|"[^"<]*"|'[^'<]*')*+>"""
_BLOCK_TAG = re.compile(rf"</?(?:{_BLOCK})(?=[\s/>]){_INSIDE}", re.IGNORECASE)
_TAG = re.compile(rf"<[a-zA-Z/!?]{_INSIDE}")
_BROKEN_TAG = re.compile(r"<[a-zA-Z/!?][^<>]*>")
_BLANKS = re.compile(r"\s*\n\s*")
_SPACES = re.compile(r"[^\S\n]+")

# Characters that belong to the one before: combining marks, variation selectors, joiners.
_JOINED = re.compile("[\u0300-\u036f\u200c\u200d\u20d0-\u20ff\ufe00-\ufe0f\U0001f3fb-\U0001f3ff]")


def plain_text(html: str) -> str:
    """Return the words of `html`: entities decoded, tags, scripts and comments gone.

    Blocks are separated by one line feed; any other white space is one space. The result is
    text, not HTML: it may hold `<` and `&`, and must be escaped wherever HTML is wanted.
    """
    text = html
    if "<" in text:
        if "<!" in text or "<s" in text or "<S" in text:
            text = _CDATA.sub(r"\1", _UNSEEN.sub(" ", text))
        text = " ".join(text.split())
        text = _BLOCK_TAG.sub("\n", text)
        text = _BROKEN_TAG.sub("", _TAG.sub("", text))
        if "&" in text:
            text = unescape(text)
        return _BLANKS.sub("\n", _SPACES.sub(" ", text)).strip()
    if "&" in text:
        text = unescape(text)
    return " ".join(text.split())


def scrub(text: str, *, bidi: bool = False) -> str:
    """Return `text` without what no document may hold.

    Gone are control characters but tab and line feed, lone surrogates, and the non-characters
    U+FFFE and U+FFFF. Other line ends become line feeds. `bidi` removes the characters that
    turn the direction of text around as well: right for titles and names.
    """
    if not is_clean(text):
        text = _FORBIDDEN.sub("", _LINE_ENDS.sub("\n", text))
    if bidi and not text.isascii():
        text = _BIDI.sub("", text)
    return text


def is_clean(text: str) -> bool:
    """Whether `scrub` has nothing to do; half the price of looking with an expression."""
    try:
        octets = text.encode()
    except UnicodeEncodeError:  # lone surrogates
        return False
    if len(octets.translate(None, _FORBIDDEN_BYTES)) != len(octets):
        return False
    # C1 controls begin with C2, U+FFFE and U+FFFF with EF BF; so do some honest characters.
    if b"\xc2" in octets or b"\xef\xbf" in octets:
        return not (_FORBIDDEN.search(text) or _LINE_ENDS.search(text))
    return True


def excerpt(text: str, limit: int) -> str:
    """Return the beginning of plain `text` on one line, at most `limit` characters long.

    What is cut ends after a whole word with "…", which counts. A single word longer than the
    limit is cut inside, never between a letter and its accent. `limit` is at least 2.
    """
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    cut = line.rfind(" ", 0, limit)
    if cut < limit // 2:  # one long word, or a script that writes no spaces
        cut = limit - 1
        while cut > 1 and _JOINED.match(line[cut]):
            cut -= 1
    return line[:cut].rstrip(" ,;:–—-") + "…"
