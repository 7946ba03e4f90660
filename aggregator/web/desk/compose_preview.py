"""A post as its readers will see it, in a frame of the editor that may run and load nothing."""

from __future__ import annotations

import mimetypes

from flask import Blueprint, Response, make_response, render_template, request
from markupsafe import Markup

from aggregator.errors import AggregatorError, DocumentError, StorageError
from aggregator.web.desk.compose_form import given
from aggregator.web.desk.compose_words import at_the_desk
from aggregator.web.desk.parts import Parts

# Themes may have styles in their pages; a style in a frame without scripts harms nobody.
_POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)
_HEADERS = {"Content-Security-Policy": _POLICY, "X-Frame-Options": "SAMEORIGIN"}


def pages(parts: Parts) -> Blueprint:
    """Return the page of a text as it stands on the site, in feeds, and in several readers.

    The address is as deep as that of a post, so that a page finds its style as it does there.
    """
    desk = Blueprint("compose_preview", __name__)

    @desk.post("/desk/preview/of/the/post/")
    def show() -> Response:
        try:
            paper = given(request.form, parts.writing).paper
            stored = parts.writing.tried(paper.sheet, paper.text)
            previewing = parts.previewing()
            view = request.form.get("view", "page")
            if view == "readers":
                return _framed(previewing.page(previewing.of_stored(stored)))
            page = previewing.site_page(stored)
            if view == "feed":
                article = page.article
                html = Markup(article.feed_html)  # noqa: S704 - made of what is safe
                return _framed(render_template("compose_feed.html", article=article, html=html))
            return _framed(page.html.replace(b"<head>", b'<head><base target="_blank">', 1))
        except StorageError:
            raise
        except AggregatorError as error:
            line = error.line if isinstance(error, DocumentError) else None
            said = error.message if isinstance(error, DocumentError) else str(error)
            return _framed(
                render_template("compose_unseen.html", told=at_the_desk(said), line=line), 422
            )

    @desk.get("/desk/preview/<path:path>")
    def file(path: str) -> Response:
        content = parts.previewing().site_file(path)
        if content is None:
            return _framed("In the preview, links lead nowhere.\n", 404, "text/plain")
        kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
        return _framed(content, 200, kind)

    return desk


def _framed(content: str | bytes, status: int = 200, kind: str = "text/html") -> Response:
    answer = make_response(content, status, _HEADERS)
    answer.mimetype = kind
    return answer
