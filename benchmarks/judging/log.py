"""The log of a feed reader's requests: one exchange a line, as JSON. README.md has an example."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aggregator.model.feed import Hints

NO_HINTS = Hints()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and what came of it. Redirects are exchanges of their own."""

    at: float  # seconds since 1970, when the request was sent
    ended: float  # when the answer was read, or given up
    url: str
    method: str = "GET"
    asked: Mapping[str, str] = field(default_factory=dict)  # fields, names in lower case
    status: int | None = None  # None: no answer
    answered: Mapping[str, str] = field(default_factory=dict)  # likewise
    body: str = ""  # a hash of the decoded body; "" without one
    length: int = 0  # of the body, in bytes
    hints: Hints = NO_HINTS  # what the document says of when to ask again
    whole: bool = True  # False: what came is no whole feed, as the server knows
    cut_off: bool = False  # the reader's own network was down, which is nobody's failure

    @property
    def failed(self) -> bool:
        return self.status is None or self.status >= 400


def read_log(path: Path) -> list[Exchange]:
    """Return the exchanges of a file, by time. Raises ValueError, naming the line."""
    found = []
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                found.append(_exchange(json.loads(line)))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise ValueError(f"{path}:{number}: {error!r}") from error
    return sorted(found, key=lambda one: one.at)


def write_log(path: Path, log: Iterable[Exchange]) -> None:
    """Write exchanges to a file, so that `read_log` gives them back."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in log_lines(log))


def log_lines(log: Iterable[Exchange]) -> Iterator[str]:
    """Return each exchange as a line of JSON; what says nothing is left out."""
    for one in log:
        hints = {
            "ttl": one.hints.ttl_minutes,
            "updateSeconds": one.hints.update_period_seconds,
            "skipHours": sorted(one.hints.skip_hours),
            "skipDays": sorted(one.hints.skip_days),
        }
        fields: dict[str, Any] = {
            "time": datetime.fromtimestamp(one.at, UTC).isoformat(),
            "took": round(one.ended - one.at, 6),
            "method": one.method,
            "url": one.url,
            "request": dict(one.asked),
            "status": one.status,
            "response": dict(one.answered),
            "body": {"hash": one.body, "length": one.length} if one.body else None,
            "hints": {name: value for name, value in hints.items() if value},
            "whole": None if one.whole else False,
            "cutOff": True if one.cut_off else None,
        }
        yield json.dumps({name: value for name, value in fields.items() if value not in (None, {})})


def _exchange(fields: dict[str, Any]) -> Exchange:
    at = _seconds(fields["time"])
    body, hints = fields.get("body") or {}, fields.get("hints") or {}
    return Exchange(
        at=at,
        ended=at + float(fields.get("took", 0)),
        method=fields.get("method", "GET"),
        url=fields["url"],
        asked=_lowered(fields.get("request")),
        status=fields.get("status"),
        answered=_lowered(fields.get("response")),
        body=body.get("hash", ""),
        length=body.get("length", 0),
        hints=Hints(
            ttl_minutes=hints.get("ttl"),
            update_period_seconds=hints.get("updateSeconds"),
            skip_hours=frozenset(hints.get("skipHours", ())),
            skip_days=frozenset(hints.get("skipDays", ())),
        )
        if hints
        else NO_HINTS,
        whole=fields.get("whole", True),
        cut_off=fields.get("cutOff", False),
    )


def _lowered(fields: Mapping[str, str] | None) -> Mapping[str, str]:
    return {name.lower(): value for name, value in fields.items()} if fields else {}


def _seconds(time: str | float) -> float:
    if isinstance(time, int | float):
        return float(time)
    at = datetime.fromisoformat(time)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
