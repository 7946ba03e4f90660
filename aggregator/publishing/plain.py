"""Text of one line, fit for titles and names; language tags."""

from __future__ import annotations

from aggregator.markup.text import scrub


def one_line(text: str | None) -> str:
    """Return `text` on one line, without what no document may hold; empty for None."""
    return " ".join(scrub(text or "", bidi=True).split())


def language_tag(text: str | None) -> str | None:
    """Return a language tag as xml:lang and HTML accept it; None for anything else."""
    parts = one_line(text).replace("_", "-").split("-")
    fine = all(part.isascii() and part.isalnum() and len(part) <= 8 for part in parts)
    return "-".join(parts) if fine and parts[0].isalpha() else None
