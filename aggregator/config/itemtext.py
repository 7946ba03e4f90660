"""One feed in the text of feeds.yaml, with other keys. Whoever calls this checks the result."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from aggregator.config.feedlist import FeedList
from aggregator.config.feedtext import flow_text, json_text, value_text
from aggregator.config.flowtext import UnknownNotation, flow_end

_COMMENT = re.compile(r"(?:^|[ \t])#", re.MULTILINE)
_ONE_LINE = re.compile(r"([^:#\n]*:[ \t]*)([^\r\n]*?)([ \t]+#[^\r\n]*)?(\r?\n|\Z)")

Place = Callable[[str], int | None]  # of a key of the feed: an offset into the text


def with_keys(
    feeds: FeedList, place: int, before: Mapping[str, Any], after: Mapping[str, Any]
) -> str:
    """Return the text in which the feed at `place` says `after` and not `before`.

    Its address stays. Comments stay, but for one behind a key that goes. Raises UnknownNotation
    where that takes more than is understood here.
    """
    text, item = feeds.text, feeds.items[place]
    if feeds.in_flow or text.startswith("{", item.node):
        end = flow_end(text, item.node)
        if text.startswith("{", item.node) and _COMMENT.search(text, item.node, end):
            raise UnknownNotation("a comment stands inside the feed")
        new = json_text(after) if feeds.json else flow_text(after)
        return text[: item.node] + new + text[end:]
    if feeds.offset_of(place, "url") is None:  # its address is all that is said of it
        line = _ONE_LINE.match(f": {text[item.node : item.end]}")
        if line is None:
            raise UnknownNotation
        end = item.node + len(line[2])
        return text[: item.node] + flow_text(after) + text[end:]
    return _in_block(feeds, place, before, after)


def _in_block(
    feeds: FeedList, place: int, before: Mapping[str, Any], after: Mapping[str, Any]
) -> str:
    """Change lines of a feed that has a line for each key; from the last on, so offsets hold."""
    text, item = feeds.text, feeds.items[place]
    starts = sorted((at, key) for key in before if (at := feeds.offset_of(place, key)) is not None)
    if len(starts) != len(before):
        raise UnknownNotation
    indent = " " * (starts[0][0] - feeds.line_start(starts[0][0]))
    new = [key for key in after if key not in before]
    lines = "".join(f"{indent}{key}: {value_text(key, after[key])}{feeds.newline}" for key in new)
    text = feeds.joined(text[: item.end], lines, text[item.end :]) if lines else text
    ends = [feeds.line_start(at) for at, _ in starts[1:]] + [item.end]
    for (at, key), end in reversed(list(zip(starts, ends, strict=True))):
        if after.get(key) == before[key]:
            continue
        begin = feeds.line_start(at)
        if text[begin:at].strip():  # it stands behind the dash
            raise UnknownNotation
        if key not in after:
            text = text[:begin] + text[end:]
            continue
        line = _ONE_LINE.match(text, at, end)
        value = value_text(key, after[key])
        if line is not None and line.end() == end and line[2]:
            text = text[:at] + line[1] + value + (line[3] or "") + line[4] + text[end:]
        elif _COMMENT.search(text, at, end):
            raise UnknownNotation("a comment stands inside the feed")
        else:
            text = f"{text[:at]}{key}: {value}{feeds.newline}{text[end:]}"
    return text
