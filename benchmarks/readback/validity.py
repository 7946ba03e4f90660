"""Whether feed documents are what their formats ask for: schemas where there are any."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
from lxml import etree


def faults_of(paths: Iterable[Path], schemas: Path) -> Iterator[str]:
    """Yield what is wrong with feed documents, each with its file.

    `schemas` holds RFC 4287's RELAX NG and JSON Feed's JSON Schema. RSS has no schema of its
    own; what is asked of it are the rules of its specification in words.
    """
    relax = etree.RelaxNG(etree.parse(schemas / "atom.rng"))
    schema = json.loads((schemas / "jsonfeed-1.1.schema.json").read_text())
    validator = jsonschema.validators.validator_for(schema)(schema)
    checks: dict[str, Callable[[Path], Iterable[str]]] = {
        ".atom": lambda path: _by_relax(relax, path),
        ".json": lambda path: _by_schema(validator, path),
        ".rss": _by_rules,
    }
    for path in paths:
        for fault in checks[path.suffix](path):
            yield f"{path}: {fault}"


def _by_relax(relax: etree.RelaxNG, path: Path) -> Iterable[str]:
    document = etree.parse(path)
    if not relax.validate(document):
        yield str(relax.error_log.last_error)
    ids = [one.findtext("{*}id") for one in document.getroot().findall("{*}entry")]
    if len(ids) != len(set(ids)):
        yield "an id stands twice"


def _by_schema(validator: Any, path: Path) -> Iterable[str]:
    for error in validator.iter_errors(json.loads(path.read_bytes())):
        yield f"{error.json_path}: {error.message[:200]}"


def _by_rules(path: Path) -> Iterable[str]:
    root = etree.parse(path).getroot()
    channel = root.find("channel")
    if root.tag != "rss" or root.get("version") != "2.0" or channel is None:
        yield "it is no RSS 2.0"
        return
    for name in ("title", "link", "description"):
        if len(channel.findall(name)) != 1 or not channel.findtext(name):
            yield f"the channel has no {name}, or several"
    guids = set()
    for item in channel.findall("item"):
        guid, link = item.find("guid"), item.findtext("link") or ""
        if not item.findtext("title") and not item.findtext("description"):
            yield "an item has neither title nor description"
        if guid is None or not guid.text or guid.text in guids:
            yield f"an item has no guid of its own: {link}"
            continue
        guids.add(guid.text)
        if guid.get("isPermaLink") != "false" and urlsplit(guid.text).scheme not in {
            "http",
            "https",
        }:
            yield f"a guid is no address: {guid.text}"
        if urlsplit(link).scheme not in {"http", "https"}:
            yield f"a link is no address: {link}"
        if parsedate_to_datetime(item.findtext("pubDate") or "").tzinfo is None:
            yield f"a date has no zone: {guid.text}"
        if item.find("author") is not None:
            yield f"an author is no mail address: {guid.text}"
