"""What the tests of fetching share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest

from aggregator.config.settings import FetchSettings
from aggregator.fetch.client import HttpFetcher

Make = Callable[..., HttpFetcher]


@pytest.fixture
def make() -> Iterator[Make]:
    """Return a maker of fetchers that may ask 127.0.0.1; keywords change settings."""
    made: list[HttpFetcher] = []

    def build(
        *,
        resolver: Any = None,
        local: Any = None,
        pace: Any = None,
        room: Any = None,
        **changes: Any,
    ) -> HttpFetcher:
        settings = FetchSettings(
            allow_networks=(ip_network("127.0.0.1/32"),), timeout=timedelta(seconds=5)
        )
        more = {"resolver": resolver} if resolver else {}
        more |= {"pace": pace} if pace else {}
        more |= {"room": room} if room else {}
        fetcher = HttpFetcher(
            replace(settings, **changes), user_agent="test/1", local=local or {}, **more
        )
        made.append(fetcher)
        return fetcher

    yield build
    for fetcher in made:
        fetcher.close()


@pytest.fixture
def fetcher(make: Make) -> HttpFetcher:
    return make()
