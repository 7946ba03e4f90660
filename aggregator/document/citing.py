"""More cites in the front matter, without touching what the author typed there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

from aggregator.document.front import parse_front, read_front
from aggregator.document.lines import split, typed_lines
from aggregator.document.write import write_cite
from aggregator.errors import DocumentError
from aggregator.model.post import Citation
from aggregator.yamltext import YamlDocument, YamlError, load


def add_cites(document: str, cites: Sequence[Citation]) -> str:
    """Return the document with more cites; those it has already stay as they are.

    Raises DocumentError when it has one of them with other details, or when its front matter
    is written so that nothing can be added by itself.
    """
    parts = split(document)
    if parts.front is None:
        raise DocumentError("there is no front matter to put the cites in", line=1)
    new = _unknown(parse_front(parts.front).cites, cites)
    if not new:
        return document
    lines = typed_lines(document)
    old = read_front(parts.front)
    # Each way of writing a list needs its own place; the one that reads back right is right.
    for changed in _candidates(lines[1 : parts.body_at - 1], old, [write_cite(c) for c in new]):
        if _adds(old.plain(), "".join(changed), new):
            return "".join([lines[0], *changed, *lines[parts.body_at - 1 :]])
    listed = "\n".join(f"  - {write_cite(cite)}" for cite in new)
    raise DocumentError(
        f"these cites cannot be added by themselves; type them in:\n{listed}", line=1
    )


def _unknown(present: Sequence[Citation], cites: Sequence[Citation]) -> list[Citation]:
    known = {cite.url: cite for cite in present}
    new = []
    for cite in cites:
        there = known.get(cite.url)
        if there is None:
            new.append(cite)
            continue
        for field in fields(Citation):
            value = getattr(cite, field.name)
            if value is not None and value != getattr(there, field.name):
                raise DocumentError(
                    f"{cite.url} is among the post's cites already, with another {field.name}; "
                    "change it there, and leave it out here",
                    line=1,
                )
    return new


def _adds(old: dict[str, Any], front: str, new: Sequence[Citation]) -> bool:
    try:
        plain = load(front, name="front matter").plain()
        before, after = old.get("cites") or [], parse_front(front).cites
    except (YamlError, DocumentError):
        return False
    return (
        isinstance(plain, dict)
        and {**plain, "cites": None} == {**old, "cites": None}
        and plain["cites"][: len(before)] == before
        and list(after[len(before) :]) == list(new)
    )


def _candidates(lines: list[str], old: YamlDocument, new: list[str]) -> Iterator[list[str]]:
    """Yield the front matter's lines with the cites added, in every place they could stand."""
    end = "\r\n" if any(line.endswith("\r\n") for line in lines) else "\n"
    plain = old.plain() or {}
    place = old.position(("cites",))
    if place is None:
        yield [*lines, f"cites:{end}", *(f"  - {cite}{end}" for cite in new)]
        return
    first = place[0] - 1
    starts = [found[0] - 1 for key in plain if (found := old.position((key,)))]
    after = min((start for start in starts if start > first), default=len(lines))
    while not lines[after - 1].strip():
        after -= 1
    items = plain["cites"] or []
    indent = "  "
    if items and (found := old.position(("cites", len(items) - 1))):
        indent = lines[found[0] - 1].partition("-")[0]
    for at in range(after, first, -1):
        if not indent.strip():
            yield [*lines[:at], *(f"{indent}- {cite}{end}" for cite in new), *lines[at:]]
    flow = ("" if not items else ", ") + ", ".join(new)
    for at in range(after - 1, first - 1, -1):
        for bracket in reversed([found.start() for found in re.finditer(r"\]", lines[at])]):
            for text in (flow, flow.removeprefix(", ")):
                inside = len(lines[at][:bracket].rstrip())
                changed = lines[at][:inside] + text + lines[at][inside:]
                yield [*lines[:at], changed, *lines[at + 1 :]]
