"""Programs of others that read feeds, each asked what it understood of a document.

A reader returns None of what it does not tell: sfeed knows no `updated`, newsboat neither.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from benchmarks.readback.told import Told, moment, spaced, words_of

ROOT = Path(__file__).resolve().parents[2]
# Where npm put feedsmith: `npm install --no-save --prefix build/readers feedsmith@3.0.1`
NODE_FOLDER = Path(os.environ.get("AGGREGATOR_FEEDSMITH", ROOT / "build" / "readers"))
ATOM, RSS, JSON = ".atom", ".rss", ".json"


@dataclass(frozen=True, kw_only=True)
class Reader:
    """A program, the formats it reads, and how to ask it. Of what is `silent` it says nothing."""

    name: str
    formats: tuple[str, ...]
    read: Callable[[Path], list[Told]]
    missing: Callable[[], str | None]  # how to come by it; None: it is here
    silent: tuple[str, ...] = ()


def _by_feedparser(path: Path) -> list[Told]:
    import feedparser

    feed = feedparser.parse(path.read_bytes())
    if feed.bozo:
        raise ValueError(f"{path}: {feed.bozo_exception}")
    return [
        Told(
            id=entry.get("id"),
            # What it believes to be HTML will be shown as HTML.
            title=words_of(entry.title)
            if entry.title_detail.type == "text/html"
            else spaced(entry.title),
            link=entry.get("link"),
            author=entry.get("author"),
            published=datetime(*entry.published_parsed[:6], tzinfo=UTC),
            updated=datetime(*entry.updated_parsed[:6], tzinfo=UTC),
            words=words_of(entry.content[0].value),
        )
        for entry in feed.entries
    ]


def _by_fastfeedparser(path: Path) -> list[Told]:
    import fastfeedparser

    feed = fastfeedparser.parse(path.read_text())
    return [
        Told(
            id=entry.get("id"),
            title=spaced(entry.get("title", "")),
            link=entry.get("link"),
            author=entry.get("author"),
            published=moment(entry["published"]),
            updated=moment(entry["updated"]) if entry.get("updated") else None,
            words=words_of(entry["content"][0]["value"]) if entry.get("content") else None,
        )
        for entry in feed.entries
    ]


def _by_feedsmith(path: Path) -> list[Told]:
    script = Path(__file__).with_name("feedsmith.cjs")
    done = subprocess.run(
        ["node", str(script), str(NODE_FOLDER), str(path)], capture_output=True, check=True
    )
    read = json.loads(done.stdout)
    make = {"atom": _smith_atom, "rss": _smith_rss, "json": _json_item}[read["format"]]
    return [make(item) for item in read["feed"].get("entries") or read["feed"].get("items") or []]


def _smith_atom(entry: Mapping[str, Any]) -> Told:
    ways = [one["href"] for one in entry["links"] if one.get("rel", "alternate") == "alternate"]
    return Told(
        id=entry["id"],
        title=spaced(entry["title"]["value"]),
        link=ways[0] if ways else None,
        author=entry["authors"][0]["name"],
        published=moment(entry["published"]),
        updated=moment(entry["updated"]),
        words=words_of(entry["content"]["value"]),
    )


def _smith_rss(item: Mapping[str, Any]) -> Told:
    creators = item["dc"].get("creators") or [item["dc"].get("creator")]
    return Told(
        id=item["guid"]["value"],
        title=spaced(item["title"]),
        link=item["link"],
        author=creators[0],
        published=parsedate_to_datetime(item["pubDate"]),
        updated=moment(item["atom"]["updated"]),
        words=words_of(item["content"]["encoded"]),
    )


def _json_item(item: Mapping[str, Any]) -> Told:
    return Told(
        id=item["id"],
        title=spaced(item["title"]),
        link=item["url"],
        author=item["authors"][0]["name"],
        published=moment(item["date_published"]),
        updated=moment(item["date_modified"]),
        words=words_of(item["content_html"]),
    )


def _by_json(path: Path) -> list[Told]:
    return [_json_item(item) for item in json.loads(path.read_bytes())["items"]]


def _by_sfeed(path: Path) -> list[Told]:
    done = subprocess.run(["sfeed"], input=path.read_bytes(), capture_output=True, check=True)
    told = []
    for line in done.stdout.decode().split("\n")[:-1]:
        at, title, link, content, _, id_, author, *_ = line.split("\t")
        text = content.replace("\\\\", "\0").replace("\\n", "\n").replace("\\t", "\t")
        told.append(
            Told(
                id=id_,
                title=spaced(title),
                link=link,
                author=author,
                published=datetime.fromtimestamp(int(at), UTC),
                words=words_of(text.replace("\0", "\\")),
            )
        )
    return told


def _by_newsboat(path: Path) -> list[Told]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "urls").write_text(f"{path.resolve().as_uri()}\n")
        cache = home / "cache.db"
        subprocess.run(
            ["newsboat", "-u", str(home / "urls"), "-c", str(cache), "-x", "reload"],
            env={**os.environ, "HOME": folder},
            capture_output=True,
            check=True,
            timeout=300,
        )
        with closing(sqlite3.connect(cache)) as rows:
            found = rows.execute(
                "SELECT guid, title, url, author, pubDate, content FROM rss_item"
            ).fetchall()
    return [
        Told(
            id=guid,
            title=spaced(title),
            link=url,
            author=author,
            published=datetime.fromtimestamp(at, UTC),
            words=words_of(content),
        )
        for guid, title, url, author, at, content in found
    ]


def _program(name: str) -> Callable[[], str | None]:
    return lambda: None if shutil.which(name) else f"apt install {name}"


def _package(name: str) -> Callable[[], str | None]:
    return lambda: None if importlib.util.find_spec(name) else f"pip install {name}"


def _feedsmith() -> str | None:
    if not shutil.which("node"):
        return "apt install nodejs npm"
    if not (NODE_FOLDER / "node_modules" / "feedsmith").is_dir():
        return "npm install --no-save --prefix build/readers feedsmith@3.0.1"
    return None


READERS = {
    reader.name: reader
    for reader in (
        Reader(
            name="feedparser",
            formats=(ATOM, RSS),
            read=_by_feedparser,
            missing=_package("feedparser"),
        ),
        Reader(
            name="fastfeedparser",
            formats=(ATOM, RSS, JSON),
            read=_by_fastfeedparser,
            missing=_package("fastfeedparser"),
        ),
        Reader(
            name="feedsmith",
            formats=(ATOM, RSS, JSON),
            read=_by_feedsmith,
            missing=_feedsmith,
        ),
        Reader(
            name="sfeed",
            formats=(ATOM, RSS),
            read=_by_sfeed,
            missing=_program("sfeed"),
            silent=("updated",),
        ),
        Reader(
            name="newsboat",
            formats=(ATOM, RSS),
            read=_by_newsboat,
            missing=_program("newsboat"),
            silent=("updated",),
        ),
        Reader(name="json", formats=(JSON,), read=_by_json, missing=lambda: None),
    )
}
