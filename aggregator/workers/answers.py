"""What comes back from a worker, which a document may have taken over."""

from __future__ import annotations

import io
import pickle
from typing import Any

from aggregator.reading.request import ReadFailure, ReadResult


def unpacked(answer: bytes) -> ReadResult | ReadFailure:
    """Return a worker's answer. Raises UnpicklingError when it holds anything but our values."""
    result = _Answer(io.BytesIO(answer)).load()
    if not isinstance(result, ReadResult | ReadFailure):
        raise pickle.UnpicklingError("it is no answer")
    return result


class _Answer(pickle.Unpickler):
    """Takes our own values only: a document may have taken its reader over."""

    OURS = ("aggregator.model.", "aggregator.reading.request")
    PLAIN = frozenset(
        {
            ("builtins", "frozenset"),
            ("datetime", "datetime"),
            ("datetime", "timedelta"),
            ("datetime", "timezone"),
        }
    )

    def find_class(self, module: str, name: str) -> Any:
        if module.startswith(self.OURS) or (module, name) in self.PLAIN:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is no part of an answer")
