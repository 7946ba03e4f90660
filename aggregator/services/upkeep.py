"""Letting go of old texts, by the author's rule, and never of what the author used."""

from __future__ import annotations

import re
from datetime import datetime

from aggregator.config.settings import KeepSettings
from aggregator.reading.urls import identity_key
from aggregator.storage.protocol import Storage

AT_ONCE = 500  # entries in one transaction, so that polls and the author need not wait
_ADDRESS = re.compile(r"""(?:https?|demo)://[^\s<>"'`\])}]+""")


def tidy(storage: Storage, keep: KeepSettings, now: datetime, *, dry_run: bool = False) -> int:
    """Let go of the texts of entries older than `keep.age`; return of how many.

    Of each feed the newest `keep.at_least` stay, and so do entries that are starred, cited, or
    whose address stands in any post, draft or earlier document. `dry_run` only counts. Without
    an age, everything stays.
    """
    if keep.age is None:
        return 0
    used = used_addresses(storage.documents())
    old = [
        entry.number
        for entry in storage.old_entries(now - keep.age, at_least=keep.at_least)
        if not entry.link or identity_key(entry.link) not in used
    ]
    if dry_run:
        return len(old)
    return sum(
        storage.let_go(old[start : start + AT_ONCE]) for start in range(0, len(old), AT_ONCE)
    )


def used_addresses(documents: list[str]) -> set[str]:
    """Return the identity keys of all addresses that stand in documents."""
    keys = set()
    for document in documents:
        for match in _ADDRESS.finditer(document):
            written = match.group()
            # A sentence may end right behind an address, or an address in a full stop.
            for address in (written, written.rstrip(".,;:!?*_")):
                if key := identity_key(address):
                    keys.add(key)
    return keys
