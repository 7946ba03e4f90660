"""The door for links: a bookmarklet, or the share menu of a phone, opens it."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, make_response, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from aggregator.errors import DocumentError
from aggregator.web.desk.compose_form import brought_along
from aggregator.web.desk.parts import Parts
from aggregator.web.desk.statics import static

# The words that are selected come along, and where the page was found.
BOOKMARKLET = (
    "javascript:(()=>{const e=encodeURIComponent;open('%s?url='+e(location.href)+'&title='+"
    "e(document.title)+'&text='+e(getSelection().toString().slice(0,4000))+'&via='+"
    "e(document.referrer))})()"
)


def pages(parts: Parts) -> Blueprint:
    """Return the page that a link is brought to."""
    desk = Blueprint("add", __name__)

    @desk.get("/desk/add")
    def show() -> AnyResponse:
        url, title, words, via = brought_along(request.args)
        brought, problem = None, ""
        if url:
            try:
                brought = parts.citing.bring(url, title, words, via)
            except DocumentError as error:
                problem = error.message
        asked = {"url": url, "title": title, "text": words, "via": via}
        page = render_template(
            "add.html",
            asked={name: value for name, value in asked.items() if value},
            brought=brought,
            problem=problem,
            bookmarklet=BOOKMARKLET % url_for(".show", _external=True),
        )
        return make_response(page, 422 if problem else 200)

    @desk.get("/desk/manifest.webmanifest")
    def manifest() -> AnyResponse:
        title = parts.about().title
        answer: Response = jsonify(
            name=f"{title}: desk",
            short_name=title,
            start_url="/desk",
            scope="/desk",
            display="minimal-ui",
            icons=[{"src": static("icon.svg"), "sizes": "any", "type": "image/svg+xml"}],
            share_target={
                "action": "/desk/add",
                "method": "GET",
                "params": {"title": "title", "text": "text", "url": "url"},
            },
        )
        answer.mimetype = "application/manifest+json"
        return answer

    return desk
