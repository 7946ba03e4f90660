"""A post made ready for any format: what feeds and pages are written from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape

from aggregator.config.settings import Author, Site
from aggregator.markup.markdown import to_text
from aggregator.markup.text import excerpt, plain_text, scrub
from aggregator.model.post import (
    Commentary,
    Post,
    PostStatus,
    Quotation,
    StoredPost,
    Takeaways,
    UpdateKind,
)
from aggregator.publishing.addresses import address, host_of, is_web
from aggregator.publishing.body import changed_html, is_linked, post_html, withdrawn_html
from aggregator.publishing.details import NO_DETAILS, Details, details_of
from aggregator.publishing.ids import is_path_name, mint_id
from aggregator.publishing.parts import NO_PARTS, Parts, parts_of
from aggregator.publishing.plain import is_rtl, language_tag, one_line
from aggregator.publishing.privacy import public_link
from aggregator.publishing.words import Words, words_for

SUMMARY_LENGTH = 280  # characters; readers show two lines


@dataclass(frozen=True, kw_only=True)
class Cited:
    """An article that the post is about. `via` is where it was first seen; None: nowhere told."""

    url: str
    title: str  # plain text, never empty
    author: str | None = None
    outlet: str | None = None
    via: str | None = None
    quoted: bool = False  # not only linked to


@dataclass(frozen=True, kw_only=True)
class Article:
    """A post as readers get it. Texts are plain and scrubbed, but `html`, which is safe HTML.

    Times are in UTC, in whole seconds but where two posts would share one. `path` is the page's
    folder below the site, ending in "/".
    """

    slug: str
    id: str
    title: str
    path: str
    permalink: str
    html: str
    summary: str
    author: Author
    language: str
    words: Words = field(repr=False, hash=False)  # to put around it
    tags: tuple[str, ...]
    published: datetime
    updated: datetime
    news: datetime | None = None  # the newest update or the withdrawal; None: never any
    citations: tuple[Cited, ...] = ()
    withdrawn: bool = False
    details: Details = NO_DETAILS
    changed: str = ""  # HTML that says what is new, for readers of feeds; empty: nothing is
    parts: Parts = field(default=NO_PARTS, repr=False)
    outward: bool = False  # whether its headline leads to the article cited first

    @property
    def link(self) -> str:
        """Where the headline leads to in feeds."""
        return self.citations[0].url if self.outward and self.citations else self.permalink

    @property
    def feed_html(self) -> str:
        """The HTML for feeds, which have no other place to say that it runs from right to left.

        What has changed is said first: readers that show an entry again show its top.
        """
        html = f"{self.changed}\n{self.html}" if self.changed else self.html
        own = f'<a href="{escape(self.permalink)}">'
        if self.link != self.permalink and own not in html:
            html += f"\n<p>∞ {own}{escape(self.title)}</a></p>"
        if not is_rtl(self.language):
            return html
        return f'<div lang="{self.language}" dir="rtl">\n{html}\n</div>'


def permalink(stored: StoredPost, site: Site) -> str:
    """Return the address of a post's page: base address, year and month of publication, slug.

    Of a post not yet published, the address that it would have by its planned or first time.
    """
    when = stored.published or stored.post.published or stored.scheduled or stored.created
    return page_address(stored.slug, when, site)


def page_address(slug: str, published: datetime, site: Site) -> str:
    """Return the address of a page by its slug and first publication. Raises ValueError."""
    return address(site.base_url, _path(slug, _utc(published, "published")))


def folder_of(stored: StoredPost) -> str | None:
    """Return the folder of a post's page, even of one that cannot be rendered; None: unknown."""
    try:
        return _path(stored.slug, _utc(stored.published, "published")) if stored.published else None
    except ValueError:
        return None


def article_of(stored: StoredPost, site: Site) -> Article:
    """Return a published or withdrawn post ready to be written.

    Raises ValueError when it cannot be: without an id or a time of publication, with a time
    that has no zone, or with a slug that is no file name.
    """
    if stored.published is None or stored.id is None:
        raise ValueError("it has no id or no time of publication")
    return _article(stored, site, stored.id, stored.published, stored.updated or stored.published)


def preview(stored: StoredPost, site: Site, now: datetime) -> Article:
    """Return a post as it would be, were it published `now`; a published one as it is."""
    now = now.replace(microsecond=0)
    published = stored.published or stored.post.published or stored.scheduled or now
    id_ = stored.id or mint_id(site.base_url, stored.slug, stored.scheduled or now)
    return _article(stored, site, id_, published, stored.updated or published)


