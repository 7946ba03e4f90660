"""Whether the rights that a feed states let others publish its texts whole."""

from __future__ import annotations

import re

# Creative Commons without NC (whether a site is commercial is not ours to say), and no rights at
# all. ND asks that nothing is changed, and we change nothing.
_NAME = r"cc0|cc[ -]by(?:-(?:sa|nd))?"
_VERSION = r"(?:[ -][1-4]\.0)?(?: (?:international|unported))?"
_LICENCE = r"(?:licenses/by(?:-(?:sa|nd))?|publicdomain/(?:zero|mark))/[1-4]\.0/?(?:deed\.[a-z-]+)?"
_ADDRESS = rf"https?://(?:www\.)?creativecommons\.org/{_LICENCE}"
_FREE = re.compile(rf"(?:(?:{_NAME}){_VERSION}|{_ADDRESS})\.?", re.IGNORECASE)


def may_be_republished(rights: str | None) -> bool:
    """Whether `rights` are the name or the address of a licence that allows it, and nothing else.

    A sentence around it may take back what it gives ("CC BY, but not the pictures"), and is
    not understood.
    """
    return bool(rights and _FREE.fullmatch(rights.strip()))
