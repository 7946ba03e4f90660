"""Numbers in addresses and forms."""

from __future__ import annotations

from werkzeug.routing import IntegerConverter, Map

MOST = 2**63 - 1  # what the database can count to


class Number(IntegerConverter):
    """A number in an address; what no row can have leads nowhere."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=MOST)


def number_in(text: str | None) -> int | None:
    """Return the number that a text is; None when it is none, or 0, or one that nothing has."""
    if not text or not text.isascii() or not text.isdecimal() or len(text) > len(str(MOST)):
        return None
    number = int(text)
    return number if 0 < number <= MOST else None
