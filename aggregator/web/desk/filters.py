"""Filters: what is done with entries before the author sees them."""

from __future__ import annotations

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from aggregator.errors import BadFilter, FeedNotFound
from aggregator.model.filter import Filter, FilterAction, FilterField
from aggregator.model.inbox import Among
from aggregator.services.filtering import MOST_SHOWN, Trial
from aggregator.web.desk.guard import user
from aggregator.web.desk.parts import Parts
from aggregator.web.desk.viewing import asked
from aggregator.web.numbers import number_in


def pages(parts: Parts) -> Blueprint:
    """Return the pages of filters."""
    desk = Blueprint("filters", __name__)
    filtering = parts.filtering

    def shown(status: int = 200, **told: object) -> AnyResponse:
        beside = parts.inbox.beside()
        page = render_template(
            "filters.html",
            filters=filtering.filters(),
            beside=beside,
            all_feeds=[one for one in beside.feeds if one.followed],
            wanted=asked({}),
            Among=Among,
            most=MOST_SHOWN,
            **told,
        )
        return make_response(page, status)

    @desk.get("/desk/filters")
    def show() -> AnyResponse:
        return shown(done=request.args.get("done", ""))

    @desk.post("/desk/filters/try")
    def try_out() -> AnyResponse:
        draft = _draft()
        try:
            trial: Trial = filtering.try_out(draft)
        except BadFilter as error:
            return shown(422, draft=draft, problem=str(error))
        return shown(draft=draft, trial=trial)

    @desk.post("/desk/filters")
    def add() -> AnyResponse:
        draft = _draft()
        try:
            filtering.add(draft)
            if "apply" in request.form:
                filtering.apply(draft, user())
        except (BadFilter, FeedNotFound) as error:
            return shown(422, draft=draft, problem=str(error))
        return redirect(url_for(".show", done="made"), 303)

    @desk.post("/desk/filters/<int:number>/<what>")
    def change(number: int, what: str) -> AnyResponse:
        if what == "remove":
            found = filtering.remove(number)
        else:
            known = what in ("pause", "resume")
            found = known and filtering.pause(number, paused=what == "pause")
        if not found:
            abort(404)
        return redirect(url_for(".show", done=what), 303)

    def _draft() -> Filter:
        form = request.form
        try:
            action = FilterAction(form.get("action", ""))
            field = FilterField(form.get("field", ""))
        except ValueError:
            abort(422, "Load the page again: this form is not whole.")
        return Filter(
            action=action,
            field=field,
            pattern=form.get("pattern", "").strip(),
            created=parts.clock(),
            tag=" ".join(form.get("tag", "").split()) if action is FilterAction.TAG else None,
            feed=number_in(form.get("feed")),
        )

    return desk
