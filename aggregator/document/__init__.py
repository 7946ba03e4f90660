"""A post's document: the Markdown that the author types, and what it means. Pure."""

from aggregator.document.doubts import Doubt, comments, markup_shown, near_misses
from aggregator.document.draft import (
    VERBS,
    Cited,
    cited_entry,
    cited_link,
    draft_from_entry,
    draft_of,
    paragraphs_of,
)
from aggregator.document.merging import Joined, join
from aggregator.document.parse import parse_document, parse_update
from aggregator.document.quoting import Placed, place_quotation
from aggregator.document.slug import slugify
from aggregator.document.updating import append_update, line_of_update, stamp_updates
from aggregator.document.write import quoted, write_document

__all__ = [
    "VERBS",
    "Cited",
    "Doubt",
    "Joined",
    "Placed",
    "append_update",
    "cited_entry",
    "cited_link",
    "comments",
    "draft_from_entry",
    "draft_of",
    "join",
    "line_of_update",
    "markup_shown",
    "near_misses",
    "paragraphs_of",
    "parse_document",
    "parse_update",
    "place_quotation",
    "quoted",
    "slugify",
    "stamp_updates",
    "write_document",
]
