"""Who is followed: publishers of every kind, the same ones for the same seed.

A publisher has at most one thing wrong with its network at a time, and mostly several of the
rest: what it says of dates, ids, validators and caching is drawn one by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

from aggregator.model.feed import Hints
from benchmarks.month.network import World
from benchmarks.month.publisher import DAY, FLOOD, HOUR, Detour, Publisher, Spell, Story

START = datetime(2026, 3, 1, tzinfo=UTC).timestamp()  # a Sunday
DAYS = 30
END = START + DAYS * DAY
OUTAGE = (START + 11 * DAY + 22 * HOUR, START + 12 * DAY + 6 * HOUR)

# How long between two stories, and how many of a hundred publishers.
GAPS = ((3 * HOUR, 0.8), (10 * HOUR, 2), (DAY, 8), (3 * DAY, 26), (8 * DAY, 28), (400 * DAY, 35.2))
FORMATS = (("rss", 62), ("atom", 26), ("rdf", 5), ("json", 7))
VALIDATORS = (
    ("strong", 24), ("weak", 14), ("odd", 3), ("modified", 14), ("both", 22),
    ("ahead", 3), ("changing", 4), ("ignored", 4), ("none", 12),
)  # fmt: skip
DATES = (("right", 80), ("missing", 8), ("wrong", 4), ("future", 4), ("moving", 4))
IDS = (("guid", 82), ("missing", 8), ("repeated", 4), ("migrated", 6))
CACHING: tuple[tuple[dict[str, Any], int], ...] = (
    ({}, 48),
    ({"caching": {"cache-control": "max-age=600"}}, 8),
    ({"caching": {"cache-control": "public, max-age=7200"}}, 6),
    ({"caching": {"cache-control": "max-age=43200", "age": "600"}}, 4),
    ({"caching": {"cache-control": "max-age=31536000"}}, 2),
    ({"caching": {"cache-control": "no-cache, max-age=86400"}}, 4),
    ({"expires_in": 3 * HOUR}, 4),
    ({"caching": {"expires": "0"}}, 2),
    ({"hints": Hints(ttl_minutes=60)}, 6),
    ({"hints": Hints(ttl_minutes=720)}, 3),
    ({"hints": Hints(ttl_minutes=100_000)}, 1),
    ({"hints": Hints(skip_hours=frozenset(range(6)))}, 3),
    ({"hints": Hints(skip_days=frozenset({"Saturday", "Sunday"}))}, 3),
    ({"hints": Hints(update_period_seconds=3600)}, 3),
    ({"hints": Hints(update_period_seconds=86_400)}, 2),
    ({"hints": Hints(update_period_seconds=7 * 86_400)}, 1),
)

# What may go wrong: of a thousand publishers, so many have one of these.
TROUBLES: tuple[tuple[str, int], ...] = (
    ("flapping 404", 12), ("lost", 8), ("gone", 8), ("forbidden", 6), ("throttled", 10),
    ("throttled by date", 6), ("unavailable", 8), ("unavailable, says when", 6), ("broken", 10),
    ("slow", 8), ("no name", 8), ("truncated", 10), ("moved", 3), ("moved by 308", 2),
    ("elsewhere for now", 10), ("undecided", 6), ("flood", 10),
)  # fmt: skip

# Each: what comes, for how many days, and the waits that are asked for, in seconds.
LONG = 100.0
SPELLS: dict[str, tuple[str, float, tuple[float, ...]]] = {
    "flapping 404": ("flapping 404", LONG, ()),
    "lost": ("404", LONG, ()),
    "gone": ("410", LONG, ()),
    "forbidden": ("403", 2, ()),
    "throttled": ("429", 3, (HOUR, 6 * HOUR, 2 * DAY, 30 * DAY)),
    "throttled by date": ("429", 3, (2 * HOUR, 12 * HOUR)),
    "unavailable": ("503", 1, ()),
    "unavailable, says when": ("503", 1, (1800.0, 3 * HOUR)),
    "broken": ("500", 5, ()),
    "slow": ("timeout", 2, ()),
    "no name": ("dns", 3, ()),
    "truncated": ("truncated", 1, ()),
}
DETOURS = {"moved": 301, "moved by 308": 308, "elsewhere for now": 302}

# Sites with many feeds: how many of a thousand publishers are at each, and what befalls all. At
# the last one only the first feed is throttled, and the author has said that such a word of its
# is not meant for the others.
BIG_SITES = ((60, ""), (20, "throttled"), (12, "unavailable, says when"), (8, "lost"), (6, ""))
NARROW = len(BIG_SITES) - 1


def world(seed: int, count: int) -> World:
    """Return `count` publishers, and one night without a network."""
    return World(publishers(seed, count), [OUTAGE])


def narrow_site(seed: int) -> str:
    """Return the site whose Retry-After is for single feeds."""
    return f"big{NARROW}-{seed}.example"


def publishers(seed: int, count: int) -> list[Publisher]:
    """Return `count` publishers; those of different seeds have nothing in common."""
    chance = Random(seed)
    found = _of_big_sites(chance, seed, count)
    wrong = [name for name, share in TROUBLES for _ in range(max(share * count // 1000, 1))]
    wrong += [""] * max(count - len(found) - len(wrong), 0)
    for name in wrong[: max(count - len(found), 0)]:
        number = seed * 100_000 + len(found)
        one = _publisher(chance, number, f"https://p{number}.example/feed")
        found.append(_in_trouble(one, name, chance))
    chance.shuffle(found)
    return found


def _of_big_sites(chance: Random, seed: int, count: int) -> list[Publisher]:
    found: list[Publisher] = []
    for big, (share, trouble) in enumerate(BIG_SITES):
        spells: tuple[Spell, ...] | None = None
        for n in range(max(share * count // 1000, 2)):
            # One of them gives each author a name below its own, the others a path.
            host = f"big{big}-{seed}.example"
            url = f"https://a{n}.{host}/feed" if big == 0 else f"https://{host}/{n}.xml"
            one = _publisher(chance, seed * 100_000 + len(found), url)
            if trouble and spells is None:
                fate = _in_trouble(one, trouble, chance).spells
                spells = tuple(replace(spell, site_wide=True) for spell in fate)
            if big == NARROW and n == 0:
                one = _in_trouble(one, "throttled", chance)
            found.append(replace(one, spells=spells) if spells else one)
    return found


def _publisher(chance: Random, number: int, url: str) -> Publisher:
    gap = _draw(chance, GAPS)
    caching: Mapping[str, Any] = _draw(chance, CACHING)
    ids = _draw(chance, IDS)
    kind = _draw(chance, FORMATS)
    if "hints" in caching or ids in {"missing", "repeated"}:
        kind = "rss"  # the others have no place for it
    migrated = ids == "migrated"
    return Publisher(
        number=number,
        url=url,
        stories=_stories(
            chance, gap, caching.get("hints", Hints()), edited=0.0 if migrated else 0.1
        ),
        window=30 if gap < 4 * HOUR else 15 if gap < DAY else 10,
        format=kind,
        validators=_draw(chance, VALIDATORS),
        dates=_draw(chance, DATES),
        ids="guid" if migrated else ids,
        ids_change_at=START + chance.uniform(3, 25) * DAY if migrated else END + DAY,
        every=chance.choice((1, 6, 12, 48)) * HOUR if chance.random() < 0.02 else None,
        **caching,
    )


def _draw(chance: Random, shares: Any) -> Any:
    values, weights = zip(*shares, strict=True)
    return chance.choices(values, weights)[0]


def _stories(chance: Random, gap: float, hints: Hints, *, edited: float) -> tuple[Story, ...]:
    """Return what a publisher says: some before the month begins, and all that comes in it."""
    times: list[float] = []
    at = START
    for _ in range(40):
        at -= chance.expovariate(1 / gap) + 60
        times.insert(0, at)
    at = START + chance.expovariate(1 / gap)
    while at < END:
        times.append(at)
        at += chance.expovariate(1 / gap) + 60
    stories: list[Story] = []
    for at in times:
        moment = float(int(at))
        when = datetime.fromtimestamp(moment, UTC)
        if when.hour in hints.skip_hours or f"{when:%A}" in hints.skip_days:
            continue  # it keeps to what it says of itself
        texts = [moment]
        while at > START and chance.random() < edited:
            texts.append(texts[-1] + 60 + float(int(chance.expovariate(1 / (2 * DAY)))))
        stories.append(Story(number=len(stories), texts=tuple(texts)))
    return tuple(stories)


def _in_trouble(one: Publisher, name: str, chance: Random) -> Publisher:
    """Return a publisher with something wrong."""
    begin = START + chance.uniform(2, 12) * DAY
    if name in SPELLS:
        what, days, waits = SPELLS[name]
        spell = Spell(
            begin=begin,
            end=begin + days * DAY,
            what=what,
            retry_after=chance.choice(waits) if waits else None,
            as_date="date" in name or "when" in name,
        )
        return replace(one, spells=(spell,))
    there, elsewhere = (
        f"https://new-p{one.number}.example/",
        f"https://other-p{one.number}.example/",
    )
    if name == "undecided":
        turns = (
            (2, 6, 301, there), (8, 12, 301, elsewhere), (12, 15, 302, there), (15, 20, 308, there),
        )  # fmt: skip
        detours = tuple(
            Detour(begin=START + a * DAY, end=START + b * DAY, status=status, target=f"{to}feed")
            for a, b, status, to in turns
        )
        return replace(one, detours=detours)
    if status := DETOURS.get(name):
        detour = Detour(begin=begin, end=2 * END, status=status, target=f"{there}feed")
        return replace(one, detours=(detour,))
    if name == "flood":
        first = len(one.stories)
        flood = [Story(number=first + n, texts=(float(int(begin)),)) for n in range(FLOOD)]
        stories = tuple(sorted((*one.stories, *flood), key=lambda story: story.at))
        return replace(
            one, stories=stories, window=one.window + FLOOD, dates="right", flooded_at=begin
        )
    assert not name, name
    return one
