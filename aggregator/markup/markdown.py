"""Markdown → HTML, text and structure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from html import escape
from typing import Any

from markdown_it.token import Token

from aggregator.markup.clean import clean_authored
from aggregator.markup.parser import TAKEAWAYS, plain, with_takeaways
from aggregator.markup.text import plain_text, scrub

LARGEST = 256 * 1024  # characters; a very long post has a tenth of it
# Each may open a link that the parser then seeks the end of; no line of prose has so many.
MOST_BRACKETS = 2_000

Definitions = Mapping[str, Any]  # link reference definitions (CommonMark 0.31 §4.7)

_WEB = re.compile(r"https?://[^\s/?#]", re.IGNORECASE)
_EMPHASIS = {"em_open", "em_close", "strong_open", "strong_close", "softbreak", "hardbreak"}
_AROUND = re.compile(r"""[\s"'“”„‟‘’‚‛«»‹›「」『』《》〈〉()\[\].,;:!?…。，、；：！？]*""")
_LINE_END = re.compile(r"\r\n?|\n")
_SPECIAL = re.compile(r"[\\`*\[\]<]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)|!(?=\[)")
_LINE_START = re.compile(r"^[ \t]*(?:(#{1,6}(?=[ \t]|$)|[>+=~:-])|(\d{1,9})([.)])|)", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Outlined:
    """A block that stands at the top level, and where: lines count from 0, `end` is exclusive.

    `kind` is "heading", "paragraph", "blockquote", "code", "list", "takeaways", or "other";
    `level` is a heading's, 0 for other kinds. `text` is the Markdown inside a heading or
    paragraph, and what follows the word `takeaways` where such a container begins.
    """

    kind: str
    start: int
    end: int
    level: int = 0
    text: str = ""
    ordered: bool = False  # of a list
    items: tuple[tuple[int, int], ...] = ()  # of a list: where each stands


_KINDS = {
    "heading_open": "heading",
    "paragraph_open": "paragraph",
    "blockquote_open": "blockquote",
    "fence": "code",
    "code_block": "code",
    "bullet_list_open": "list",
    "ordered_list_open": "list",
    f"container_{TAKEAWAYS}_open": "takeaways",
}


def is_hostile(text: str) -> bool:
    """Whether it was made to keep the parser busy; it is shown as typed then."""
    return len(text) > LARGEST or any(
        line.count("[") > MOST_BRACKETS for line in re.split(r"\n[ \t]*\n", text)
    )


def to_html(text: str, known: Definitions | None = None, *, base: str = "") -> str:
    """Return Markdown as safe HTML. Text made to keep a parser busy comes back as typed.

    `known` are the definitions, made elsewhere, that links such as `[words][name]` refer to.
    `base` is the page that relative addresses start from; without it they lead nowhere.
    """
    if is_hostile(text):
        return clean_authored(f"<p>{escape(text)}</p>")
    return clean_authored(str(plain().render(text, _env(known))), base=base)


def inline_to_html(text: str, known: Definitions | None = None, *, base: str = "") -> str:
    """Return Markdown as safe HTML without a paragraph around it; blocks are not looked for."""
    if is_hostile(text):
        return clean_authored(escape(text))
    return clean_authored(str(plain().renderInline(text, _env(known))), base=base)


def to_text(text: str) -> str:
    """Return the words of Markdown: no marks, no addresses; blocks on lines of their own."""
    return plain_text(to_html(text))


def outline(text: str) -> tuple[Outlined, ...]:
    """Return the blocks at the top level, in order; link definitions and blank lines are none."""
    tokens, _ = _parsed(text)
    lines = _LINE_END.split(text)

    def end(start: int, stop: int) -> int:
        stop = min(stop, len(lines))
        while stop > start + 1 and not lines[stop - 1].strip(" \t"):
            stop -= 1
        return stop

    # The parser counts blank lines behind a list or an open fence as theirs.
    return tuple(
        block
        if block.kind == "takeaways"
        else replace(
            block,
            end=end(block.start, block.end),
            items=tuple((start, end(start, stop)) for start, stop in block.items),
        )
        for block in _outlined(tokens)
    )


def definitions(text: str) -> Definitions:
    """Return the link definitions of a whole text; the first of a name counts."""
    _, found = _parsed(text)
    return found


@lru_cache(8)
def _parsed(text: str) -> tuple[list[Token], Definitions]:
    # Only blocks are asked for here, and links are where the work is.
    state_env: dict[str, Any] = {}
    parser = with_takeaways()
    tokens: list[Token] = []
    if len(text) <= LARGEST:
        parser.block.parse(as_parsed(text), parser, state_env, tokens)
    return tokens, state_env.get("references", {})


def as_parsed(text: str) -> str:
    """Return a text as the parser's block rules want it."""
    return _LINE_END.sub("\n", text).replace("\0", "\ufffd") + "\n"


def _outlined(tokens: Iterable[Token]) -> tuple[Outlined, ...]:
    found: list[Outlined] = []
    opened: Token | None = None
    text: str = ""
    items: list[tuple[int, int]] = []
    for token in tokens:
        if token.level == 0 and token.nesting >= 0:
            opened, text, items = token, "", []
            if token.type.startswith("container_"):
                text = token.info.strip()[len(TAKEAWAYS) :].strip()
        elif token.level == 1 and token.type == "inline":
            text = token.content
        elif token.level == 1 and token.type == "list_item_open" and token.map:
            items.append((token.map[0], token.map[1]))
        if token.level == 0 and token.nesting <= 0 and opened is not None and opened.map:
            found.append(
                Outlined(
                    kind=_KINDS.get(opened.type, "other"),
                    start=opened.map[0],
                    end=opened.map[1],
                    level=int(opened.tag[1]) if opened.type == "heading_open" else 0,
                    text=text,
                    ordered=opened.type == "ordered_list_open",
                    items=tuple(items),
                )
            )
    return tuple(found)


def first_link(text: str, known: Definitions | None = None) -> tuple[str, str] | None:
    """Return address and words of the first link to the web in a run of Markdown.

    `known` are the definitions that links such as `[words][name]` may refer to. Mail
    addresses, pictures and relative links are passed over.
    """
    children = _inline(text, known)
    for index, token in enumerate(children):
        url = str(token.attrGet("href") or "")
        if token.type == "link_open" and _WEB.match(url):
            inside = children[index + 1 : _close(children, index)]
            return url, _words(inside)
    return None


def only_link(text: str, known: Definitions | None = None) -> tuple[str, str] | None:
    """Return address and words of the link that is the whole text; None when there is more.

    Emphasis, quotation marks and closing punctuation around it are not more.
    """
    children = [
        token
        for token in _inline(text, known)
        if token.type not in _EMPHASIS
        and not (token.type == "text" and _AROUND.fullmatch(token.content))
    ]
    if len(children) < 2 or children[0].type != "link_open":
        return None
    if _close(children, 0) != len(children) - 1:
        return None
    url = str(children[0].attrGet("href") or "")
    return (url, _words(children[1:-1])) if _WEB.match(url) else None


def words(text: str, known: Definitions | None = None) -> str:
    """Return what a reader sees of a run of Markdown, on one line."""
    return _words(_inline(text, known))


def _inline(text: str, known: Definitions | None) -> list[Token]:
    if is_hostile(text):
        return []
    tokens = plain().parseInline(text.strip(" \t\n"), _env(known))
    return tokens[0].children or [] if tokens else []


def _env(known: Definitions | None) -> dict[str, Any]:
    return {"references": dict(known)} if known else {}


def _close(tokens: list[Token], opening: int) -> int:
    level = tokens[opening].level
    for index in range(opening + 1, len(tokens)):
        if tokens[index].type == "link_close" and tokens[index].level == level:
            return index
    return len(tokens)


def _words(tokens: Iterable[Token]) -> str:
    parts = [" " if token.type.endswith("break") else token.content for token in tokens]
    return " ".join(scrub("".join(parts), bidi=True).split())


def web_address(url: str) -> str | None:
    """Return an address as links in Markdown come to carry it; None unless it is http(s).

    None as well for a host so broken that each reading makes something else of it.
    """
    parser = plain()
    normal = parser.normalizeLink(url.strip())
    return normal if _WEB.match(normal) and parser.normalizeLink(normal) == normal else None


def escaped(text: str) -> str:
    """Return plain text as Markdown that means these words; lines lose their indentation."""
    text = _SPECIAL.sub(r"\\\g<0>", text)

    def at_start(found: re.Match[str]) -> str:
        mark, digits, after = found.groups()
        if digits:
            return f"{digits}\\{after}"
        return f"\\{mark}" if mark else ""

    return _LINE_START.sub(at_start, text)


def link(words: str, url: str) -> str:
    """Return a link in Markdown; `url` as `web_address` gives it, `words` plain text."""
    target = re.sub(r"[\\<>]|&(?=#?\w+;)", r"\\\g<0>", url)
    if re.search(r"[()\s]", target):
        target = f"<{target}>"
    return f"[{escaped(' '.join(words.split()))}]({target})"
