"""Where sites keep their feeds when no page of theirs says so. Pure."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

# What the common programs of blogs answer at, the most common first.
USUAL = (
    "feed",
    "feed/",
    "rss",
    "rss.xml",
    "atom.xml",
    "feed.xml",
    "index.xml",
    "feed.json",
    "feeds/posts/default",
)


def usual_places(page_url: str) -> tuple[str, ...]:
    """Return where the feed of a page may be, the likeliest first: 18 addresses at most.

    Below the page's own folder before the whole site: at `/~joe/` Joe's feed is wanted. Empty
    for what is no http or https address.
    """
    parts = urlsplit(page_url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return ()
    root = f"{parts.scheme}://{parts.netloc}/"
    folder = urljoin(root, parts.path.rpartition("/")[0] + "/")
    places = [f"{base}{path}" for base in dict.fromkeys((folder, root)) for path in USUAL]
    return tuple(place for place in places if place != page_url)
