"""The feeds: how each fares, when it is asked again and why, and what is decided about it."""

from __future__ import annotations

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from aggregator.errors import ConfigError, WrongState
from aggregator.services.feedroom import Fares
from aggregator.web.desk.drawing import bars
from aggregator.web.desk.parts import Parts
from aggregator.web.numbers import number_in


def pages(parts: Parts) -> Blueprint:
    """Return the pages of feeds."""
    desk = Blueprint("feeds", __name__)
    room = parts.feeds

    @desk.get("/desk/feeds")
    def show() -> str:
        unread = {one.number: one.unread for one in parts.inbox.beside().feeds}
        gone = number_in(request.args.get("gone"))
        name = request.args.get("name", "")
        return render_template("feeds.html", feeds=room.all(), unread=unread, gone=gone, name=name)

    def one(fares: Fares, status: int = 200, **told: object) -> AnyResponse:
        attempts = room.attempts(fares.feed.number)
        page = render_template(
            "feed.html", fares=fares, attempts=attempts, bars=bars(attempts), **told
        )
        return make_response(page, status)

    @desk.get("/desk/feeds/<int:number>")
    def feed(number: int) -> AnyResponse:
        return one(room.one(number), done=request.args.get("done", ""))

    @desk.post("/desk/feeds/<int:number>")
    def decide(number: int) -> AnyResponse:
        form = request.form
        told = {key: form.get(key, "") for key in ("title", "tags", "interval")}
        try:
            room.decide(
                number,
                title=told["title"],
                tags=told["tags"].split(","),
                interval=told["interval"],
            )
        except (WrongState, ConfigError) as error:
            return one(room.one(number), 422, problem=str(error), told=told)
        return redirect(url_for(".feed", number=number, done="changed"), 303)

    @desk.post("/desk/feeds/<int:number>/<what>")
    def change(number: int, what: str) -> AnyResponse:
        if what == "follow":
            room.follow_again(number)
            return redirect(url_for(".feed", number=number, done="followed"), 303)
        fares = room.one(number)
        if what not in ("pause", "resume", "unfollow", "move"):
            abort(404)
        try:
            if what == "move":
                room.move(number, request.form.get("to", ""))
            if what == "unfollow":
                room.unfollow(number)
                return redirect(url_for(".show", gone=number, name=fares.name), 303)
            if what in ("pause", "resume"):
                room.pause(number, paused=what == "pause")
        except (ConfigError, WrongState) as error:
            return one(fares, 422, problem=str(error))
        return redirect(url_for(".feed", number=number, done=what), 303)

    return desk
