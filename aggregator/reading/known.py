"""The entries of a feed that are known, found by all that tells them apart."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence

from aggregator.model.poll import KnownEntry

_APART = re.compile(r"#[0-9a-f]{12}\Z")
_SCHEME = re.compile(r"https?://(?:www\.)?", re.IGNORECASE)


def apart(shared: str, own: str) -> str:
    """Return an id for one of several entries that share one."""
    return f"{shared}#{hashlib.sha256(own.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


def bases_of(names: Iterable[str]) -> set[str]:
    """Return what these ids were made of by `apart`, once or twice; nothing for other ids."""
    found = set()
    for name in names:
        if name[-13:-12] == "#":  # nearly none
            while _APART.search(name):
                name = name[:-13]  # noqa: PLW2901
                found.add(name)
    return found


def without_scheme(identifier: str) -> str | None:
    """Return what an address has in common with itself before the move to https."""
    match = _SCHEME.match(identifier)
    return identifier[match.end() :] if match else None


class Index:
    """The known entries by id, alias, link and text; ambiguous keys tell nothing."""

    def __init__(self, known: Sequence[KnownEntry]) -> None:
        self.by_id = {one.id: one for one in known}
        self.by_alias = {alias: one for one in known for alias in one.aliases}
        self.shared_ids = bases_of(self.by_id) | bases_of(self.by_alias)
        self._known = known
        self._alternates: tuple[dict[str, KnownEntry], ...] | None = None

    def named(self, name: str) -> KnownEntry | None:
        return self.by_id.get(name) or self.by_alias.get(name)

    def alternates(self) -> tuple[dict[str, KnownEntry], ...]:
        """Return known entries by id without scheme, by link and by text."""
        if self._alternates is None:
            self._alternates = (
                _unique((without_scheme(one.id), one) for one in self._known),
                _unique((one.link_key, one) for one in self._known),
                _unique((one.text_key, one) for one in self._known),
            )
        return self._alternates


def _unique(pairs: Iterable[tuple[str | None, KnownEntry]]) -> dict[str, KnownEntry]:
    found: dict[str, KnownEntry] = {}
    twice: set[str] = set()
    for key, one in pairs:
        if key is None:
            continue
        if key in found and found[key].number != one.number:
            twice.add(key)
        found[key] = one
    return {key: one for key, one in found.items() if key not in twice}
