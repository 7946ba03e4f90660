"""Numbers in addresses."""

from __future__ import annotations

from werkzeug.routing import IntegerConverter, Map

MOST = 2**63 - 1  # what the database can count to


class Number(IntegerConverter):
    """A number in an address; what no row can have leads nowhere."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=MOST)
