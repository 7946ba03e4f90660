"""The bytes of a document → its text, whatever it says of its encoding. Pure."""

from __future__ import annotations

import codecs
import re

from aggregator.reading.unpack import is_trusted

# The longer ones first: the mark of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([^"']{1,60})["']""")
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([^\s;\"']+)", re.IGNORECASE)
_NOT_ASCII = re.compile("[^\x00-\x7f\ufffd]")


def decoded(body: bytes, content_type: str = "") -> str:
    """Return the text of a document, without a byte order mark. Never raises.

    A byte order mark is believed first, then UTF-8 where the bytes are such, then the
    document's own word, then the server's. What is none of them is taken for Windows-1252, the
    superset of ISO 8859-1.
    """
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, errors="replace")
    if name := _wide(body[:200]):
        return body.decode(name, errors="replace")
    name = _named(body, content_type)
    if name.startswith(("iso-2022", "hz")):  # seven bits: every such text is UTF-8 as well
        return body.decode(name, errors="replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if name and not name.startswith("utf"):
        return body.decode(name, errors="replace")
    text = body.decode("utf-8", errors="replace")
    if len(_NOT_ASCII.findall(text)) > text.count("\ufffd"):  # UTF-8 with some bytes gone wrong
        return text
    return body.decode("cp1252", errors="replace")


def _wide(head: bytes) -> str:
    """Return the name of UTF-16 without a mark: every other byte of its markup is zero."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) * 4 < len(head):
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _named(body: bytes, content_type: str) -> str:
    declared = _DECLARED.search(body[:1024])
    charset = _CHARSET.search(content_type)
    names = [declared[1].decode("latin-1")] if declared else []
    names += [charset[1]] if charset else []
    for name in names:
        if is_trusted(name):
            return codecs.lookup(name.strip().lower()).name.replace("_", "-")
    return ""
