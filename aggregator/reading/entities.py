"""What the entities of a document come to, before a parser makes it of them.

A few lines can stand for gigabytes. Parsers stop at limits of their own, or leave such entities
out; either way the rest was read as if nothing had been.
"""

from __future__ import annotations

import re
from collections import Counter

from aggregator.errors import ReadError
from aggregator.model.poll import FailureKind

# No feed declares a hundred; chains of them crash the XML parser.
MOST_DECLARATIONS = 500
# Characters. Honest entities name a letter or a phrase, seldom by way of another one.
LARGEST_NESTED = 4096
LARGEST_WHOLE = 1024 * 1024
GROWTH = 10  # of the whole document

_WIDE = (
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"<\0", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
    (b"\0<", "utf-16-be"),
)
_DOCTYPE = re.compile(
    r"""<!DOCTYPE[^\[>"']*+(?:"[^"]*"[^\[>"']*+|'[^']*'[^\[>"']*+)*+"""
    r"""\[(?P<subset>(?:[^\]"'<]|"[^"]*"|'[^']*'|<!--.*?-->|<\?.*?\?>|<)*+)\]""",
    re.DOTALL,
)
_ROOT = re.compile(r"<(?:[A-Za-z0-9]+:)?(?:rss|feed|RDF)[\s>]")
_DECLARED = re.compile(
    r"""<!ENTITY\s+(?P<kind>%\s+)?(?P<name>[^\s"'%>]+)\s+(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)')"""
)
_REFERENCE = re.compile(r"([&%][^\s&%;#<]{1,100});")


def refuse_bombs(body: bytes) -> None:
    """Raise ReadError(PARSER) when its entities loop, or stand for much more than it holds."""
    wide = next((code for start, code in _WIDE if body.startswith(start)), None)
    if wide is None and b"<!ENTITY" not in body:
        return
    # All other encodings that are trusted have ASCII's own bytes for what is looked at here.
    text = body.decode(wide or "latin-1", errors="replace")
    if text.count("<!ENTITY") > MOST_DECLARATIONS:
        raise ReadError(FailureKind.PARSER, "it declares more entities than any feed needs")
    head, rest = _at_the_root(text)
    values = _declared(head)
    sizes = _Sizes(values)
    nested = (sizes.of(name) for name, value in values.items() if sizes.refers(value))
    if max(nested, default=0) > LARGEST_NESTED:
        raise _bomb()
    used = Counter(_REFERENCE.findall(_outside_of_cdata(rest)))
    whole = sum(count * sizes.of(name) for name, count in used.items() if name in values)
    if whole > max(LARGEST_WHOLE, GROWTH * len(text)):
        raise _bomb()


def _at_the_root(text: str) -> tuple[str, str]:
    """Return what may hold declarations, and the rest."""
    doctype = _DOCTYPE.search(text)
    if doctype:
        return doctype["subset"], text[doctype.end() :]
    # Whatever this is, the parser may see a DOCTYPE where we see none.
    root = _ROOT.search(text)
    start = root.start() if root and "<!DOCTYPE" in text[: root.start()] else 0
    return text[:start], text[start:]


def _bomb() -> ReadError:
    return ReadError(
        FailureKind.PARSER, "its entities stand for much more text than it holds (an entity bomb)"
    )


def _declared(subset: str) -> dict[str, str]:
    """Return the entities' texts; names begin with & or %. The first declaration counts."""
    values: dict[str, str] = {}
    for match in _DECLARED.finditer(subset):
        name = ("%" if match["kind"] else "&") + match["name"]
        double = match["double"]
        values.setdefault(name, match["single"] if double is None else double)
    return values


class _Sizes:
    """How many characters each entity stands for."""

    def __init__(self, values: dict[str, str]) -> None:
        self._values = values
        self._known: dict[str, int] = {}
        self._open: set[str] = set()

    def refers(self, value: str) -> bool:
        """Whether a text has another of the entities in it."""
        return any(name in self._values for name in _REFERENCE.findall(value))

    def of(self, name: str) -> int:
        """Return an entity's size. Raises ReadError when it is part of itself."""
        if name not in self._known:
            if name in self._open:
                raise ReadError(FailureKind.PARSER, "its entities stand for themselves in a circle")
            self._open.add(name)
            value = self._values[name]
            inner = (one for one in _REFERENCE.findall(value) if one in self._values)
            self._known[name] = len(value) + sum(map(self.of, inner))
            self._open.discard(name)
        return self._known[name]


def _outside_of_cdata(text: str) -> str:
    first, *others = text.split("<![CDATA[")
    return first + "".join(part.partition("]]>")[2] for part in others)
