"""What an author's post says, part by part: that is what every view is measured against."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from aggregator.markup.text import plain_text
from aggregator.model.post import Block, Quotation
from aggregator.preview.seen import Item, Link, seen_in
from aggregator.publishing.addresses import host_of
from aggregator.publishing.article import Article
from aggregator.publishing.body import each_html


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One block. Lines are plain text as its author means them to be read, each one to be found.

    Of a quotation, `before` and `after` are the lines around it that say whose words they are,
    and `names` the author and outlet that `cites` gives; empty when it gives none. Without an
    outlet given, nobody but a person can tell whether the words say it: `place` is empty then.
    """

    block: Block
    lines: tuple[str, ...]  # without the attribution
    links: tuple[Link, ...]  # without those of the attribution
    items: tuple[Item, ...] = ()  # of numbered lists
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    ways: tuple[Link, ...] = ()  # the attribution's links
    names: tuple[str, ...] = ()
    place: tuple[str, ...] = ()  # outlet and host: either says where the words are

    @property
    def is_quotation(self) -> bool:
        """Whether these are somebody else's words."""
        return isinstance(self.block, Quotation)

    @property
    def attribution(self) -> tuple[str, ...]:
        """The lines that say whose words are quoted."""
        return (*self.before, *self.after)


@dataclass(frozen=True, kw_only=True)
class Section:
    """The post's own blocks, or those of an update. `heading` is the update's, with its date."""

    heading: str  # empty: the post's own
    claims: tuple[Claim, ...]


def sections_of(article: Article) -> tuple[Section, ...]:
    """Return what a post says, in reading order. A withdrawn post says nothing any more."""
    words, parts = article.words, article.parts
    blocks = parts.every_block
    html = each_html(blocks, words, base=article.permalink)
    claims = map(_claim, blocks, html)
    own = Section(heading="", claims=tuple(islice(claims, len(parts.blocks))))
    return (
        own,
        *(
            Section(
                heading=f"{words.kinds[update.kind]}, {words.moment(update.at)}:",
                claims=tuple(islice(claims, len(update.blocks))),
            )
            for update in parts.updates
        ),
    )


def _claim(block: Block, html: str) -> Claim:
    if not isinstance(block, Quotation):
        seen = seen_in(html)
        return Claim(block=block, lines=tuple(_lines(html)), links=seen.links, items=seen.items)
    cite = block.citation
    before, _, rest = html.partition("<blockquote")
    quoted, _, after = rest.partition(">")[2].rpartition("</blockquote>")
    seen = seen_in(quoted)
    return Claim(
        block=block,
        lines=tuple(_lines(quoted)),
        links=seen.links,
        items=seen.items,
        before=tuple(_lines(before)),
        after=tuple(_lines(after)),
        ways=seen_in(f"{before}\n{after}").links,
        names=tuple(name for name in (cite.author, cite.outlet) if name) if cite else (),
        place=(cite.outlet, host_of(cite.url)) if cite and cite.outlet else (),
    )


def _lines(html: str) -> Iterator[str]:
    return filter(None, plain_text(html).split("\n"))
