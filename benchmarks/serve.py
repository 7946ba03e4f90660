"""Requests a second of `aggregator serve` beside nginx with the same files, asked by wrk.

Both are there at the same time and asked in turns, each with one process and connections that
stay open; the middle of the rounds counts. Needs nginx and wrk (Debian: nginx-light, wrk).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from statistics import median

from aggregator.app import App

NGINX = """\
daemon off; worker_processes 1; user {user}; pid {folder}/pid; error_log {folder}/errors;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  types {{ text/html html; application/atom+xml atom; text/css css; }}
  gzip on; gzip_types application/atom+xml text/css; gzip_min_length 200;
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""
KINDS = {
    "304": ("/feed.atom", "", True),
    "200, feed": ("/feed.atom", "", False),
    "200, feed, gzip": ("/feed.atom", "gzip", False),
    "200, page": ("/index.html", "", False),
    "404": ("/nothing", "", False),
}


def written_site(folder: Path, posts: int, listen: str) -> Path:
    """Write posts into a database; return the settings."""
    config = folder / "feeds.yaml"
    config.write_text(
        "site: {title: T, base_url: 'https://blog.example/'}\n"
        f"web: {{listen: '{listen}'}}\nfeeds: []\n"
    )
    with App(config) as app:
        for number in range(posts):
            words = " ".join(f"word{number * 7 % 1000 + one * 13 % 977}" for one in range(150))
            app.desk.new(
                f"---\ntitle: Post {number}\ntags: [t{number % 10}]\n---\n"
                f"[Ana Reyes](https://news.example/{number}) reports:\n\n> {words}\n\nSo why?\n"
            )
            app.desk.publish(f"post-{number}")
    return config


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def headers_of(url: str, coding: str = "") -> Message:
    request = urllib.request.Request(url, headers={"Accept-Encoding": coding or "identity"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        headers: Message = answer.headers
        return headers


@contextlib.contextmanager
def running(command: list[str], url: str) -> Iterator[int]:
    """Run a server until the block ends; it begins when the address answers."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 30
        while True:
            try:
                headers_of(url)
                break
            except OSError:
                assert time.monotonic() < end, f"{command[0]} does not answer"
                assert process.poll() is None, f"{command[0]} has ended"
                time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


def requests_a_second(url: str, seconds: int, *headers: str) -> float:
    words = [word for header in headers for word in ("-H", header)]
    command = ["wrk", "-t1", "-c16", f"-d{seconds}s", *words, url]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"Requests/sec:\s+([\d.]+)", text)
    assert found, text
    assert "Socket errors" not in text, text
    return float(found[1])


def memory(process: int) -> float:
    """Return what a process holds in memory now, in MiB."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process}/status").read_text())
    assert found
    return int(found[1]) / 1024


def measure(
    posts: int, seconds: int, rounds: int
) -> tuple[dict[str, dict[str, float]], list[float]]:
    """Return requests a second by kind and server, and our memory before and after."""
    with tempfile.TemporaryDirectory() as temporary, contextlib.ExitStack() as stack:
        folder = Path(temporary)
        ports = {"aggregator": free_port(), "nginx": free_port()}
        config = written_site(folder, posts, f"127.0.0.1:{ports['aggregator']}")
        urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
        ours = [sys.executable, "-m", "aggregator", "--config", str(config), "serve"]
        process = stack.enter_context(running(ours, f"{urls['aggregator']}/feed.atom"))
        user = subprocess.run(["id", "-un"], check=True, capture_output=True, text=True).stdout
        (folder / "nginx").mkdir()
        (folder / "nginx.conf").write_text(
            NGINX.format(
                folder=folder / "nginx",
                port=ports["nginx"],
                root=folder / "public",
                user=user.strip(),
            )
        )
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        command = [nginx, "-e", str(folder / "nginx/errors"), "-c", str(folder / "nginx.conf")]
        stack.enter_context(running(command, f"{urls['nginx']}/feed.atom"))
        for page in (folder / "public").rglob("*.html"):  # every page once, in every form
            for coding in ("", "gzip", "br"):
                path = page.relative_to(folder / "public").as_posix()
                headers_of(f"{urls['aggregator']}/{path}", coding)
        held = [memory(process)]
        found: dict[str, dict[str, float]] = {}
        for kind, (path, coding, has_it) in KINDS.items():
            turns: dict[str, list[float]] = {name: [] for name in urls}
            for _ in range(rounds):
                for name, url in urls.items():
                    headers = [f"Accept-Encoding: {coding or 'identity'}"]
                    if has_it:
                        headers.append(f"If-None-Match: {headers_of(url + path)['Etag']}")
                    turns[name].append(requests_a_second(url + path, seconds, *headers))
            found[kind] = {name: median(values) for name, values in turns.items()}
            held.append(memory(process))
        return found, held


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--posts", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=3, help="of each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if not shutil.which("wrk") or not (shutil.which("nginx") or Path("/usr/sbin/nginx").exists()):
        sys.exit("needs nginx and wrk: apt install nginx-light wrk")
    found, held = measure(asked.posts, asked.seconds, asked.rounds)
    if asked.json:
        print(json.dumps({"requests_a_second": found, "memory_mib": held}, indent=1))
        return
    print(f"{'answer':<18} {'aggregator/s':>13} {'nginx/s':>9} {'nginx is faster':>16}")
    for kind, by_name in found.items():
        times = by_name["nginx"] / by_name["aggregator"]
        print(
            f"{kind:<18} {by_name['aggregator']:>13,.0f} {by_name['nginx']:>9,.0f} {times:>15.1f}x"
        )
    print("memory, MiB: " + " → ".join(f"{one:.0f}" for one in held))
    print(f"{asked.posts} posts; Python {sys.version.split()[0]}, {os.cpu_count()} processors")


if __name__ == "__main__":
    main()
