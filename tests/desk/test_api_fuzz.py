"""The API asked at random by its own description: no breach of it, and nothing breaks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from desk.receiving import feed, follow, item, receive
from flask import Flask
from hypothesis import HealthCheck, given, settings

from aggregator.services.accounts import Accounts
from aggregator.storage.sql import SqlStorage
from aggregator.web.api.app import create_api
from aggregator.web.desk.parts import Parts

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")

from schemathesis.checks import not_a_server_error  # noqa: E402
from schemathesis.specs.openapi.checks import (  # noqa: E402
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]
EXAMPLES = 12  # of each operation
DRAFT = "---\ntitle: A draft\n---\nWords.\n"


@pytest.fixture
def api(parts: Parts) -> Flask:
    return create_api(parts)


def test_no_request_breaks_anything_or_gets_an_answer_that_was_not_described(
    api: Flask, accounts: Accounts, storage: SqlStorage, parts: Parts, tmp_path: Path
) -> None:
    key, _ = accounts.new_token(accounts.add("ada"), "fuzz")
    follow(storage, feed("Courier"))
    receive(storage, "Courier", item("One"), item("Two"))
    parts.desk().new(DRAFT)
    (tmp_path / "feeds.yaml").write_text("feeds:\n  - url: https://courier.example/feed\n")
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", api)
    statuses: dict[str, set[int]] = {}
    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            answer = case.call(headers={"Authorization": f"Bearer {key}"})
            statuses.setdefault(case.operation.label, set()).add(answer.status_code)
            case.validate_response(answer, checks=CHECKS)

        ask()
    assert len(statuses) == len(list(schema.get_all_operations()))
    assert not any(401 in found or max(found) >= 500 for found in statuses.values())
    assert statuses["GET /feeds"] == statuses["GET /posts"] == {200}
