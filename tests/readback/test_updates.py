"""What subscribers are shown when a post changes that they have read; docs/readers.md says it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from services.desks import HOUR, NOON, POST, REACTION

from aggregator.config.settings import Site
from aggregator.document import parse_document
from aggregator.services.desk import Desk
from aggregator.services.syndication import publish
from aggregator.storage.sql import SqlStorage
from benchmarks.readback.subscribers import KINDS, Kind, Shown
from servers import Request, response, serving

DOCS = Path(__file__).resolve().parents[2] / "docs" / "readers.md"
DATED = "Updated 31 March 2026, 13:00 UTC:"
NEWS = "Talk to the hand"
WITHDRAWN = "The author has withdrawn this post."


class House:
    """A site of one post, served as it is published, an hour passing before each time."""

    def __init__(self, folder: Path, *, update_entries: bool = False) -> None:
        self.public, self.now = folder / "public", NOON
        self.site = Site(base_url="https://blog.example/", update_entries=update_entries)
        self.storage = SqlStorage(folder / "a.sqlite", parse=parse_document)
        self.desk = Desk(self.storage, self.site, clock=lambda: self.now)
        self.slug = self.desk.new(POST).slug
        self.desk.publish(self.slug)
        self.publish()

    def publish(self) -> None:
        self.now += HOUR
        publish(self.storage, self.site, self.public, clock=lambda: self.now)

    def edit(self, old: str, new: str) -> None:
        document = self.storage.post(self.slug).document
        assert old in document
        self.desk.edit(self.slug, document.replace(old, new))

    def answer(self, request: Request) -> bytes:
        document = (self.public / request.target.lstrip("/")).read_bytes()
        return response(200, document, content_type="application/atom+xml")


@dataclass(frozen=True)
class Change:
    """What the author does, and the words that show it."""

    name: str
    make: Callable[[House], object]
    words: str
    update_entries: bool = False


CHANGES = (
    Change("an Update", lambda house: house.desk.update(house.slug, REACTION), NEWS),
    Change("a typo mended", lambda house: house.edit("in June", "in July"), "in July"),
    Change("a headline mended", lambda house: house.edit("blinked", "winked"), "winked"),
    Change("withdrawn", lambda house: house.desk.withdraw(house.slug), WITHDRAWN),
    Change(
        "an Update, `update_entries`",
        lambda house: house.desk.update(house.slug, REACTION),
        NEWS,
        update_entries=True,
    ),
)

# By program, in the order of CHANGES.
SEEN = {
    "newsboat": ("read", "read", "read", "read", "new entry, and read"),
    "newsboat, `reset-unread-on-update`": (
        "unread again",
        "unread again",
        "read",
        "unread again",
        "new entry, and unread again",
    ),
    "rss2email": ("nothing", "nothing", "nothing", "nothing", "new entry"),
    "rss2email, `reply-changes`": (
        "mailed again",
        "mailed again",
        "nothing",
        "mailed again",
        "new entry, and mailed again",
    ),
    "sfeed": ("nothing", "nothing", "second entry", "nothing", "new entry"),
}


@contextmanager
def subscribed(kind: Kind, change: Change, folder: Path) -> Iterator[list[Shown]]:
    """Give what a subscriber who has read a post is shown after the change."""
    if shutil.which(kind.program) is None:
        pytest.skip(f"{kind.name} is not here: apt install {kind.package}")
    house = House(folder, update_entries=change.update_entries)
    try:
        with serving(house.answer) as server:
            subscriber = kind.subscribe(folder / "home", server.url("/feed.atom"))
            [before] = subscriber.poll()
            assert before.title == "The council blinked"
            for words in ("The council put off its vote.", "So why vote in June at all?"):
                assert words in before.words  # all of the text, not its summary
            subscriber.read_all()
            change.make(house)
            house.publish()
            shown = subscriber.poll()
            assert subscriber.poll() == shown  # once more, and nothing is shown twice
            yield shown
    finally:
        house.storage.close()


def outcome(kind: Kind, change: Change, shown: list[Shown]) -> str:
    """Return in words what somebody sees who had read the post."""
    beside = [one for one in shown if one.title.startswith("Update: ")]
    post = [one for one in shown if one not in beside]
    told = [one for one in post if change.words in f"{one.title} {one.words}"]
    said = []
    if beside:
        assert len(beside) == 1
        assert beside[0].new
        assert NEWS in beside[0].words
        said.append("new entry")
    if len(post) > 1:
        assert len(told) == 1
        said.append("second entry")
    elif told and kind.program == "r2e":
        said.append("mailed again")
    elif told:
        said.append("unread again" if told[0].new else "read")
    for one in told:
        assert (DATED in one.words[:40]) is (change.words == NEWS)
        assert one.words.count(change.words) in {0, 1, 2}  # announced at the top, told at the end
    if change.words == WITHDRAWN and told:
        assert "vote" not in told[0].words
    return ", and ".join(said) or "nothing"


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_subscribers_see_of_a_change_what_the_documentation_says(
    kind: Kind, change: Change, tmp_path: Path
) -> None:
    with subscribed(kind, change, tmp_path) as shown:
        assert outcome(kind, change, shown) == SEEN[kind.name][CHANGES.index(change)]


def test_the_documentation_has_the_whole_table() -> None:
    heads = " | ".join(change.name for change in CHANGES)
    rows = [f"| {name} | {' | '.join(seen)} |" for name, seen in SEEN.items()]
    written = DOCS.read_text()
    for line in (f"| program | {heads} |", *rows):
        assert line in written
    assert list(SEEN) == [kind.name for kind in KINDS]
