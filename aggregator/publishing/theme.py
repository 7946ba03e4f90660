"""Templates, style sheet and script of the pages: ours, and those an author puts in their place."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FunctionLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)
from jinja2.meta import find_referenced_templates
from jinja2.sandbox import ImmutableSandboxedEnvironment

from aggregator.errors import ThemeError

STYLE, MORE_STYLE, SCRIPT = "style.css", "more.css", "search.js"
OURS = "default/"  # before a template's name: the one that comes with the program


@dataclass(frozen=True, kw_only=True)
class Theme:
    """What an author's theme folder holds.

    `templates` are texts by name. `style` and `script` take the place of ours, `more_style`
    comes after the style. `static` is published below `static/`. Nothing in it is trusted to
    be right: a template can do no more than put words together.
    """

    folder: str  # as errors name it
    templates: Mapping[str, str] = field(default_factory=dict)
    style: bytes | None = None
    more_style: bytes = b""
    script: bytes | None = None
    static: Mapping[str, bytes] = field(default_factory=dict)


class Templates:
    """The templates of one site. `filters` and such are added to every one of them.

    Raises ThemeError, with file and line, when a template of the theme is none.
    """

    def __init__(self, theme: Theme | None, equip: Callable[[Environment], None]) -> None:
        self._theme = theme
        ours = PackageLoader("aggregator", "publishing/templates")
        loaders: list[BaseLoader] = [ours, PrefixLoader({OURS.rstrip("/"): ours})]
        if theme:
            loaders.insert(0, FunctionLoader(self._source))
        # A theme may come from somebody else: it sees values, and nothing behind them.
        kind = ImmutableSandboxedEnvironment if theme else Environment
        self._environment = kind(
            loader=ChoiceLoader(loaders),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        equip(self._environment)
        self._names = frozenset(ours.list_templates())
        if theme:
            self._check(theme)

    @property
    def themed(self) -> bool:
        """Whether a theme's are among them."""
        return self._theme is not None

    def render(self, name: str, values: Mapping[str, Any]) -> bytes:
        """Return a page, ended by one line break. Raises ThemeError."""
        try:
            text = self._environment.get_template(name).render(values)
        except Exception as error:
            if (place := self._place(error)) is None:
                raise
            raise ThemeError(f"{place}: {_said(error)}") from error
        return (text.rstrip("\n") + "\n").encode()

    def files(self) -> dict[str, bytes]:
        """Return the files that pages are shown with, by path."""
        theme = self._theme
        if theme is None:
            return {STYLE: _static(STYLE), SCRIPT: _static(SCRIPT)}
        style = _static(STYLE) if theme.style is None else theme.style
        return {
            STYLE: style + theme.more_style,
            SCRIPT: _static(SCRIPT) if theme.script is None else theme.script,
            **{f"static/{path}": content for path, content in theme.static.items()},
        }

    def _source(self, name: str) -> tuple[str, str, None] | None:
        if self._theme is None or name not in self._theme.templates:
            return None
        return self._theme.templates[name], self._file(name), None

    def _file(self, name: str) -> str:
        return f"{self._theme.folder}/{name}" if self._theme else name

    def _check(self, theme: Theme) -> None:
        """Raise for a template that cannot be read, and for one that nothing uses."""
        used = set(self._names)
        for name, source in sorted(theme.templates.items()):
            try:
                tree = self._environment.parse(source, name, self._file(name))
            except TemplateSyntaxError as error:
                raise ThemeError(f"{self._file(name)}:{error.lineno}: {error.message}") from error
            named = find_referenced_templates(tree)
            used |= {one for one in named if one is not None}
        for name in sorted(set(theme.templates) - used):
            raise ThemeError(
                f"{self._file(name)} takes the place of no page. The pages are "
                f"{', '.join(sorted(self._names))}; name it like one of them, or include it in one"
            )

    def _place(self, error: Exception) -> str | None:
        """Return file and line of the theme where an error arose; None: not in the theme."""
        if self._theme is None:
            return None
        if isinstance(error, TemplateSyntaxError):
            return f"{error.filename}:{error.lineno}"
        frames = traceback.extract_tb(error.__traceback__)
        own = [one for one in frames if one.filename.startswith(f"{self._theme.folder}/")]
        return f"{own[-1].filename}:{own[-1].lineno}" if own else None


def _said(error: Exception) -> str:
    if isinstance(error, TemplateNotFound):
        return f"there is no template {error.name}"
    if isinstance(error, TemplateError):
        return error.message or type(error).__name__
    return f"{type(error).__name__}: {error}"


def _static(name: str) -> bytes:
    return files("aggregator.publishing").joinpath("static", name).read_bytes()
