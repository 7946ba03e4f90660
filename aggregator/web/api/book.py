"""Which operations there are: each is written down where it is carried out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import Flask

from aggregator import __version__
from aggregator.web.api.shapes import NUMBER, SCHEMAS, TEXT, Shape, ref

ROOT = "/api/v1"
_PLACE = re.compile(r"\{(\w+)\}")
_KINDS = {"number": ("int", NUMBER), "slug": ("string", TEXT)}

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One of them, as its description has it. `answer` None: there is no body."""

    method: str
    path: str
    name: str
    summary: str
    query: Mapping[str, Shape] = field(default_factory=dict)
    body: Shape | None = None
    answer: Shape | None = None
    status: int = 200
    conditional: bool = False  # asks for If-Match


class Book:
    """The operations of one app."""

    def __init__(self, api: Flask) -> None:
        self._api = api
        self.operations: list[Operation] = []

    def on(self, method: str, path: str, summary: str, **said: Any) -> Callable[[View], View]:
        """Return a decorator that has a function carry out an operation."""

        def add(view: View) -> View:
            name = view.__name__
            made = Operation(method=method, path=path, name=name, summary=summary, **said)
            self.operations.append(made)
            rule = _PLACE.sub(lambda found: f"<{_KINDS[found[1]][0]}:{found[1]}>", path)
            self._api.add_url_rule(
                f"{ROOT}{rule}",
                endpoint=name,
                view_func=view,
                methods=[method],
                provide_automatic_options=False,
            )
            return view

        return add

    def description(self) -> dict[str, Any]:
        """Return what OpenAPI 3.1 says of all that was written down."""
        paths: dict[str, dict[str, Any]] = {}
        for one in self.operations:
            paths.setdefault(one.path, {})[one.method.lower()] = _described(one)
        return {
            "openapi": "3.1.0",
            "info": {
                "title": "The desk for programs",
                "version": __version__,
                "description": "Times are in UTC (RFC 3339). What is wrong is told as RFC 9457 "
                "has it. A token comes from `aggregator user token` or from the desk.",
            },
            "servers": [{"url": ROOT}],
            "security": [{"token": []}],
            "paths": paths,
            "components": {
                "schemas": SCHEMAS,
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            },
        }


def _described(one: Operation) -> dict[str, Any]:
    found = [
        {"name": name, "in": "path", "required": True, "schema": _KINDS[name][1]}
        for name in _PLACE.findall(one.path)
    ]
    found += [{"name": name, "in": "query", "schema": shape} for name, shape in one.query.items()]
    if one.conditional:
        found.append({"name": "If-Match", "in": "header", "required": True, "schema": TEXT})
    answer: dict[str, Any] = {"description": one.summary}
    if one.answer is not None:
        answer["content"] = {"application/json": {"schema": one.answer}}
    problem = {"application/problem+json": {"schema": ref("Problem")}}
    said: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary,
        "parameters": found,
        "responses": {
            str(one.status): answer,
            "default": {"description": "What is wrong", "content": problem},
        },
    }
    if one.body is not None:
        said["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": one.body}},
        }
    return said
