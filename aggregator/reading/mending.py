"""feedparser, made to pass over the elements it stumbles on.

A `textInput` within an item, a category or a licence where it expects none, an image's width
that is no number: one of its handlers raises, and every entry of the document would be lost
for the sake of an element that nobody reads. Here the handler gives up and the document goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from feedparser.mixin import _FeedParserMixin
from feedparser.util import FeedParserDict

# Not AttributeError: by it feedparser knows that it has no handler.
_STUMBLES = (KeyError, IndexError, TypeError, ValueError)


def forgive() -> None:
    """Make every handler of feedparser's forgiving, once."""
    if hasattr(_FeedParserMixin.pop, "__wrapped__"):
        return
    for name in dir(_FeedParserMixin):
        if name.startswith(("_start_", "_end_")) or name == "pop":
            _replace(name, lambda: "")
    _replace("_get_context", FeedParserDict)  # a place to write to that nobody reads


def _replace(name: str, otherwise: Callable[[], Any]) -> None:
    handler = getattr(_FeedParserMixin, name)

    @wraps(handler)
    def forgiving(parser: Any, *args: Any, **more: Any) -> Any:
        try:
            return handler(parser, *args, **more)
        except _STUMBLES:
            return otherwise()

    setattr(_FeedParserMixin, name, forgiving)
