"""Writing at the desk: texts under the hands of authors, until they are posts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from aggregator.document import (
    Joined,
    append_update,
    join,
    near_misses,
    parse_document,
    parse_update,
    quoted,
    stamp_updates,
)
from aggregator.errors import PostNotFound, TextNotFound, WrongState
from aggregator.model.account import User
from aggregator.model.post import StoredPost, UpdateKind
from aggregator.model.unsaved import Sheet, Unsaved
from aggregator.services.clock import utc_now
from aggregator.services.desk import Desk
from aggregator.services.moments import next_moment
from aggregator.services.promises import refuse_doubts
from aggregator.storage.draftprotocol import DraftStorage
from aggregator.storage.protocol import Storage

BLANK = '---\ntitle: ""\ntags: []\n---\n'


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A text to be written on, and what lies around it."""

    sheet: Sheet
    text: str
    stored: StoredPost | None = None  # the post it belongs to; None: a new one
    unsaved: Unsaved | None = None  # as which it was kept; None: it says what the post says
    others: tuple[Unsaved, ...] = ()  # what else is being typed for the same post
    changed: bool = False  # whether another hand saved the post since the text was begun


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A text that was kept. `rival` is what stands in its place; then it was set aside itself."""

    unsaved: Unsaved
    rival: Unsaved | None = None


def digest_of(document: str) -> str:
    """Return what tells one document from another."""
    return sha256(document.encode("utf-8", "surrogatepass")).hexdigest()


class Writing:
    """Whatever is typed is kept before anything else is done with it. Threads share it.

    Every method raises StorageError when the database cannot answer, PostNotFound and
    TextNotFound for what is not there. Nobody reads or changes the text of somebody else by
    its number.
    """

    def __init__(
        self,
        storage: Storage,
        texts: DraftStorage,
        desk: Callable[[], Desk],
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._storage, self._texts, self._desk, self._clock = storage, texts, desk, clock

    def new(self, user: User, *, entry: int | None = None, draft: str = "") -> Paper:
        """Return a new post's text: the `draft`, or that which cites an entry.

        It names its author, where that is not who posts without a name are by. Raises
        EntryNotFound.
        """
        desk = self._desk()
        if not draft:
            draft = BLANK if entry is None else desk.draft_from(entry)
        if user.author and user.author != desk.first_author:
            opening, title, rest = draft.split("\n", 2)
            draft = f"{opening}\n{title}\nauthor: {quoted(user.author)}\n{rest}"
        # Right below a quotation, the author's words would be taken for the source's.
        return Paper(sheet=Sheet(entry=entry), text=f"{draft.rstrip()}\n\n")

    def open(self, user: User, slug: str, *, kind: UpdateKind | None = None) -> Paper:
        """Return a post's text, or that of an update for it: the last one typed, if any."""
        stored = self._storage.post(slug)
        mine = [
            one
            for one in self._texts.unsaved(post=slug)
            if one.user == user.number and not one.aside and (one.kind is None) == (kind is None)
        ]
        if mine:
            return self._paper(mine[0], stored)
        sheet = Sheet(post=slug, kind=kind, opened=digest_of(stored.document))
        text = stored.document if kind is None else ""
        return Paper(sheet=sheet, text=text, stored=stored, others=self._others(slug))

    def open_text(self, user: User, number: int) -> Paper:
        """Return a text that was kept, also one that was set aside."""
        unsaved = self._mine(user, number)
        return self._paper(unsaved, self._storage.post(unsaved.post) if unsaved.post else None)

    def paper(self, sheet: Sheet, text: str) -> Paper:
        """Return a text as a browser sent it, with what lies around it."""
        stored = self._storage.post(sheet.post) if sheet.post is not None else None
        return Paper(
            sheet=sheet,
            text=text,
            stored=stored,
            others=self._others(sheet.post),
            changed=_is_changed(sheet.kind, sheet.opened, stored),
        )

    def unsaved(self, user: User) -> list[Unsaved]:
        """Return a user's texts that are not saved, and those whose author is gone."""
        return [one for one in self._texts.unsaved() if one.user in (user.number, None)]

    def keep(
        self, user: User, sheet: Sheet, text: str, *, number: int | None = None, version: int = 0
    ) -> Kept:
        """Keep a text. What another window or another browser kept is never overwritten."""
        now = self._clock()
        rival = None
        if number is not None:
            try:
                before = self._mine(user, number)
                if before.version == version and before.text == text and before.kind == sheet.kind:
                    return Kept(unsaved=before)
                kept = self._texts.keep(number, text, now, version=version, kind=sheet.kind)
                if kept is not None:
                    return Kept(unsaved=kept)
                rival = self._mine(user, number)
            except TextNotFound:
                rival = None  # saved or thrown away in another window; these words go on
        elif sheet.post is not None:
            rival = self.open(user, sheet.post, kind=sheet.kind).unsaved
        if rival is not None and rival.text == text and rival.kind == sheet.kind:
            return Kept(unsaved=rival)
        try:
            new = self._texts.keep_new(user.number, sheet, text, now, aside=rival is not None)
        except PostNotFound:  # it got another name: then these words belong to a new one
            new = self._texts.keep_new(user.number, replace(sheet, post=None), text, now)
        return Kept(unsaved=new, rival=rival)

    def prefer(self, user: User, number: int, *, rival: int) -> Unsaved:
        """Go on with the text that was set aside, and set aside the other."""
        unsaved, other = self._mine(user, number), self._mine(user, rival)
        self._texts.reopen(rival, opened=other.opened, aside=True)
        self._texts.reopen(number, opened=unsaved.opened, aside=False)
        return self._texts.unsaved_text(number)

    def go_on(self, user: User, number: int) -> None:
        """Have a text count as written over what the post says now."""
        unsaved = self._mine(user, number)
        if unsaved.post is not None:
            now = digest_of(self._storage.post(unsaved.post).document)
            self._texts.reopen(number, opened=now, aside=unsaved.aside)

    def set_aside(self, user: User, number: int) -> None:
        """Have a text lie beside the post, to be looked at again, and not in its place."""
        unsaved = self._mine(user, number)
        self._texts.reopen(number, opened=unsaved.opened, aside=True)

    def joined(self, sheet: Sheet, mine: str, theirs: str) -> Joined:
        """Return two texts brought together, from the document that both began with."""
        base = ""
        if sheet.post is not None and sheet.kind is None:
            present = self._storage.post(sheet.post).document
            earlier = [document for _, document in self._storage.post_revisions(sheet.post)]
            known = {digest_of(document): document for document in (*earlier, present)}
            base = known.get(sheet.opened, "")
        return join(base, mine, theirs)

    def throw_away(self, user: User, number: int) -> bool:
        """Remove a text that was kept; return whether there was one."""
        return self._texts.drop_text(self._mine(user, number).number)

    def tried(self, sheet: Sheet, text: str) -> StoredPost:
        """Return the post as it would be, were the text saved now. Raises DocumentError."""
        if sheet.post is None:
            return self._desk().would_be(text)
        before = self._storage.post(sheet.post)
        at = next_moment(before, self._clock().replace(microsecond=0))
        if sheet.kind is not None:
            update, cites = parse_update(text, at=at, kind=sheet.kind)
            refuse_doubts(near_misses, text)
            document = append_update(before.document, update, cites)
            return replace(before, document=document, post=parse_document(document), updated=at)
        if before.published is not None:
            text = stamp_updates(text, at, before=before.document)
        post = parse_document(text)
        refuse_doubts(near_misses, text, before=before.document)
        slug = before.slug if before.published else post.slug or before.slug
        return replace(before, slug=slug, document=text, post=post, broken="")

    def save(
        self, user: User, sheet: Sheet, text: str, kept: Unsaved | None, *, drop_updates: bool
    ) -> StoredPost:
        """Make a text what the post says; `kept` is done with then. Raises as the desk does.

        Raises WrongState when another hand saved the post since the text was begun.
        """
        desk = self._desk()
        if sheet.post is None:
            stored = desk.new(text, from_entry=sheet.entry)
        elif sheet.kind is not None:
            stored = desk.update(sheet.post, text, kind=sheet.kind)
        else:
            before = self._storage.post(sheet.post)
            if _is_changed(None, sheet.opened, before):
                raise WrongState(
                    "somebody else saved this post while you wrote; your words were not put over "
                    "theirs. Choose below how to go on"
                )
            stored = desk.edit(sheet.post, text, opened=before.document, drop_updates=drop_updates)
        if kept is not None:
            self._texts.drop_text(kept.number, version=kept.version)
        return stored

    def _mine(self, user: User, number: int) -> Unsaved:
        found = self._texts.unsaved_text(number)
        if found.user not in (user.number, None):
            raise TextNotFound("that text is under the hands of somebody else")
        return found

    def _paper(self, unsaved: Unsaved, stored: StoredPost | None) -> Paper:
        sheet = Sheet(
            post=unsaved.post, kind=unsaved.kind, opened=unsaved.opened, entry=unsaved.entry
        )
        return Paper(
            sheet=sheet,
            text=unsaved.text,
            stored=stored,
            unsaved=unsaved,
            others=self._others(unsaved.post, but=unsaved.number),
            changed=_is_changed(unsaved.kind, unsaved.opened, stored),
        )

    def _others(self, slug: str | None, *, but: int | None = None) -> tuple[Unsaved, ...]:
        if slug is None:
            return ()
        found = self._texts.unsaved(post=slug)
        return tuple(one for one in found if one.number != but)


def _is_changed(kind: UpdateKind | None, opened: str, stored: StoredPost | None) -> bool:
    return kind is None and stored is not None and opened != digest_of(stored.document)


def as_typed(text: str, before: str = "") -> str:
    """Return a text from a browser, which ends lines as it likes, with the line ends of `before`.

    Without one they are LF.
    """
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return plain.replace("\n", "\r\n") if "\r\n" in before else plain
