"""The editor: a plain form, which scripts make quicker."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from aggregator.errors import AggregatorError, DocumentError, EntryNotFound, StorageError
from aggregator.model.post import PostStatus, StoredPost, UpdateKind
from aggregator.model.unsaved import Unsaved
from aggregator.services.looking import Look, look_at
from aggregator.services.reader import Reading
from aggregator.services.writing import Paper
from aggregator.web.desk.compose_form import (
    Given,
    brought_along,
    given,
    kind_of,
    moment_of,
)
from aggregator.web.desk.compose_words import at_the_desk
from aggregator.web.desk.guard import user
from aggregator.web.desk.parts import Parts
from aggregator.web.numbers import number_in

RECENT = 5  # posts to which an entry can be added as an update


def pages(parts: Parts) -> Blueprint:
    """Return the pages on which posts and updates are written."""
    desk = Blueprint("compose", __name__)
    writing = parts.writing

    def shown(paper: Paper, status: int = 200, **told: object) -> AnyResponse:
        reading = _source(parts, paper.sheet.entry)
        posts = parts.posts.posts()
        look = look_at(writing, parts.desk(), paper.sheet, paper.text)
        context: dict[str, object] = {
            "paper": paper,
            "post": paper.stored,
            "look": look if paper.text.strip() else Look(),
            "reading": reading,
            "source": Markup(reading.html) if reading else "",  # noqa: S704 - cleaned
            "verbs": parts.citing.verbs,
            "tags": sorted({tag for post in posts for tag in post.post.tags}, key=str.casefold),
            "recent": [post for post in posts if post.status is PostStatus.PUBLISHED][:RECENT],
            "posted": _citing(posts, paper),
            "troubles": parts.site_writer.troubles,
            "kinds": list(UpdateKind),
            "done": request.args.get("done", ""),
        }
        answer = make_response(render_template("compose.html", **(context | told)), status)
        # Stored, so that going back brings back what was typed.
        answer.headers["Cache-Control"] = "private, no-cache"
        return answer

    @desk.get("/desk/posts/new")
    def new() -> AnyResponse:
        if not request.args.get("url"):
            return shown(writing.new(user(), entry=number_in(request.args.get("entry"))))
        brought = parts.citing.bring(*brought_along(request.args))
        return shown(writing.new(user(), entry=brought.entry, draft=brought.draft))

    @desk.get("/desk/post/<slug>")
    def edit(slug: str) -> AnyResponse:
        paper = writing.open(user(), slug)
        return shown(_beside(paper, number_in(request.args.get("entry"))))

    @desk.get("/desk/post/<slug>/update")
    def update(slug: str) -> AnyResponse:
        kind = kind_of(request.args.get("kind", "")) or UpdateKind.UPDATE
        paper = writing.open(user(), slug, kind=kind)
        if paper.stored and paper.stored.status is not PostStatus.PUBLISHED:
            return redirect(url_for(".edit", slug=slug, done="unread"), 303)
        return shown(_beside(paper, number_in(request.args.get("entry"))))

    @desk.get("/desk/texts/<int:number>")
    def text(number: int) -> AnyResponse:
        return shown(writing.open_text(user(), number))

    @desk.post("/desk/compose")
    def act() -> AnyResponse:
        try:
            sent = given(request.form, writing)
            return _act(sent, request.form.get("do", "save"))
        except StorageError as error:
            typed = request.form.get("text", "")
            page = render_template("compose_rescue.html", told=str(error), text=typed)
            return make_response(page, 503)

    def _act(sent: Given, do: str) -> AnyResponse:
        paper, kept, rival = _kept(sent)
        if sent.orphan:
            problem = f"{at_the_desk(sent.orphan)}. Your text is a new post's now"
            return shown(paper, 409, problem=problem)
        if do in {"mine", "theirs", "both"}:
            return _choose(do, paper, kept, number_in(request.form.get("rival")))
        if rival is not None:
            return shown(paper, 409, rival=rival)
        try:
            if do == "quote":
                return shown(_quoted(paper, kept))
            return _publish(_saved(paper, kept), do, paper)
        except StorageError:
            raise
        except AggregatorError as error:
            return _refused(paper, error)

    def _kept(sent: Given) -> tuple[Paper, Unsaved | None, Unsaved | None]:
        """Keep what was sent, before anything else is done with it."""
        paper = sent.paper
        is_same = paper.stored and not paper.sheet.kind and paper.text == paper.stored.document
        if sent.number is None and (is_same or not paper.text.strip()):
            return paper, None, None
        kept = writing.keep(
            user(), paper.sheet, paper.text, number=sent.number, version=sent.version
        )
        return replace(paper, unsaved=kept.unsaved), kept.unsaved, kept.rival

    def _saved(paper: Paper, kept: Unsaved | None) -> StoredPost:
        drop = request.form.get("drop_updates") == "yes"
        return writing.save(user(), paper.sheet, paper.text, kept, drop_updates=drop)

    def _publish(stored: StoredPost, do: str, paper: Paper) -> AnyResponse:
        """Go on with a post that is saved: whatever fails now, its words are safe."""
        before, done = paper.stored, "saved"
        if paper.sheet.kind is not None:
            done = "withdrawn" if stored.status is PostStatus.WITHDRAWN else "updated"
        elif do in {"publish", "schedule"}:
            try:
                at = moment_of(request.form) if do == "schedule" else None
                stored = parts.desk().publish(stored.slug, at=at)
            except StorageError:
                raise
            except AggregatorError as error:
                return _refused(writing.open(user(), stored.slug), error)
            done = "scheduled" if stored.scheduled else "published"
        elif before and stored.published:
            done = "fixed" if stored.updated == before.updated else "updated"
        if stored.published and stored != before:
            parts.site_writer.write()
        return redirect(url_for(".edit", slug=stored.slug, done=done), 303)

    def _refused(paper: Paper, error: AggregatorError) -> AnyResponse:
        line = error.line if isinstance(error, DocumentError) else None
        said = error.message if isinstance(error, DocumentError) else str(error)
        present = replace(writing.paper(paper.sheet, paper.text), unsaved=paper.unsaved)
        drops = "--drop-updates" in said
        return shown(present, 422, problem=at_the_desk(said), line=line, drops=drops)

    def _quoted(paper: Paper, kept: Unsaved | None) -> Paper:
        """Return the text with words quoted at its end, for browsers without scripts."""
        if paper.sheet.entry is None:
            raise DocumentError("there is no source beside the text to quote from")
        placed = parts.citing.quote(
            paper.text,
            len(paper.text),
            request.form.get("quoted", ""),
            entry=paper.sheet.entry,
            verb=request.form.get("verb", ""),
            kind=paper.sheet.kind,
        )
        done = writing.keep(
            user(),
            paper.sheet,
            placed.document,
            number=kept.number if kept else None,
            version=kept.version if kept else 0,
        )
        return replace(paper, text=placed.document, unsaved=done.unsaved)

    def _choose(
        do: str, paper: Paper, kept: Unsaved | None, rival_number: int | None
    ) -> AnyResponse:
        """Go on with one of two texts, or with both in one; none of them is lost."""
        rival = writing.open_text(user(), rival_number) if rival_number else None
        if kept is None or (rival is None and paper.stored is None):
            return shown(paper)
        if do == "theirs":
            writing.set_aside(user(), kept.number)
            if rival and rival_number:
                return redirect(url_for(".text", number=rival_number), 303)
            return redirect(url_for(".edit", slug=paper.sheet.post, done="aside"), 303)
        if do == "both":
            theirs = rival.text if rival else paper.stored.document if paper.stored else ""
            joined = writing.joined(paper.sheet, paper.text, theirs)
            kept = writing.keep(
                user(), paper.sheet, joined.text, number=kept.number, version=kept.version
            ).unsaved
        if rival and rival_number:
            writing.prefer(user(), kept.number, rival=rival_number)
        elif paper.stored:
            writing.go_on(user(), kept.number)
        return redirect(url_for(".text", number=kept.number, done=do), 303)

    @desk.post("/desk/post/<slug>/withdraw")
    def withdraw(slug: str) -> AnyResponse:
        stored = parts.desk().withdraw(slug)
        if stored.published:
            parts.site_writer.write()
        done = "withdrawn" if stored.published else "drafted"
        return redirect(url_for(".edit", slug=slug, done=done), 303)

    return desk


def _beside(paper: Paper, entry: int | None) -> Paper:
    """Return the paper with an entry beside it; one that it was begun with stays."""
    if entry is None or paper.sheet.entry is not None:
        return paper
    return replace(paper, sheet=replace(paper.sheet, entry=entry))


def _citing(posts: list[StoredPost], paper: Paper) -> list[StoredPost]:
    """Return the posts that cite the entry beside the text, but for the one that is written."""
    entry, slug = paper.sheet.entry, paper.sheet.post
    return [
        post
        for post in posts
        if entry is not None and post.slug != slug and entry in {c.entry for c in post.post.cites}
    ]


def _source(parts: Parts, entry: int | None) -> Reading | None:
    try:
        return parts.reader.read(entry) if entry is not None else None
    except EntryNotFound:
        return None  # its text was let go of; the post does not need it
