"""The real program, run as its author would: a process in a folder of its own.

`run` forks a process that has the imports behind it, since most of the time of a short command
goes there; `run_afresh` and `start` are `python -m aggregator` and nothing else.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]

HEAD = """\
# Kept by hand.
site: {title: "The test blog", base_url: "https://blog.example/", authors: [{name: Ana}]}
fetch: {allow_networks: [127.0.0.0/8], timeout: 8s}
poll: {gap: 0s, spacing: 0s}
"""

POST = """\
---
title: "The council blinked"
tags: [city]
---
[Ana Reyes](https://news.example/vote) reports:

> The council put off its vote … "We need more time," said the mayor.

So why vote in June at all?
"""


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def failed(self, code: int, *words: str) -> None:
        """Assert that it ended with `code` and said why on standard error, without a traceback."""
        assert self.code == code, self
        assert "Traceback" not in self.err, self.err
        for word in words:
            assert word in self.err, self.err

    def went_well(self) -> Ran:
        assert self.code == 0, self
        assert self.err == "", self.err
        return self


class Folder:
    """A folder with a feeds.yaml, and the program run in it."""

    def __init__(self, path: Path, warm: subprocess.Popen[str], aside: Path) -> None:
        self.path = path
        self._warm, self._aside = warm, aside
        self.config = path / "feeds.yaml"
        self.data, self.output = path / "data", path / "public"
        self.database = self.data / "aggregator.sqlite"

    def follow(self, *urls: str, head: str = HEAD, interval: str = "1h") -> None:
        """Write a feeds.yaml that follows these addresses."""
        feeds = "".join(f"  - {{url: '{url}', interval: {interval}}}\n" for url in urls)
        self.config.write_text(f"{head}feeds:{' []' if not urls else ''}\n{feeds}")

    def run(self, *words: str, stdin: str = "", **env: str) -> Ran:
        if words[0] in {"poll", "follow", "demo", "run", "serve"}:  # they start processes
            return self.run_afresh(*words, stdin=stdin, **env)
        files = [self._aside / name for name in ("stdin", "stdout", "stderr")]
        for file, text in zip(files, (stdin, "", ""), strict=True):
            file.write_text(text, encoding="utf-8")
        asked = {
            "cwd": str(self.path),
            "env": environment(**env),
            "words": words,
            "files": [str(file) for file in files],
        }
        self._warm.stdin.write(json.dumps(asked) + "\n")
        self._warm.stdin.flush()
        code = int(self._warm.stdout.readline())
        return Ran(code, *(file.read_text(encoding="utf-8") for file in files[1:]))

    def run_afresh(self, *words: str, stdin: str = "", timeout: float = 20, **env: str) -> Ran:
        with self.start(*words, **env) as process:
            try:
                out, err = process.communicate(stdin, timeout=timeout)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        return Ran(process.returncode, out, err)

    @contextlib.contextmanager
    def start(self, *words: str, **env: str) -> Iterator[subprocess.Popen[str]]:
        """Start the program in a process group of its own; it is killed when the block ends."""
        process = subprocess.Popen(
            [sys.executable, "-m", "aggregator", *words],
            cwd=self.path,
            env=environment(**env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
        with process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.kill()

    def environment(self) -> dict[str, str]:
        """Return what the program is run with."""
        return environment()

    def write(self, name: str, text: str) -> str:
        (self.path / name).write_text(text, encoding="utf-8")
        return name

    def post(self, text: str = POST) -> str:
        """Save a draft and return its slug."""
        slug = self.run("post", "new", "-", stdin=text).went_well().out
        assert slug.count("\n") == 1
        return slug.strip()


def environment(**more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default", "TZ": "UTC", **more}


@pytest.fixture(scope="session")
def warm() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("warm.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    ) as process:
        yield process
        process.stdin.close()


@pytest.fixture(scope="session")
def make_folder(
    warm: subprocess.Popen[str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Path], Folder]:
    """Return a function that makes a folder which follows nothing yet."""

    def make(path: Path) -> Folder:
        made = Folder(path, warm, tmp_path_factory.mktemp("aside"))
        made.follow()
        return made

    return make


@pytest.fixture
def folder(tmp_path: Path, make_folder: Callable[[Path], Folder]) -> Folder:
    return make_folder(tmp_path)


@pytest.fixture
def mounted(folder: Folder) -> Callable[..., list[Ran]]:
    """Return a function that runs commands while the folder's file system is of a kind.

    The kinds are "full" and "read-only"; a command is its words, or its words and its input.
    """
    unshare = ["unshare", "--mount"] + ([] if os.geteuid() == 0 else ["--map-root-user"])
    try:
        subprocess.run([*unshare, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("nothing can be mounted here")

    def run(kind: str, *commands: str | tuple[str, str], **env: str) -> list[Ran]:
        given = [(one, "") if isinstance(one, str) else one for one in commands]
        runs = [
            {"words": words.split(), "stdin": stdin, "env": environment(**env)}
            for words, stdin in given
        ]
        ran = subprocess.run(
            [*unshare, sys.executable, str(Path(__file__).with_name("mounts.py"))],
            input=json.dumps({"folder": str(folder.path), "kind": kind, "runs": runs}),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        return [Ran(*one) for one in json.loads(ran.stdout)]

    return run


def rss(*titles: str, name: str = "News") -> bytes:
    """Return an RSS document with these items."""
    items = "".join(
        f"<item><title>{title}</title><link>https://news.example/{number}</link>"
        f"<guid>https://news.example/{number}</guid>"
        f"<pubDate>Tue, 31 Mar 2026 1{number % 10}:00:00 GMT</pubDate>"
        f"<description>&lt;p onclick='x()'&gt;About {title}&lt;/p&gt;&lt;script&gt;bad()"
        "&lt;/script&gt;</description></item>"
        for number, title in enumerate(titles)
    )
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>{name}</title>'
        f"<link>https://news.example/</link><description>d</description>{items}</channel></rss>"
    ).encode()


@pytest.fixture(name="rss", scope="session")
def rss_fixture() -> Callable[..., bytes]:
    return rss


@pytest.fixture(name="post_text")
def post_text_fixture() -> str:
    return POST
