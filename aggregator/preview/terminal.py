"""HTML as a reader in a terminal shows it: lines, indentation, and numbers for links.

The shape is newsboat's, as version 2.21 was seen to write it; newer ones show what describes a
picture as well, and so do we.
"""

from __future__ import annotations

import re
import textwrap
from html.parser import HTMLParser

from aggregator.preview.seen import BLOCKS

WIDTH = 80
_NARROWEST = 20  # of a text, however deep it stands


def as_lines(html: str, *, width: int = WIDTH) -> str:
    """Return safe HTML as lines of plain text, with a list of links and pictures at the end."""
    writer = _Writer(width)
    writer.feed(html)
    writer.close()
    return writer.written()


class _Writer(HTMLParser):
    def __init__(self, width: int) -> None:
        super().__init__()
        self._width = width
        self._lines: list[str] = []
        self._words = ""  # of the paragraph that is open
        self._margins: list[str] = []  # quotations and lists around it
        self._mark = ""  # an item's number or bullet, before its first line
        self._lists: list[int | None] = []
        self._targets: dict[str, tuple[int, str]] = {}
        self._links: list[str] = []  # the number behind each open link; "" without an address
        self._pre = 0

    def written(self) -> str:
        self._flush()
        while self._lines and not self._lines[-1]:
            self._lines.pop()
        if self._targets:
            self._lines += ["", "Links:"]
        self._lines += [f"[{n}]: {url} ({what})" for url, (n, what) in self._targets.items()]
        return "\n".join(self._lines)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a":
            url = given.get("href", "")
            self._links.append(f"[{self._number(url, 'link')}]" if url else "")
        elif tag == "img" and given.get("src"):
            number = self._number(given["src"], "image")
            alt = f": {given['alt']}" if given.get("alt") else ""
            self._words += f"[image {number}{alt}]"
        elif tag == "br":
            self._flush()
        elif tag == "hr":
            self._gap()
            self._lines.append("-" * self._width)
        elif tag in BLOCKS:
            self._open(tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._links:
            self._words += self._links.pop()
        elif tag in BLOCKS:
            self._flush()
            if tag == "pre":
                self._pre = max(0, self._pre - 1)
            if tag in ("ol", "ul") and self._lists:
                self._lists.pop()
            if tag in ("blockquote", "li") and self._margins:
                self._margins.pop()
            if tag not in ("li", "td", "th") and not (tag in ("ol", "ul") and self._lists):
                self._gap()

    def handle_data(self, data: str) -> None:
        self._words += data if self._pre else re.sub(r"\s+", " ", data)

    def _open(self, tag: str, given: dict[str, str]) -> None:
        self._flush()
        if tag == "blockquote":
            self._gap()
            self._margins.append("  ")
        elif tag == "pre":
            self._pre += 1
        elif tag in ("ol", "ul"):
            if not self._lists:
                self._gap()
            start = given.get("start", "1")
            first = int(start) if re.fullmatch(r"-?\d{1,9}", start) else 1
            self._lists.append(first if tag == "ol" else None)
        elif tag == "li":
            number = self._lists[-1] if self._lists else None
            if number is not None:
                self._lists[-1] = number + 1
            self._mark = " *  " if number is None else f"{number:2}. "
            self._margins.append(" " * len(self._mark))

    def _number(self, url: str, what: str) -> int:
        return self._targets.setdefault(url, (len(self._targets) + 1, what))[0]

    def _gap(self) -> None:
        if not self._mark and self._lines and self._lines[-1]:
            self._lines.append("")

    def _flush(self) -> None:
        """Write the paragraph that is open, if there is a word in it."""
        words, self._words = self._words, ""
        if not words.strip():
            return
        margin = "".join(self._margins)
        # The first line of an item has the item's mark where its margin ends.
        first = margin[: len(margin) - len(self._mark)] + self._mark if self._mark else margin
        self._mark = ""
        if self._pre:
            self._lines += [margin + line for line in words.strip("\n").split("\n")]
            return
        self._lines += textwrap.wrap(
            words.strip(),
            max(self._width, len(margin) + _NARROWEST),
            initial_indent=first,
            subsequent_indent=margin,
            break_long_words=False,
            break_on_hyphens=False,
        )
