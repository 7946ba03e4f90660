"""Style sheets and scripts: kept by browsers, and never the old ones."""

from __future__ import annotations

import re

from flask.testing import FlaskClient


def test_a_page_names_its_files_as_they_are_and_browsers_may_keep_them(
    stranger: FlaskClient,
) -> None:
    found = re.search(r'href="(/desk/static/[^"]+\.css)"', stranger.get("/desk/sign-in").text)
    assert found
    with stranger.get(found[1]) as answer:
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_page_from_before_an_update_gets_the_present_files_and_keeps_none(
    stranger: FlaskClient,
) -> None:
    with stranger.get("/desk/static/0123456789ab/desk.css") as answer:
        assert answer.status_code == 200
        assert "max-age=0" in answer.headers["Cache-Control"]


def test_nothing_but_those_files_is_served(stranger: FlaskClient) -> None:
    for path in ("x/../app.py", "x/%2e%2e/app.py", "x/absent.js"):
        with stranger.get(f"/desk/static/{path}") as answer:
            assert answer.status_code != 200
