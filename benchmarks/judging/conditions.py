"""Rules on conditional requests (RFC 9110 §13): what is known need not be sent again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.judging.demands import Demands, Offence, Verdict
from benchmarks.judging.log import Exchange

VERBATIM = "validators are sent back as they came"
AGAIN = "nothing is downloaded again that a validator was given for"
RULES = (VERBATIM, AGAIN)
SHARE = "304s among the answers that could be one"

# The field of an answer, and that of a request which brings it back.
PAIRS = (("etag", "if-none-match"), ("last-modified", "if-modified-since"))


@dataclass
class _Known:
    """What the last whole answer of an address gave."""

    validators: dict[str, str]  # by the request's field
    body: str


class Conditions:
    """Reads a log and keeps count. An address that redirects has let its validators go."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}
        self._leads_to: dict[str, str] = {}  # addresses that redirect, and where they end
        self._before: Exchange | None = None
        self.offences: list[Offence] = []
        self.saved = 0  # 304s
        self.wasted = 0  # bodies sent again that need not have been

    def note(self, one: Exchange) -> None:
        """Take note of the next exchange of the log."""
        known = self._known.get(one.url)
        asked_right = known is not None and bool(known.validators)
        if known is not None:
            for field, value in known.validators.items():
                if one.asked.get(field) != value:
                    asked_right = False
                    told = f"{field} {one.asked.get(field)!r} instead of {value!r}"
                    self._offend(VERBATIM, one, told)
        if one.status == 304:
            self.saved += 1
            if known is not None:
                known.validators |= _given(one.answered)
        elif one.status is not None and 300 <= one.status < 400:
            self._known.pop(one.url, None)
            self._lead(one.url, one.answered.get("location", ""))
        elif one.body and not one.failed:
            self._full(one, known, asked_right=asked_right)

    def _full(self, one: Exchange, known: _Known | None, *, asked_right: bool) -> None:
        given = _given(one.answered)
        same = known is not None and known.body == one.body and known.validators == given
        if same and given and not asked_right:
            # With the same validators a server that keeps to HTTP would have said 304.
            self.wasted += 1
            self._offend(AGAIN, one, f"{one.length} bytes")
        self._known[one.url] = _Known(given if one.whole else {}, one.body)
        # It answers by itself now: a reader that keeps one set of validators has let go of those
        # of the place where it used to be sent.
        self._lead(one.url, "")

    def _lead(self, url: str, target: str) -> None:
        """Take note of where an address leads now; "" for nowhere."""
        before = self._leads_to.pop(url, "")
        if before != target:
            self._known.pop(before, None)
        if target:
            self._leads_to[url] = target

    def _offend(self, rule: str, one: Exchange, what: str) -> None:
        self.offences.append(Offence(rule=rule, at=one.at, url=one.url, what=what))

    def share(self, demands: Demands) -> Verdict:
        """Return the verdict on the share of 304s; nothing is said of a log without any chance."""
        chances = self.saved + self.wasted
        share = self.saved / chances if chances else 0.0
        return Verdict(
            rule=SHARE,
            measured=f"{share:.2%} of {chances:,}" if chances else "no chance of one",
            demanded=f"{demands.not_modified:.0%}",
            ok=share >= demands.not_modified if chances else None,
        )


def _given(answered: Mapping[str, str]) -> dict[str, str]:
    return {field: answered[name] for name, field in PAIRS if answered.get(name)}


def read_conditions(log: Sequence[Exchange]) -> Conditions:
    """Return what a log shows of conditional requests."""
    found = Conditions()
    for one in log:
        found.note(one)
    return found


def offences(log: Sequence[Exchange]) -> Iterator[Offence]:
    """Return the requests that were not conditional though they could have been."""
    yield from read_conditions(log).offences
