"""What there is to say about a text that is being typed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from aggregator.document import parse_document
from aggregator.errors import AggregatorError, DocumentError, StorageError
from aggregator.markup.text import excerpt
from aggregator.model.unsaved import Sheet
from aggregator.services.desk import Desk
from aggregator.services.writing import Writing

_FRONT = re.compile(r"\A---[ \t]*\r?\n.*?^(?:---|\.\.\.)[ \t]*$", re.DOTALL | re.MULTILINE)
_TITLE = re.compile(r"^title:[ \t]*[\"']?(.*?)[\"']?[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Look:
    """`problem` says why it could not be saved as it is, and `line` where; "" and None: it could.

    Then `slug`, `address` and `notes` are those of the post it would be.
    """

    problem: str = ""
    line: int | None = None
    slug: str = ""
    address: str = ""
    notes: tuple[str, ...] = ()
    updates: int = 0  # how many more the post has than are stored


def name_of(text: str) -> str:
    """Return what a text that nobody has saved is called: its title, or its first words."""
    try:
        title = parse_document(text).title
    except DocumentError:
        found = _TITLE.search(text)
        title = found[1] if found else ""
    return title or excerpt(plain_words(text), 80) or "Without words yet"


def plain_words(text: str) -> str:
    """Return the words below a text's front matter, on one line."""
    return " ".join(_FRONT.sub("", text).split())


def look_at(writing: Writing, desk: Desk, sheet: Sheet, text: str) -> Look:
    """Return what there is to say. Raises StorageError."""
    try:
        stored = writing.tried(sheet, text)
        before = writing.paper(sheet, text).stored
        known = len(before.post.updates) if before else 0
        return Look(
            slug=stored.slug,
            address=desk.address_of(stored),
            notes=tuple(desk.notes_on(stored)),
            updates=max(len(stored.post.updates) - known, 0),
        )
    except DocumentError as error:
        return Look(problem=error.message, line=error.line)
    except StorageError:
        raise
    except AggregatorError as error:
        return Look(problem=str(error))
