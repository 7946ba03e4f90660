"""How much of a document is there: its entries, and where it breaks off.

Found by tags alone, which is no parsing: it is for documents that no XML parser takes. What
stands in comments and CDATA sections is no tag. A feed without the end of its root element
breaks off, whatever else is in it, because nobody knows what is missing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    rb"<(?:(?P<comment>!--)|(?P<cdata>!\[CDATA\[)"
    rb"|(?P<slash>/?)(?P<name>(?:[a-z0-9_.-]{1,40}:)?(?P<local>item|entry|rss|feed|rdf|channel))"
    rb"(?=[\s/>]))",
    re.IGNORECASE,
)
_ENTRIES = frozenset((b"item", b"entry"))
_ELEMENT_END = re.compile(rb"</[^<>]*>|<[^<>]*/>")


@dataclass(frozen=True, kw_only=True)
class Extent:
    """Where the last whole element ends (`end`), and where entries begin (`starts`).

    An entry that breaks off is not among them. `closing` ends the elements that are open at
    `end`, `entry_closing` those that are open where entries stand.
    """

    partial: bool
    end: int
    closing: bytes
    starts: tuple[int, ...]
    entry_closing: bytes

    def whole(self, body: bytes) -> bytes:
        """Return what is whole of a document, as a document."""
        return body[: self.end] + self.closing if self.partial else body

    def first(self, body: bytes, most: int) -> bytes:
        """Return a document with its first entries only; there must be more than `most`."""
        return body[: self.starts[most]] + self.entry_closing


def extent_of(body: bytes) -> Extent:
    """Return how much of a document is there; linear in its length.

    `body` is in an encoding in which tags are ASCII. An entry is whole when its own end tag is
    there, or where the next entry or the end of the feed shows that its author left it out.
    """
    scan = _Scan(body)
    scan.run()
    end = len(body)
    if scan.partial and scan.entry:
        end, _ = scan.starts.pop()
    elif scan.partial:
        end = scan.after
        for element in _ELEMENT_END.finditer(body, scan.after, scan.stop):
            end = element.end()
    plain = [start for start, name in scan.starts if b":" not in name]
    return Extent(
        partial=scan.partial,
        end=end,
        closing=scan.closing(),
        starts=tuple(plain or (start for start, _ in scan.starts)),
        entry_closing=scan.entry_closing,
    )


class _Scan:
    """One walk over the tags of a document."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._open: list[bytes] = []  # the root and RSS's channel, while they are open
        self.starts: list[tuple[int, bytes]] = []  # of entries, with their names
        self.entry = b""  # the name of the entry that is open
        self.entry_closing = b""
        self.partial = True
        self.after = 0  # the end of the last tag that was understood
        self.stop = len(body)  # what stands from here on breaks off

    def closing(self) -> bytes:
        return b"".join(b"</%s>" % name for name in reversed(self._open))

    def run(self) -> None:
        body = self._body
        at = 0
        while found := _TOKEN.search(body, at):
            ending = b">" if found["name"] else b"-->" if found["comment"] else b"]]>"
            end = body.find(ending, found.end())
            if end < 0:
                self.stop = found.start()
                break
            at = end + len(ending)
            if found["name"]:
                self._tag(found, at)

    def _tag(self, found: re.Match[bytes], end: int) -> None:
        name, is_entry = found["name"], found["local"].lower() in _ENTRIES
        empty = self._body[end - 2 : end] == b"/>"
        if found["slash"]:
            known = self._entry_ends(name) if is_entry else self._feed_ends(name)
        elif is_entry:
            known = self._entry_begins(name, found.start(), empty=empty)
        else:
            known = self._feed_begins(name, empty=empty)
        if known:
            self.after = end
            # An entry may be a document of its own (RFC 4287 §2), and then it is the root.
            self.partial = bool(self.entry or self._open)

    def _entry_begins(self, name: bytes, start: int, *, empty: bool) -> bool:
        # Within an entry it is something else, `content:item` say. An `item` without a prefix
        # is believed sooner than one with it.
        name = name.lower()
        if self.entry and self.entry != name and (b":" not in self.entry or b":" in name):
            return False
        self.starts.append((start, name))
        self.entry = b"" if empty else name
        self.entry_closing = self.closing()
        return True

    def _entry_ends(self, name: bytes) -> bool:
        if self.entry != name.lower():
            return False
        self.entry = b""
        return True

    def _feed_begins(self, name: bytes, *, empty: bool) -> bool:
        if self.entry or empty or len(self._open) == 2:
            return False
        self._open.append(name)
        return True

    def _feed_ends(self, name: bytes) -> bool:
        names = [one.lower() for one in self._open]
        if name.lower() not in names:
            return False
        del self._open[names.index(name.lower()) :]
        self.entry = b""
        return True
