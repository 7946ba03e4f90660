"""Standard input, output and error as the rest of the program expects them."""

from __future__ import annotations

import io
import os
import sys

_STREAMS = (("stdin", os.O_RDONLY, "r"), ("stdout", os.O_WRONLY, "w"), ("stderr", os.O_WRONLY, "w"))


def prepare() -> None:
    """Open what was closed when we were started, and let no character be a reason to fail."""
    _open_missing()
    # A locale such as ISO 8859-1 has no "…"; better a question mark than half a list.
    for stream, errors in ((sys.stdout, "replace"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=errors)


def _open_missing() -> None:
    """Give nothing to read, and nowhere to write, for each stream that was closed (`>&-`).

    Python has no object for such a stream, and the next file that is opened, the database for
    one, would take its number and whatever is written to that number.
    """
    for number, (name, flags, mode) in enumerate(_STREAMS):
        if getattr(sys, name) is not None:
            continue
        opened = os.open(os.devnull, flags)
        if opened != number:
            os.dup2(opened, number)
            os.close(opened)
        os.set_inheritable(number, True)
        setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))
