"""Following: an address is looked at and chosen, or a list of another reader is taken over."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from aggregator.errors import AggregatorError, StorageError
from aggregator.web.desk.parts import Parts


def pages(parts: Parts) -> Blueprint:
    """Return the pages through which feeds come in."""
    desk = Blueprint("follow", __name__)
    new = parts.new_feeds

    def shown(status: int = 200, **told: object) -> AnyResponse:
        typed = {name: request.values.get(name, "") for name in ("url", "tags")}
        return make_response(render_template("follow.html", typed=typed, **told), status)

    @desk.get("/desk/follow")
    def show() -> AnyResponse:
        return shown()

    # Not by GET: a link on any page could have us ask any address.
    @desk.post("/desk/follow/look")
    def look() -> AnyResponse:
        try:
            return shown(candidates=new.look(request.form.get("url", "")))
        except StorageError:
            raise
        except AggregatorError as error:
            return shown(422, problem=str(error))

    @desk.post("/desk/follow")
    def follow() -> AnyResponse:
        form = request.form
        try:
            number = new.follow(form.get("feed", ""), tags=form.get("tags", "").split(","))
        except StorageError:
            raise
        except AggregatorError as error:
            return shown(422, problem=str(error))
        return redirect(url_for("feeds.feed", number=number, done="follow"), 303)

    @desk.post("/desk/follow/list")
    def take_list() -> AnyResponse:
        file = request.files.get("list")
        try:
            plan, done = new.import_list(file.read() if file else b"")
        except StorageError:
            raise
        except AggregatorError as error:
            return shown(422, problem=str(error))
        return shown(plan=plan, imported=done)

    return desk
