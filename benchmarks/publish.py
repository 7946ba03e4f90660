"""Publishing a site of many posts from nothing, then one post more, then nothing new.

Each is `aggregator publish` as a command of its own, measured from outside; what it costs for a
site without posts is its start. Exits with 1 when publishing one more is not `--times` cheaper than
publishing all, starts apart, or when what it leaves differs by a byte from the same site published
from nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from aggregator import __version__
from aggregator.app import App
from aggregator.document import parse_document
from aggregator.model.post import PostStatus, StoredPost
from aggregator.publishing.ids import mint_id

BASE = "https://blog.example/"
FIRST = datetime(2016, 1, 1, 9, tzinfo=UTC)
START, ALL, MORE, AGAIN = "start", "from nothing", "one more", "nothing new"
TRIALS = 3  # of what is over soon; the middle one counts


def words_of(number: int, count: int) -> str:
    return " ".join(f"word{number * 7 % 1000 + one * 13 % 977}" for one in range(count))


def document_of(number: int) -> str:
    """Return a post as a linkblog has them: a quotation mostly, sometimes takeaways and more."""
    host = f"source{number * number % 307}.example"
    parts = [
        f"---\ntitle: What happened on day {number}\ntags: [t{number % 50}, u{number % 7}]\n---",
        f"[Ana Reyes](https://{host}/{number}) reports:",
        f"> {words_of(number, 80)} … {words_of(number + 1, 20)}",
        words_of(number + 2, 40),
    ]
    if number % 5 == 0:
        items = "\n".join(f"{one}. {words_of(number + one, 12)}" for one in (1, 2, 3))
        parts.append(f"::: takeaways prose\nI see three takeaways.\n\n{items}\n:::")
    if number % 11 == 0:
        at = published_at(number) + timedelta(hours=5)
        parts.append(f"## Update {at.isoformat().replace('+00:00', 'Z')}\n\n{words_of(number, 30)}")
    return "\n\n".join(parts) + "\n"


def published_at(number: int) -> datetime:
    return FIRST + number * timedelta(hours=8)


def stored(number: int) -> StoredPost:
    document, at = document_of(number), published_at(number)
    updated = at + timedelta(hours=5) if number % 11 == 0 else at
    slug = f"day-{number}"
    return StoredPost(
        slug=slug,
        document=document,
        post=parse_document(document),
        status=PostStatus.PUBLISHED,
        id=mint_id(BASE, slug, at),
        created=at,
        edited=updated,
        published=at,
        updated=updated,
    )


def add(config: Path, numbers: range) -> None:
    """Store posts as if they had been published at their time."""
    with App(config) as app:
        app.storage.import_posts([(stored(number), ()) for number in numbers])


def publish(config: Path, to: Path, *more: str) -> dict[str, float]:
    """Run the command; return its seconds, CPU seconds, MiB and how many files it wrote."""
    result = config.with_name("cost.json")
    command = [sys.executable, "-m", "aggregator", "--config", str(config)]
    measured = [sys.executable, "-m", "benchmarks.measure", str(result)]
    done = subprocess.run(
        [*measured, *command, "publish", "--to", to, *more],
        capture_output=True,
        text=True,
        check=True,
    )
    cost: dict[str, float] = json.loads(result.read_text())
    said = done.stdout.rpartition(": ")[2].replace(",", "").split()
    return cost | {"files": float(said[0]) if "written" in said else 0.0}


def same(one: Path, other: Path) -> bool:
    """Whether two folders hold the same published files."""
    left, right = (
        {
            path.relative_to(folder): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file() and not path.name.startswith(".")
        }
        for folder in (one, other)
    )
    return left == right


def measure(folder: Path, posts: int) -> tuple[dict[str, dict[str, float]], bool]:
    """Return what each round cost, and whether it left what publishing from nothing leaves."""
    config, site = folder / "feeds.yaml", folder / "public"
    config.write_text(f"site: {{title: Benchmark, base_url: '{BASE}'}}\nfeeds: []\n")
    publish(config, folder / "empty")
    costs = {START: middle([publish(config, folder / "empty") for _ in range(TRIALS)])}
    add(config, range(posts))
    costs[ALL] = publish(config, site)
    trials = []
    for number in range(posts, posts + TRIALS):
        add(config, range(number, number + 1))
        trials.append(publish(config, site))
    costs[MORE] = middle(trials)
    costs[AGAIN] = middle([publish(config, site) for _ in range(TRIALS)])
    publish(config, folder / "anew", "--all")
    return costs, same(site, folder / "anew")


def middle(trials: list[dict[str, float]]) -> dict[str, float]:
    return {kind: median(trial[kind] for trial in trials) for kind in trials[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=10_000)
    parser.add_argument("--times", type=float, default=50.0, help="cheaper, at least")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as temporary:
        costs, alike = measure(Path(temporary), asked.posts)
    commands, works = {}, {}
    for kind in ("wall", "cpu"):
        commands[kind] = costs[ALL][kind] / costs[MORE][kind]
        start = costs[START][kind]
        works[kind] = (costs[ALL][kind] - start) / (costs[MORE][kind] - start)
    if asked.json:
        said = {"rounds": costs, "commands": commands, "without start": works, "same": alike}
        print(json.dumps(said, indent=1))
    else:
        for name, cost in costs.items():
            print(
                f"{name:<14} {cost['wall']:8.2f} s {cost['cpu']:8.2f} s CPU "
                f"{cost['memory']:6.0f} MiB {cost['files']:8.0f} files written"
            )
        for name, ratios in (("whole commands", commands), ("without the start", works)):
            print(f"one more, {name}: {ratios['wall']:.0f} times cheaper, CPU {ratios['cpu']:.0f}")
        print("the same as from nothing" if alike else "NOT the same as from nothing")
        python = sys.version.split()[0]
        print(f"aggregator {__version__}, Python {python}, {os.cpu_count()} processors")
    sys.exit(0 if alike and min(works.values()) >= asked.times else 1)


if __name__ == "__main__":
    main()
