"""A post about the invented sources, as its author would type it, and its later Update."""

from __future__ import annotations

from importlib.resources import files


def post_text() -> str:
    """Return a post in document form: quotation, three takeaways in prose, closing question.

    What it quotes stands word for word in the first state of the sources.
    """
    return _text("post.md")


def update_text() -> str:
    """Return an Update's blocks: they cite the reaction that the second state brings."""
    return _text("update.md")


def _text(name: str) -> str:
    return files("aggregator.demo").joinpath(name).read_text(encoding="utf-8")
