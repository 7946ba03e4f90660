"""Style sheets and scripts of the desk, under addresses that change with them."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, Response, send_from_directory, url_for

FOLDER = Path(__file__).parent / "static"
YEAR = 365 * 24 * 3600  # seconds


@cache
def version() -> str:
    """Return a value that differs when any of the files does.

    One for all of them, and in the path: so what a script imports beside itself is as new as it.
    """
    files = sorted(path for path in FOLDER.rglob("*") if path.is_file())
    told = hashlib.sha256()
    for path in files:
        told.update(f"{path.relative_to(FOLDER)}\n".encode() + path.read_bytes())
    return told.hexdigest()[:12]


def static(name: str) -> str:
    """Return the address of a file of ours."""
    return url_for("static", of=version(), name=name)


def install_statics(desk: Flask) -> None:
    """Serve them to anybody: the page for signing in needs them too."""

    def serve(of: str, name: str) -> Response:
        # A page from before an update asks for the files of its time: they are gone, the
        # present ones will do, and nobody is to keep them under that name.
        is_present = of == version()
        response = send_from_directory(FOLDER, name, max_age=YEAR if is_present else 0)
        if is_present:
            response.cache_control.immutable = True
        return response

    desk.add_url_rule("/desk/static/<of>/<path:name>", "static", serve)
