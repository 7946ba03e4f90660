"""Who asks, from where, and whether they may: looked at before any page of the desk is."""

from __future__ import annotations

import hmac
from ipaddress import ip_address
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from flask import (
    Flask,
    Response,
    abort,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from aggregator.model.account import SignedIn, User
from aggregator.web.desk.parts import Parts

if TYPE_CHECKING:
    from collections.abc import Callable

    Page = TypeVar("Page", bound=Callable[..., object])

COOKIE = "aggregator_desk"
PLACE = "/desk"  # the site's pages are asked for without it, and programs have tokens
MONTH = 30 * 24 * 3600  # seconds
_CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
_HEADERS = {
    # Everything is ours: whatever slips into a page from elsewhere finds nothing to load or run.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; manifest-src 'self'; frame-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with less, a form of ours would say it comes from "null"
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


def public(page: Page) -> Page:
    """Mark a page that is there for those who are not signed in as well."""
    page.is_public = True  # type: ignore[attr-defined]
    return page


def signed_in() -> SignedIn:
    """Return the session of this request; only for pages that are not public."""
    session: SignedIn = g.session
    return session


def user() -> User:
    """Return who asks; only for pages that are not public."""
    return signed_in().user


def install(desk: Flask, parts: Parts) -> None:
    """Have every request to the app looked at, and every answer say what browsers may do."""

    @desk.before_request
    def look() -> AnyResponse | None:
        g.session = g.new_key = None
        host = _host_name(request.host)
        if not _is_ours(host, parts):
            abort(Response(_stranger(host), 421, mimetype="text/plain"))
        if request.method in _CHANGING and _comes_from_elsewhere():
            abort(Response("This form was sent by a page of somebody else.\n", 403))
        page = desk.view_functions.get(request.endpoint or "")
        if key := request.cookies.get(COOKIE):
            admission = parts.accounts.admit(key)
            if admission is not None:
                g.session, g.new_key = admission.session, admission.key
        if page is None or request.endpoint == "static" or getattr(page, "is_public", False):
            return None
        if g.session is None:
            return _given_back("You are signed out.", 401) or _to_sign_in()
        if request.method in _CHANGING and not _knows_secret(g.session):
            told = "This page is too old: load it again, then send the form."
            return _given_back(told, 403) or make_response(f"{told}\n", 403)
        return None

    @desk.after_request
    def label(response: Response) -> Response:
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        if g.get("new_key"):
            give_key(response, g.new_key, parts)
        return response


def give_key(response: AnyResponse, key: str, parts: Parts) -> None:
    """Have the browser send `key` from now on, and no page read it."""
    response.set_cookie(
        COOKIE,
        key,
        max_age=MONTH,
        path=PLACE,
        httponly=True,
        samesite="Lax",  # a bookmarklet opens the desk from another page
        secure=_is_secure(parts),
    )


def take_key(response: AnyResponse) -> None:
    """Have the browser forget its key."""
    response.delete_cookie(COOKIE, path=PLACE, httponly=True, samesite="Lax")


def by_script() -> bool:
    """Whether a script of the desk asks, which wants what changes and no page around it."""
    return "X-Desk-Script" in request.headers


def safe_next(target: str | None) -> str:
    """Return where to go after signing in: a place at this desk, whatever was asked for."""
    if target and target.startswith("/desk") and "\\" not in target and target.isprintable():
        return target
    return url_for("inbox.show")


def _to_sign_in() -> AnyResponse:
    if by_script() or "json" in request.headers.get("Accept", ""):
        # A script asks: its page stays as it is, with all that was typed.
        return Response("You are signed out.\n", 401, mimetype="text/plain")
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("signin.sign_in", next=wanted), 303)


def _given_back(told: str, status: int) -> AnyResponse | None:
    """Return a page with the text that was sent and cannot be kept; None: there is none."""
    text = request.form.get("text", "")
    if by_script() or not text.strip():
        return None
    return make_response(render_template("compose_rescue.html", told=told, text=text), status)


def _knows_secret(session: SignedIn) -> bool:
    given = request.headers.get("X-CSRF-Token") or request.form.get("csrf", "")
    return hmac.compare_digest(given.encode(), session.csrf.encode())


def _comes_from_elsewhere() -> bool:
    """Whether the browser says that a page of another site sends this."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        return True
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc.lower() != request.host.lower()


def _host_name(netloc: str) -> str:
    return (urlsplit(f"//{netloc}").hostname or "").lower()


def _is_ours(host: str, parts: Parts) -> bool:
    """Whether the desk is known by this name: another one may be made to lead here by anybody
    (DNS rebinding). An address cannot.
    """
    about = parts.about()
    if host in {"localhost", _host_name(urlsplit(about.base_url).netloc)} | about.hosts:
        return True
    try:
        return bool(ip_address(host))
    except ValueError:
        return False


def _stranger(host: str) -> str:
    shown = host if host.isprintable() else "?"
    return f"The desk is not known as {shown}; `web.hosts` in feeds.yaml names more.\n"


def _is_secure(parts: Parts) -> bool:
    """Whether the browser reached us by TLS, as far as can be known behind a proxy."""
    base = urlsplit(parts.about().base_url)
    public_host = _host_name(request.host) == (base.hostname or "")
    return (
        request.is_secure
        or request.headers.get("X-Forwarded-Proto", "") == "https"
        or (public_host and base.scheme == "https")
    )
