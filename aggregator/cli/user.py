"""`aggregator user`: who may sit at the desk."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from aggregator.cli.output import counted, day_and_time, open_app

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.model.account import User


@click.group("user")
def user_command() -> None:
    """Say who may sit at the desk."""


@user_command.command("add")
@click.argument("name")
@click.option(
    "--author", help="Whose name posts carry, as feeds.yaml has it.  [default: the first]"
)
@click.option("--link", is_flag=True, help="Ask for no password: print a link to sign in with.")
def add_command(name: str, author: str | None, link: bool) -> None:
    """Let NAME sign in, with a password that is asked for.

    It is read from standard input when that is no terminal.
    """
    from aggregator.errors import WrongState
    from aggregator.services.accounts import refuse_weak

    with open_app() as app:
        authors = [one.name for one in app.settings.site.authors]
        if author is not None and author not in authors:
            raise WrongState(
                f"{author!r} is no author in feeds.yaml; expected one of {', '.join(authors)}"
            )
        password = None if link else _password()
        if password is not None:
            refuse_weak(password)
        user = app.accounts.add(name, author=author, password=password)
        click.echo(f"{user.name} may sign in at {app.settings.site.base_url}desk.", err=link)
        if link:
            click.echo(link_of(app, user))


@user_command.command("list")
def list_command() -> None:
    """Show who may sign in, and where they are signed in."""
    with open_app() as app:
        users = app.accounts.users()
        if not users:
            click.echo("Nobody may sign in. `aggregator user add NAME` lets somebody.")
        for user in users:
            sessions = app.accounts.sessions(user)
            seen = f", seen {day_and_time(sessions[0].seen)}" if sessions else ""
            by = "password" if user.has_password else "links only"
            click.echo(
                f"{user.name}  {by}, {counted(len(sessions), 'browser')}{seen}, "
                f"{counted(len(app.accounts.tokens(user)), 'token')}"
            )


@user_command.command("link")
@click.argument("name")
def link_command(name: str) -> None:
    """Print a link that lets NAME in once, within an hour."""
    with open_app() as app:
        click.echo(link_of(app, app.accounts.user(name)))


@user_command.command("password")
@click.argument("name")
def password_command(name: str) -> None:
    """Give NAME another password, and sign them out everywhere."""
    with open_app() as app:
        user = app.accounts.user(name)
        app.accounts.set_password(user, _password())
        click.echo(f"{user.name} has a new password, and is signed out everywhere.")


@user_command.command("token")
@click.argument("name")
@click.argument("purpose")
def token_command(name: str, purpose: str) -> None:
    """Print a new token with which a program may do what NAME may.

    PURPOSE says what it is for. The desk shows all tokens and takes them back.
    """
    with open_app() as app:
        key, _ = app.accounts.new_token(app.accounts.user(name), purpose)
        click.echo(key)


@user_command.command("remove")
@click.argument("name")
def remove_command(name: str) -> None:
    """Let NAME in no more. Posts stay."""
    with open_app() as app:
        app.accounts.remove(name)
        click.echo(f"{name} may sign in no more; what they wrote stays.")


def link_of(app: App, user: User, address: str | None = None) -> str:
    """Return the address of a link of one use, at the `address` that is listened at."""
    if address is None:
        from aggregator.config.settings import LISTEN

        host, port = app.settings.web.listen or LISTEN
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return f"http://{address}/desk/welcome/{app.accounts.link(user)}"


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    given: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return given
