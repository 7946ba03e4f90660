"""Redirects that are permanent, believed only after they have stayed the same for a while."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from aggregator.model.poll import Hop, Move
from aggregator.model.replacing import replace
from aggregator.storage.protocol import Claim

PERMANENT = {301, 308}  # RFC 9110 §15.4.2, §15.4.9
BELIEVED_AFTER = timedelta(days=7)
BELIEVED_POLLS = 3  # at least, for feeds that are asked every few days


def move_of(claim: Claim, hops: Sequence[Hop], url: str, at: datetime) -> Move | None:
    """Return what is known of a feed's move after a good answer that `url` gave.

    None unless every hop was permanent. One temporary hop, one other target, or one answer
    without redirects, and what was learned before is forgotten.
    """
    old = claim.subscription.url
    if url == claim.state.stays or settled(old, hops, url) == old:
        return None
    before = claim.state.move
    if before is None or before.url != url:
        return Move(url=url, since=at, times=1)
    return replace(before, times=before.times + 1)


def settled(old: str, hops: Sequence[Hop], url: str) -> str:
    """Return `url`, which answered in the end, when all the way there from `old` is permanent.

    Else, and where a move would give something away, `old`.
    """
    for_good = bool(hops) and all(hop.status in PERMANENT for hop in hops)
    return url if for_good and _may_move(old, url) else old


def is_believed(move: Move, at: datetime) -> bool:
    """Whether a feed should be moved: long enough, and often enough, to the same place."""
    return at - move.since >= BELIEVED_AFTER and move.times >= BELIEVED_POLLS


def _may_move(old: str, new: str) -> bool:
    before, after = urlsplit(old), urlsplit(new)
    if before.scheme == "https" and after.scheme != "https":
        return False  # what was secret on the way would not be any more
    # A password is for the host it was given to, and the new address would be without it.
    return "@" not in before.netloc
