"""What must not be named in anything published."""

from __future__ import annotations

from dataclasses import replace

from aggregator.markup.text import scrub
from aggregator.model.post import Block, Citation, Quotation, StoredPost
from aggregator.publishing.addresses import has_credentials, is_web
from aggregator.storage.protocol import StoredFeed


def is_public(feed: StoredFeed) -> bool:
    """Whether a feed may be named: not private, no login, no password or token in its address."""
    subscription = feed.subscription
    secret = subscription.login is not None or has_credentials(subscription.url)
    return not subscription.private and not secret


def public_link(url: str | None) -> str | None:
    """Return an address as it may be published; None when it is no web address or has secrets."""
    return scrub(url) if url and is_web(url) and not has_credentials(url) else None


def without_via(stored: StoredPost, secret: frozenset[str]) -> StoredPost:
    """Return the post without any `via` that is one of the `secret` addresses."""
    if not secret:
        return stored
    post = stored.post
    updates = tuple(
        replace(update, blocks=tuple(_silent(block, secret) for block in update.blocks))
        for update in post.updates
    )
    blocks = tuple(_silent(block, secret) for block in post.blocks)
    cites = tuple(_without(cite, secret) for cite in post.cites)
    return replace(stored, post=replace(post, blocks=blocks, updates=updates, cites=cites))


def _silent(block: Block, secret: frozenset[str]) -> Block:
    if isinstance(block, Quotation) and block.citation:
        return replace(block, citation=_without(block.citation, secret))
    return block


def _without(citation: Citation, secret: frozenset[str]) -> Citation:
    return replace(citation, via=None) if citation.via in secret else citation
