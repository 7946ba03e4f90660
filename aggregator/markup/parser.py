"""markdown-it, set up so that nothing an author types is lost on the way to HTML.

CommonMark, without raw HTML: a tag that somebody types is shown as the characters it is made of.
Beyond CommonMark there is one thing, the `::: takeaways` container of a post's document.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.parser_block import ParserBlock
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import reference
from markdown_it.rules_block.state_block import StateBlock
from markdown_it.rules_inline import image
from markdown_it.rules_inline.state_inline import StateInline
from mdit_py_plugins.container import container_plugin

from aggregator.markup.clean import keeps_address

TAKEAWAYS: Final = "takeaways"
DEEPEST = 90  # levels, of which a list takes two; what is nested deeper is one paragraph

_OPTIONS = {"html": False, "linkify": False, "typographer": False, "maxNesting": DEEPEST}
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
# What makes a single word an address: where it begins, a slash at its end, a file's name.
_PATH = re.compile(r"(?:\.{0,2}/|[#?]).*|.*(?:/|\.[A-Za-z][A-Za-z0-9]{1,4})(?:[?#].*)?")


@lru_cache(1)
def plain() -> MarkdownIt:
    """Return the parser of what stands in a block of a document."""
    return _Parser()


@lru_cache(1)
def with_takeaways() -> MarkdownIt:
    """Return the parser of a whole document."""
    return _Parser().use(container_plugin, name=TAKEAWAYS, validate=_is_takeaways)


@lru_cache(1)
def with_html() -> MarkdownIt:
    """Return the parser that sees raw HTML: to tell the author, never to publish."""
    parser = _Parser().use(container_plugin, name=TAKEAWAYS, validate=_is_takeaways)
    parser.options["html"] = True
    return parser


def _is_takeaways(info: str, *_: Any) -> bool:
    words = info.split()
    return bool(words) and words[0].lower() == TAKEAWAYS


class _Parser(MarkdownIt):
    def __init__(self) -> None:
        super().__init__("commonmark")
        self.block = _Blocks()
        self.configure("commonmark", _OPTIONS)
        self.block.ruler.at("reference", _definition)
        self.inline.ruler.at("image", _image)

    def validateLink(self, url: str) -> bool:  # noqa: N802
        # What the sanitizer would take away is no link: it stays in sight, as typed.
        return _is_usable(url)


class _AnyAddress(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802
        return True


@lru_cache(1)
def _any_address() -> MarkdownIt:
    return _AnyAddress("commonmark", _OPTIONS)


@lru_cache(1024)
def _is_usable(url: str) -> bool:
    """Whether a link may lead there: to the web, a mail address, a telephone, or from the post."""
    return keeps_address(url)


def _definition(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Take `[name]: address` for a definition only when it names an address.

    `[^1]: Ibid.` and `[Note]: important` would be definitions as well (CommonMark §4.7), and
    nobody would ever see these words again.
    """
    line, found = state.line, state.env.get("references", {})
    known = len(found)
    if not reference(state, start, end, silent) or silent:
        return silent
    found = state.env["references"]
    is_first = len(found) > known
    name = next(reversed(found))
    href = (found[name] if is_first else state.env["duplicate_refs"][-1])["href"]
    if _SCHEME.match(href) or _PATH.fullmatch(href):
        return True
    if is_first:
        del found[name]
    else:
        state.env["duplicate_refs"].pop()
    if state.line < end and _looks_defined(state, state.line):
        _push_paragraph(state, start, state.line)  # what follows may be a definition all the same
        return True
    state.line = line
    return False


def _looks_defined(state: StateBlock, line: int) -> bool:
    begins = state.bMarks[line] + state.tShift[line]
    return state.src.startswith("[", begins) and "]:" in state.src[begins : state.eMarks[line]]


def _image(state: StateInline, silent: bool) -> bool:
    """Leave the words of a picture that nobody could see; without any, leave all as typed."""
    start, parser = state.pos, state.md
    state.md = _any_address()
    try:
        found = image(state, silent)
    finally:
        state.md = parser
    if not found or silent:
        return found
    token = state.tokens[-1]
    url = str(token.attrGet("src") or "")
    if _is_usable(url) and not url.lower().startswith(("mailto:", "tel:")):
        return True
    words = RendererHTML().renderInlineAsText(token.children, parser.options, state.env)
    if not words.strip():
        state.tokens.pop()
        state.tokens_meta.pop()
        state.pos = start
        return False
    token.type, token.tag, token.content = "text", "", words
    token.attrs, token.children = {}, None
    return True


class _Blocks(ParserBlock):
    """Block rules that keep what is nested too deep; markdown-it's own leave it out."""

    def tokenize(self, state: StateBlock, startLine: int, endLine: int) -> None:  # noqa: N803
        if state.level < state.md.options.maxNesting:
            super().tokenize(state, startLine, endLine)
            return
        first = last = state.skipEmptyLines(startLine)
        while last < endLine and (
            state.isEmpty(last)
            or state.sCount[last] >= state.blkIndent
            or (last > first and state.sCount[last] < 0)  # a lazy line (CommonMark §5.1)
        ):
            last += 1
        if first < last:
            _push_paragraph(state, first, last)
        state.line = last


def _push_paragraph(state: StateBlock, first: int, last: int) -> None:
    state.push("paragraph_open", "p", 1).map = [first, last]
    inline = state.push("inline", "", 0)
    inline.content = state.getLines(first, last, state.blkIndent, False).strip()
    inline.map = [first, last]
    inline.children = []
    state.push("paragraph_close", "p", -1)
