"""The account: password, browsers, programs."""

from __future__ import annotations

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from aggregator.errors import NoAdmission, WrongState
from aggregator.web.desk.guard import signed_in, user
from aggregator.web.desk.parts import Parts
from aggregator.web.numbers import number_in


def pages(parts: Parts) -> Blueprint:
    """Return the pages of one's own account."""
    desk = Blueprint("account", __name__)
    accounts = parts.accounts

    def shown(status: int = 200, **told: object) -> AnyResponse:
        page = render_template(
            "account.html",
            sessions=accounts.sessions(user()),
            tokens=accounts.tokens(user()),
            here=signed_in(),
            **told,
        )
        return make_response(page, status)

    @desk.get("/desk/account")
    def show() -> AnyResponse:
        return shown(done=request.args.get("done", ""))

    @desk.post("/desk/account/password")
    def password() -> AnyResponse:
        new = request.form.get("new", "")
        try:
            if user().has_password and not accounts.knows_password(
                user(), request.form.get("old", "")
            ):
                return shown(403, problem="The present password is another one.")
            if new != request.form.get("again", ""):
                return shown(422, problem="The two new passwords differ.")
            accounts.set_password(user(), new, but=signed_in())
        except NoAdmission as error:
            return shown(429, problem=f"{error}")
        except WrongState as error:
            return shown(422, problem=_sentence(error))
        return redirect(url_for(".show", done="password"), 303)

    @desk.post("/desk/account/sign-out")
    def sign_out_elsewhere() -> AnyResponse:
        only = number_in(request.form.get("session"))
        accounts.sign_out_elsewhere(signed_in(), only=only)
        return redirect(url_for(".show", done="signed-out"), 303)

    @desk.post("/desk/account/tokens")
    def new_token() -> AnyResponse:
        try:
            key, token = accounts.new_token(user(), request.form.get("name", ""))
        except WrongState as error:
            return shown(422, problem=_sentence(error))
        return shown(key=key, made=token)

    @desk.post("/desk/account/tokens/<int:number>/revoke")
    def revoke(number: int) -> AnyResponse:
        if not accounts.revoke(user(), number):
            abort(404)
        return redirect(url_for(".show", done="revoked"), 303)

    return desk


def _sentence(error: Exception) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
