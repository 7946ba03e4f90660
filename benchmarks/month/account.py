"""What should have come of a month, beside what did: verdicts that no log alone can give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from benchmarks.judging.demands import DAY, SHOWN, Demands, Verdict
from benchmarks.judging.log import Exchange
from benchmarks.judging.places import PERMANENT
from benchmarks.month.network import World
from benchmarks.month.owed import can_be_had, ideal_requests, owed_texts
from benchmarks.month.publisher import FLOOD, HOUR, Publisher
from benchmarks.month.reader import TICK, Kept, Memory

LOST, TWICE = "entries lost", "entries stored twice"
MISSED, INVENTED = "edits not seen", "edits seen that were none"
LET_IN, CALM = "floods let in", "feeds held back that did not flood"
WORDS = (LOST, TWICE, MISSED, INVENTED, LET_IN, CALM)

STAYED, STRAYED = "permanent moves not followed", "moves that nobody made"
GIVEN_UP, NEVER = "feeds given up that can be had", "feeds wrongly taken for gone, or not for gone"
SILENT = "feeds silent without a stated reason"
BLAMED = "failures counted while our own network was down"
FATES = (STAYED, STRAYED, GIVEN_UP, NEVER, SILENT, BLAMED)

THRIFT = "requests, beside an ideal reader's"

MOST_REQUESTS = 1.2  # times those of the ideal
LATE = 4 * DAY  # without a request, a feed that can be had is as good as disabled


def account(
    world: World, memory: Memory, demands: Demands, *, begin: float, end: float
) -> list[Verdict]:
    """Return what the truth says of a month, and no log alone can."""
    arrived = [one for one in memory.log if not world.is_out(one.at)]
    pairs = list(zip(world.publishers, memory.feeds, strict=True))
    return [
        *_words(world, pairs, begin, end),
        *_fates(world, pairs, arrived, demands, end),
        _nothing(SILENT, memory.unexplained),
        _nothing(BLAMED, memory.blamed),
        *_floods(world, memory, begin, end),
        _thrift(world, arrived, begin, end),
        _promptness(pairs, begin),
    ]


Pairs = Sequence[tuple[Publisher, Kept]]


def _nothing(rule: str, found: Sequence[str]) -> Verdict:
    return Verdict(
        rule=rule,
        measured=f"{len(found):,}",
        demanded="0",
        ok=not found,
        examples=tuple(found[:SHOWN]),
    )


def _words(world: World, pairs: Pairs, begin: float, end: float) -> Iterator[Verdict]:
    """Whether every word that could be had is kept, once."""
    lost, twice, missed, invented, owed_in_all, edits = [], [], [], [], 0, 0
    for publisher, kept in pairs:
        owed = owed_texts(world, publisher, begin=begin, end=end, tick=TICK)
        owed_in_all += len(owed)
        edits += sum(texts - 1 for texts in owed.values())
        about = f"({publisher.format}, dates {publisher.dates}, ids {publisher.ids})"
        lost += [f"{title} {about}" for title in owed if title not in kept.texts]
        most = {one.number: len(one.texts) for one in publisher.stories}
        for title, versions in kept.texts.items():
            if len(versions) > 1:
                twice.append(f"{title} {about}")
            elif versions[0] < owed.get(title, 1):
                missed.append(f"{title}: {versions[0]} of {owed[title]} {about}")
            elif versions[0] > most[int(title.rpartition("/")[2])]:
                invented.append(f"{title}: {versions[0]} {about}")
    yield _nothing(f"{LOST}, of {owed_in_all:,}", lost)
    yield _nothing(TWICE, twice)
    yield _nothing(f"{MISSED}, of {edits:,}", missed)
    yield _nothing(INVENTED, invented)


def _fates(
    world: World, pairs: Pairs, arrived: Sequence[Exchange], demands: Demands, end: float
) -> Iterator[Verdict]:
    """Whether feeds are where they should be, and asked as long as they can be had."""
    asked = {one.url: one.at for one in arrived}
    stayed: list[str] = []
    strayed: list[str] = []
    given_up: list[str] = []
    never: list[str] = []
    for publisher, kept in pairs:
        home = _home(publisher, end, demands)
        if kept.url != home:
            (stayed if kept.url == publisher.url else strayed).append(f"{kept.url}, not {home}")
        if can_be_had(world, publisher, end - LATE, end) and asked.get(kept.url, 0) < end - LATE:
            given_up.append(f"{kept.url} {kept.reason}")
        spells = {spell.what for spell in publisher.spells if spell.covers(end - 1)}
        if kept.gone != ("410" in spells):
            never.append(kept.url)
    yield _nothing(STAYED, stayed)
    yield _nothing(STRAYED, strayed)
    yield _nothing(GIVEN_UP, given_up)
    yield _nothing(NEVER, never)


def _home(publisher: Publisher, end: float, demands: Demands) -> str:
    """Return the address at which a feed should be followed in the end."""
    for detour in publisher.detours:
        lasts = min(detour.end, end) - detour.begin
        if detour.status in PERMANENT and lasts > demands.moved_within:
            return detour.target
    return publisher.url


def _floods(world: World, memory: Memory, begin: float, end: float) -> Iterator[Verdict]:
    """Whether floods are held back, and nothing else is.

    What has no dates and comes back after days cannot be told from a flood; nobody minds.
    """
    floods = {one.url for one in world.publishers if begin <= one.flooded_at < end}
    let_in = [url for url in floods if memory.held.get(url, 0) < FLOOD]
    yield _nothing(f"{LET_IN}, of {len(floods)}", let_in)
    dated = {one.url for one in world.publishers if one.dates == "right"}
    calm = sorted((memory.held.keys() & dated) - floods)
    yield _nothing(CALM, calm)


def _thrift(world: World, arrived: Sequence[Exchange], begin: float, end: float) -> Verdict:
    ideal = sum(
        ideal_requests(world, publisher, begin=begin, end=end) for publisher in world.publishers
    )
    times = len(arrived) / ideal
    return Verdict(
        rule=THRIFT,
        measured=f"{times:.3f} × {ideal:,}",
        demanded=f"{MOST_REQUESTS} at most",
        ok=times <= MOST_REQUESTS,
    )


def _promptness(pairs: Pairs, begin: float) -> Verdict:
    """How long a story waits until it is read; of those that came in this month."""
    waits = [
        seen - story.at
        for publisher, kept in pairs
        for story in publisher.stories
        if story.at >= begin and (seen := kept.seen.get(story.number)) is not None
    ]
    told = f"{median(waits) / HOUR:.1f} h" if waits else "nothing"
    return Verdict(
        rule="a story waits for its reader (median)", measured=told, demanded="", ok=None
    )
