"""Items → posts: the document, the id and the times that subscribers know."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import unquote, urlsplit

from aggregator.document import parse_document, slugify, write_document
from aggregator.errors import DocumentError
from aggregator.markup.markdown import to_html, web_address
from aggregator.markup.text import excerpt, plain_text, scrub
from aggregator.migration.html import linked, plainly, to_markdown, words_of
from aggregator.migration.values import Item
from aggregator.model.post import (
    Block,
    Citation,
    Commentary,
    Post,
    PostStatus,
    Quotation,
    StoredPost,
)
from aggregator.publishing.body import is_linked, post_html
from aggregator.publishing.ids import mint_id
from aggregator.publishing.words import words_for

_FILE_END = re.compile(r"\.[A-Za-z]{2,5}\Z")
_GENERIC = frozenset(("index", "default", "home", "post", "posts", "item", "entry", "blog", "p"))


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How items become posts here."""

    base_url: str
    now: datetime
    author: str | None = None  # whose posts name no author
    language: str = "en"  # whose posts name no language
    with_private: bool = False  # private items are published too
    drafts: bool = False  # nothing is published


def composed(item: Item, manner: Manner) -> StoredPost:
    """Return an item as a post; its slug may be taken already.

    It is published as of its own time, unless it has none, is private, or its time is to come:
    then it is a draft. Raises DocumentError when it cannot be said in document form.
    """
    document = item.document if item.document is not None else _document(item, manner)
    post = parse_document(document)
    published = item.published or post.published
    wanted = post.slug or item.slug or _slug_of(item.permalink) or slugify(post.title)
    slug = wanted or (f"post-{published:%Y-%m-%d}" if published else "post")
    # Feeds hold milliseconds at most.
    told = published and published.replace(microsecond=published.microsecond // 1000 * 1000)
    hidden = manner.drafts or (item.private and not manner.with_private)
    shown = told is not None and told <= manner.now and not hidden
    newest = max((update.at for update in post.updates), default=told)
    id_ = item.id or (mint_id(manner.base_url, _name_of(item, slug), told) if told else None)
    return StoredPost(
        slug=slug,
        document=document,
        post=post,
        status=PostStatus.PUBLISHED if shown else PostStatus.DRAFT,
        id=id_,
        created=manner.now,
        edited=manner.now,
        published=told if shown else None,
        updated=max(filter(None, (item.updated, newest, told))) if shown and told else None,
    )


def _name_of(item: Item, slug: str) -> str:
    """Return what makes an id for an item that has none: its file, else all that it says."""
    if item.document is not None or item.markdown is not None:
        return slug
    said = "\0".join((item.title, item.permalink or "", item.about or "", item.html))
    return f"import-{sha256(said.encode('utf-8', 'replace')).hexdigest()[:16]}"


def why_draft(item: Item, manner: Manner) -> str | None:
    """Return why an item is not published, in words; None when the author asked for that."""
    if manner.drafts:
        return None
    if item.private and not manner.with_private:
        return "private"
    return "without a date" if item.published is None else "dated ahead"


def _document(item: Item, manner: Manner) -> str:
    """Return an item in document form. Raises DocumentError when words would be lost."""
    if item.markdown is not None:
        return _written(item, manner, item.markdown)
    before = words_of(item.html)
    for convert in (to_markdown, plainly):
        document = _written(item, manner, convert(item.html))
        if before in _shown_words(parse_document(document)):
            return document
    raise DocumentError("its words cannot be said in document form without losing some")


def _shown_words(post: Post) -> str:
    html = post_html(post.blocks, post.updates, words_for("en"), base="https://x.invalid/")
    return " ".join(plain_text(html).split())


def _written(item: Item, manner: Manner, body: str) -> str:
    words = " ".join(plain_text(item.html).split()) or body
    title = _line(item.title) or excerpt(_line(words) or words_for(manner.language).untitled, 80)
    blocks: list[Block] = []
    about = web_address(item.about) if item.about else None
    via = web_address(item.via) if item.via and about else None
    linked_already = about is not None and is_linked(about, item.html or to_html(body))
    if about and not linked_already:
        blocks.append(Quotation(text=linked(title, about)))
    if body.strip():
        blocks.append(Commentary(markdown=body))
    if not blocks:
        blocks.append(Commentary(markdown=linked(title, "")))
    detailed = about is not None and (via is not None or linked_already)
    author, language = _line(item.author or "") or None, item.language
    return write_document(
        Post(
            title=title,
            blocks=tuple(blocks),
            author=author if author != manner.author else None,
            language=language if language != manner.language else None,
            tags=tuple(dict.fromkeys(filter(None, map(_line, item.tags)))),
            published=item.published,
            cites=(Citation(url=about, title=title, via=via),) if about and detailed else (),
        )
    )


def _line(text: str) -> str:
    return " ".join(scrub(text, bidi=True).split())


def _slug_of(permalink: str | None) -> str | None:
    """Return the words in the last part of an old address that has some; None without any."""
    try:
        path = urlsplit(permalink or "").path
    except ValueError:
        return None
    for part in reversed(unquote(path, errors="replace").split("/")):
        name = slugify(_FILE_END.sub("", part))
        if name and name not in _GENERIC:
            return None if name.isdigit() else name
    return None


def at_second(number: float) -> datetime | None:
    """Return a time counted from 1970 in seconds, or in finer units that browsers use."""
    while abs(number) > 1e11:
        number /= 1000
    try:
        return datetime.fromtimestamp(int(number), UTC) if number else None
    except (ValueError, OverflowError, OSError):
        return None
