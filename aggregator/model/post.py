"""Post and its parts: what the author says.

A post is a tuple of blocks and a tuple of later updates. Text fields named `markdown`,
`text`, `lead_in`, `credit`, `intro` and `items` hold Markdown as the author typed it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, kw_only=True)
class Citation:
    """The article or post that a quotation was taken from."""

    url: str
    title: str | None = None
    author: str | None = None
    outlet: str | None = None
    published: datetime | None = None
    via: str | None = None  # address of the place where it was first seen
    entry: int | None = None  # number of the stored entry it came from


@dataclass(frozen=True, kw_only=True)
class Commentary:
    """The author's own words, kept as typed."""

    markdown: str


@dataclass(frozen=True, kw_only=True)
class Quotation:
    """Somebody else's words, perhaps stitched with "…"."""

    text: str
    citation: Citation | None = None
    lead_in: str | None = None  # "[Ana Reyes](…) reports:"; None: made from the citation
    credit: str | None = None  # the closing "— [Name](…)" line, without its dash


class TakeawaysStyle(StrEnum):
    LIST = "list"
    PROSE = "prose"  # "First, … Secondly, … Lastly, …"


@dataclass(frozen=True, kw_only=True)
class Takeaways:
    """What the author concludes, in order."""

    items: tuple[str, ...]
    intro: str | None = None
    style: TakeawaysStyle = TakeawaysStyle.LIST


Block = Commentary | Quotation | Takeaways


class UpdateKind(StrEnum):
    UPDATE = "update"
    CORRECTION = "correction"
    REACTION = "reaction"
    WITHDRAWAL = "withdrawal"


@dataclass(frozen=True, kw_only=True)
class Update:
    """A dated addition to a published post."""

    at: datetime
    kind: UpdateKind = UpdateKind.UPDATE
    blocks: tuple[Block, ...]


class PostStatus(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, kw_only=True)
class Post:
    """A post, as its document says."""

    title: str
    blocks: tuple[Block, ...] = ()
    updates: tuple[Update, ...] = ()
    slug: str | None = None  # None: made from the title when the post is first saved
    language: str | None = None  # None: the site's
    author: str | None = None  # None: the site's first author
    tags: tuple[str, ...] = ()
    published: datetime | None = None  # elsewhere, before; None: when it is published here
    cites: tuple[Citation, ...] = ()  # details as the author listed them, in that order

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Every article cited, each once, in reading order; those of updates last."""
        found: dict[str, Citation] = {}
        for block in (*self.blocks, *(b for update in self.updates for b in update.blocks)):
            if isinstance(block, Quotation) and block.citation:
                found.setdefault(block.citation.url, block.citation)
        return tuple(found.values())


@dataclass(frozen=True, kw_only=True)
class StoredPost:
    """A post as the database keeps it.

    `document` is the text the author typed, unchanged; `post` is what it means. `id` is a tag
    URI (RFC 4151) minted at first publication and never derived again; None before.
    """

    slug: str
    document: str
    post: Post
    status: PostStatus
    id: str | None = None
    created: datetime
    edited: datetime  # the last time any word changed
    published: datetime | None = None  # first publication; never moves
    updated: datetime | None = None  # moved by Updates only (RFC 4287 §4.2.15)
    scheduled: datetime | None = None
    withdrawn: datetime | None = None  # None: it is not, or was before this was kept
    broken: str = ""  # why its document cannot be read; then `post` knows its title at best
