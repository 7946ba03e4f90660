"""Where the desk begins."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from aggregator.web.desk.parts import Parts


def pages(parts: Parts) -> Blueprint:
    """Return the front door."""
    desk = Blueprint("front", __name__)

    @desk.get("/desk")
    def begin() -> AnyResponse:
        return redirect(url_for(".inbox"), 303)

    @desk.get("/desk/inbox")
    def inbox() -> str:
        return render_template("inbox.html")

    return desk
