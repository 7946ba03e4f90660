"""Feeds that fail, the longest first."""

from __future__ import annotations

from flask import Blueprint, render_template

from aggregator.model.inbox import Among
from aggregator.web.desk.parts import Parts
from aggregator.web.desk.viewing import asked


def pages(parts: Parts) -> Blueprint:
    """Return the page of what goes wrong."""
    desk = Blueprint("trouble", __name__)

    @desk.get("/desk/trouble")
    def show() -> str:
        return render_template(
            "failing.html", beside=parts.inbox.beside(), wanted=asked({}), Among=Among
        )

    return desk
