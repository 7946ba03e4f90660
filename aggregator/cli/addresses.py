"""Addresses of feeds as people type them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from aggregator.errors import FetchError, ReadError

# A host, perhaps a port, perhaps a path: all of an address but its scheme.
_WITHOUT_SCHEME = re.compile(r"[\w.-]+(?::\d{1,5})?(?:[/?].*)?")


def feed_address(typed: str, *, guess: bool) -> str:
    """Return the address that was meant. Raises UsageError when it can be none.

    Where only the scheme was left out, https is taken for it when we may `guess`, and said so.
    """
    from aggregator.config.values import feed_url

    try:
        return feed_url(typed)
    except ValueError as error:
        reason = str(error)
    if not _WITHOUT_SCHEME.fullmatch(typed.strip()):
        raise click.UsageError(f"{typed!r} is no address of a feed: {reason}")
    try:
        meant = feed_url(f"https://{typed.strip()}")
    except ValueError:
        raise click.UsageError(f"{typed!r} is no address of a feed: {reason}") from None
    host = re.split("[/?]", typed.strip())[0]
    if not guess or "." not in host.strip("."):
        raise click.UsageError(f"{typed!r} has no https:// before it; did you mean {meant}?")
    click.echo(f"{typed} has no https:// before it; trying {meant}")
    return meant


def may_pass(error: FetchError | ReadError) -> bool:
    """Whether what kept an address from being read may be over by itself."""
    from aggregator.model.poll import FailureKind

    return error.kind in {
        FailureKind.TIMEOUT,
        FailureKind.CONNECT,
        FailureKind.SERVER,
        FailureKind.THROTTLED,
    }
