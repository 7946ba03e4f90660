"""Posts for programs, in their document form."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Response, jsonify, request

from aggregator.model.post import PostStatus, StoredPost, UpdateKind
from aggregator.web.api.asking import body, problem, refuse
from aggregator.web.api.book import ROOT, Book
from aggregator.web.api.shapes import (
    NUMBER,
    TEXT,
    TIME,
    TRUTH,
    listed,
    needing,
    post,
    ref,
    tag_of,
    whole,
)
from aggregator.web.desk.parts import Parts

_ON_SITE = (PostStatus.PUBLISHED, PostStatus.WITHDRAWN)


def add(book: Book, parts: Parts) -> None:
    def answer(stored: StoredPost, *, status: int = 200, wrote: bool = False) -> Response:
        """Return a post; `wrote`: readers are to see it, so the site is written first."""
        site = list(parts.site_writer.write()) if wrote else []
        notes = [] if stored.broken else parts.desk().notes_on(stored)
        told = jsonify(post(stored) | {"document": stored.document, "notes": notes, "site": site})
        told.status_code = status
        told.headers["ETag"] = tag_of(stored)
        return told

    @book.on(
        "GET",
        "/posts",
        "All posts, without their documents: published ones newest first, then the others",
        query={"status": {"enum": [status.value for status in PostStatus]}},
        answer=whole(posts=listed(ref("Post"))),
    )
    def list_posts() -> Any:
        wanted = request.args.get("status", "")
        if wanted and wanted not in set(PostStatus):
            refuse(f"status: expected one of {', '.join(PostStatus)}", 400)
        found = [one for one in parts.posts.posts() if not wanted or one.status == wanted]
        return {"posts": [post(one) for one in found]}

    @book.on("GET", "/posts/{slug}", "A post with its document", answer=ref("WholePost"))
    def get_post(slug: str) -> Response:
        return answer(parts.posts.post(slug))

    @book.on(
        "POST",
        "/posts",
        "Save a draft; with `entry`, that one is cited by it",
        body=needing("document", document=TEXT, entry=NUMBER),
        answer=ref("WholePost"),
        status=201,
    )
    def create_post() -> Response:
        with body() as sent:
            document = sent.take("document", str)
            entry = sent.take("entry", int) if "entry" in sent else None
        stored = parts.desk().new(document, from_entry=entry)
        made = answer(stored, status=201)
        made.headers["Location"] = f"{ROOT}/posts/{stored.slug}"
        return made

    @book.on(
        "PUT",
        "/posts/{slug}",
        "Put another document in place of the one whose ETag is given; with `drop_updates` even "
        "without updates that readers were shown",
        body=needing("document", document=TEXT, drop_updates=TRUTH),
        answer=ref("WholePost"),
        conditional=True,
    )
    def edit_post(slug: str) -> Response:
        with body() as sent:
            document = sent.take("document", str)
            drop = sent.take("drop_updates", bool, False)
        before = parts.posts.post(slug)
        if "If-Match" not in request.headers:
            return problem(
                HTTPStatus.PRECONDITION_REQUIRED,
                "Say in If-Match which document you mean to replace, by its ETag, so that nobody's "
                "words are overwritten",
            )
        if tag_of(before) not in {tag.strip() for tag in request.headers["If-Match"].split(",")}:
            return problem(
                HTTPStatus.PRECONDITION_FAILED,
                "The post was changed by another hand: get it again, and bring the two together",
            )
        stored = parts.desk().edit(slug, document, opened=before.document, drop_updates=drop)
        return answer(stored, wrote=stored.status in _ON_SITE)

    @book.on(
        "POST",
        "/posts/{slug}/publish",
        "Publish a post, now or at a time to come",
        body=needing(at=TIME),
        answer=ref("WholePost"),
    )
    def publish_post(slug: str) -> Response:
        with body() as sent:
            at = sent.time("at")
        stored = parts.desk().publish(slug, at=at)
        return answer(stored, wrote=stored.status is PostStatus.PUBLISHED)

    @book.on(
        "POST",
        "/posts/{slug}/updates",
        "Add a dated Update to a published post; readers are told",
        body=needing("text", text=TEXT, kind={"enum": [kind.value for kind in UpdateKind]}),
        answer=ref("WholePost"),
    )
    def update_post(slug: str) -> Response:
        with body() as sent:
            text, name = sent.take("text", str), sent.take("kind", str, UpdateKind.UPDATE.value)
        if name not in set(UpdateKind):
            refuse(f"'kind': expected one of {', '.join(UpdateKind)}")
        return answer(parts.desk().update(slug, text, kind=UpdateKind(name)), wrote=True)

    @book.on(
        "POST",
        "/posts/{slug}/withdraw",
        "Take a post back; its page and its entry say so",
        answer=ref("WholePost"),
    )
    def withdraw_post(slug: str) -> Response:
        return answer(parts.desk().withdraw(slug), wrote=True)
