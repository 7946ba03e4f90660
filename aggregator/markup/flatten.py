"""HTML made shallow and well nested, before the sanitizer sees it.

The sanitizer's tree builder is quadratic in the depth of nesting, and it multiplies formatting
tags that are left open: a few KB of hostile HTML cost it minutes, or gigabytes. It also throws
away the words inside `svg`, `math` and `template`, and shows the markup inside `noscript` as
text. So whatever is not plainly harmless is rewritten here first. What comes out is not safe
HTML yet, only HTML that is cheap to clean.
"""

from __future__ import annotations

import re

MAX_DEPTH = 100  # no article nests deeper; comment threads and quoted mail come to about 30

# So few tags are harmless however they are nested: 4 ms at the worst.
FEW_TAGS = 128

_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
# Elements that end when the next of the same kind begins, or when their parent ends.
_IMPLIED_END = frozenset("p li dt dd td th tr thead tbody tfoot option rt rp colgroup".split())
# Elements that do not part the words before them from those inside.
_INLINE = frozenset(
    """a abbr acronym b bdi bdo big blink cite code data del dfn em font i ins kbd label mark nobr o
    q s samp small span strike strong sub sup time tspan tt u var wbr""".split()
)
# Elements of which not even the words are words.
_NO_WORDS = frozenset(("script", "style"))
# Elements whose contents the tree builder treats in a way of its own.
_ODD = re.compile(
    r"<(?:/?(?:svg|math|template|noscript|iframe|textarea|xmp|plaintext|title|noembed|noframes"
    r"|select|frameset|object|form|fieldset|legend|dialog|menu|button)\b|!\[CDATA\[)",
    re.IGNORECASE,
)
_REGULAR_TAG = re.compile(
    r"""<(/?)([a-zA-Z][a-zA-Z0-9]*+)"""
    r"""(?:\s++[^\s"'<>/=]++(?:\s*+=\s*+(?:"[^"<>]*+"|'[^'<>]*+'|[^\s"'<>=`]++))?)*+\s*+(/?)>"""
)
_CDATA = re.compile(r"<!\[CDATA\[(.*?)(?:\]\]>|\Z)", re.DOTALL)
_TOKEN = re.compile(
    r"""<(?:!--(?P<comment>)|(?P<end>/?)(?P<name>[a-zA-Z][^\s/<>"'=]*+)"""
    r"""(?P<attributes>(?:[^<>"']|"[^"]*"|'[^']*')*+)>|[!?][^<>]*+>)"""
)


def needs_flattening(html: str) -> bool:
    """Whether the tree builder would be slow with it, lose words or show markup."""
    tags = html.count("<")
    if not tags:
        return False
    if _ODD.search(html):
        return True
    return tags > FEW_TAGS and not _is_well_nested(html, tags)


def flatten(html: str, *, keep: frozenset[str]) -> str:
    """Return `html` well nested, at most MAX_DEPTH deep, with the tags of `keep` only.

    Text is kept, at whatever depth, except that of scripts and style sheets. Linear in time.
    """
    if "<![CDATA[" in html:  # XML's way of quoting; in HTML its words would be lost
        html = _CDATA.sub(r"\1", html)
    out: list[str] = []
    stack = _Stack(out)
    at = 0
    while found := _TOKEN.search(html, at):
        out.append(html[at : found.start()].replace("<", "&lt;"))
        at = found.end()
        if found["comment"] is not None:
            end = html.find("-->", found.start() + 2)  # `<!-->` is a whole comment
            at = len(html) if end < 0 else end + 3
        elif found["name"]:
            name = found["name"].lower()
            if found["end"]:
                stack.end(name)
            elif name in _NO_WORDS:
                at = _after_element(html, name, at)
            elif name in keep:
                stack.begin(name, found["attributes"])
            elif name not in _INLINE:
                out.append(" ")
    out.append(html[at:].replace("<", "&lt;"))
    stack.end_all()
    return "".join(out)


class _Stack:
    """The elements that are open, written as they open and close."""

    def __init__(self, out: list[str]) -> None:
        self._out = out
        self._open: list[str] = []
        self._count: dict[str, int] = {}  # of open elements, by name
        self._dropped: dict[str, int] = {}  # begun beyond MAX_DEPTH, and so not written

    def begin(self, name: str, attributes: str) -> None:
        if name in _VOID:
            self._out.append(f"<{name}{attributes}>")
            return
        if name in _IMPLIED_END and self._open and self._open[-1] == name:
            self._pop()
        if len(self._open) >= MAX_DEPTH:
            self._dropped[name] = self._dropped.get(name, 0) + 1
            self._part_words(name)
            return
        self._open.append(name)
        self._count[name] = self._count.get(name, 0) + 1
        self._out.append(f"<{name}{attributes.rstrip('/')}>")

    def end(self, name: str) -> None:
        if self._dropped.get(name):
            self._dropped[name] -= 1
        elif self._count.get(name):
            while self._pop() != name:
                pass
        else:
            self._part_words(name)

    def end_all(self) -> None:
        while self._open:
            self._pop()

    def _part_words(self, name: str) -> None:
        if name not in _INLINE:
            self._out.append(" ")

    def _pop(self) -> str:
        name = self._open.pop()
        self._count[name] -= 1
        self._out.append(f"</{name}>")
        return name


def _after_element(html: str, name: str, at: int) -> int:
    """Return where the element that began before `at` is over; the end when it never is."""
    end = re.compile(rf"</{name}\b[^>]*>?", re.IGNORECASE).search(html, at)
    return end.end() if end else len(html)


def _is_well_nested(html: str, tags: int) -> bool:
    """Whether every `<` is a plain tag, the tags match, and none is deeper than MAX_DEPTH."""
    found = _REGULAR_TAG.findall(html)
    if len(found) != tags:
        return False
    stack: list[str] = []
    for end, written, _ in found:
        name = written.lower()
        if end:
            while stack and stack[-1] != name and stack[-1] in _IMPLIED_END:
                stack.pop()
            if not stack or stack.pop() != name:
                return False
        elif name not in _VOID:
            if name in _IMPLIED_END and stack and stack[-1] == name:
                stack.pop()
            stack.append(name)
            if len(stack) > MAX_DEPTH:
                return False
    return True
