"""Content codings: whole bodies come out, bombs and broken ones do not."""

from __future__ import annotations

import gzip
import random
import tracemalloc
import zlib
from collections.abc import Callable, Iterator

import brotli
import pytest

from aggregator.errors import FetchError
from aggregator.fetch.decoding import decoded
from aggregator.model.poll import FailureKind

TEXT = b"".join(b"<p>%d</p>" % random.Random(n).randrange(10**9) for n in range(40_000))
MIB = 1024 * 1024
PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "br": lambda data: brotli.compress(data, quality=5),
    "identity": bytes,
    "": bytes,
}


def chunks(data: bytes, size: int = 65536) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def unpack(data: bytes, coding: str, size: int = 65536, limit: int = 10 * MIB) -> bytes:
    return decoded(chunks(data, size), coding, limit=limit, host="a.example")


@pytest.mark.parametrize("coding", PACK)
@pytest.mark.parametrize("size", [7, 1000, 65536, 10_000_000])
def test_bodies_come_out_whole_however_they_arrive(coding: str, size: int) -> None:
    assert unpack(PACK[coding](TEXT), coding, size) == TEXT


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_well_packed_bodies_come_out_whole(coding: str) -> None:
    zeros = bytes(9 * MIB)
    for size in (1, 10, 65536):
        assert unpack(PACK[coding](zeros), coding, size) == zeros


@pytest.mark.parametrize("coding", ["GZIP", " Br "])
def test_codings_have_no_case(coding: str) -> None:
    assert unpack(PACK[coding.strip().lower()](TEXT), coding) == TEXT


@pytest.mark.parametrize("coding", PACK)
def test_an_empty_body_is_empty_in_every_coding(coding: str) -> None:
    assert unpack(b"", coding) == b""
    assert unpack(PACK[coding](b""), coding) == b""


@pytest.mark.parametrize("size", [1, 5, 65536])
def test_gzip_members_follow_each_other(size: int) -> None:
    data = gzip.compress(b"one ") + gzip.compress(b"") + gzip.compress(b"two")
    assert unpack(data, "gzip", size) == b"one two"
    assert unpack(data + bytes(50), "gzip", size) == b"one two"


@pytest.mark.parametrize("coding", ["gzip", "br"])
@pytest.mark.parametrize("left", [0.01, 0.5, 0.99])
def test_a_cut_off_stream_is_an_error_and_not_a_shorter_body(coding: str, left: float) -> None:
    packed = PACK[coding](TEXT)
    with pytest.raises(FetchError) as caught:
        unpack(packed[: int(len(packed) * left)], coding)
    assert caught.value.kind is FailureKind.ENCODING


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_what_is_not_in_the_coding_is_an_error(coding: str) -> None:
    with pytest.raises(FetchError) as caught:
        unpack(b"<rss>this was never packed</rss>" * 20, coding)
    assert caught.value.kind is FailureKind.ENCODING


def test_a_wrong_checksum_is_an_error() -> None:
    packed = bytearray(gzip.compress(TEXT))
    packed[-6] ^= 1
    with pytest.raises(FetchError) as caught:
        unpack(bytes(packed), "gzip")
    assert caught.value.kind is FailureKind.ENCODING


@pytest.mark.parametrize(
    "coding", ["gzip, gzip", "br, gzip", "deflate", "zstd", "utf-8", "\x1b[31m"]
)
def test_stacked_and_unknown_codings_are_refused(coding: str) -> None:
    with pytest.raises(FetchError) as caught:
        unpack(TEXT, coding)
    assert caught.value.kind is FailureKind.ENCODING
    assert str(caught.value).isprintable()


def gzip_zeros(size: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = [packer.compress(bytes(MIB)) for _ in range(size // MIB)]
    return b"".join([*packed, packer.flush()])


def brotli_zeros(size: int) -> bytes:
    packer = brotli.Compressor(quality=5)
    packed = [packer.process(bytes(MIB)) for _ in range(size // MIB)]
    return b"".join([*packed, packer.finish()])


@pytest.mark.parametrize(("coding", "bomb"), [("gzip", gzip_zeros), ("br", brotli_zeros)])
def test_a_bomb_is_stopped_at_the_limit_with_little_memory(
    coding: str, bomb: Callable[[int], bytes]
) -> None:
    packed = bomb(300 * MIB)
    assert len(packed) < MIB
    tracemalloc.start()
    try:
        with pytest.raises(FetchError) as caught:
            unpack(packed, coding, size=len(packed), limit=4 * MIB)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert caught.value.kind is FailureKind.TOO_LARGE
    assert peak < 12 * MIB  # the body, its growth and one piece


@pytest.mark.parametrize("coding", PACK)
def test_the_limit_itself_may_be_reached(coding: str) -> None:
    assert unpack(PACK[coding](bytes(MIB)), coding, limit=MIB) == bytes(MIB)
    with pytest.raises(FetchError) as caught:
        unpack(PACK[coding](bytes(MIB + 1)), coding, limit=MIB)
    assert caught.value.kind is FailureKind.TOO_LARGE


def test_coded_bytes_that_decode_to_nothing_count_too() -> None:
    with pytest.raises(FetchError) as caught:
        unpack(gzip.compress(b"") * 10_000, "gzip", limit=100_000)
    assert caught.value.kind is FailureKind.TOO_LARGE
