"""What stands in a list of feeds, and what of it can be followed. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from aggregator.markup.text import scrub
from aggregator.reading.urls import absolute

LONGEST_NAME = 1000

_FEED_SCHEME = re.compile(r"feed:(?://)?", re.IGNORECASE)
_WEB = re.compile(r"https?://", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class ListedFeed:
    """One feed of a list. `tags`: the folders it stands in, then its categories, each once."""

    url: str  # absolute, http or https, without credentials
    title: str | None = None  # None: the list has no name for it but its address
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """What stands in a list and cannot be followed. `name` is fit to be shown."""

    name: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class FeedList:
    """What a list says, in its order; one feed may stand in it again."""

    feeds: tuple[ListedFeed, ...]
    left_out: tuple[LeftOut, ...] = ()
    well_formed: bool = True  # False: it was read as far as that was possible


def listed(
    address: str, title: str | None, tags: list[str], *, shown: str = ""
) -> ListedFeed | LeftOut:
    """Return a feed of a list, or why it cannot be followed. `shown` is another name for it."""
    href = "".join(address.split()) if "\n" in address else address.strip()
    if scheme := _FEED_SCHEME.match(href):
        rest = href[scheme.end() :]
        href = rest if _WEB.match(rest) else f"http://{rest}"
    named = line(title or "")
    name = named or line(shown)
    try:
        parts = urlsplit(href)
        secret = "@" in parts.netloc
    except ValueError:
        return LeftOut(name=name or line(href), reason="its address cannot be understood")
    if secret:
        return LeftOut(
            name=name or line(parts.netloc.rpartition("@")[2]),
            reason="its address holds a password, which belongs into `login` in feeds.yaml",
        )
    url = absolute("", href)
    if url is None:
        reason = f"{line(href)[:200]} is no http or https address" if href else "it has no address"
        return LeftOut(name=name or "(no name)", reason=reason)
    if named in {url, url.partition("://")[2]}:
        named = ""
    lines = dict.fromkeys(line(tag) for tag in tags)
    return ListedFeed(url=url, title=named or None, tags=tuple(tag for tag in lines if tag))


def line(text: str) -> str:
    """Return a name on one line, as feeds.yaml can hold it."""
    text = scrub(text, bidi=True).replace("\ufeff", "")
    return " ".join(text.split())[:LONGEST_NAME].rstrip()
