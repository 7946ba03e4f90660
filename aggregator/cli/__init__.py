"""The command line: translate and print only."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    raise SystemExit(2)
