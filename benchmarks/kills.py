"""Kill `aggregator publish` (SIGKILL) at random points, and look at what it leaves.

Two sites take turns in one folder, each with posts, tags and pages that the other has not. Every
other kill comes at a random time after it has begun to write, the others before a random step that
touches the folder; every fourth finds the folder empty. After each kill every file has to be one of
the old site or of the new one, no page that both have may be missing, nor any that the feed names;
a front page in a folder that was empty means that all is there. The next run, of either site, has
to end with that site and nothing else: no file, no folder, no list of ours that differs.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

# What a run would load first is loaded before the runs are forked.
import aggregator.app
import aggregator.cli.publish
import aggregator.services.desk
import aggregator.services.syndication  # noqa: F401
from aggregator.cli import invoke

VERDICTS = ("old", "new", "between")
BASE = "https://blog.example/"
MANIFEST = ".aggregator-manifest.json"
UNFINISHED = ".aggregator-unfinished.json"
STEPS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.utime"}
ALTERNATE = re.compile(rf'<link href="{BASE}([^"]+/)"')
Tree = dict[str, bytes | None]  # None: a folder


class Wrong(Exception):
    """What a kill left that it must not."""


def in_child(work: Callable[[], object]) -> int:
    """Start `work` in a process of its own; return its id."""
    child = os.fork()
    if child:
        return child
    try:
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        code = work()
        os._exit(code if isinstance(code, int) else 0)
    except BaseException:  # noqa: BLE001 - told, and the parent sees the code
        traceback.print_exc()
        os._exit(70)


def ended(child: int) -> int:
    """Wait for a process; return its exit code, or the negative number of a signal."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def well(child: int) -> None:
    code = ended(child)
    if code:
        raise Wrong(f"a run that nobody disturbed ended with {code}")


class Site:
    """One of the two sites: settings, a database, and what it looks like when it is published."""

    def __init__(self, folder: Path, name: str, posts: range) -> None:
        self.name, self.config = name, folder / name / "feeds.yaml"
        self.config.parent.mkdir()
        self.config.write_text(f"site: {{title: Site {name}, base_url: '{BASE}'}}\nfeeds: []\n")
        well(in_child(lambda: self._write(posts)))
        whole = folder / f"whole-{name}"
        well(self.publish(whole))
        self.tree = tree_of(whole)

    def _write(self, posts: range) -> None:
        from aggregator.app import App

        with App(self.config) as app:
            for number in posts:
                text = f"Words of post {number}, by {self.name}. " * 300
                app.desk.new(f"---\ntitle: Post {number}\ntags: [t{number // 3}]\n---\n{text}\n")
                app.desk.publish(f"post-{number}")

    def publish(self, to: Path, before: Callable[[], None] = lambda: None) -> int:
        """Start the command; return the process."""

        def work() -> int:
            before()
            return invoke(["--config", str(self.config), "publish", "--to", str(to)])

        return in_child(work)


def tree_of(folder: Path) -> Tree:
    tree = {
        path.relative_to(folder).as_posix(): None if path.is_dir() else path.read_bytes()
        for path in folder.rglob("*")
    }
    if text := tree.get(MANIFEST):
        tree[MANIFEST] = timeless(text)
    return tree


def timeless(manifest: bytes) -> bytes:
    """Return a manifest without the times of the files, in which two equal sites differ."""
    said = json.loads(manifest)
    for path, (stamp, size, _modified, digest) in said["files"].items():
        said["files"][path] = [stamp, size, digest]
    return json.dumps(said).encode()


def at_steps(folder: Path, do: Callable[[int], object]) -> None:
    """Call `do` with its number before each step by which this process touches the folder."""
    done = 0

    def hook(event: str, args: tuple[object, ...]) -> None:
        nonlocal done
        if event in STEPS and str(args[0]).startswith(str(folder)):
            done += 1
            do(done)

    sys.addaudithook(hook)


def dying_before(step: int, folder: Path) -> None:
    def die(number: int) -> None:
        if number == step:
            os.kill(os.getpid(), signal.SIGKILL)

    at_steps(folder, die)


def telling_steps(folder: Path, pipe: int) -> None:
    at_steps(folder, lambda _: os.write(pipe, b"."))


