"""What other pages can make a signed-in browser do at the desk: nothing."""

from __future__ import annotations

import pytest
from desk.asking import secret_of, send
from flask import Flask
from flask.testing import FlaskClient


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
    ],
)
def test_a_form_of_another_page_is_refused_even_with_the_secret(
    ada: FlaskClient, headers: dict[str, str]
) -> None:
    form = {"csrf": secret_of(ada), "name": "x"}
    assert ada.post("/desk/account/tokens", data=form, headers=headers).status_code == 403
    assert "None." in ada.get("/desk/account").text


@pytest.mark.parametrize("given", [None, "", "x" * 43])
def test_a_form_without_the_secret_is_refused(ada: FlaskClient, given: str | None) -> None:
    form = {"name": "x"} | ({} if given is None else {"csrf": given})
    answer = ada.post("/desk/account/tokens", data=form)
    assert answer.status_code == 403
    assert "load it again" in answer.text


def test_a_script_may_send_the_secret_as_a_field(ada: FlaskClient) -> None:
    headers = {"X-CSRF-Token": secret_of(ada), "Origin": "http://localhost"}
    assert ada.post("/desk/account/tokens", data={"name": "x"}, headers=headers).status_code == 200


def test_every_page_that_changes_anything_wants_the_secret(desk: Flask, ada: FlaskClient) -> None:
    doors = {"signin.try_password", "signin.try_link"}
    for rule in desk.url_map.iter_rules():
        changing = (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}
        if changing and rule.endpoint not in doors:
            path = rule.build(dict.fromkeys(rule.arguments, 1))
            assert path
            for method in changing:
                assert ada.open(path[1], method=method).status_code == 403, rule


def test_every_page_but_the_doors_is_closed_to_strangers(
    desk: Flask, stranger: FlaskClient
) -> None:
    open_to_all = {"signin.sign_in", "signin.welcome", "static"}
    for rule in desk.url_map.iter_rules():
        if "GET" in (rule.methods or set()) and rule.endpoint not in open_to_all:
            path = rule.build(dict.fromkeys(rule.arguments, 1))
            assert path
            assert stranger.get(path[1]).status_code == 303, rule


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "[::1", "", "a b"])
def test_under_another_name_the_desk_does_not_answer(stranger: FlaskClient, host: str) -> None:
    answer = stranger.get("/desk/sign-in", headers={"Host": host})
    assert answer.status_code in {400, 421}
    assert "<form" not in answer.text


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8321", "[::1]:8321", "localhost", "blog.example", "DESK.example:443"]
)
def test_it_answers_to_its_names(stranger: FlaskClient, host: str) -> None:
    assert stranger.get("/desk/sign-in", headers={"Host": host}).status_code == 200


def test_pages_may_load_and_run_only_what_is_ours(ada: FlaskClient) -> None:
    answer = ada.get("/desk/account")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert "style=" not in answer.text
    assert "<script>" not in answer.text


def test_a_script_is_told_in_a_line_that_nobody_is_signed_in(stranger: FlaskClient) -> None:
    answer = stranger.get("/desk/inbox", headers={"X-Desk-Script": "1"})
    assert (answer.status_code, answer.text) == (401, "You are signed out.\n")


def test_what_is_not_there_says_so_in_a_page(ada: FlaskClient) -> None:
    answer = ada.get("/desk/nowhere")
    assert answer.status_code == 404
    assert "There is nothing here." in answer.text
    assert send(ada, "/desk/account/tokens/7/revoke").status_code == 404
