"""Who gets in, who does not, and what their browser is told."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from desk.asking import secret_of, send
from desk.conftest import PASSWORD, Clock
from flask import Flask
from flask.testing import FlaskClient

from aggregator.services.accounts import Accounts


def test_a_page_of_the_desk_sends_strangers_to_the_door_and_back(
    stranger: FlaskClient, accounts: Accounts
) -> None:
    accounts.add("ada", password=PASSWORD)
    answer = stranger.get("/desk/account?x=1")
    assert answer.status_code == 303
    assert answer.location == "/desk/sign-in?next=/desk/account?x%3D1"
    door = stranger.get(answer.location)
    assert 'name="next" value="/desk/account?x=1"' in door.text
    form = {"name": "ada", "password": PASSWORD, "next": "/desk/account?x=1"}
    assert stranger.post("/desk/sign-in", data=form).location == "/desk/account?x=1"
    assert stranger.get("/desk/account").status_code == 200


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/desk\\@evil.example",
        "/feed.atom",
    ],
)
def test_nobody_is_sent_anywhere_else(
    stranger: FlaskClient, accounts: Accounts, wanted: str
) -> None:
    accounts.add("ada", password=PASSWORD)
    form = {"name": "ada", "password": PASSWORD, "next": wanted}
    assert stranger.post("/desk/sign-in", data=form).location == "/desk/inbox"


def test_a_wrong_password_and_a_wrong_name_are_told_alike(
    stranger: FlaskClient, accounts: Accounts
) -> None:
    accounts.add("ada", password=PASSWORD)
    answers = [
        stranger.post("/desk/sign-in", data={"name": name, "password": "wrong password"})
        for name in ("ada", "bob")
    ]
    assert [answer.status_code for answer in answers] == [403, 403]
    told = {re.search(r'role="alert">([^<]+)', answer.text)[1] for answer in answers}  # type: ignore[index]
    assert len(told) == 1
    assert 'value="ada"' in answers[0].text
    assert "wrong password" not in answers[0].text


def test_guessing_gets_slow_and_the_right_password_does_not_help_until_then(
    stranger: FlaskClient, accounts: Accounts, clock: Clock
) -> None:
    accounts.add("ada", password=PASSWORD)
    wrong, right = {"name": "ada", "password": "x"}, {"name": "ada", "password": PASSWORD}
    for _ in range(5):
        assert stranger.post("/desk/sign-in", data=wrong).status_code == 403
    answer = stranger.post("/desk/sign-in", data=right)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "30")
    assert "user link" in answer.text
    clock.passes(timedelta(seconds=30))
    assert stranger.post("/desk/sign-in", data=wrong).status_code == 403
    assert stranger.post("/desk/sign-in", data=right).headers["Retry-After"] == "60"
    clock.passes(timedelta(seconds=60))
    assert stranger.post("/desk/sign-in", data=right).status_code == 303
    assert stranger.post("/desk/sign-in", data=wrong).status_code == 403, "it counts from 1 again"


def test_a_link_lets_in_once_and_looking_at_it_uses_nothing_up(
    stranger: FlaskClient, accounts: Accounts
) -> None:
    key = accounts.link(accounts.add("ada"))
    place = f"/desk/welcome/{key}"
    for _ in range(3):
        assert stranger.get(place).status_code == 200
    assert stranger.post(place).location == "/desk/inbox"
    assert stranger.get("/desk/account").status_code == 200
    assert (stranger.get(place).status_code, stranger.post(place).status_code) == (404, 404)


def test_a_link_is_too_old_after_an_hour(
    stranger: FlaskClient, accounts: Accounts, clock: Clock
) -> None:
    key = accounts.link(accounts.add("ada"))
    clock.passes(timedelta(hours=1))
    assert stranger.post(f"/desk/welcome/{key}").status_code == 404


def test_the_cookie_is_for_the_desk_alone_and_no_script_reads_it(
    desk: Flask, accounts: Accounts
) -> None:
    accounts.add("ada", password=PASSWORD)
    for host, secure in (("127.0.0.1:8321", False), ("blog.example", True)):
        answer = desk.test_client().post(
            "/desk/sign-in", data={"name": "ada", "password": PASSWORD}, headers={"Host": host}
        )
        cookie = answer.headers["Set-Cookie"]
        assert "; HttpOnly" in cookie
        assert "; SameSite=Lax" in cookie
        assert "; Path=/desk" in cookie
        assert ("; Secure" in cookie) == secure


def test_a_key_that_was_set_before_signing_in_is_worth_nothing(
    stranger: FlaskClient, accounts: Accounts
) -> None:
    accounts.add("ada", password=PASSWORD)
    stranger.set_cookie("aggregator_desk", "planted", path="/desk")
    stranger.post("/desk/sign-in", data={"name": "ada", "password": PASSWORD})
    cookie = stranger.get_cookie("aggregator_desk", path="/desk")
    assert cookie
    assert cookie.value != "planted"
    assert accounts.admit("planted") is None


def test_the_key_changes_once_a_day_and_the_old_one_soon_opens_nothing(
    ada: FlaskClient, desk: Flask, clock: Clock
) -> None:
    before = ada.get_cookie("aggregator_desk", path="/desk")
    assert before
    secret = secret_of(ada)
    clock.passes(timedelta(days=1))
    thief = desk.test_client()
    thief.set_cookie("aggregator_desk", before.value, path="/desk")
    assert ada.get("/desk/account").status_code == 200
    after = ada.get_cookie("aggregator_desk", path="/desk")
    assert after
    assert after.value != before.value
    assert secret_of(ada) == secret, "forms that are open still go"
    assert thief.get("/desk/account").status_code == 200, "a request that was under way"
    clock.passes(timedelta(minutes=3))
    assert thief.get("/desk/account").status_code == 303
    assert ada.get("/desk/account").status_code == 200


def test_a_browser_not_seen_for_a_month_is_signed_out(ada: FlaskClient, clock: Clock) -> None:
    clock.passes(timedelta(days=29))
    assert ada.get("/desk/account").status_code == 200
    clock.passes(timedelta(days=31))
    assert ada.get("/desk/account").status_code == 303


def test_who_signs_out_is_out_and_their_browser_forgets(ada: FlaskClient, desk: Flask) -> None:
    key = ada.get_cookie("aggregator_desk", path="/desk")
    assert key
    answer = send(ada, "/desk/sign-out")
    assert answer.location == "/desk/sign-in"
    assert "storage" in answer.headers["Clear-Site-Data"]
    again = desk.test_client()
    again.set_cookie("aggregator_desk", key.value, path="/desk")
    assert again.get("/desk/account").status_code == 303
