"""Make the README's pictures anew: `python -m benchmarks.pictures`.

Publishes the demo's post and two more with the times that `posts` gives them, and has Chromium
draw the front page in light and the post in dark. The same version of Chromium, with the same
fonts, draws the same pictures. `--look` draws every kind of page instead, wide and narrow, light
and dark, into a folder of your choice: for looking at after a change of style.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from html import escape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

from aggregator.config.settings import Author, Site
from aggregator.document import parse_document
from aggregator.services.desk import Desk
from aggregator.services.syndication import publish
from aggregator.storage.sql import SqlStorage
from benchmarks.pictures.posts import COUNCIL, COUNCIL_AT, POSTS, UPDATE, UPDATE_AFTER

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"
LARGEST = 150_000  # bytes of a picture; a README should open at once
SITE = Site(
    title="The Margin",
    subtitle="What the council did not say",
    base_url="https://linkblog.example/",
    authors=(Author(name="Ada Author"),),
    rights="CC BY 4.0",
)
POST = f"/{COUNCIL_AT:%Y/%m}/{COUNCIL}/"
KINDS = ("/", POST, "/tags/budget/", f"/{COUNCIL_AT:%Y/%m}/", "/archive/", "/tags/", "/sources/")
KINDS += ("/blogroll/", "/search/", "/about/", "/404.html")
QUIET = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --hide-scrollbars
--disable-background-networking --disable-component-update --disable-sync
--disable-lcd-text""".split()


@dataclass(frozen=True)
class View:
    """A page, the window it is shown in, and how many dots a pixel of it has."""

    path: str
    width: int
    height: int
    dark: bool = False
    scale: float = 1


README = {
    "front.png": View("/", 800, 640, scale=1.25),
    "post.png": View(POST, 800, 985, dark=True, scale=1.2),
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pictures", description=__doc__)
    parser.add_argument("--to", type=Path, default=PICTURES, help="folder of the pictures")
    parser.add_argument("--look", action="store_true", help="every kind of page, in every way")
    options = parser.parse_args(arguments)
    chromium = shutil.which("chromium")
    if chromium is None:
        parser.error("chromium is not here: apt install chromium")
    options.to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        made = _published(Path(folder))
        with _served(made) as base:
            for name, view in (_every_view() if options.look else README).items():
                target = options.to / name
                _draw(chromium, base, view, target)
                size = target.stat().st_size
                print(f"{target}: {size:,} bytes")
                if not options.look and size > LARGEST:
                    print(f"{target} is larger than {LARGEST:,} bytes", file=sys.stderr)
                    return 1
    return 0


def _every_view() -> dict[str, View]:
    views = {}
    for path in KINDS:
        name = path.strip("/").replace("/", "-") or "index"
        for width in (1280, 360):
            views[f"{name}-{width}-light.png"] = View(path, width, 1400)
            views[f"{name}-{width}-dark.png"] = View(path, width, 1400, dark=True)
    return views


def _published(folder: Path) -> Path:
    """Publish the posts below a folder; return the folder of the site."""
    now = COUNCIL_AT

    def clock() -> datetime:
        return now

    storage = SqlStorage(folder / "a.sqlite", parse=parse_document)
    desk = Desk(storage, SITE, clock=clock)
    for document, at in POSTS:
        now = at
        slug = desk.new(document).slug
        desk.publish(slug)
        if slug == COUNCIL:
            now += UPDATE_AFTER
            desk.update(slug, UPDATE)
    publish(storage, SITE, folder / "public", clock=clock)
    storage.close()
    return folder / "public"


class _Handler(SimpleHTTPRequestHandler):
    """Serves a folder, and below /framed a page in a frame that is narrower than any window."""

    def do_GET(self) -> None:
        if not self.path.startswith("/framed?"):
            super().do_GET()
            return
        width, path = unquote(self.path).removeprefix("/framed?").split("&", 1)
        page = (
            '<!doctype html><meta name="color-scheme" content="light dark"><style>body{margin:0}'
            f"iframe{{border:0;width:{int(width)}px;height:100vh}}</style>"
            f'<iframe src="{escape(path)}"></iframe>'
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def _draw(chromium: str, base: str, view: View, target: Path) -> None:
    # A window of Chromium is at least 500 pixels wide.
    path = view.path if view.width >= 500 else f"/framed?{view.width}&{view.path}"
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                chromium,
                *QUIET,
                f"--user-data-dir={profile}",
                f"--window-size={max(view.width, 500)},{view.height}",
                f"--force-device-scale-factor={view.scale}",
                f"--blink-settings=preferredColorScheme={0 if view.dark else 1}",
                f"--screenshot={target}",
                base + path,
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )


if __name__ == "__main__":
    sys.exit(main())
