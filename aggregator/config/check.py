"""The bytes of a feeds.yaml → Settings, or every reason why not."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from aggregator import yamltext
from aggregator.config.convert import settings_of
from aggregator.config.problems import Problem, problems_of
from aggregator.config.schema import File
from aggregator.config.settings import Settings
from aggregator.errors import ConfigError
from aggregator.yamltext import YamlDocument, YamlError

PROBLEMS_SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A configuration that holds, in all the forms that an edit needs."""

    text: str  # without a byte order mark
    document: YamlDocument
    plain: dict[str, Any]
    settings: Settings


def check(content: bytes, path: Path) -> Checked:
    """Return what the bytes of a configuration say, as if they stood at `path`.

    Raises ConfigError.
    """
    text = decoded(content, path)
    if not text.strip():
        raise ConfigError("the file is empty; expected `feeds:` at least", path=path)
    try:
        document = yamltext.load(text, name=str(path))
    except YamlError as error:
        raise ConfigError(error.message, path=path, line=error.line, column=error.column) from error
    plain = document.plain()
    if plain is None:
        raise ConfigError("the file says nothing; expected `feeds:` at least", path=path)
    if not isinstance(plain, dict):
        line, column = document.position(()) or (1, 1)
        raise ConfigError(
            "expected keys and values such as `site:` and `feeds:`",
            path=path,
            line=line,
            column=column,
        )
    try:
        settings, problems = settings_of(File.model_validate(plain), path)
    except ValidationError as error:
        raise _config_error(problems_of(error), document, path) from None
    if problems:
        raise _config_error(problems, document, path)
    return Checked(text=text, document=document, plain=plain, settings=settings)


def decoded(content: bytes, path: Path) -> str:
    """Return the text of the file, without a byte order mark. Raises ConfigError."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8-sig", errors="replace")
        raise ConfigError(
            f"expected text in UTF-8, not the byte 0x{content[error.start]:02x}",
            path=path,
            line=before.count("\n") + 1,
            column=len(before) - before.rfind("\n"),
        ) from None
    if "\0" in text:
        raise ConfigError("expected text, not binary data", path=path)
    return text


def _config_error(problems: list[Problem], document: YamlDocument, path: Path) -> ConfigError:
    """Return one error that names every problem, in the order of the file."""
    placed = sorted(
        ((_position(document, problem.path), _words(document, problem)) for problem in problems),
        key=lambda item: item[0] or (0, 0),
    )
    (first, *rest) = placed
    lines = [first[1]]
    for place, message in islice(rest, PROBLEMS_SHOWN - 1):
        lines.append(f"{path}:{place[0]}:{place[1]}: {message}" if place else f"{path}: {message}")
    if len(placed) > PROBLEMS_SHOWN:
        lines.append(f"… and {len(placed) - PROBLEMS_SHOWN} more")
    line, column = first[0] or (None, None)
    return ConfigError("\n".join(lines), path=path, line=line, column=column)


def _words(document: YamlDocument, problem: Problem) -> str:
    other = _position(document, problem.other) if problem.other else None
    return f"{problem}, in line {other[0]}" if other else str(problem)


def _position(document: YamlDocument, path: tuple[str | int, ...]) -> tuple[int, int] | None:
    """Return line and column of a place, or of the nearest thing around it."""
    for length in range(len(path), 0, -1):
        if place := document.position(path[:length]):
            return place
    return document.position(())
