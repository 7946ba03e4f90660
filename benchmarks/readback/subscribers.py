"""Programs that poll a feed again and again, each asked what it shows its owner.

subscriber = Newsboat(folder, "http://127.0.0.1:8000/feed.atom")
subscriber.poll()
subscriber.read_all()
…
shown = subscriber.poll()
"""

from __future__ import annotations

import mailbox
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Protocol

from benchmarks.readback.told import spaced, words_of


@dataclass(frozen=True)
class Shown:
    """One item, or one mail. `new` is whether the program draws its owner's attention to it."""

    title: str
    words: str
    new: bool


class Subscriber(Protocol):
    def poll(self) -> list[Shown]:
        """Poll the feed, and return all that is kept of it."""

    def read_all(self) -> None:
        """Have the owner read everything."""


class Newsboat:
    """`reset`: with `reset-unread-on-update` for the feed, which is off by default."""

    def __init__(self, folder: Path, url: str, *, reset: bool = False) -> None:
        folder.mkdir()
        (folder / "urls").write_text(f"{url}\n")
        (folder / "config").write_text(f'reset-unread-on-update "{url}"\n' if reset else "")
        self._folder, self._cache = folder, folder / "cache.db"

    def poll(self) -> list[Shown]:
        files = {"-u": "urls", "-C": "config", "-c": "cache.db"}
        options = [part for flag, name in files.items() for part in (flag, self._folder / name)]
        _run(["newsboat", *map(str, options), "-x", "reload"], self._folder)
        with closing(sqlite3.connect(self._cache)) as cache:
            rows = cache.execute("SELECT title, content, unread FROM rss_item ORDER BY id")
            return [Shown(title, words_of(html), bool(unread)) for title, html, unread in rows]

    def read_all(self) -> None:
        with closing(sqlite3.connect(self._cache)) as cache, cache:
            cache.execute("UPDATE rss_item SET unread = 0")


class Rss2Email:
    """`replies`: with `reply-changes`, which is off by default."""

    def __init__(self, folder: Path, url: str, *, replies: bool = False) -> None:
        folder.mkdir()
        self._folder, self._read = folder, 0
        self._mail("new", "reader@example.com")
        settings = folder / "rss2email.cfg"
        text = settings.read_text()
        for key, value in {
            "email-protocol": "maildir",
            "maildir-path": str(folder / "mail"),
            "maildir-mailbox": "inbox",
            "reply-changes": str(replies),
        }.items():
            text = re.sub(rf"(?m)^{key} =.*$", f"{key} = {value}", text)
        settings.write_text(text)
        (folder / "mail").mkdir()
        mailbox.Maildir(folder / "mail" / "inbox", create=True)
        self._mail("add", "feed", url)

    def _mail(self, *command: str) -> None:
        files = ["-c", str(self._folder / "rss2email.cfg"), "-d", str(self._folder / "seen.json")]
        _run(["r2e", *files, *command], self._folder)

    def poll(self) -> list[Shown]:
        self._mail("run")
        box = mailbox.Maildir(
            self._folder / "mail" / "inbox",
            factory=lambda file: BytesParser(policy=policy.default).parse(file),  # type: ignore[arg-type]
        )
        mails: list[EmailMessage] = sorted(box, key=lambda mail: str(mail["Message-ID"]))  # type: ignore[arg-type]
        return [self._shown(mail) for mail in mails]

    def _shown(self, mail: EmailMessage) -> Shown:
        body = mail.get_body(("plain",))
        words = spaced(body.get_content()) if body else ""
        return Shown(str(mail["Subject"]), words, new=True)

    def read_all(self) -> None:
        """Delete every mail: what comes now is new."""
        shutil.rmtree(self._folder / "mail" / "inbox")
        mailbox.Maildir(self._folder / "mail" / "inbox", create=True)


class Sfeed:
    """sfeed_update keeps lines of text; what is new is what was not there at the last look."""

    def __init__(self, folder: Path, url: str) -> None:
        folder.mkdir()
        self._folder, self._known = folder, set[tuple[str, str]]()
        (folder / "sfeedrc").write_text(
            f"sfeedpath={folder / 'feeds'}\nfeeds() {{ feed blog '{url}'; }}\n"
        )
        (folder / "feeds").mkdir()

    def poll(self) -> list[Shown]:
        _run(["sfeed_update", str(self._folder / "sfeedrc")], self._folder)
        shown = []
        for line in (self._folder / "feeds" / "blog").read_text().split("\n")[:-1]:
            _, title, _, content, *_ = line.split("\t")
            words = words_of(content.replace("\\n", "\n").replace("\\t", "\t"))
            shown.append(Shown(title, words, new=(title, words) not in self._known))
        return shown

    def read_all(self) -> None:
        self._known |= {(one.title, one.words) for one in self.poll()}


@dataclass(frozen=True)
class Kind:
    """A program in one setting: how a reader of ours subscribes with it."""

    name: str
    program: str
    package: str
    subscribe: Callable[[Path, str], Subscriber]


KINDS = (
    Kind("newsboat", "newsboat", "newsboat", Newsboat),
    Kind(
        "newsboat, `reset-unread-on-update`",
        "newsboat",
        "newsboat",
        lambda folder, url: Newsboat(folder, url, reset=True),
    ),
    Kind("rss2email", "r2e", "rss2email", Rss2Email),
    Kind(
        "rss2email, `reply-changes`",
        "r2e",
        "rss2email",
        lambda folder, url: Rss2Email(folder, url, replies=True),
    ),
    Kind("sfeed", "sfeed_update", "sfeed", Sfeed),
)


def _run(command: list[str], home: Path) -> None:
    subprocess.run(
        command, env={**os.environ, "HOME": str(home)}, capture_output=True, check=True, timeout=60
    )
