"""What the world is to be told of: feed documents that changed, what posts link to."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from lxml import html

from aggregator.config.settings import Site
from aggregator.model.notice import Mentions
from aggregator.model.post import StoredPost
from aggregator.publishing.addresses import address, has_credentials, is_web
from aggregator.publishing.article import article_of
from aggregator.publishing.privacy import is_public, without_via
from aggregator.storage.protocol import PostDates, StoredFeed

# Archives are for walking back, not for being subscribed to (RFC 5005 §4).
_FEED = re.compile(r"(?!archive/|search/).*\.(?:atom|rss|json)")
_SPELLING = re.compile(r"^https?://(?:www\.)?|#.*|/+$", re.IGNORECASE)


def feed_digests(site: Site, digests: Mapping[str, str]) -> dict[str, str]:
    """Return what tells one state of each feed document from another, by its address.

    `digests` are those of all files, by path. The feeds that most people read come first: hubs
    are told one by one, and only of so many at one time.
    """
    feeds = [path for path in digests if _FEED.fullmatch(path)]
    ordered = sorted(feeds, key=lambda path: (not path.startswith("feed."), path.count("/"), path))
    return {address(site.base_url, path): digests[path] for path in ordered}


def revision_of(post: PostDates | StoredPost) -> str:
    """Return what differs when a post's links may, at no more cost than looking at its dates."""
    return f"{post.status.value} {post.edited.isoformat()} {post.updated}"


def mentions_of(stored: StoredPost, site: Site, feeds: Collection[StoredFeed]) -> Mentions:
    """Return what a published or withdrawn post links to, and its present change.

    That changes with an Update, a withdrawal and the end of one, and not with a corrected typo.
    Left out are the site itself, addresses with credentials, and those of `feeds` that are not
    public. Raises ValueError for a post that cannot be shown.
    """
    secret = frozenset(feed.subscription.url for feed in feeds if not is_public(feed))
    article = article_of(without_via(stored, secret), site)
    private = {_spelled(url) for url in secret}
    return Mentions(
        source=article.permalink,
        revision=revision_of(stored),
        change=f"{article.updated.isoformat()}{' withdrawn' if article.withdrawn else ''}",
        targets=tuple(
            url
            for url in dict.fromkeys(_links(article.html))
            if is_web(url)
            and not has_credentials(url)
            and not url.startswith(site.base_url)
            and _spelled(url) not in private
        ),
    )


def _links(page: str) -> Iterable[str]:
    body = html.fragment_fromstring(page, create_parent="div")
    return [link for element in body.iter("a") if (link := element.get("href"))]


def _spelled(url: str) -> str:
    """Return an address without what makes no difference to whom it leads."""
    return _SPELLING.sub("", url.strip())
