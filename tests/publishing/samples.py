"""Values that the publishing tests share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from urllib.parse import quote

from aggregator.config.settings import Author, Site
from aggregator.model.feed import Entry, EntryStatus, Feed, StoredEntry
from aggregator.model.poll import PollState
from aggregator.model.post import (
    Citation,
    Commentary,
    Post,
    PostStatus,
    Quotation,
    StoredPost,
    Takeaways,
    TakeawaysStyle,
    Update,
)
from aggregator.model.subscription import Subscription
from aggregator.publishing.library import library_of
from aggregator.publishing.site import SHOWN, SiteFiles, feed_paths, render_site
from aggregator.publishing.sitepages import PLAIN, Presentation
from aggregator.storage.protocol import PostDates, PostRow, StoredFeed

PUBLISHED = datetime(2026, 3, 31, 8, tzinfo=UTC)
UPDATED = datetime(2026, 3, 31, 14, 5, tzinfo=UTC)

REYES = Citation(
    url="https://news.example/vote?a=1&b=2",
    title="Council delays vote",
    author="Ana Reyes",
    outlet="The Courier",
    via="https://www.b.example/seen",
)
LANE = Citation(
    url="https://joelane.example/2026/talk", title="Talk to the hand", author="Joe Lane"
)
BLOCKS = (
    Quotation(
        text='The council put off its vote … "We need more time," said the mayor …',
        citation=REYES,
        lead_in="[Ana Reyes](https://news.example/vote?a=1&b=2) reports:",
    ),
    Takeaways(
        intro="I see three takeaways from this news.",
        items=(
            "it was the mayor who blinked.",
            "the unions were not asked.",
            "nothing is settled.",
        ),
        style=TakeawaysStyle.PROSE,
    ),
    Commentary(markdown="So why vote in *June* at all?"),
)
UPDATE = Update(
    at=UPDATED,
    blocks=(
        Quotation(
            text="[Council to unions: talk to the hand](https://joelane.example/2026/talk)",
            citation=LANE,
            lead_in="Joe Lane makes several points, but his title says it best:",
        ),
    ),
)
SITE = Site(
    title="The Margin",
    subtitle="News, cited",
    base_url="https://blog.example/",
    authors=(Author(name="Ada Author", uri="https://blog.example/about"),),
    rights="CC BY 4.0",
)


def post_of(
    slug: str = "the-council-blinked",
    *,
    title: str = "The council blinked",
    blocks: tuple[Commentary | Quotation | Takeaways, ...] = BLOCKS,
    updates: tuple[Update, ...] = (),
    tags: tuple[str, ...] = ("city", "budget"),
    status: PostStatus = PostStatus.PUBLISHED,
    published: datetime | None = PUBLISHED,
    updated: datetime | None = None,
    language: str | None = None,
    author: str | None = None,
) -> StoredPost:
    return StoredPost(
        slug=slug,
        document="",
        post=Post(
            title=title,
            blocks=blocks,
            updates=updates,
            tags=tags,
            language=language,
            author=author,
        ),
        status=status,
        id=f"tag:blog.example,2026-03-31:{slug}" if published else None,
        created=PUBLISHED,
        edited=PUBLISHED,
        published=published,
        updated=updated or (updates[-1].at if updates else published),
    )


def feed_of(
    url: str,
    *,
    number: int = 1,
    title: str | None = None,
    tags: tuple[str, ...] = (),
    private: bool = False,
    feed: Feed | None = None,
) -> StoredFeed:
    return StoredFeed(
        number=number,
        subscription=Subscription(url=url, title=title, tags=tags, private=private),
        feed=feed or Feed(title="A feed", link="https://news.example/"),
        state=PollState(),
        active=True,
        entries=None,
    )


def entry_of(
    number: int,
    feed_url: str,
    entry: Entry | None = None,
    *,
    first_seen: datetime = PUBLISHED,
) -> StoredEntry:
    return StoredEntry(
        number=number,
        feed_url=feed_url,
        feed_title="A feed",
        entry=entry
        or Entry(
            id=f"https://news.example/{number}",
            title=f"Entry {number}",
            link=f"https://news.example/{number}",
            content=f"<p>Words of entry {number}.</p>",
        ),
        first_seen=first_seen,
        changed_at=None,
        versions=1,
        status=EntryStatus.INBOX,
        starred=False,
    )


def row_of(stored: StoredPost) -> PostRow:
    """Return a post as storage gives it to those who may not have to read it."""
    digest = blake2b(repr(stored).encode("utf-8", "surrogatepass"), digest_size=16).digest()
    dates = PostDates(stored.slug, stored.status, stored.published, stored.updated, stored.edited)
    return PostRow(digest, lambda: dates, lambda: stored)


def render_posts(
    *posts: StoredPost,
    site: Site = SITE,
    river: Sequence[StoredEntry] = (),
    feeds: Sequence[StoredFeed] = (),
    presentation: Presentation = PLAIN,
) -> SiteFiles:
    """Return the site of these posts, those that are shown."""
    rows = [row_of(stored) for stored in posts if stored.status in SHOWN]
    library = library_of(site, rows, feeds, presentation=presentation)
    ids = {path: f"tag:blog.example,2020-01-01:{quote(path)}" for path in feed_paths(library)}
    return render_site(library, river, feeds, ids=ids)
