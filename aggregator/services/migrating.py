"""Posts from elsewhere: what a collection would change here, and doing that at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from aggregator.errors import AggregatorError, DocumentError
from aggregator.migration.compose import Manner, composed, why_draft
from aggregator.migration.values import Broken, Collection, Item, Kept
from aggregator.model.post import StoredPost
from aggregator.publishing.ids import is_absolute
from aggregator.services.moments import TICK
from aggregator.storage.protocol import PostStorage

Earlier = tuple[tuple[datetime, str], ...]
Tell = Callable[[int, int], None]


@dataclass(kw_only=True)
class Plan:
    """What an import would do. `drafts` counts new drafts by the reason, in words.

    `changed` are posts that are here with other words: place and slug. They are in `replaced`
    as well, before and after, when they are to be replaced.
    """

    collection: Collection
    new: list[tuple[StoredPost, Earlier]] = field(default_factory=list)
    replaced: list[tuple[StoredPost, StoredPost]] = field(default_factory=list)
    changed: list[tuple[str, str]] = field(default_factory=list)
    known: int = 0  # that are here already
    repeated: int = 0  # that the file holds once more
    drafts: Counter[str] = field(default_factory=Counter)
    broken: list[Broken] = field(default_factory=list)
    odd_ids: int = 0  # new posts whose ids are no addresses


def plan_import(
    storage: PostStorage,
    collection: Collection,
    manner: Manner,
    *,
    replacing: bool = False,
    tell: Tell = lambda done, of: None,
) -> Plan:
    """Return what importing a collection would do here. One broken item stops no other.

    A post is known by its id; one without by its document, and then by its file's name. Only
    posts whose documents were never the same as the one that comes are changed ones.
    """
    planner = _Planner(storage, collection, manner, replacing)
    for number, item in enumerate(collection.items):
        tell(number, len(collection.items))
        planner.take(item)
    return planner.plan


def carry_out(storage: PostStorage, plan: Plan) -> None:
    """Do what was planned, all of it or nothing. Raises WrongState, StorageError."""
    if plan.new or plan.replaced:
        storage.import_posts(plan.new, plan.replaced, ids=dict(plan.collection.feed_ids))


class _Planner:
    def __init__(
        self, storage: PostStorage, collection: Collection, manner: Manner, replacing: bool
    ) -> None:
        self._storage, self._manner, self._replacing = storage, manner, replacing
        self.plan = Plan(collection=collection, broken=list(collection.broken))
        here = storage.posts()
        self._by_id = {post.id: post for post in here if post.id}
        self._by_slug = {post.slug: post for post in here}
        self._by_document = {post.document: post for post in here}
        self._places: dict[str, tuple[str, str]] = {}  # of this run, by slug: place and document

    def take(self, item: Item | Kept) -> None:
        try:
            stored = item.stored if isinstance(item, Kept) else composed(item, self._manner)
        except (AggregatorError, ValueError, RecursionError) as error:
            self._broken(item, str(error))
            return
        there = self._counterpart(item, stored)
        if there is None:
            self._add(item, stored)
        elif there.slug in self._places:
            place, document = self._places[there.slug]
            if document == stored.document:
                self.plan.repeated += 1
            else:
                self._broken(item, f"it has the id or the name of {place}, and other words")
        else:
            self._places[there.slug] = item.place, stored.document
            self._compare(item, there, stored)

    def _counterpart(self, item: Item | Kept, stored: StoredPost) -> StoredPost | None:
        if stored.id is not None:
            return self._by_id.get(stored.id)
        same = self._by_document.get(stored.document)
        if same is not None or (isinstance(item, Item) and not item.slug):
            return same
        named = self._by_slug.get(stored.slug)
        return named if named is not None and named.id is None else None

    def _add(self, item: Item | Kept, stored: StoredPost) -> None:
        taken = self._by_slug.get(stored.slug)
        if taken is not None and (isinstance(item, Kept) or stored.post.slug):
            self._broken(item, f"another post is named {taken.slug!r} here; rename one of the two")
            return
        slug, count = stored.slug, 1
        while slug in self._by_slug:
            count += 1
            slug = f"{stored.slug}-{count}"
        stored = replace(stored, slug=slug)
        self.plan.new.append((stored, item.earlier if isinstance(item, Kept) else ()))
        self._places[slug] = item.place, stored.document
        self._by_slug[slug] = stored
        self._by_document[stored.document] = stored
        if stored.id is not None:
            self._by_id[stored.id] = stored
            self.plan.odd_ids += not is_absolute(stored.id)
        if isinstance(item, Item) and stored.published is None:
            reason = why_draft(item, self._manner)
            self.plan.drafts.update([reason] if reason else [])

    def _compare(self, item: Item | Kept, there: StoredPost, stored: StoredPost) -> None:
        if there.document == stored.document or stored.document in (
            document for _, document in self._storage.post_revisions(there.slug)
        ):
            self.plan.known += 1
            return
        self.plan.changed.append((item.place, there.slug))
        if not self._replacing:
            return
        moved = stored.updated and there.updated and stored.updated > there.updated
        after = replace(
            there,
            document=stored.document,
            post=stored.post,
            # Not the same as that of the document before, whatever the clock says.
            edited=max(self._manner.now, there.edited + TICK),
            updated=stored.updated if moved else there.updated,
        )
        try:
            self._check(there, after)
        except DocumentError as error:
            self.plan.changed.pop()
            self._broken(item, str(error))
        else:
            self.plan.replaced.append((there, after))

    def _check(self, before: StoredPost, after: StoredPost) -> None:
        if after.post.slug not in (None, before.slug):
            raise DocumentError(f"{before.slug!r} is here by that name, which must not change")
        lost = {update.at for update in before.post.updates} - {
            update.at for update in after.post.updates
        }
        if lost and before.published:
            raise DocumentError(f"it would take back an update that readers of {before.slug!r} saw")

    def _broken(self, item: Item | Kept, reason: str) -> None:
        self.plan.broken.append(Broken(place=item.place, reason=reason))
