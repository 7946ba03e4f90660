"""A post's blocks as HTML that feed readers leave alone: no classes, no styles, no scripts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from html import escape, unescape
from typing import Any

from aggregator.markup.markdown import Definitions, definitions, inline_to_html, to_html
from aggregator.markup.text import excerpt, plain_text, scrub
from aggregator.model.post import (
    Block,
    Citation,
    Commentary,
    Quotation,
    Takeaways,
    TakeawaysStyle,
    Update,
    UpdateKind,
)
from aggregator.publishing.addresses import host_of, is_web
from aggregator.publishing.privacy import public_link
from aggregator.publishing.words import Words, words_for

CHANGED_LENGTH = 80  # characters of an update that its announcement shows

_HEADING = re.compile(r"(</?h)([1-6])(?=[\s>])")  # in rendered HTML; typed ones are escaped
_BLOCK = re.compile(r"<(?:p|ul|ol|pre|blockquote|hr|h[1-6])[ >]")  # all that Markdown makes
_ADDRESS = re.compile(r"<https?://[^\s<>]+>", re.IGNORECASE)  # as Markdown links it (§6.5)
_ANY_TAG = re.compile(r"<[^<>]*>")
_CLOSED = re.compile("[.!?…:;,。！？：；][\\s\"'”’“‘»«›‹)\\]}）」』]*\\Z")


def post_html(
    blocks: Iterable[Block],
    updates: Iterable[Update],
    words: Words,
    *,
    base: str = "",
    beside: Iterable[Block] = (),
) -> str:
    """Return the whole body: the blocks, then each update behind its visible date.

    `base` is the post's page, from which its relative addresses start. Of parts of a post,
    `beside` are all its blocks: what they define holds in its parts.
    """
    blocks, updates = tuple(blocks), tuple(updates)
    known = _definitions([*beside, *blocks, *(b for update in updates for b in update.blocks)])
    body = _Body(words, known, base)
    parts = body.blocks(blocks)
    for update in updates:
        parts += body.update(update)
    return lower_headings("\n".join(parts))


def each_html(blocks: Iterable[Block], words: Words, *, base: str = "") -> list[str]:
    """Return every block of a post, those of updates last, as it stands in the whole body."""
    blocks = tuple(blocks)
    body = _Body(words, _definitions(blocks), base)
    return [lower_headings("\n".join(body.blocks([block]))) for block in blocks]


def changed_html(
    updates: Sequence[Update], words: Words, beside: Iterable[Block], *, base: str = ""
) -> str:
    """Return a line that says when a post was last updated, and the first words of that."""
    newest = max(updates, key=lambda update: update.at)
    everything = [*beside, *(block for update in updates for block in update.blocks)]
    text = plain_text(post_html(newest.blocks, (), words, base=base, beside=everything))
    said = excerpt(" ".join(text.split()), CHANGED_LENGTH)
    if newest.kind is not UpdateKind.UPDATE:
        said = f"{words.kinds[newest.kind]}: {said}" if said else words.kinds[newest.kind]
    updated = f"{words.updated[:1].upper()}{words.updated[1:]} {words.moment(newest.at)}:"
    return f"<p><strong{_borrowed(words)}>{escape(updated)}</strong> {escape(said)}</p>"


def says_nothing(blocks: Iterable[Block]) -> bool:
    """Whether readers would see neither a word nor a picture: link definitions alone, say."""
    html = post_html(blocks, (), words_for("en"))
    return not plain_text(html) and "<img" not in html


def withdrawn_html(at: datetime, updates: Iterable[Update], words: Words, *, base: str = "") -> str:
    """Return what stands in place of a withdrawn post: a dated notice, then the reasons given."""
    withdrawn = words.kinds[UpdateKind.WITHDRAWAL]
    updates = tuple(updates)
    said = escape(words.withdrawn_notice)
    dated = f"{stamp(withdrawn, at, words)} {said}"
    # A reason carries its own date; one date is enough.
    notice = f"<p{_borrowed(words)}>{said if updates else dated}</p>"
    body = _Body(words, _definitions(b for update in updates for b in update.blocks), base)
    parts = [notice, *(part for update in updates for part in body.update(update))]
    return lower_headings("\n".join(parts))


def lower_headings(html: str) -> str:
    """Return our HTML with every heading one level down, to stand below a title; h6 stays."""
    return _HEADING.sub(lambda found: f"{found[1]}{min(int(found[2]) + 1, 6)}", html)


def stamp(word: str, at: datetime, words: Words) -> str:
    """Return "Update, 31 March 2026, 14:05 UTC:" in bold, readable by machines as well."""
    machine = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    shown = escape(f"{word}, {words.moment(at)}:")
    return f'<time datetime="{machine}"{_borrowed(words)}><strong>{shown}</strong></time>'


def _borrowed(words: Words) -> str:
    """Return the attributes of words that are not in the language of the post."""
    return f' lang="{words.language}" dir="ltr"' if words.borrowed else ""


class _Body:
    def __init__(self, words: Words, known: Definitions, base: str) -> None:
        self._words, self._known, self._base = words, known, base
        self._via_shown: set[str] = set()

    def _html(self, markdown: str | None) -> str:
        return to_html(markdown, self._known, base=self._base).strip() if markdown else ""

    def _inline(self, markdown: str | None) -> str:
        return inline_to_html(markdown, self._known, base=self._base) if markdown else ""

    def blocks(self, blocks: Iterable[Block]) -> list[str]:
        parts: list[str] = []
        for block in blocks:
            if isinstance(block, Commentary):
                parts.append(self._html(block.markdown))
            elif isinstance(block, Quotation):
                parts += self._quotation(block)
            else:
                parts += self._takeaways(block)
        return [part for part in parts if part]

    def update(self, update: Update) -> list[str]:
        head = stamp(self._words.kinds[update.kind], update.at, self._words)
        parts = self.blocks(update.blocks)
        if parts and parts[0].startswith("<p>"):
            return [f"<p>{head} {parts[0].removeprefix('<p>')}", *parts[1:]]
        return [f"<p>{head}</p>", *parts]

    def _quotation(self, quotation: Quotation) -> list[str]:
        citation = quotation.citation
        lead_in, credit = self._inline(quotation.lead_in), self._inline(quotation.credit)
        if not lead_in and citation and _ADDRESS.fullmatch(quotation.credit or ""):
            # An address alone says where, and leaves it to us to say who.
            credit = "" if citation.author or citation.outlet or citation.title else credit
        quoted = self._html(quotation.text)
        cite = ""
        if citation and is_web(citation.url):
            cite = f' cite="{_attribute(citation.url)}"'
            linked = is_linked(citation.url, lead_in + credit + quoted)
            named = citation.author or citation.outlet
            if not lead_in and not credit and (named or not linked):
                lead_in = self._made_lead_in(citation)
            elif not linked:  # the way to the article must be there for everyone
                credit = f"{credit}, {_name_link(citation)}" if credit else _name_link(citation)
        parts = [f"<p>{lead_in}</p>"] if lead_in else []
        parts.append(f"<blockquote{cite}>{quoted}</blockquote>")
        closing = f"— {credit}" if credit else ""
        if via := self._via(citation):
            closing = f"{closing} ({via})" if closing else via
        # `small` is HTML's word for attribution, and readers leave it alone.
        return [*parts, f"<p><small>{closing}</small></p>"] if closing else parts

    def _made_lead_in(self, citation: Citation) -> str:
        who = [
            scrub(name, bidi=True).strip() for name in (citation.author, citation.outlet) if name
        ]
        who = [name for name in who if name]
        if not who:
            return _link(citation.url, citation.title or host_of(citation.url)) + ":"
        linked = _link(citation.url, who[0])
        if len(who) > 1:
            linked += f", {escape(who[1])}" + ("" if self._words.borrowed else ",")
        return escape(self._words.reports).replace("{who}", linked)

    def _via(self, citation: Citation | None) -> str:
        via = public_link(citation.via) if citation else None
        if not via or via in self._via_shown:
            return ""
        self._via_shown.add(via)
        said = escape(self._words.via)
        if self._words.borrowed:
            said = f"<span{_borrowed(self._words)}>{said}</span>"
        return f"{said} {_link(via, host_of(via))}"

    def _takeaways(self, takeaways: Takeaways) -> list[str]:
        intro = self._html(takeaways.intro)
        items = [_item(self._html(item)) for item in takeaways.items]
        # Without words to count with, figures do: nobody wants "First" in a Polish sentence.
        if takeaways.style is TakeawaysStyle.LIST or self._words.borrowed:
            listed = "\n".join(f"<li>{item}</li>" for item in items)
            return [intro, f"<ol>\n{listed}\n</ol>" if items else ""]
        counted = [
            (self._words.ordinal(index, len(items)), item) for index, item in enumerate(items)
        ]
        if any(_BLOCK.match(item) for item in items):
            return [intro, *(_counted_block(escape(word), item) for word, item in counted)]
        one = " ".join(
            _closed(f"{escape(word)}, {item}" if word else item) for word, item in counted
        )
        if intro.startswith("<p>") and intro.endswith("</p>") and intro.count("<p>") == 1:
            return [f"{_closed(intro.removesuffix('</p>'))} {one}</p>" if one else intro]
        return [intro, f"<p>{one}</p>" if one else ""]


def _definitions(blocks: Iterable[Block]) -> Definitions:
    """Return what links such as `[Ana][1]` point to; a post may say it in any of its blocks.

    Block by block, so that a code block left open in one swallows nothing of the others.
    """
    found: dict[str, Any] = {}
    for block in blocks:
        if isinstance(block, Commentary):
            texts = [block.markdown]
        elif isinstance(block, Quotation):
            texts = [block.lead_in or "", block.text, block.credit or ""]
        else:
            texts = [block.intro or "", *block.items]
        for text in texts:
            for name, where in definitions(text).items() if "]:" in text else ():
                found.setdefault(name, where)
    return found


def _item(html: str) -> str:
    """Return one takeaway: without a paragraph of its own when it is only one."""
    if html.startswith("<p>") and html.endswith("</p>") and html.count("<p>") == 1:
        return html.removeprefix("<p>").removesuffix("</p>")
    return html


def _counted_block(word: str, item: str) -> str:
    """Return a takeaway of prose as a block, or blocks, of its own."""
    if not _BLOCK.match(item):
        return f"<p>{word}, {item}</p>" if word else f"<p>{item}</p>"
    if not word:
        return item
    if item.startswith("<p>"):
        return f"<p>{word}, {item.removeprefix('<p>')}"
    return f"<p>{word}:</p>\n{item}"


def _closed(html: str) -> str:
    """Return words that another sentence can follow: with a full stop where nothing ends them."""
    text = unescape(_ANY_TAG.sub("", html)).rstrip()
    if not text or _CLOSED.search(text):
        return html
    return html.rstrip() + "."


def _name_link(citation: Citation) -> str:
    name = citation.title or citation.outlet or citation.author or host_of(citation.url)
    return _link(citation.url, name)


def is_linked(url: str, html: str) -> bool:
    """Whether rendered Markdown links to `url`, which Markdown may have escaped."""
    if f'href="{_attribute(url)}"' in html:
        return True
    written = re.search(r'href="[^"]*"', inline_to_html(f"[x](<{url}>)"))
    return written is not None and written[0] in html


def _link(url: str, words: str) -> str:
    return f'<a href="{_attribute(url)}">{escape(scrub(words, bidi=True), quote=False)}</a>'


def _attribute(url: str) -> str:
    return escape(scrub(url))
