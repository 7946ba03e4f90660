"""Two texts that go on from the same one, brought together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from aggregator.document.lines import typed_lines

_THEIRS, _MINE, _END = "Both changed this. Theirs:", "Yours:", "Until here."


@dataclass(frozen=True, kw_only=True)
class Joined:
    """The text that holds the words of both. `clashes`: how often both changed one passage.

    Such a passage stands there twice, between comments; a post with a comment in it is not
    published, so neither can slip out unseen.
    """

    text: str
    clashes: int


def join(base: str, mine: str, theirs: str) -> Joined:
    """Return what two hands made of `base`, with all that either wrote."""
    parts: list[str] = []
    clashes = 0
    for old, ours, others in _regions(typed_lines(base), typed_lines(mine), typed_lines(theirs)):
        if ours in (old, others):
            parts += others
        elif others == old:
            parts += ours
        else:
            clashes += 1
            in_front = _is_front(parts)
            said = [_comment(words, in_front=in_front) for words in (_THEIRS, _MINE, _END)]
            parts += [said[0], *_ended(others), said[1], *_ended(ours), said[2]]
    return Joined(text="".join(parts), clashes=clashes)


def _regions(
    base: list[str], mine: list[str], theirs: list[str]
) -> Iterator[tuple[list[str], list[str], list[str]]]:
    """Yield pieces of the three that belong together, in order."""
    at = (0, 0, 0)
    for start, end, in_mine, in_theirs in _common(base, mine, theirs):
        yield base[at[0] : start], mine[at[1] : in_mine], theirs[at[2] : in_theirs]
        kept = base[start:end]
        yield kept, kept, kept
        at = (end, in_mine + end - start, in_theirs + end - start)
    yield base[at[0] :], mine[at[1] :], theirs[at[2] :]


def _common(
    base: list[str], mine: list[str], theirs: list[str]
) -> Iterator[tuple[int, int, int, int]]:
    """Yield the ranges of `base` that both have kept, and where they stand in each."""
    first = SequenceMatcher(None, base, mine, autojunk=False).get_matching_blocks()
    second = SequenceMatcher(None, base, theirs, autojunk=False).get_matching_blocks()
    for one in first:
        for other in second:
            start = max(one.a, other.a)
            end = min(one.a + one.size, other.a + other.size)
            if start < end:
                yield start, end, one.b + start - one.a, other.b + start - other.a


def _ended(lines: Sequence[str]) -> list[str]:
    return [line if line.endswith(("\n", "\r")) else f"{line}\n" for line in lines]


def _comment(words: str, *, in_front: bool) -> str:
    return f"# {words}\n" if in_front else f"\n<!-- {words} -->\n\n"


def _is_front(lines: Sequence[str]) -> bool:
    """Whether what comes behind these lines stands in the front matter still."""
    said = [line.rstrip() for line in lines]
    return bool(said) and said[0] == "---" and not {"---", "..."} & set(said[1:])
