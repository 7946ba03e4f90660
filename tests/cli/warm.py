"""Runs the program again and again without importing it again: one fork for every run.

Reads one JSON object per line, {"cwd", "env", "words", "files"}, and answers each with the exit
code. `files` name what standard input, output and error are. Nothing but the imports is shared
between two runs.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from pathlib import Path

PRELOADED = """
    app cli.demo cli.doctor cli.entry cli.exporting cli.feeds cli.importing cli.inbox cli.init
    cli.output cli.poll cli.post cli.publish cli.run demo.server document fetch.client
    publishing.site reading.document services.desk services.following services.polling
    services.syndication storage.sql workers.pool
"""
SECONDS = 20


def become(cwd: str, env: dict[str, str], words: list[str], files: list[str]) -> None:
    """Make this process what a shell would have started."""
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    modes = (os.O_RDONLY, os.O_WRONLY, os.O_WRONLY)
    for number, (path, mode) in enumerate(zip(files, modes, strict=True)):
        opened = os.open(path, mode)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False, buffering=1)  # noqa: SIM115
    sys.argv = ["aggregator", *words]
    signal.alarm(SECONDS)


def serve() -> bool:
    """Answer every line; return True in a child, which is the program from then on."""
    while line := sys.stdin.readline():
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            become(**asked)
            return True
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()
    return False


if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[2])
    for name in PRELOADED.split():
        importlib.import_module(f"aggregator.{name}")
    if serve():
        from aggregator.cli import main

        main()
