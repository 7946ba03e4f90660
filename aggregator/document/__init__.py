"""A post's document: the Markdown that the author types, and what it means. Pure."""

from aggregator.document.draft import draft_from_entry
from aggregator.document.parse import parse_document, parse_update
from aggregator.document.slug import slugify
from aggregator.document.updating import append_update, stamp_updates
from aggregator.document.write import write_document

__all__ = [
    "append_update",
    "draft_from_entry",
    "parse_document",
    "parse_update",
    "slugify",
    "stamp_updates",
    "write_document",
]
