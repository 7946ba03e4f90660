"""One's own account: password, browsers, programs."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from desk.asking import secret_of, send
from desk.conftest import PASSWORD
from flask import Flask
from flask.testing import FlaskClient

from aggregator.services.accounts import Accounts


@pytest.fixture
def password() -> str:
    return PASSWORD


def test_a_new_password_signs_out_everybody_else(
    ada: FlaskClient, desk: Flask, accounts: Accounts
) -> None:
    other = desk.test_client()
    other.post("/desk/sign-in", data={"name": "ada", "password": PASSWORD})
    form = {"old": PASSWORD, "new": "another horse", "again": "another horse"}
    assert send(ada, "/desk/account/password", **form).location.endswith("?done=password")
    assert other.get("/desk/account").status_code == 303
    assert ada.get("/desk/account").status_code == 200
    assert accounts.knows_password(accounts.user("ada"), "another horse")


def test_a_password_is_not_changed_without_the_present_one_or_by_a_slip(ada: FlaskClient) -> None:
    for form, told in (
        ({"old": "wrong", "new": "another horse", "again": "another horse"}, "is another one"),
        ({"old": PASSWORD, "new": "another horse", "again": "another hose"}, "differ"),
        ({"old": PASSWORD, "new": "short", "again": "short"}, "10 characters at least"),
    ):
        answer = send(ada, "/desk/account/password", **form)
        assert answer.status_code in {403, 422}
        assert told in answer.text


def test_a_token_is_shown_once_works_and_is_revoked(
    ada: FlaskClient, accounts: Accounts, tmp_path: Path
) -> None:
    page = send(ada, "/desk/account/tokens", name="my  phone").text
    found = re.search(r"agg_[\w-]{43}", page)
    assert found
    key = found[0]
    owner = accounts.by_token(key)
    assert owner
    assert owner.name == "ada"
    page = ada.get("/desk/account").text
    assert "my phone" in page
    assert key not in page
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as raw:
        assert key not in "\n".join(raw.iterdump())
    assert send(ada, "/desk/account/tokens/1/revoke").status_code == 303
    assert accounts.by_token(key) is None


def test_nobody_revokes_the_tokens_or_browsers_of_others(
    ada: FlaskClient, accounts: Accounts, desk: Flask
) -> None:
    bob = accounts.add("bob", password=PASSWORD)
    key, token = accounts.new_token(bob, "bob's")
    browser = desk.test_client()
    browser.post("/desk/sign-in", data={"name": "bob", "password": PASSWORD})
    [session] = accounts.sessions(bob)
    assert send(ada, f"/desk/account/tokens/{token.number}/revoke").status_code == 404
    send(ada, "/desk/account/sign-out", session=session.number)
    assert accounts.by_token(key) == accounts.user("bob")
    assert browser.get("/desk/account").status_code == 200


def test_one_browser_of_several_is_signed_out(
    ada: FlaskClient, accounts: Accounts, desk: Flask
) -> None:
    others = [desk.test_client() for _ in range(2)]
    for other in others:
        other.post("/desk/sign-in", data={"name": "ada", "password": PASSWORD})
    user = accounts.user("ada")
    newest = max(accounts.sessions(user), key=lambda session: session.number)
    send(ada, "/desk/account/sign-out", session=newest.number)
    assert [other.get("/desk/account").status_code for other in others] == [200, 303]
    send(ada, "/desk/account/sign-out")
    assert len(accounts.sessions(user)) == 1
    assert secret_of(ada)


def test_what_a_browser_calls_itself_is_shown_as_text(desk: Flask, accounts: Accounts) -> None:
    accounts.add("ada", password=PASSWORD)
    client = desk.test_client()
    client.post(
        "/desk/sign-in",
        data={"name": "ada", "password": PASSWORD},
        headers={"User-Agent": "<script>alert(1)</script>" + "x" * 500},
    )
    page = client.get("/desk/account").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
