"""What was written of entries already: a post stands in many feeds, and is written once."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from feedgen.entry import FeedEntry
from lxml import etree


class OnceEntry(FeedEntry):  # type: ignore[misc] # feedgen has no types
    """A feedgen entry that is turned into an element once; every document gets a copy."""

    _atom: etree._Element | None = None
    _rss: etree._Element | None = None

    def atom_entry(self, extensions: bool = True) -> etree._Element:
        if self._atom is None:
            self._atom = super().atom_entry(extensions)
        return deepcopy(self._atom)

    def rss_entry(self, extensions: bool = True) -> etree._Element:
        if self._rss is None:
            self._rss = super().rss_entry(extensions)
        return deepcopy(self._rss)


@dataclass
class Sheets:
    """Entries by format, id, time and address, for one site in one state."""

    _made: dict[tuple[object, ...], Any] = field(default_factory=dict)

    def keep(self, made: Any, *key: object) -> None:
        """Have `once` return what was made before, under this key."""
        self._made.setdefault(key, made)

    def once(self, make: Callable[[], Any], *key: object) -> Any:
        """Return what `make` returned the first time it was asked for under this key."""
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]
