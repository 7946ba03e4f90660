"""What the author gives for the pages besides posts: a theme, and a text about the site."""

from __future__ import annotations

from pathlib import Path

from aggregator.config.settings import Site
from aggregator.errors import ThemeError
from aggregator.publishing.sitepages import Presentation
from aggregator.publishing.theme import MORE_STYLE, SCRIPT, STYLE, Theme

STATIC = "static"  # the folder of a theme that is published as it is
MOST_BYTES = 50 * 1024 * 1024  # of a theme; more is a folder named by mistake


def presentation_of(site: Site) -> Presentation:
    """Return what `site.theme` and `site.about` name. Raises ThemeError, naming the file."""
    about = None if site.about is None else _text(site.about, "site.about")
    return Presentation(about=about, theme=read_theme(site.theme) if site.theme else None)


def read_theme(folder: Path) -> Theme:
    """Return a theme from its folder. Raises ThemeError.

    Links that lead out of it are refused: a theme may come from a stranger, and what lies in
    `static` is given to the world.
    """
    if not folder.is_dir():
        raise ThemeError(
            f"{folder}: there is no such folder; make it, or take `site.theme` out of feeds.yaml"
        )
    within, total = folder.resolve(), 0
    templates: dict[str, str] = {}
    others: dict[str, bytes] = {}
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        if any(part.startswith(".") for part in name.split("/")) or file.is_dir():
            continue
        if not file.is_file() or not file.resolve().is_relative_to(within):
            raise ThemeError(f"{file} is no file of the theme: it leads out of it, or nowhere")
        total += file.stat().st_size
        if total > MOST_BYTES:
            raise ThemeError(f"{folder} holds more than 50 MiB: is it the folder of a theme?")
        if name.startswith(f"{STATIC}/") or name in {STYLE, MORE_STYLE, SCRIPT}:
            others[name] = _content(file, "site.theme")
        elif name.endswith(".html"):
            templates[name] = _text(file, "site.theme")
    return Theme(
        folder=str(folder),
        templates=templates,
        style=others.get(STYLE),
        more_style=others.get(MORE_STYLE, b""),
        script=others.get(SCRIPT),
        static={
            name.removeprefix(f"{STATIC}/"): content
            for name, content in others.items()
            if name.startswith(f"{STATIC}/")
        },
    )


def _text(path: Path, setting: str) -> str:
    try:
        return _content(path, setting).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ThemeError(f"{path}:{line}: expected UTF-8; save the file as such") from error


def _content(path: Path, setting: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ThemeError(
            f"{path} cannot be read ({error.strerror}); `{setting}` in feeds.yaml names it"
        ) from error
