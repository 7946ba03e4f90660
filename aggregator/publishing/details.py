"""What a post quotes and corrects, word for word and apart from its HTML, for machines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from aggregator.markup.markdown import to_text
from aggregator.markup.text import scrub
from aggregator.model.post import (
    Block,
    Commentary,
    Post,
    Quotation,
    Update,
    UpdateKind,
)
from aggregator.publishing.addresses import is_web
from aggregator.publishing.plain import one_line


@dataclass(frozen=True, kw_only=True)
class Quoted:
    """Words of somebody else, in plain text. `url` is where they stand; None: nowhere told."""

    text: str
    url: str | None = None
    author: str | None = None
    outlet: str | None = None


@dataclass(frozen=True, kw_only=True)
class Correction:
    """What the author put right, in plain text."""

    at: datetime
    text: str


@dataclass(frozen=True, kw_only=True)
class Details:
    """All of it, in reading order."""

    quotations: tuple[Quoted, ...] = ()
    corrections: tuple[Correction, ...] = ()
    outlets: tuple[tuple[str, str], ...] = ()  # address → its outlet, where the author named one

    def quoted_from(self, url: str) -> str:
        """Return the words quoted from an address; empty when there are none."""
        return " … ".join(quoted.text for quoted in self.quotations if quoted.url == url)

    def outlet_of(self, url: str) -> str | None:
        """Return who published what stands at an address; None when the author did not say."""
        return dict(self.outlets).get(url)


NO_DETAILS = Details()


def details_of(post: Post, updates: Sequence[Update]) -> Details:
    """Return the details of what is shown: a post's blocks and these of its updates."""
    quotations = [_quoted(block) for block in _blocks(post, updates)]
    return Details(
        quotations=tuple(quoted for quoted in quotations if quoted and quoted.text),
        corrections=tuple(
            Correction(at=update.at.astimezone(UTC), text=text)
            for update in updates
            if update.kind is UpdateKind.CORRECTION and (text := _text(update.blocks))
        ),
        outlets=tuple(
            (scrub(citation.url), outlet)
            for citation in (*post.cites, *post.citations)
            if (outlet := one_line(citation.outlet))
        ),
    )


def _blocks(post: Post, updates: Sequence[Update]) -> Iterator[Block]:
    yield from post.blocks
    for update in updates:
        yield from update.blocks


def _quoted(block: Block) -> Quoted | None:
    if not isinstance(block, Quotation):
        return None
    citation = block.citation
    return Quoted(
        text=one_line(to_text(block.text)),
        url=scrub(citation.url) if citation and is_web(citation.url) else None,
        author=one_line(citation.author) or None if citation else None,
        outlet=one_line(citation.outlet) or None if citation else None,
    )


def _text(blocks: Sequence[Block]) -> str:
    texts: list[str] = []
    for block in blocks:
        if isinstance(block, Commentary):
            texts.append(block.markdown)
        elif isinstance(block, Quotation):
            texts += [block.lead_in or "", block.text]
        else:
            texts += [block.intro or "", *block.items]
    return one_line(" ".join(to_text(text) for text in texts if text))
