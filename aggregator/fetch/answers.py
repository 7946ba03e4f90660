"""What an answer means when it is no document: where a redirect leads, what a status says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import NamedTuple

from aggregator.errors import FetchError
from aggregator.fetch.headers import retry_after
from aggregator.fetch.target import Target, one_line, parse_target
from aggregator.model.poll import FailureKind, Freshness, Hop

MOST_HOPS = 5
WORDS = 1024  # bytes of an answer in which somebody says why
REDIRECTS = {301, 302, 303, 307, 308}
KEEPING_METHOD = {307, 308}  # RFC 9110 §15.4: the others may turn a POST into a GET


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer whose body is still to be read."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    read: Callable[[int | None], Body]  # given a number, only the first so many bytes
    own_machine: bool


class Body(NamedTuple):
    """A body as it was meant, and how many octets it came in."""

    decoded: bytes
    octets: int


def next_target(target: Target, answer: Answer, hops: list[Hop]) -> Target:
    """Return where a redirect leads, after noting it in `hops`. Raises FetchError(REDIRECTS)."""
    location = _as_utf8(answer.headers.get("location", ""))
    if not location:
        raise FetchError(
            FailureKind.REDIRECTS, f"{target.host} redirects ({answer.status}) without saying where"
        )
    try:
        following = parse_target(location, base=target)
    except FetchError as error:
        raise FetchError(
            FailureKind.REDIRECTS, f"{target.host} redirects to nowhere: {error}"
        ) from error
    hops.append(Hop(status=answer.status, url=target.url, location=following.url))
    if not following.is_web:
        raise FetchError(
            FailureKind.REDIRECTS,
            f"{target.host} redirects to {one_line(following.origin.scheme)[:20]}:, "
            "which is neither http nor https",
        )
    if following.url in {hop.url for hop in hops}:
        raise FetchError(FailureKind.REDIRECTS, f"{target.host} redirects in a circle")
    if len(hops) > MOST_HOPS:
        raise FetchError(
            FailureKind.REDIRECTS, f"more than {MOST_HOPS} redirects, the last by {target.host}"
        )
    return following


def refused(target: Target, status: int, fresh: Freshness) -> FetchError:
    """Return the error that an answer without a document means."""
    host, wait = target.host, fresh.retry_after
    if status == HTTPStatus.NOT_MODIFIED:
        kind, message = FailureKind.PROTOCOL, f"{host} answered 304 to a question without condition"
    elif status == HTTPStatus.GONE:
        kind, message = FailureKind.GONE, f"{host} says that the feed is gone for good (410)"
    elif status == HTTPStatus.TOO_MANY_REQUESTS or (
        wait is not None and status == HTTPStatus.SERVICE_UNAVAILABLE
    ):
        kind, message = FailureKind.THROTTLED, f"{host} asks us to come less often ({status})"
    elif status == HTTPStatus.FORBIDDEN:
        # Many a firewall answers so to whoever came too often.
        kind = FailureKind.THROTTLED
        message = f"{host} does not let us in, or not so often (403)"
    elif status == HTTPStatus.NOT_FOUND:
        kind, message = FailureKind.NOT_FOUND, f"{host} answered {_status_line(status)}"
    elif status >= 500:
        kind, message = FailureKind.SERVER, f"{host} answered {_status_line(status)}"
    elif status == HTTPStatus.UNAUTHORIZED:
        kind = FailureKind.HTTP_STATUS
        message = f"{host} wants a name and password (401); `login:` in feeds.yaml can give them"
    else:
        kind, message = FailureKind.HTTP_STATUS, f"{host} answered {_status_line(status)}"
    return FetchError(kind, message, status=status, retry_after=wait)


def turned_down(target: Target, answer: Answer) -> FetchError:
    """Return the error that an answer to a form means which is no success; it may say why."""
    status = answer.status
    wait = retry_after(answer.headers, datetime.now(UTC))
    kind = FailureKind.HTTP_STATUS
    if status == HTTPStatus.TOO_MANY_REQUESTS or (
        status == HTTPStatus.SERVICE_UNAVAILABLE and wait is not None
    ):
        kind = FailureKind.THROTTLED
    elif status >= 500:
        kind = FailureKind.SERVER
    said = ""
    if answer.headers.get("content-type", "").lower().startswith("text/plain"):
        with suppress(FetchError):  # what it says besides may be anything
            said = one_line(answer.read(WORDS).decoded.decode("utf-8", "replace"), 120)
    message = f"{target.host} answered {_status_line(status)}" + (f": {said}" if said else "")
    return FetchError(kind, message, status=status, retry_after=wait)


def _status_line(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def by_name(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return fields by name in lower case; every byte is a character and comes back as it was."""
    named: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        named[key] = f"{named[key]}, {text}" if key in named else text
    return named


def _as_utf8(value: str) -> str:
    """Return a field's text read as UTF-8 where it is that, as browsers read a Location."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value
