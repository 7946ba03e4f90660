"""What may be found out about a post that is looked at through readers' eyes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from aggregator.preview.views import Name


class Kind(StrEnum):
    """What a finding is about."""

    WORDS = "words"
    ATTRIBUTION = "attribution"
    BORDER = "border"  # that shows where a quotation begins and ends
    ORDINALS = "ordinals"
    UPDATE = "update"
    LINK = "link"
    ARTICLE = "article"  # the way to what is cited
    PICTURE = "picture"
    TITLE = "title"
    NOTE = "note"  # what is told when a post is saved, too


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that readers do not get as it was meant, in these views.

    It is `lost` where the same kind of reader would have shown it, had it been sent otherwise or
    were the reader less strict; else it is a hint: something that such readers never show, or
    that few people would miss. `do` is the way out; empty where `what` says it.
    """

    kind: Kind
    lost: bool
    what: str
    do: str
    views: tuple[Name, ...]


def loss(kind: Kind, what: str, do: str, *views: Name) -> Finding:
    """Return a finding of something lost."""
    return Finding(kind=kind, lost=True, what=what, do=do, views=views)


def hint(kind: Kind, what: str, do: str, *views: Name) -> Finding:
    """Return a finding of something that may be as it should."""
    return Finding(kind=kind, lost=False, what=what, do=do, views=views)


def merged(findings: Iterable[Finding], order: tuple[Name, ...]) -> tuple[Finding, ...]:
    """Return each finding once with all its views, losses first."""
    views: dict[tuple[Kind, bool, str, str], set[Name]] = {}
    for one in findings:
        views.setdefault((one.kind, one.lost, one.what, one.do), set()).update(one.views)
    made = [
        Finding(kind=kind, lost=lost, what=what, do=do, views=tuple(n for n in order if n in found))
        for (kind, lost, what, do), found in views.items()
    ]
    return tuple(sorted(made, key=lambda one: not one.lost))