def _article(
    stored: StoredPost, site: Site, id_: str, published: datetime, updated: datetime
) -> Article:
    published, updated = _utc(published, "published"), _utc(updated, "updated")
    post = stored.post
    language = language_tag(post.language) or language_tag(site.language) or "en"
    words = words_for(language, site_language=site.language)
    withdrawn = stored.status is PostStatus.WITHDRAWN
    path = _path(stored.slug, published)
    page = address(site.base_url, path)
    for update in post.updates:
        _utc(update.at, "update")
    if withdrawn:
        at = _utc(stored.withdrawn or updated, "withdrawn")
        # Reasons of an earlier withdrawal are none of this one.
        told = [
            update
            for update in post.updates
            if update.kind is UpdateKind.WITHDRAWAL and not (stored.withdrawn and update.at < at)
        ]
        cited = _citations(post, None)
        html = withdrawn_html(at, told, words, base=page)
        summary = words.withdrawn_notice
        changed = ""
        news: datetime | None = at
    else:
        # Of a post that is published again nobody is told any more that it was withdrawn.
        told = [update for update in post.updates if update.kind is not UpdateKind.WITHDRAWAL]
        news = updated if told and updated > published else None
        html = post_html(post.blocks, told, words, base=page)
        cited = _citations(post, html)
        late = [update for update in told if update.at > published]
        changed = changed_html(late, words, post.blocks, base=page) if news and late else ""
        summary = _summary(post, words, page) or excerpt(plain_text(html), SUMMARY_LENGTH)
    return Article(
        slug=stored.slug,
        id=id_,
        title=one_line(post.title) or excerpt(summary, 80) or words.untitled,
        path=path,
        permalink=page,
        html=scrub(html),
        summary=scrub(summary),
        author=_author(post, site),
        language=language,
        words=words,
        tags=tags_of(post),
        published=published,
        updated=max(published, updated),
        news=news,
        citations=() if withdrawn else cited,
        withdrawn=withdrawn,
        details=NO_DETAILS if withdrawn else details_of(post, told),
        changed=scrub(changed),
        parts=parts_of(post, told, (one.url for one in cited), withdrawn=withdrawn),
    )


def tags_of(post: Post) -> tuple[str, ...]:
    """Return a post's tags as they are shown: plain, each once."""
    return tuple(dict.fromkeys(tag for tag in map(one_line, post.tags) if tag))


def _path(slug: str, published: datetime) -> str:
    if not is_path_name(slug):
        raise ValueError(f"the slug {slug!r} is no file name")
    return f"{published.year:04}/{published.month:02}/{slug}/"


def _utc(at: datetime, what: str) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"the time {at} ({what}) has no zone")
    return at.astimezone(UTC).replace(microsecond=at.microsecond // 1000 * 1000)


def _author(post: Post, site: Site) -> Author:
    name = one_line(post.author)
    known = {author.name: author for author in site.authors}
    if name:
        return known.get(name) or Author(name=name)
    return site.authors[0] if site.authors else Author(name=one_line(site.title) or "Linkblog")


def _citations(post: Post, html: str | None) -> tuple[Cited, ...]:
    """Return what was quoted, then what else the author gave details of and links to.

    Without `html`, of a withdrawn post: nothing may depend on whether its words can be rendered.
    """
    quoted = post.citations
    known = {citation.url for citation in quoted}
    typed = repr((post.blocks, post.updates)) if html is None else ""
    linked = [
        cite
        for cite in post.cites
        if cite.url not in known
        and (cite.url in typed if html is None else is_linked(cite.url, html))
    ]
    return tuple(
        Cited(
            url=scrub(citation.url),
            title=one_line(citation.title)
            or ", ".join(filter(None, map(one_line, (citation.author, citation.outlet))))
            or host_of(citation.url),
            author=one_line(citation.author) or None,
            outlet=one_line(citation.outlet) or None,
            quoted=citation.url in known,
            via=public_link(citation.via),
        )
        for citation in (*quoted, *linked)
        if is_web(citation.url)
    )


def _summary(post: Post, words: Words, page: str) -> str:
    """Return the author's first own words; those of others only when there are no own ones.

    Of takeaways as they are read: an intro alone says nothing yet.
    """
    for block in post.blocks:
        if isinstance(block, Commentary):
            text = to_text(block.markdown)
        elif isinstance(block, Takeaways):
            shown = post_html((block,), (), words, base=page, beside=post.blocks)
            text = plain_text(shown)
        else:
            continue
        if text.strip():
            return excerpt(text, SUMMARY_LENGTH)
    quoted = next((block for block in post.blocks if isinstance(block, Quotation)), None)
    return excerpt(to_text(quoted.text), SUMMARY_LENGTH) if quoted else ""
