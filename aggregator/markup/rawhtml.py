"""Raw HTML in Markdown: it is shown as typed, which the author may not have meant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it.token import Token

from aggregator.markup.markdown import as_parsed, is_hostile
from aggregator.markup.parser import with_html


@dataclass(frozen=True, kw_only=True)
class RawHtml:
    """A piece of raw HTML. `line` counts from 0; a comment is what nobody was meant to read."""

    line: int
    text: str
    is_comment: bool
    is_block: bool


def raw_html(text: str) -> list[RawHtml]:
    """Return the raw HTML in a Markdown text, in order; none inside code."""
    if "<" not in text:
        return []
    parser, tokens = with_html(), list[Token]()
    parser.block.parse(as_parsed(text), parser, {}, tokens)
    found: list[RawHtml] = []
    for token in tokens:
        line = token.map[0] if token.map else 0
        if token.type == "html_block":
            found.append(_piece(line, token.content, is_block=True))
        elif token.type == "inline" and "<" in token.content and not is_hostile(token.content):
            found += _inside(token.content, line)
    return found


def _inside(text: str, line: int) -> Iterator[RawHtml]:
    parser, tokens = with_html(), list[Token]()
    parser.inline.parse(text, parser, {}, tokens)
    for token in tokens:
        # A comment that is never closed is text; an escaped `\\<` would be a token of its own.
        opened = token.type == "text" and "<!--" in token.content
        if token.type == "html_inline" or opened:
            yield _piece(line, token.content, is_block=False)
        line += token.content.count("\n") + (token.type in ("softbreak", "hardbreak"))


def _piece(line: int, text: str, *, is_block: bool) -> RawHtml:
    return RawHtml(line=line, text=text.strip(), is_comment="<!--" in text, is_block=is_block)
