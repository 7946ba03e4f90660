"""One entry: to be read, and compared with what it was."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from markupsafe import Markup

from aggregator.web.desk.guard import by_script
from aggregator.web.desk.parts import Parts
from aggregator.web.desk.viewing import asked


def pages(parts: Parts) -> Blueprint:
    """Return the pages of single entries."""
    desk = Blueprint("entry", __name__)

    @desk.get("/desk/entries/<int:number>")
    def show(number: int) -> str:
        reading = parts.reader.read(number)
        wanted = asked(request.args)
        above = below = None
        if not (by_script() or wanted.problem):
            above, below = parts.inbox.neighbours(wanted.view, reading.line.entry)
        return render_template(
            "entry_pane.html" if by_script() else "entry.html",
            reading=reading,
            html=Markup(reading.html),  # noqa: S704 - cleaned when it came in
            wanted=wanted,
            above=above,
            below=below,
            back=request.full_path.rstrip("?"),
        )

    @desk.get("/desk/entries/<int:number>/versions")
    def versions(number: int) -> str:
        stored, edits = parts.reader.edits(number)
        return render_template(
            "versions_pane.html" if by_script() else "versions.html", stored=stored, edits=edits
        )

    return desk
