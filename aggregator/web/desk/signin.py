"""Signing in and out."""

from __future__ import annotations

import math

from flask import Blueprint, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from aggregator.errors import NoAdmission, TooManyAttempts
from aggregator.web.desk.guard import give_key, public, safe_next, signed_in, take_key
from aggregator.web.desk.parts import Parts


def pages(parts: Parts) -> Blueprint:
    """Return the pages through which one comes in and goes out."""
    desk = Blueprint("signin", __name__)
    accounts = parts.accounts

    @desk.get("/desk/sign-in")
    @public
    def sign_in() -> AnyResponse | str:
        wanted = safe_next(request.args.get("next"))
        if g.session is not None:
            return redirect(wanted, 303)
        return render_template(
            "sign_in.html", next=wanted, name="", problem="", nobody=not accounts.users()
        )

    @desk.post("/desk/sign-in")
    @public
    def try_password() -> AnyResponse:
        name, wanted = request.form.get("name", ""), safe_next(request.form.get("next"))
        try:
            key = accounts.sign_in(name, request.form.get("password", ""), _browser())
        except NoAdmission as error:
            page = render_template(
                "sign_in.html", next=wanted, name=name, problem=str(error), nobody=False
            )
            response = make_response(page, 429 if isinstance(error, TooManyAttempts) else 403)
            if isinstance(error, TooManyAttempts):
                response.headers["Retry-After"] = str(math.ceil(error.wait.total_seconds()))
            return response
        return _let_in(key, wanted)

    # Whoever looks at a link before a person does, as mail filters do, must not use it up.
    @desk.get("/desk/welcome/<key>")
    @public
    def welcome(key: str) -> AnyResponse:
        who = accounts.link_user(key)
        page = render_template("welcome.html", key=key, who=who)
        return make_response(page, 200 if who else 404)

    @desk.post("/desk/welcome/<key>")
    @public
    def try_link(key: str) -> AnyResponse:
        try:
            return _let_in(accounts.sign_in_by_link(key, _browser()), url_for("inbox.show"))
        except NoAdmission:
            return make_response(render_template("welcome.html", key=key, who=None), 404)

    @desk.post("/desk/sign-out")
    def sign_out() -> AnyResponse:
        accounts.sign_out(signed_in())
        response = redirect(url_for(".sign_in"), 303)
        take_key(response)
        # The drafts that this browser kept are the author's, and not for whoever comes next.
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        g.new_key = None
        return response

    def _let_in(key: str, wanted: str) -> AnyResponse:
        response = redirect(wanted, 303)
        give_key(response, key, parts)
        g.new_key = None
        return response

    return desk


def _browser() -> str:
    return request.headers.get("User-Agent", "").encode("ascii", "replace").decode()
