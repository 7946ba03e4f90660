"""Articles as plain lists that JSON can hold, and back, without a loss."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from aggregator.config.settings import Author
from aggregator.model.post import (
    Citation,
    Commentary,
    Quotation,
    Takeaways,
    TakeawaysStyle,
    Update,
    UpdateKind,
)
from aggregator.publishing.article import Article, Cited
from aggregator.publishing.details import Correction, Details, Quoted
from aggregator.publishing.parts import CitedSite, Parts
from aggregator.publishing.words import Words

_TUPLE, _TIME = "", "@"
_CLASSES: tuple[type[Any], ...] = (
    Article,
    Author,
    Citation,
    Cited,
    CitedSite,
    Commentary,
    Correction,
    Details,
    Parts,
    Quotation,
    Quoted,
    Takeaways,
    Update,
)
_ENUMS: tuple[type[Any], ...] = (TakeawaysStyle, UpdateKind)
_MADE = {one.__name__: one for one in (*_CLASSES, *_ENUMS)}
# The words around a post follow from its language.
_FIELDS = {
    one: tuple(field.name for field in fields(one) if field.name != "words") for one in _CLASSES
}


def packed(value: Any) -> Any:
    """Return an article, or a part of one, as JSON can hold it. Raises KeyError for others."""
    kind = type(value)
    if kind is str or value is None or kind is int or kind is bool:
        return value
    if kind is tuple:
        return [_TUPLE, *map(packed, value)]
    if kind is datetime:
        return [_TIME, value.isoformat()]
    if kind in _ENUMS:
        return [kind.__name__, str(value)]
    return [kind.__name__, *[packed(getattr(value, name)) for name in _FIELDS[kind]]]


def unpacked(value: Any, words: Words) -> Any:
    """Return what was `packed`. Raises ValueError, TypeError or KeyError for anything else."""
    if type(value) is not list:
        return value
    head, *parts = value
    if head == _TUPLE:
        return tuple([unpacked(part, words) for part in parts])
    if head == _TIME:
        return datetime.fromisoformat(parts[0])
    made = _MADE[head]
    if made in _ENUMS:
        return made(parts[0])
    given = {name: unpacked(part, words) for name, part in zip(_FIELDS[made], parts, strict=True)}
    if made is Article:
        given["words"] = words
    return made(**given)
