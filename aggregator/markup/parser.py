"""markdown-it, set up so that nothing an author types is lost on the way to HTML.

CommonMark, without raw HTML: a tag that somebody types is shown as the characters it is made of.
Beyond CommonMark there is one thing, the `::: takeaways` container of a post's document.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.parser_block import ParserBlock
from markdown_it.rules_block.state_block import StateBlock
from mdit_py_plugins.container import container_plugin

TAKEAWAYS: Final = "takeaways"
DEEPEST = 90  # levels, of which a list takes two; what is nested deeper is one paragraph

_OPTIONS = {"html": False, "linkify": False, "typographer": False, "maxNesting": DEEPEST}


@lru_cache(1)
def plain() -> MarkdownIt:
    """Return the parser of what stands in a block of a document."""
    return _Parser()


@lru_cache(1)
def with_takeaways() -> MarkdownIt:
    """Return the parser of a whole document."""
    return _Parser().use(container_plugin, name=TAKEAWAYS, validate=_is_takeaways)


def _is_takeaways(info: str, *_: Any) -> bool:
    words = info.split()
    return bool(words) and words[0].lower() == TAKEAWAYS


class _Parser(MarkdownIt):
    def __init__(self) -> None:
        super().__init__("commonmark")
        self.block = _Blocks()
        self.configure("commonmark", _OPTIONS)


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
