"""Asking our web server as strangers do: over a socket, byte by byte."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from aggregator.web.server import WebServer


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes


def ask(
    server: WebServer, target: str, *headers: str, method: str = "GET", body: bytes = b""
) -> Answer:
    """Send one request with its target as written, and return the answer."""
    lines = [f"{method} {target} HTTP/1.1", "Host: evil.example", "Connection: close", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    host, _, port = server.address.rpartition(":")
    with socket.create_connection((host.strip("[]"), int(port)), timeout=10) as sock:
        sock.sendall("\r\n".join([*lines, "", ""]).encode("utf-8") + body)
        raw = b""
        while data := sock.recv(65536):
            raw += data
    head, _, sent = raw.partition(b"\r\n\r\n")
    first, *fields = head.decode("latin-1").split("\r\n")
    named = {name.lower(): value.strip() for name, _, value in (f.partition(":") for f in fields)}
    return Answer(int(first.split()[1]), named, sent)
