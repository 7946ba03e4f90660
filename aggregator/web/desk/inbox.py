"""The inbox: what came in, to be scanned."""

from __future__ import annotations

from flask import Blueprint, render_template

from aggregator.web.desk.parts import Parts


def pages(parts: Parts) -> Blueprint:
    """Return the pages of the inbox."""
    desk = Blueprint("inbox", __name__)

    @desk.get("/desk/inbox")
    def show() -> str:
        return render_template("inbox.html")

    return desk
