"""`::: takeaways` … `:::` → Takeaways."""

from __future__ import annotations

import re

from aggregator.document.lines import cut_indent, is_blank, trimmed, untabbed
from aggregator.errors import DocumentError
from aggregator.markup.markdown import Outlined, outline
from aggregator.model.post import Takeaways, TakeawaysStyle

_CLOSING = re.compile(r" {0,3}:{3,}[ \t]*")
_MARKER = re.compile(r" {0,3}\d{1,9}[.)]")

_EXAMPLE = "write `1. …`, one number for each takeaway"


def parse_takeaways(lines: list[str], style: str, line: int) -> Takeaways:
    """Return what a container says; `line` is the number of its first line in the document.

    Raises DocumentError when it is not closed, holds no ordered list, or holds anything that
    is neither the list nor a paragraph before it.
    """
    if len(lines) < 2 or not _CLOSING.fullmatch(lines[-1]):
        raise DocumentError("the takeaways are never closed; end them with a line `:::`", line=line)
    try:
        style_of = TakeawaysStyle(style.lower() or TakeawaysStyle.LIST)
    except ValueError:
        raise DocumentError(
            f"takeaways are a `list` or `prose`, not {style[:60]!r}", line=line
        ) from None
    inner = lines[1:-1]
    listed = _the_list(inner, line + 1)
    intro = trimmed(inner[: listed.start])
    items = [_item(inner[start:end], line + 1 + start) for start, end in listed.items]
    return Takeaways(items=tuple(items), intro="\n".join(intro) if intro else None, style=style_of)


def _the_list(inner: list[str], line: int) -> Outlined:
    blocks = outline("\n".join(inner))
    listed = next((block for block in blocks if block.kind == "list"), None)
    if listed is None or not listed.ordered:
        where = listed.start if listed else -1
        raise DocumentError(f"takeaways need a numbered list; {_EXAMPLE}", line=line + where)
    for block in blocks:
        if block.start < listed.start and block.kind != "paragraph":
            raise DocumentError(
                "only paragraphs can stand before the list of takeaways", line=line + block.start
            )
    for index in range(listed.end, len(inner)):
        if not is_blank(inner[index]):
            raise DocumentError(
                "nothing can stand behind the list of takeaways; move it below `:::`, or "
                "indent it to make it part of the last one",
                line=line + index,
            )
    return listed


def _item(lines: list[str], line: int) -> str:
    marker = len(lines[0]) - len(_MARKER.sub("", lines[0], count=1))
    first = untabbed(lines[0][marker:], marker)
    spaces = len(first) - len(first.lstrip(" "))
    # Five spaces and more are an indented code block behind one space (CommonMark §5.2).
    width = marker + (spaces if not is_blank(first) and spaces <= 4 else 1)
    text = [first[width - marker :]]
    text += [cut_indent(untabbed(typed), width) for typed in lines[1:]]
    kept = trimmed(["" if is_blank(typed) else typed for typed in text])
    if not kept:
        raise DocumentError("the takeaway is empty; write it or take it out", line=line)
    if not kept[0].startswith("    "):
        kept[0] = kept[0].lstrip(" ")
    return "\n".join(kept)
