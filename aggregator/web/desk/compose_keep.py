"""What the editor's script asks for while somebody types."""

from __future__ import annotations

from flask import Blueprint, jsonify, request
from werkzeug.wrappers import Response as AnyResponse

from aggregator.errors import DocumentError
from aggregator.services.looking import look_at
from aggregator.web.desk.compose_form import given
from aggregator.web.desk.compose_words import at_the_desk
from aggregator.web.desk.guard import user
from aggregator.web.desk.parts import Parts
from aggregator.web.numbers import number_in


def pages(parts: Parts) -> Blueprint:
    """Return where texts are kept every other second, and words quoted."""
    desk = Blueprint("compose_keep", __name__)
    writing = parts.writing

    @desk.post("/desk/compose/keep")
    def keep() -> AnyResponse:
        sent = given(request.form, writing)
        paper = sent.paper
        kept = writing.keep(
            user(), paper.sheet, paper.text, number=sent.number, version=sent.version
        )
        look = look_at(writing, parts.desk(), paper.sheet, paper.text)
        rival = kept.rival
        others = [one for one in paper.others if one.user != user().number and not one.aside]
        return jsonify(
            number=kept.unsaved.number,
            version=kept.unsaved.version,
            kept=f"{kept.unsaved.kept:%Y-%m-%dT%H:%M:%SZ}",
            rival=rival and {"number": rival.number, "text": rival.text},
            changed=paper.changed,
            orphan=bool(sent.orphan),
            others=sorted({one.author for one in others}),
            problem=at_the_desk(look.problem),
            line=look.line,
            slug=look.slug,
            address=look.address,
            notes=look.notes,
            updates=look.updates,
        )

    @desk.post("/desk/compose/quote")
    def quote() -> AnyResponse:
        sent = given(request.form, writing)
        entry = sent.paper.sheet.entry
        if entry is None:
            raise DocumentError("there is no source beside the text to quote from")
        text = sent.paper.text.replace("\r\n", "\n")
        at = number_in(request.form.get("place")) or 0
        placed = parts.citing.quote(
            text,
            min(at, len(text)),
            request.form.get("quoted", ""),
            entry=entry,
            verb=request.form.get("verb", ""),
            kind=sent.paper.sheet.kind,
        )
        return jsonify(text=placed.document, place=placed.at)

    return desk
