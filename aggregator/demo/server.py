"""The invented sources, answering as web servers would, without a network.

Each source has one or two states. Which one is answered depends on nothing but the request's
validators, so the demo needs no memory: who has seen nothing gets the first state, who has seen
the first gets the second, who has seen the last gets 304.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Answer(NamedTuple):
    """An HTTP answer as far as it matters: decoded body, header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Source:
    """One invented publisher. `states` says in how many states its documents are kept."""

    url: str
    name: str  # of its files
    suffix: str
    content_type: str
    tags: tuple[str, ...]  # an author might give it
    states: int = 1
    validators: bool = True  # False: it gives no ETag, so only the body tells that nothing changed

    def document(self, state: int) -> bytes:
        """Return what it publishes in `state`, counted from 1."""
        return _document(f"{self.name}.{state}.{self.suffix}")

    def etag(self, state: int) -> str:
        """Return the opaque-tag of a state, quotes included (RFC 9110 §8.8.3)."""
        return f'"{self.name}-{state}"'


RSS, ATOM, JSON = "application/rss+xml", "application/atom+xml", "application/feed+json"

SOURCES = (
    Source(
        url="demo://courier.example/rss.xml",
        name="courier",
        suffix="xml",
        content_type=RSS,
        tags=("city",),
        states=2,  # then: one more article
    ),
    Source(
        url="demo://harbourradio.example/atom.xml",
        name="harbourradio",
        suffix="xml",
        content_type=ATOM,
        tags=("city",),
        states=2,  # then: a number corrected in the report of the vote
    ),
    Source(
        url="demo://tidewire.example/feed.json",
        name="tidewire",
        suffix="json",
        content_type=JSON,
        tags=("agency",),
        states=2,  # then: one more report
    ),
    Source(  # malformed: its ampersands are not escaped
        url="demo://plainledgers.example/rss.xml",
        name="plainledgers",
        suffix="xml",
        content_type=RSS,
        tags=("blogs",),
    ),
    Source(
        url="demo://secondreading.example/atom.xml",
        name="secondreading",
        suffix="xml",
        content_type=ATOM,
        tags=("blogs",),
        states=2,  # then: a reaction to Plain Ledgers
    ),
    Source(  # in Portuguese
        url="demo://gazetadocais.example/rss.xml",
        name="gazetadocais",
        suffix="xml",
        content_type=RSS,
        tags=("abroad",),
        validators=False,
    ),
)

_BY_URL = {source.url: source for source in SOURCES}


def subscriptions() -> tuple[Source, ...]:
    """Return the sources as an author would follow them: each with its `url` and `tags`."""
    return SOURCES


def serve(url: str, headers: Mapping[str, str]) -> Answer:
    """Answer a GET of a `demo:` address. Header names in `headers` may be in any case.

    An address that is not among the sources is answered with 404, as a server would.
    """
    source = _BY_URL.get(url)
    if source is None:
        return Answer(404, {"content-type": "text/plain; charset=utf-8"}, b"No such demo source.\n")
    if not source.validators:
        return Answer(200, _headers(source), source.document(1))
    seen = _seen(source, headers)
    if seen == source.states:
        return Answer(304, {"etag": source.etag(seen)}, b"")
    state = seen + 1
    return Answer(200, _headers(source) | {"etag": source.etag(state)}, source.document(state))


def _seen(source: Source, headers: Mapping[str, str]) -> int:
    """Return the newest state among the request's validators; 0 for none of ours.

    If-None-Match is compared weakly (RFC 9110 §13.1.2), and `*` matches whatever there is.
    """
    given = ",".join(value for name, value in headers.items() if name.lower() == "if-none-match")
    tags = {tag.strip().removeprefix("W/") for tag in given.split(",")}
    if "*" in tags:
        return source.states
    return max((n for n in range(1, source.states + 1) if source.etag(n) in tags), default=0)


def _headers(source: Source) -> dict[str, str]:
    return {"content-type": f"{source.content_type}; charset=utf-8"}


@cache
def _document(name: str) -> bytes:
    return files("aggregator.demo").joinpath("sources", name).read_bytes()
