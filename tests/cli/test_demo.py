"""`aggregator demo`: the whole loop, offline, in a folder of its own."""

from __future__ import annotations

import re
import shlex
import socket
import time
from pathlib import Path
from urllib.request import urlopen


def processes_in(folder: Path) -> list[str]:
    """Return the command lines of living processes that work in a folder."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if (place / "cwd").readlink() == folder:
                found.append((place / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


def test_the_demo_shows_the_post_and_its_update_and_can_be_shown_again(folder):
    folder.config.unlink()
    first = folder.run("demo").went_well()
    for sign in ("The council blinked", "three takeaways", "Lastly, ", "Update, ", "26 new"):
        assert sign in first.out, sign
    assert {path.name for path in folder.path.iterdir()} == {"demo"}
    assert "Update" in (folder.path / "demo/public/feed.atom").read_text()
    again = folder.run("demo").went_well()
    assert "26 new" in again.out
    time.sleep(0.2)
    assert processes_in(folder.path) == []


def test_the_demo_says_how_to_look_at_its_pages(folder, wait_until):
    told = folder.run("demo", "my demo").went_well().out
    [line] = [line for line in told.splitlines() if line.endswith(" serve")]
    assert "http://127.0.0.1:8321/" in told
    with socket.create_server(("127.0.0.1", 0)) as listener:
        place = f"127.0.0.1:{listener.getsockname()[1]}"  # the usual one may be taken
    settings = folder.path / "my demo" / "feeds.yaml"
    text = settings.read_text()
    settings.write_text(text.replace("\nfeeds:\n", f"\nweb: {{listen: '{place}'}}\nfeeds:\n"))

    def get(path):
        try:
            return urlopen(f"http://{place}{path}").read().decode()
        except OSError:
            return None

    with folder.start(*shlex.split(line)[1:]) as server:
        try:
            wait_until(lambda: get("/"))
            [link] = re.findall(r'href="([^"]+/the-council-blinked/)"', get("/"))[:1]
            assert "The council blinked" in get(f"/{link}")
            assert "<feed" in get("/feed.atom")
        finally:
            server.terminate()
            server.wait(10)


def test_the_demo_never_takes_an_authors_folder(folder):
    before = folder.config.read_text()
    folder.run("demo", ".").failed(2, "name another folder")
    assert folder.config.read_text() == before
    (folder.path / "full").mkdir()
    folder.write("full/x.txt", "mine")
    folder.run("demo", "full").failed(2, "not empty")


def test_the_demo_needs_no_network(folder):
    ran = folder.run(
        "demo", "one", HTTP_PROXY="http://127.0.0.1:1", HTTPS_PROXY="http://127.0.0.1:1"
    )
    assert ran.went_well()
