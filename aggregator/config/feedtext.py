"""How a feed is written in feeds.yaml."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

from aggregator.config.values import duration_text
from aggregator.model.subscription import Subscription

# Everything else is put in quotes, whether YAML asks for it or not.
_PLAIN_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+)*")
_NOT_PLAIN = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


class Style(Enum):
    """The ways in which a feed may stand in the list."""

    TEXT = "- https://…"
    FLOW = "- {url: …}"
    BLOCK = "- url: …"


def prevailing_style(plain: Iterable[object], texts: Iterable[str]) -> Style:
    """Return the way in which most of the feeds are written; one line each when there are none.

    `plain` are their values, `texts` what stands where they begin.
    """
    styles: Counter[Style] = Counter()
    for value, text in zip(plain, texts, strict=True):
        if isinstance(value, Mapping):
            styles[Style.FLOW if text.startswith("{") else Style.BLOCK] += 1
        else:
            styles[Style.TEXT] += 1
    return styles.most_common(1)[0][0] if styles else Style.FLOW


def keys_of(subscription: Subscription) -> dict[str, Any]:
    """Return the keys that say what is not the default."""
    keys = {
        "url": subscription.url,
        "title": subscription.title,
        "tags": list(subscription.tags),
        "interval": duration_text(subscription.interval) if subscription.interval else None,
        "identity": subscription.identity,
        "encoding": subscription.encoding,
        "private": subscription.private,
        "paused": subscription.paused,
        "login": subscription.login,
    }
    return {key: value for key, value in keys.items() if value}


def flow_text(keys: Mapping[str, Any]) -> str:
    """Return `{url: "…", tags: [a, b]}`."""
    return "{" + ", ".join(f"{key}: {value_text(key, value)}" for key, value in keys.items()) + "}"


def json_text(keys: Mapping[str, Any]) -> str:
    """Return the keys as JSON, for a file that is JSON as well as YAML."""
    return json.dumps(keys, ensure_ascii=False)


def item_lines(keys: Mapping[str, Any], style: Style, indent: str, newline: str) -> str:
    """Return the lines of an item of a block list, dash and line end included."""
    if style is Style.TEXT and list(keys) == ["url"]:
        lines = [f"- {quoted(keys['url'])}"]
    elif style is Style.BLOCK:
        first, *others = (f"{key}: {value_text(key, value)}" for key, value in keys.items())
        lines = [f"- {first}", *(f"  {line}" for line in others)]
    else:
        lines = [f"- {flow_text(keys)}"]
    return "".join(f"{indent}{line}{newline}" for line in lines)


def value_text(key: str, value: object) -> str:
    """Return a value in flow notation."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(_word(str(one)) for one in value) + "]"
    return quoted(str(value)) if key in {"url", "title", "login"} else _word(str(value))


def quoted(text: str) -> str:
    """Return a text in double quotes, which YAML reads as JSON does."""
    return json.dumps(text, ensure_ascii=False)


def _word(text: str) -> str:
    plain = _PLAIN_WORD.fullmatch(text) and text.lower() not in _NOT_PLAIN
    # A duration such as 1h30m begins with a digit and is no number.
    return text if plain or re.fullmatch(r"(?:[0-9]+[dhms])+", text) else quoted(text)
