"""Hostile servers and good ones, each on a loopback address of its own, in one process.

`python -m benchmarks.hostile.servers` prints its port, then serves until its standard input
ends. Which address does what is for everybody to know: see `hostile` and `good`.
"""

from __future__ import annotations

import asyncio
import gzip
import socket
import struct
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from ipaddress import IPv4Address
from random import Random

import brotli  # type: ignore[import-untyped]

from benchmarks.hostile.killers import HARMLESS, REFUSED

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"
BOMB = bytes(64 * 1024 * 1024)
ENTRIES = 10
WORDS = "What a good server has to say. "

Send = Callable[[bytes], Awaitable[None]]
Answer = Callable[[Send, str], Awaitable[None]]  # the path that was asked


class Reset(Exception):
    """The connection is to be reset."""


def hostile(number: int) -> tuple[str, str]:
    """Return the address of a hostile server, and what it does."""
    return str(IPv4Address("127.2.0.1") + number * 3), list(KINDS)[number % len(KINDS)]


def good(number: int) -> str:
    """Return the address of a good server."""
    return str(IPv4Address("127.3.0.1") + number * 3)


def bytes_of(body: bytes, fields: bytes = b"") -> Answer:
    """Return a server that answers with a body of the right length."""
    whole = HEAD + fields + b"Content-Length: %d\r\n\r\n" % len(body) + body

    async def answer(send: Send, path: str) -> None:
        await send(whole)

    return answer


def raw(data: bytes) -> Answer:
    """Return a server that sends this and hangs up."""

    async def answer(send: Send, path: str) -> None:
        await send(data)

    return answer


def forever(before: bytes, part: bytes, pause: float) -> Answer:
    """Return a server that sends the same again and again."""

    async def answer(send: Send, path: str) -> None:
        await send(before)
        while True:
            await send(part)
            await asyncio.sleep(pause)

    return answer


async def _silence(send: Send, path: str) -> None:
    await asyncio.sleep(3600)


async def _redirects_without_end(send: Send, path: str) -> None:
    await send(b"HTTP/1.1 302 Found\r\nLocation: %sx\r\n\r\n" % path.encode())


async def _reset(send: Send, path: str) -> None:
    raise Reset


async def _reset_in_the_body(send: Send, path: str) -> None:
    await send(HEAD + b"Content-Length: 10000\r\n\r\n<rss>")
    raise Reset


CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
ITEMS = b"<item><title>More</title><description>and more</description></item>" * 900
NOISE = Random(1).randbytes(4096)

KINDS: dict[str, Answer] = {
    "silence": _silence,
    "a header byte at a time": forever(HEAD + b"X: ", b"y", 0.2),
    "a body byte at a time": forever(HEAD + b"Content-Length: 100000\r\n\r\n", b"x", 0.2),
    "a chunk at a time": forever(CHUNKED, b"1\r\nx\r\n", 0.2),
    "1xx without end": forever(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 0.2),
    "an endless body": forever(HEAD + b"\r\n", bytes(65536), 0.0),
    "an endless feed": forever(
        CHUNKED + b"15\r\n<rss><channel><title>\r\n", b"%x\r\n%s\r\n" % (len(ITEMS), ITEMS), 0.0
    ),
    "an endless length": raw(HEAD + b"Content-Length: 99999999999\r\n\r\n" + bytes(65536)),
    "a bomb in gzip": bytes_of(gzip.compress(BOMB), b"Content-Encoding: gzip\r\n"),
    "a bomb in brotli": bytes_of(brotli.compress(BOMB, quality=3), b"Content-Encoding: br\r\n"),
    "gzip in gzip": bytes_of(gzip.compress(b"x"), b"Content-Encoding: gzip, gzip\r\n"),
    "half a gzip": bytes_of(gzip.compress(NOISE)[:-99], b"Content-Encoding: gzip\r\n"),
    "a flood of headers": raw(HEAD + b"X-Y: z\r\n" * 50_000 + b"\r\n"),
    "one endless header": forever(HEAD + b"X: ", b"y" * 65536, 0.0),
    "a flood of 1xx": forever(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000, 0.0),
    "a flood of cookies": raw(HEAD + b"Set-Cookie: a=1\r\n" * 6000 + b"Content-Length: 0\r\n\r\n"),
    "redirects without end": _redirects_without_end,
    "a redirect in a circle": raw(b"HTTP/1.1 301 Moved\r\nLocation: /feed\r\n\r\n"),
    "a redirect into a file": raw(b"HTTP/1.1 301 Moved\r\nLocation: file:///etc/passwd\r\n\r\n"),
    "a reset": _reset,
    "a reset in the body": _reset_in_the_body,
    "nothing": raw(b""),
    "noise": raw(NOISE),
    "another protocol": raw(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "less than it said": raw(HEAD + b"Content-Length: 100\r\n\r\n<rss/>"),
    **{name: bytes_of(document) for name, document in {**REFUSED, **HARMLESS}.items()},
}


def feed_of(number: int) -> bytes:
    """Return the document of a good server; every fifth is of 100 to 200 KB."""
    words = WORDS * (20 if number % 5 else 330 + number % 3 * 140)
    items = "".join(
        f"<item><guid>{number}-{n}</guid><title>Story {n}</title>"
        f"<description>{words}</description></item>"
        for n in range(ENTRIES)
    )
    start = f"<rss version='2.0'><channel><title>Good {number}</title>"
    return f"{start}{items}</channel></rss>".encode()


class Servers:
    """All of them behind one port; the address that was dialled says who it is."""

    def __init__(self, count: int) -> None:
        self._answers: dict[str, Answer] = {}
        for number in range(count):
            address, kind = hostile(number)
            self._answers[address] = KINDS[kind]
            self._answers[good(number)] = bytes_of(feed_of(number))

    async def serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def send(data: bytes) -> None:
            writer.write(data)
            await writer.drain()

        # Whoever is treated so hangs up; and what was to be reset may be gone already.
        with suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].decode()
            try:
                await self._answers[writer.get_extra_info("sockname")[0]](send, path)
            except Reset:
                at_once = struct.pack("ii", 1, 0)
                writer.get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, at_once
                )
                writer.transport.abort()
        writer.close()


async def main(count: int) -> None:
    servers = Servers(count)
    listener = await asyncio.start_server(servers.serve_one, "0.0.0.0", 0, backlog=1024)  # noqa: S104 - all of 127/8
    print(listener.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
