"""A post's document: the Markdown that the author types, and what it means. Pure."""

from aggregator.document.doubts import Doubt, comments, markup_shown, near_misses
from aggregator.document.draft import draft_from_entry
from aggregator.document.parse import parse_document, parse_update
from aggregator.document.slug import slugify
from aggregator.document.updating import append_update, line_of_update, stamp_updates
from aggregator.document.write import write_document

__all__ = [
    "Doubt",
    "append_update",
    "comments",
    "draft_from_entry",
    "line_of_update",
    "markup_shown",
    "near_misses",
    "parse_document",
    "parse_update",
    "slugify",
    "stamp_updates",
    "write_document",
]
