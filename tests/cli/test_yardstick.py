"""The yardstick that publishers hold to feed readers, held to `aggregator poll`.

Each feed of the table is asked three times by the real program; what the server saw is compared
byte for byte. Conditional requests must bring back what the server gave, as it gave it: readers
that parse, round, requote or make up what they send get the whole feed again every time.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from benchmarks.judging.demands import Demands
from benchmarks.judging.judge import judge, table
from benchmarks.judging.log import Exchange
from servers import Request, response, serving

SETTINGS = """\
site: {title: "T", base_url: "https://blog.example/"}
fetch: {allow_networks: [127.0.0.0/8], timeout: 5s}
poll: {gap: 0s, spacing: 0s}
"""
AGENT = re.compile(r"aggregator/\S+ \(\+https://blog\.example/\)")
DAY = "Tue, 31 Mar 2026 13:00:00 GMT"
LATER = "Wed, 01 Apr 2026 09:30:01 GMT"


@dataclass(frozen=True)
class Case:
    """What a server gives at each turn, and what it must get back at the next one."""

    name: str
    given: tuple[Mapping[str, str], ...]  # fields by turn; "status" among them, 200 by default
    expected: tuple[Mapping[str, str], ...]  # conditions of the second and third request


def tagged(name: str, etag: str) -> Case:
    return Case(name, ({"etag": etag},) * 2, ({"if-none-match": etag},) * 2)


def dated(name: str, modified: str) -> Case:
    return Case(name, ({"last-modified": modified},) * 2, ({"if-modified-since": modified},) * 2)


CASES = [
    tagged("strong", '"33a64df5"'),
    tagged("weak", 'W/"33a64df5"'),
    tagged("empty", '""'),
    tagged("unquoted", "33a64df5"),
    tagged("half-quoted", '"33a64df5'),
    tagged("single-quoted", "'33a64df5'"),
    tagged("packed", '"33a64df5-gzip"'),
    tagged("with-spaces-and-commas", '"a, b"'),
    tagged("with-quotes-inside", '"a"b"'),
    tagged("with-a-backslash", '"a\\"b"'),
    tagged("latin-1", '"caf\xe9"'),
    tagged("lower-case-weak", 'w/"a"'),
    dated("as-it-should-be", DAY),
    dated("rfc-850", "Tuesday, 31-Mar-26 13:00:00 GMT"),
    dated("asctime", "Tue Mar 31 13:00:00 2026"),
    dated("iso", "2026-03-31T13:00:00Z"),
    dated("wrong-day-of-week", "Mon, 31 Mar 2026 13:00:00 GMT"),
    dated("with-an-offset", "Tue, 31 Mar 2026 15:00:00 +0200"),
    dated("to-come", "Tue, 31 Mar 2099 13:00:00 GMT"),
    dated("epoch", "Thu, 01 Jan 1970 00:00:00 GMT"),
    Case("nothing", ({}, {}), ({}, {})),
    Case(
        "both-are-sent",
        ({"etag": '"a"', "last-modified": DAY},) * 2,
        ({"if-none-match": '"a"', "if-modified-since": DAY},) * 2,
    ),
    Case(
        "replaced-by-a-full-answer",
        ({"etag": '"a"', "last-modified": DAY}, {"etag": 'W/"b"', "last-modified": LATER}),
        (
            {"if-none-match": '"a"', "if-modified-since": DAY},
            {"if-none-match": 'W/"b"', "if-modified-since": LATER},
        ),
    ),
    Case(
        "forgotten-with-a-full-answer-that-has-none",
        ({"etag": '"a"', "last-modified": DAY}, {"last-modified": LATER}),
        ({"if-none-match": '"a"', "if-modified-since": DAY}, {"if-modified-since": LATER}),
    ),
    Case(
        "replaced-by-a-304",
        ({"etag": '"a"', "last-modified": DAY}, {"status": "304", "etag": '"b"'}),
        (
            {"if-none-match": '"a"', "if-modified-since": DAY},
            {"if-none-match": '"b"', "if-modified-since": DAY},
        ),
    ),
    Case(
        "kept-over-a-304-without-any",
        ({"etag": '"a"'}, {"status": "304"}),
        ({"if-none-match": '"a"'}, {"if-none-match": '"a"'}),
    ),
    Case(
        "kept-over-an-error",
        ({"etag": '"a"'}, {"status": "500", "etag": '"error-page"'}),
        ({"if-none-match": '"a"'}, {"if-none-match": '"a"'}),
    ),
]
CONDITIONS = ("if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "if-range")


@dataclass
class Seen:
    """What the server was asked in three polls, by feed."""

    port: int
    asked: dict[str, list[Request]] = field(default_factory=dict)

    @property
    def requests(self) -> Iterator[Request]:
        return (request for requests in self.asked.values() for request in requests)


@pytest.fixture(scope="module")
def seen(make_folder, tmp_path_factory, rss) -> Seen:
    by_path = {f"/{case.name}?a=1&b": case for case in CASES}
    found = Seen(0)

    def answer(request: Request) -> bytes:
        before = found.asked.setdefault(request.target, [])
        before.append(request)
        case = by_path[request.target]
        turn = min(len(before), len(case.given)) - 1
        fields = {"set-cookie": "id=1; Path=/", **case.given[turn]}
        status = int(fields.pop("status", "200"))
        body = rss(f"{case.name} {len(before)}") if status == 200 else b""
        named = {name.replace("-", "_"): value for name, value in fields.items()}
        return response(status, body, **named)

    with serving(answer) as server:
        found.port = server.port
        folder = make_folder(tmp_path_factory.mktemp("yard"))
        feeds = "".join(f"  - {{url: '{server.url(path)}'}}\n" for path in by_path)
        folder.config.write_text(f"{SETTINGS}feeds:\n{feeds}")
        for _ in range(3):
            assert folder.run("poll", "--force").code in {0, 1}
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_conditions_are_what_the_server_gave_byte_for_byte(seen: Seen, case: Case) -> None:
    first, *later = seen.asked[f"/{case.name}?a=1&b"]
    assert conditions(first) == {}
    assert [conditions(request) for request in later] == list(case.expected)


def conditions(request: Request) -> dict[str, str]:
    return {name: request.headers[name] for name in CONDITIONS if name in request.headers}


def test_every_request_says_who_asks_and_nothing_of_the_reader(seen: Seen) -> None:
    requests = list(seen.requests)
    assert len(requests) == 3 * len(CASES)
    for request in requests:
        assert request.raw.startswith(f"GET {request.target} HTTP/1.1\r\n".encode())
        assert request.headers["host"] == f"127.0.0.1:{seen.port}"
        assert AGENT.fullmatch(request.headers["user-agent"])
        assert "gzip" in request.headers["accept-encoding"].split(", ")
        told = set(request.headers) - set(CONDITIONS)
        assert told - {"a-im"} == {"host", "user-agent", "accept", "accept-encoding", "connection"}
        # Each field once: what is sent twice means something else to every server.
        names = [line.partition(b":")[0].lower() for line in request.raw.splitlines()[1:] if line]
        assert len(names) == len(set(names))
    assert len({request.headers["user-agent"] for request in requests}) == 1
    # Neither another parameter nor another order of those that are there.
    assert {request.target for request in requests} == {f"/{case.name}?a=1&b" for case in CASES}


def test_redirects_are_followed_and_say_nothing_to_the_other_end(folder, rss) -> None:
    with serving(lambda request: response(200, rss("x"), etag='"there"')) as there:

        def answer(request: Request) -> bytes:
            return response(302, location=there.url("/feed"), set_cookie="id=1", etag='"here"')

        with serving(answer, host="127.0.0.2") as here:
            feed = f"{{url: '{here.url('/feed')}', login: 'ana:s3cret'}}"
            folder.config.write_text(f"{SETTINGS}feeds:\n  - {feed}\n")
            folder.run("poll").went_well()
            folder.run("poll", "--force").went_well()
    for request in there.requests:
        assert not {"authorization", "cookie", "referer", "origin"} & set(request.headers)
        assert request.headers["host"] == f"127.0.0.1:{there.port}"
    assert [conditions(request) for request in there.requests] == [
        {},
        {"if-none-match": '"there"'},
    ]
    # A redirect is no feed: its validators are nothing to come back with.
    assert [conditions(request) for request in here.requests] == [{}, {}]


def in_two_hours() -> str:
    return format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("wait", ["7200", "a date"])
def test_a_wait_that_is_asked_for_is_kept_even_by_force(folder, status, wait) -> None:
    def answer(request: Request) -> bytes:
        return response(status, retry_after=in_two_hours() if wait == "a date" else wait)

    with serving(answer) as server:
        folder.config.write_text(f"{SETTINGS}feeds:\n  - {{url: '{server.url('/')}'}}\n")
        folder.run("poll")
        for _ in range(2):
            [feed] = folder.run("poll", "--force", "--json").went_well().json["feeds"]
            assert feed["status"] == "deferred"
        assert len(server.requests) == 1
    due = datetime.fromisoformat(feed["next_poll_at"])
    assert due - datetime.now(UTC) > timedelta(hours=1, minutes=55)


def test_the_judge_finds_nothing_in_a_log_of_the_real_program(folder, rss) -> None:
    log: list[Exchange] = []

    def answer(request: Request) -> Iterator[bytes]:
        at = time.time()
        time.sleep(0.05)
        known = request.headers.get("if-none-match") == '"a"'
        body = b"" if known else rss(request.target)
        fields = {"etag": '"a"'} if request.target != "/lost" else {}
        status = 404 if request.target == "/lost" else 304 if known else 200
        yield response(status, body if status == 200 else b"", **fields)
        log.append(
            Exchange(
                at=at,
                ended=time.time(),
                url=server.url(request.target),
                method=request.method,
                asked=request.headers,
                status=status,
                answered=fields,
                body=request.target if status == 200 else "",
            )
        )

    with serving(answer) as server:
        feeds = "".join(f"  - {{url: '{server.url(path)}'}}\n" for path in ("/a", "/lost"))
        head = SETTINGS.replace("gap: 0s, spacing: 0s", "gap: 1s, spacing: 3s")
        folder.config.write_text(f"{head}feeds:\n{feeds}")
        folder.run("poll")
        folder.run("poll", "--force")
    assert len(log) == 4
    found = judge(log, Demands(shortest=3, first_backoff=3))
    assert all(verdict.ok is not False for verdict in found), f"\n{table(found)}"
