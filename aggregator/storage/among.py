"""Conditions on one of many values."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ColumnElement, bindparam, func, select


def among(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Whether a column is one of the values of the parameter `name`, a list.

    It is one JSON text for SQLite: with a parameter for each value, the statement would be
    another one for each length, and writing it would take longer than running it.
    """
    listed = func.json_each(bindparam(name, type_=JSON)).table_valued("value")
    return column.in_(select(listed.c.value))
