"""Where the desk begins."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from aggregator.web.desk.parts import Parts


def pages(parts: Parts) -> Blueprint:
    """Return the front door."""
    desk = Blueprint("front", __name__)

    @desk.get("/desk")
    def begin() -> AnyResponse:
        return redirect(url_for("inbox.show"), 303)

    return desk