def look_at(left: Tree, old: Tree, new: Tree) -> str:
    """Return which site a kill left: "old", "new" or "between". Raises Wrong."""
    files = {
        path: content
        for path, content in left.items()
        if content is not None and not path.rpartition("/")[2].startswith(".")
    }
    for path, content in files.items():
        if content not in {old.get(path), new.get(path)} - {None}:
            raise Wrong(f"{path} is of neither site")
    if missing := {path for path in old if path in new and path not in left}:
        raise Wrong(f"missing though both sites have it: {sorted(missing)[:3]}")
    for page in ALTERNATE.findall((files.get("feed.atom") or b"").decode()):
        if f"{page}index.html" not in files:
            raise Wrong(f"the feed names {page}, which is not there")
    listed: set[str] = set()
    for books in (MANIFEST, UNFINISHED):
        listed |= set(json.loads(left.get(books) or b'{"files": []}')["files"])
    if unlisted := set(files) - listed:
        raise Wrong(f"files that the manifest does not know: {sorted(unlisted)[:3]}")
    if not old and "index.html" in files and files != files_of(new):
        raise Wrong("a front page, and not all behind it")
    return {True: "old"}.get(files == files_of(old)) or (
        "new" if files == files_of(new) else "between"
    )


def files_of(tree: Tree) -> Tree:
    return {path: content for path, content in tree.items() if content and path != MANIFEST}


def measure(kills: int, posts: int, seed: int) -> dict[str, Counter[str]]:
    """Return how many kills left which site, by how their points were chosen."""
    chance = random.Random(seed)
    found: dict[str, Counter[str]] = {"at a time": Counter(), "before a step": Counter()}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        sites = [
            Site(folder, "a", range(posts)),
            Site(folder, "b", range(posts // 4, posts + posts // 2)),
        ]
        public = folder / "public"
        seconds, steps = cost_of(sites, public)
        at, killed = 0, 0
        while killed < kills:
            old = sites[at].tree
            if chance.random() < 0.25:
                shutil.rmtree(public)
                old = {}
            target = sites[1 - at]
            by_clock = chance.random() < 0.5
            if by_clock:
                reading, writing = os.pipe()
                child = target.publish(public, lambda pipe=writing: telling_steps(public, pipe))
                os.read(reading, 1)  # now it begins to write
                time.sleep(chance.uniform(0, seconds))
                os.kill(child, signal.SIGKILL)
                os.close(reading)
                os.close(writing)
            else:
                step = chance.randint(1, steps)
                child = target.publish(public, lambda step=step: dying_before(step, public))
            if ended(child) == -signal.SIGKILL:
                killed += 1
                left = tree_of(public) if public.exists() else {}
                verdict = look_at(left, old, target.tree)
                found["at a time" if by_clock else "before a step"][verdict] += 1
            at = chance.randint(0, 1)  # the next run may be of either
            well(sites[at].publish(public))
            if tree_of(public) != sites[at].tree:
                odd = dict(tree_of(public).items() ^ sites[at].tree.items())
                raise Wrong(f"the next run did not make it good: {sorted(odd)[:3]}")
    return found


def cost_of(sites: list[Site], public: Path) -> tuple[float, int]:
    """Return for how long a run from one site to the other writes, and in how many steps."""
    well(sites[1].publish(public))
    well(sites[0].publish(public))
    reading, writing = os.pipe()
    child = sites[1].publish(public, lambda: telling_steps(public, writing))
    os.close(writing)
    steps = len(os.read(reading, 1))
    begun = time.monotonic()
    while more := os.read(reading, 65536):
        steps += len(more)
    seconds = time.monotonic() - begun
    well(child)
    os.close(reading)
    well(sites[0].publish(public))
    return seconds, steps


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--posts", type=int, default=40)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    asked = parser.parse_args()
    # What a command imports is imported once; each process is a fork of this one.
    import aggregator.app
    import aggregator.cli.publish
    import aggregator.services.desk
    import aggregator.services.syndication  # noqa: F401

    print(f"seed {asked.seed}", flush=True)
    try:
        found = measure(asked.kills, asked.posts, asked.seed)
    except Wrong as wrong:
        sys.exit(f"wrong: {wrong}")
    for how, counts in found.items():
        print(f"killed {how}: " + ", ".join(f"{counts[one]} {one}" for one in VERDICTS))
    print(f"{sum(map(Counter.total, found.values()))} kills, and every next run made it good")


if __name__ == "__main__":
    main()
