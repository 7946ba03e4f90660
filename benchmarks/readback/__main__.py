"""Read a published site back with programs of others: `python -m benchmarks.readback`.

Prints a table of how many entries each reader understood as their authors meant them, and exits
with 1 when a document is invalid, an entry is lost or repeated, or one differs for no known reason.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.readback.compare import Column, Row, compared
from benchmarks.readback.readers import ATOM, READERS, ROOT
from benchmarks.readback.site import Built, archives, build, documents
from benchmarks.readback.told import PROPERTIES
from benchmarks.readback.validity import faults_of

CORPUS = Path(os.environ.get("AGGREGATOR_CORPUS", ROOT.parent / "shared" / "corpus"))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.readback", description=__doc__)
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="folder of posts and schemas")
    parser.add_argument("--reader", choices=READERS, action="append", help="only this one")
    options = parser.parse_args(arguments)
    linkblog = options.corpus / "linkblog" / "blogmarks.jsonl"
    if not linkblog.is_file():
        parser.error(f"{linkblog} is not there; --corpus names the folder that holds it")
    with tempfile.TemporaryDirectory() as folder:
        built = build(linkblog, Path(folder) / "site")
        paths = documents(built.public)
        invalid = list(faults_of(paths, options.corpus / "schemas"))
        print(
            f"{len(built.meant):,} posts; {len(paths):,} feed documents, {len(invalid)} invalid\n"
        )
        rows = [row for name in options.reader or READERS for row in read_with(name, built)]
    print(table(rows))
    wrong = [*built.faults, *invalid]
    wrong += [f"{r.reader}, {r.format}: {one}" for r in rows for one in r.unexplained]
    for one in wrong[:50]:
        print(one, file=sys.stderr)
    return 1 if wrong else 0


def read_with(name: str, built: Built) -> list[Row]:
    """Return what a reader makes of the site's feeds, whole and in its archives by month."""
    reader = READERS[name]
    if (how := reader.missing()) is not None:
        print(f"{name} is not here: {how}", file=sys.stderr)
        return []
    rows = []
    for suffix in reader.formats:
        whole = [reader.read(built.public / f"feed{suffix}")]
        rows.append(compared(name, suffix, whole, built.meant, silent=reader.silent))
        if suffix == ATOM:
            parts = [reader.read(path) for path in archives(built.public)]
            rows.append(compared(name, "archives", parts, built.archived, silent=reader.silent))
    return rows


def table(rows: Sequence[Row]) -> str:
    """Return the table in Markdown, and the reasons of readers' own differences below it."""
    lines = [
        f"| reader | format | entries | {' | '.join(PROPERTIES)} |",
        f"|---|---|---:|{'---|' * len(PROPERTIES)}",
    ]
    reasons: dict[str, int] = {}
    for row in rows:
        cells = [_cell(row.columns[name], reasons) for name in PROPERTIES]
        lines.append(f"| {row.reader} | {row.format} | {row.entries:,} | {' | '.join(cells)} |")
    lines += ["", *(f"({number}) {words}" for words, number in reasons.items())]
    return "\n".join(lines).rstrip() + "\n"


def _cell(column: Column, reasons: dict[str, int]) -> str:
    if not column.told:
        return "–"
    if column.equal == column.told:
        return "all"
    notes = [
        f"{count} ({reasons.setdefault(words, len(reasons) + 1)})"
        for words, count in column.explained.items()
    ]
    if column.unexplained:
        notes.append(f"{len(column.unexplained)} WRONG")
    return f"{column.equal:,} of {column.told:,}: {', '.join(notes)}"


if __name__ == "__main__":
    sys.exit(main())
