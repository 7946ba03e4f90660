"""Requests of programs: who asks, what they sent, and the answer when it cannot be done."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, NoReturn, TypeVar

from flask import Flask, Response, abort, g, jsonify, request
from werkzeug.exceptions import HTTPException

from aggregator.errors import (
    AggregatorError,
    BadQuery,
    ConfigError,
    DocumentError,
    NotFound,
    StorageError,
    WrongState,
)
from aggregator.model.account import User
from aggregator.services.accounts import Accounts
from aggregator.web.numbers import MOST

Kind = TypeVar("Kind", str, bool, int)

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_NAMES = {str: "a text", bool: "true or false", int: "a whole number"}
_REQUIRED: Any = object()


def install(api: Flask, accounts: Accounts, *, public: frozenset[str]) -> None:
    """Have every request looked at and every trouble told as RFC 9457 has it.

    What the endpoints `public` answer is for everybody; for all else a token is needed
    (RFC 6750 §2.1). Cookies mean nothing here, so no page can make a browser ask for it.
    """

    @api.before_request
    def look() -> Response | None:
        if request.endpoint in public:
            return None
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        found = accounts.by_token(key.strip()) if scheme.lower() == "bearer" else None
        if found is None:
            answer = problem(HTTPStatus.UNAUTHORIZED, "A token is needed: aggregator user token")
            answer.headers["WWW-Authenticate"] = 'Bearer realm="aggregator"'
            return answer
        g.user = found
        return None

    @api.after_request
    def label(response: Response) -> Response:
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    @api.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        if isinstance(error.response, Response):
            return error.response
        answer = problem(HTTPStatus(error.code or 500), error.description or "")
        answer.headers.extend(
            (name, value) for name, value in error.get_headers() if name == "Allow"
        )
        return answer

    @api.errorhandler(AggregatorError)
    def mendable(error: AggregatorError) -> Response:
        line = {"line": error.line} if isinstance(error, DocumentError) else {}
        return problem(_status_of(error), str(error), **line)


def _status_of(error: AggregatorError) -> HTTPStatus:
    if isinstance(error, StorageError):
        logging.getLogger(__name__).error("the API: %s", error)
        return HTTPStatus.SERVICE_UNAVAILABLE
    if isinstance(error, NotFound):
        return HTTPStatus.NOT_FOUND
    if isinstance(error, (WrongState, ConfigError)):
        return HTTPStatus.CONFLICT
    return HTTPStatus.BAD_REQUEST if isinstance(error, BadQuery) else HTTPStatus(422)


def user() -> User:
    """Return whose token came with this request."""
    found: User = g.user
    return found


def problem(status: HTTPStatus, detail: str, **more: object) -> Response:
    """Return an answer that says what is wrong (RFC 9457)."""
    told = {"status": status.value, "title": status.phrase, "detail": detail, **more}
    answer = jsonify(told)
    answer.status_code = status.value
    answer.mimetype = "application/problem+json"
    return answer


def refuse(detail: str, status: int = 422) -> NoReturn:
    """End the request with a problem."""
    abort(problem(HTTPStatus(status), detail))


class Body:
    """The JSON object that came with a request; whoever takes what is not as promised is told."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values, self._asked = values, set[str]()

    def take(self, name: str, kind: type[Kind], default: Kind | None = _REQUIRED) -> Kind:
        """Return a field. Without it, the `default`; where there is none the request ends."""
        self._asked.add(name)
        value: Any = self._values.get(name, default)
        if value is _REQUIRED:
            refuse(f"{name!r} is missing; expected {_NAMES[kind]}")
        if name in self._values:
            huge = type(value) is int and not -MOST <= value <= MOST
            if type(value) is not kind or huge:
                refuse(f"{name!r}: expected {_NAMES[kind]}")
            if isinstance(value, str):
                _refuse_halves(name, value)
        found: Kind = value
        return found

    def listed(self, name: str, kind: type[Kind], *, most: int) -> list[Kind]:
        """Return a list of at most so many."""
        self._asked.add(name)
        values = self._values.get(name, [])
        if not isinstance(values, list) or len(values) > most:
            refuse(f"{name!r}: expected a list of at most {most}")
        each = [Body({name: value}) for value in values]
        return [one.take(name, kind) for one in each]

    def time(self, name: str) -> datetime | None:
        """Return a time (RFC 3339), or None."""
        told = self.take(name, str, "")
        if not told:
            return None
        try:
            found = datetime.fromisoformat(told)
            if found.tzinfo is None:
                raise ValueError("it has no zone")
            return found.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            refuse(f"{name!r}: expected a time such as 2026-03-31T14:05:00Z ({error})")

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def refuse_others(self) -> None:
        if others := sorted(set(self._values) - self._asked):
            refuse(f"there is no field {others[0]!r} here; there are {sorted(self._asked)}")


@contextmanager
def body() -> Iterator[Body]:
    """Give the object that was sent; fields that nobody took from it are refused in the end."""
    if request.mimetype != "application/json":
        refuse("expected a body of type application/json", 415)
    try:
        values = request.get_json(cache=False)
    except RecursionError:
        refuse("the body is nested too deep", 400)
    if not isinstance(values, dict):
        refuse("expected a JSON object", 400)
    sent = Body(values)
    yield sent
    sent.refuse_others()


def _refuse_halves(name: str, value: str) -> None:
    """Refuse halves of characters, which no database and no document can hold."""
    try:
        value.encode()
    except UnicodeEncodeError:
        refuse(f"{name!r} holds half a character (a lone surrogate)")
