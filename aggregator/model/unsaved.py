"""What is being typed at the desk, and is no post's document yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aggregator.model.post import UpdateKind


@dataclass(frozen=True, kw_only=True)
class Unsaved:
    """A text under the hands of one author.

    `version` counts how often it was kept: whoever sends a text says which version they had
    before them. `kind` is that of the update which it shall become; None: a post's document.
    """

    number: int
    user: int | None  # who writes it; None: somebody whose account is gone
    author: str  # the name they sign in with; "": the account is gone
    post: str | None  # slug; None: a new post
    kind: UpdateKind | None
    opened: str  # digest of the post's document as it was opened; "": a new post
    entry: int | None  # number of the entry that is shown beside it
    text: str
    version: int
    kept: datetime
    aside: bool  # another text was chosen in its place


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What a text belongs to: see `Unsaved`."""

    post: str | None = None
    kind: UpdateKind | None = None
    opened: str = ""
    entry: int | None = None
