"""All posts, and texts that are none yet."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from aggregator.model.post import PostStatus, StoredPost
from aggregator.services.looking import name_of
from aggregator.web.desk.guard import user
from aggregator.web.desk.parts import Parts

PAGE = 100  # published posts


def pages(parts: Parts) -> Blueprint:
    """Return the list of posts, and what is done from it."""
    desk = Blueprint("posts", __name__)

    @desk.get("/desk/posts")
    def show() -> str:
        posts = parts.posts.posts()
        texts = parts.writing.unsaved(user())
        start = request.args.get("from", 0, type=int)
        published = _of(posts, PostStatus.PUBLISHED)
        return render_template(
            "posts.html",
            texts=texts,
            names={one.number: (one.kind and one.post) or name_of(one.text) for one in texts},
            drafts=_of(posts, PostStatus.DRAFT),
            scheduled=sorted(
                _of(posts, PostStatus.SCHEDULED), key=lambda post: post.scheduled or post.created
            ),
            published=published[start : start + PAGE],
            count=len(published),
            next=start + PAGE if len(published) > start + PAGE else None,
            withdrawn=_of(posts, PostStatus.WITHDRAWN),
            troubles=parts.site_writer.troubles,
            done=request.args.get("done", ""),
        )

    @desk.post("/desk/texts/<int:number>/throw-away")
    def throw_away(number: int) -> AnyResponse:
        parts.writing.throw_away(user(), number)
        return redirect(url_for(".show", done="thrown"), 303)

    @desk.post("/desk/site")
    def write_site() -> AnyResponse:
        troubles = parts.site_writer.write()
        return redirect(url_for(".show", done="" if troubles else "written"), 303)

    return desk


def _of(posts: list[StoredPost], status: PostStatus) -> list[StoredPost]:
    return [post for post in posts if post.status is status]
