"""What a long-running command tells: sentences for people, or an object a line for machines."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import click

from aggregator.cli.output import stamp


class Log:
    """Tells what happened. Nobody reading it any more is no reason to stop."""

    def __init__(self, *, as_json: bool, clock: Callable[[], datetime]) -> None:
        self._as_json, self._clock = as_json, clock

    def tell(self, event: str, sentence: str, **fields: Any) -> None:
        """Tell of an event; `fields` are its particulars, for machines."""
        self._write(event, sentence, "info", fields)

    def trouble(self, event: str, sentence: str, **fields: Any) -> None:
        """Tell of something that somebody should look at."""
        self._write(event, sentence, "warning", fields)

    def note(self, event: str, **fields: Any) -> None:
        """Tell machines of what people need not hear of, each time."""
        if self._as_json:
            self._write(event, "", "info", fields)

    def _write(self, event: str, sentence: str, level: str, fields: dict[str, Any]) -> None:
        line = sentence
        if self._as_json:
            whole = {"at": stamp(self._clock()), "level": level, "event": event}
            if sentence:
                whole["message"] = sentence
            line = json.dumps(whole | fields)  # in ASCII: no locale can trip over it
        with contextlib.suppress(OSError):
            # JSON goes to one place, so that lines stay in the order of the events.
            click.echo(line, err=level == "warning" and not self._as_json)
