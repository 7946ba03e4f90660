"""Runs the program in a folder on a file system of its own that is full or cannot be written.

Reads one JSON object, {"folder", "kind", "runs"}, from standard input and prints what came of
the runs. It is to be started by `unshare`, so that nobody else sees the mount.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path


def main() -> None:
    asked = json.load(sys.stdin)
    folder = Path(asked["folder"])
    with tempfile.TemporaryDirectory() as aside:
        shutil.copytree(folder, aside, dirs_exist_ok=True)
        mount("-t", "tmpfs", "-o", "size=2m", "tmpfs", folder)
        shutil.copytree(aside, folder, dirs_exist_ok=True)
    if asked["kind"] == "full":
        fill(folder / "filler")
    else:
        mount("-o", "remount,ro", folder)
    json.dump([run(folder, **one) for one in asked["runs"]], sys.stdout)


def mount(*words: object) -> None:
    subprocess.run(["mount", *map(str, words)], check=True)


def fill(path: Path) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT)
    try:
        while True:
            os.write(handle, b"x" * 4096)
    except OSError:
        os.close(handle)


def run(
    folder: Path, words: list[str], stdin: str, env: dict[str, str]
) -> tuple[int, bytes, bytes]:
    ran = subprocess.run(
        [sys.executable, "-m", "aggregator", *words],
        cwd=folder,
        env=env,
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        timeout=20,
        check=False,
    )
    return ran.returncode, ran.stdout, ran.stderr


if __name__ == "__main__":
    main()
