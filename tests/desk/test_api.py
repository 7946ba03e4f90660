"""The API: what a program may do with a token, and what it is told when it may not."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from desk.conftest import Clock
from desk.receiving import feed, follow, item, receive
from flask import Flask
from flask.testing import FlaskClient
from jsonschema.validators import Draft202012Validator
from werkzeug.test import TestResponse

from aggregator.services.accounts import Accounts
from aggregator.storage.sql import SqlStorage
from aggregator.web.api.app import create_api
from aggregator.web.desk.parts import Parts

WORDS = '---\ntitle: "The council blinked"\ntags: [city]\n---\nIt put off the vote.\n'


class Program:
    """A program with a token; every answer is held against the description."""

    def __init__(self, client: FlaskClient, key: str) -> None:
        self._client, self._key = client, key
        self.told: dict[str, Any] = client.get("/api/v1/openapi.json").json  # type: ignore[assignment]

    def ask(self, method: str, path: str, /, **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self._key}", **more.pop("headers", {})}
        answer = self._client.open(f"/api/v1{path}", method=method, headers=headers, **more)
        self._check(method, path.partition("?")[0], answer)
        return answer

    def _check(self, method: str, path: str, answer: TestResponse) -> None:
        [described] = [
            operations[method.lower()]
            for shape, operations in self.told["paths"].items()
            if re.fullmatch(
                re.sub(r"\{number\}", r"\\d+", re.sub(r"\{slug\}", "[^/]+", shape)), path
            )
            and method.lower() in operations
        ]
        said = described["responses"].get(str(answer.status_code))
        said = said or described["responses"]["default"]
        for kind, content in said.get("content", {}).items():
            assert answer.mimetype == kind
            whole = content["schema"] | {"components": self.told["components"]}
            Draft202012Validator(whole, format_checker=jsonschema.FormatChecker()).validate(
                answer.json
            )


@pytest.fixture
def api(parts: Parts) -> Flask:
    return create_api(parts)


@pytest.fixture
def program(api: Flask, accounts: Accounts) -> Program:
    key, _ = accounts.new_token(accounts.add("ada"), "test")
    return Program(api.test_client(), key)


def problem(answer: TestResponse, status: int, words: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    assert words in answer.json["detail"]  # type: ignore[index]


def test_nothing_is_told_without_a_token_that_holds(
    api: Flask, program: Program, accounts: Accounts
) -> None:
    client = api.test_client()
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic YTpi"}):
        answer = client.get("/api/v1/entries", headers=headers)
        problem(answer, 401, "aggregator user token")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert program.ask("GET", "/entries").status_code == 200
    ada = accounts.user("ada")
    [token] = accounts.tokens(ada)
    accounts.revoke(ada, token.number)
    problem(program.ask("GET", "/entries"), 401, "token")


def test_the_description_is_one_and_names_every_operation(api: Flask, program: Program) -> None:
    rules = {
        (method.lower(), re.sub(r"<\w+:(\w+)>", r"{\1}", rule.rule).removeprefix("/api/v1"))
        for rule in api.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    told = {
        (method, path)
        for path, operations in program.told["paths"].items()
        for method in operations
    }
    assert rules == told | {("get", "/openapi.json")}
    for name in ("Entry", "Post", "Feed"):
        Draft202012Validator.check_schema(program.told["components"]["schemas"][name])


def test_the_inbox_is_read_page_by_page_marked_and_taken_back(
    program: Program, storage: SqlStorage
) -> None:
    follow(storage, feed("Courier"))
    receive(storage, "Courier", *[item(f"News {number}", ago=number) for number in range(60)])
    first = program.ask("GET", "/entries").json
    assert len(first["entries"]) == 50
    rest = program.ask("GET", f"/entries?from={first['next']}").json
    assert len(rest["entries"]) == 10
    assert rest["next"] is None
    numbers = [one["number"] for one in first["entries"][:3]]
    done = program.ask("POST", "/entries/marks", json={"do": "star", "entries": numbers}).json
    assert done["done"]["count"] == 3
    assert {one["number"] for one in listed(program, "among=starred")} == set(numbers)
    assert {one["number"] for one in listed(program, "q=is:starred")} == set(numbers)
    program.ask("POST", "/entries/undo")
    assert listed(program, "among=starred") == []
    whole = program.ask("GET", f"/entries/{numbers[0]}").json
    assert whole["feed"]["title"] == "Courier"
    program.ask("POST", "/entries/read", json={"newest": first["newest"]})
    assert listed(program, "") == []


def listed(program: Program, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = program.ask("GET", f"/entries?{query}").json["entries"]
    return found


def test_a_post_lives_its_life(program: Program, tmp_path: Path, clock: Clock) -> None:
    made = program.ask("POST", "/posts", json={"document": WORDS})
    assert made.status_code == 201
    assert made.headers["Location"] == "/api/v1/posts/the-council-blinked"
    assert made.json["document"] == WORDS
    path = "/posts/the-council-blinked"
    longer = WORDS + "\nTwice.\n"
    edited = program.ask(
        "PUT", path, json={"document": longer}, headers={"If-Match": made.headers["ETag"]}
    )
    assert edited.json["document"] == longer
    published = program.ask("POST", f"{path}/publish", json={})
    assert published.json["status"] == "published"
    assert published.json["site"] == []
    feed_file = tmp_path / "public" / "feed.atom"
    assert "Twice." in feed_file.read_text()
    clock.passes(timedelta(hours=1))
    updated = program.ask("POST", f"{path}/updates", json={"text": "They voted.\n"})
    assert updated.json["updates"] == 1
    assert updated.json["published"] == published.json["published"]
    assert updated.json["updated"] > published.json["updated"]
    assert "They voted." in feed_file.read_text()
    assert program.ask("POST", f"{path}/withdraw").json["status"] == "withdrawn"
    assert "They voted." not in feed_file.read_text()
    assert [one["slug"] for one in program.ask("GET", "/posts?status=withdrawn").json["posts"]] == [
        "the-council-blinked"
    ]


def test_nobodys_words_are_overwritten(program: Program) -> None:
    made = program.ask("POST", "/posts", json={"document": WORDS})
    path = "/posts/the-council-blinked"
    problem(program.ask("PUT", path, json={"document": "x"}), 428, "If-Match")
    first = {"If-Match": made.headers["ETag"]}
    program.ask("PUT", path, json={"document": WORDS + "\nMine.\n"}, headers=first)
    late = program.ask("PUT", path, json={"document": WORDS + "\nTheirs.\n"}, headers=first)
    problem(late, 412, "another hand")
    assert "Mine." in program.ask("GET", path).json["document"]


def test_a_post_can_wait_for_its_time(program: Program) -> None:
    program.ask("POST", "/posts", json={"document": WORDS})
    path = "/posts/the-council-blinked/publish"
    problem(program.ask("POST", path, json={"at": "tomorrow"}), 422, "2026-03-31T14:05:00Z")
    problem(program.ask("POST", path, json={"at": "2026-04-01T12:00:00"}), 422, "zone")
    later = program.ask("POST", path, json={"at": "2026-04-01T12:00:00+02:00"}).json
    assert (later["status"], later["scheduled"]) == ("scheduled", "2026-04-01T10:00:00Z")


def test_what_is_wrong_is_named_with_its_place(program: Program) -> None:
    wrong = program.ask("POST", "/posts", json={"document": "---\ntitle: [\n---\n"})
    problem(wrong, 422, "")
    assert wrong.json["line"] >= 1
    for body, words in (
        ({}, "'document' is missing"),
        ({"document": 1}, "expected a text"),
        ({"document": WORDS, "entry": True}, "whole number"),
        ({"document": WORDS, "entry": 2**64}, "whole number"),
        ({"document": WORDS, "titel": "x"}, "no field 'titel'"),
    ):
        problem(program.ask("POST", "/posts", json=body), 422, words)
    assert program.ask("GET", "/posts").json == {"posts": []}
    problem(program.ask("POST", "/posts", data="{"), 415, "application/json")
    as_json = {"Content-Type": "application/json"}
    for data in ("{", "[]", '"x"', "[" * 100_000, "\xff"):
        answer = program.ask("POST", "/posts", data=data, headers=as_json)
        problem(answer, 400, "")
    halves = json.dumps({"document": "x\ud800"})
    problem(program.ask("POST", "/posts", data=halves, headers=as_json), 422, "half a character")
    problem(program.ask("GET", "/posts/none"), 404, "none")
    problem(program.ask("GET", "/entries/99"), 404, "")
    problem(program.ask("GET", f"/entries/{10**30}"), 404, "")
    problem(program.ask("GET", "/entries?q=before:never"), 400, "before")
    problem(program.ask("GET", "/entries?from=x"), 400, "next")
    problem(program.ask("GET", "/entries?among=x"), 400, "unread")


def test_feeds_are_followed_changed_and_left(program: Program, tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text("# mine\nsite: {title: The Example}\nfeeds: []\n")
    made = program.ask("POST", "/feeds", json={"url": "courier.example/rss", "tags": ["city"]})
    assert made.status_code == 201
    assert made.json["url"] == "https://courier.example/rss"
    problem(program.ask("POST", "/feeds", json={"url": "courier.example/rss"}), 409, "already")
    problem(program.ask("POST", "/feeds", json={"url": "no address"}), 409, "no address")
    path = f"/feeds/{made.json['number']}"
    changed = program.ask("PATCH", path, json={"title": "Courier", "paused": True}).json
    assert (changed["name"], changed["tags"], changed["paused"]) == ("Courier", ["city"], True)
    assert program.ask("PATCH", path, json={"tags": ["a, b", "c"]}).json["tags"] == ["a, b", "c"]
    # What is left out stays as it is.
    assert program.ask("PATCH", path, json={"title": "C"}).json["tags"] == ["a, b", "c"]
    problem(program.ask("PATCH", path, json={"interval": "often"}), 409, "often")
    text = (tmp_path / "feeds.yaml").read_text()
    assert text.startswith("# mine\n")
    assert 'title: "C"' in text
    assert program.ask("DELETE", path).status_code == 204
    assert program.ask("GET", "/feeds").json == {"feeds": []}


def test_a_page_of_somebody_else_can_do_nothing_with_a_cookie(api: Flask, ada: FlaskClient) -> None:
    client = api.test_client()
    for cookie in ada._cookies.values():  # type: ignore[union-attr]
        client.set_cookie(cookie.key, cookie.value)
    assert client.post("/api/v1/posts", json={"document": WORDS}).status_code == 401
