"""The command line: translate and print only.

Nothing but click is imported here, and by the commands' modules nothing heavy until a command
runs, so that `--help` and completion answer at once.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys

import click

from aggregator import __version__
from aggregator.cli.streams import prepare
from aggregator.errors import (
    AggregatorError,
    ConfigError,
    FetchError,
    ListenError,
    OutputError,
    ReadError,
    ReadersError,
    StorageError,
)

COMMANDS = {
    "poll": "poll",
    "inbox": "inbox",
    "entry": "entry",
    "post": "post",
    "publish": "publish",
    "tell": "tell",
    "told": "told",
    "run": "run",
    "serve": "serve",
    "feeds": "feeds",
    "follow": "follow",
    "unfollow": "feeds",
    "move": "move",
    "import": "importing",
    "export": "exporting",
    "status": "status",
    "tidy": "tidy",
    "init": "init",
    "doctor": "doctor",
    "demo": "demo",
}

# Exit codes that scripts rely on.
FAILED, USAGE, CONFIGURATION, STORAGE, HELD_ELSEWHERE, INTERRUPTED = 1, 2, 3, 4, 75, 130


class LazyGroup(click.Group):
    """A group whose commands' modules are imported when they are wanted."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            # click looks for the nearest name among the commands it has imported: none.
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            if near and "Did you mean" not in error.format_message():
                ctx.fail(f"No such command {args[0]!r}. Did you mean {near[0]!r}?")
            raise

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"aggregator.cli.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command


@click.group(
    cls=LazyGroup, context_settings={"auto_envvar_prefix": "AGGREGATOR", "max_content_width": 96}
)
@click.option(
    "--config",
    "-c",
    envvar="AGGREGATOR_CONFIG",
    default="feeds.yaml",
    show_default=True,
    metavar="PATH",
    help="The settings and feeds. Data is kept beside it unless it says otherwise.",
)
@click.version_option(__version__, prog_name="aggregator")
@click.pass_context
def cli(context: click.Context, config: str) -> None:
    """Follow feeds, cite what matters, publish a combined Atom feed.

    The usual round: `poll`, `inbox`, `post new --from N`, `post publish SLUG`, `publish`.
    """
    context.obj = config
    if os.environ.get("NO_COLOR"):
        context.color = False


def main() -> None:
    """Run the command line and exit with one of the codes that scripts rely on."""
    # Loading modules makes many objects and hardly any garbage, and so does a poll: a handful for
    # each feed that brings news. Looking for it sooner would be a fiftieth of a poll.
    gc.set_threshold(300_000, 50, 50)
    prepare()
    try:
        _run()
    finally:
        gc.freeze()  # the memory goes back whole; Python need not look through it at exit


def _run() -> None:
    try:
        if "_AGGREGATOR_COMPLETE" in os.environ:  # a shell asks for completions
            cli.main(prog_name="aggregator")
        code = invoke(sys.argv[1:])
        sys.stdout.flush()
    except click.ClickException as error:
        from aggregator.cli.writing import keep_unread

        error.show()
        if told := keep_unread(error, sys.argv[1:]):
            click.echo(told, err=True)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has what they wanted.
        _drop_output()
        sys.exit(0)
    except AggregatorError as error:
        click.echo(f"aggregator: {error}", err=True)
        sys.exit(exit_code(error))
    except OSError as error:
        # The disk or a folder's rights, never a feed's doing: those failures are outcomes.
        from aggregator.disk import trouble_of

        _drop_output()
        click.echo(f"aggregator: {error.filename or 'the output'}: {trouble_of(error)}", err=True)
        sys.exit(STORAGE)
    sys.exit(code)


def invoke(words: list[str]) -> int:
    """Run a command as if it had been typed, and return its exit code.

    click's own way would call a reader of our output that hung up a failure.
    """
    try:
        with cli.make_context("aggregator", words) as context:
            code = cli.invoke(context)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    return code if isinstance(code, int) else 0


def _drop_output() -> None:
    """Forget what could not be written: Python would complain once more at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def exit_code(error: AggregatorError) -> int:
    """Return the exit code of an error: a wrong name or document counts as wrong usage."""
    if isinstance(error, FetchError | ReadError):
        return FAILED
    if isinstance(error, ConfigError):
        return CONFIGURATION
    if isinstance(error, StorageError | OutputError | ReadersError | ListenError):
        return STORAGE
    return USAGE
