"""Help is quick, complete, and close at hand when a word was mistyped."""

from __future__ import annotations

import resource
import subprocess
import sys

import click
import pytest

from aggregator import __version__
from aggregator.cli import cli

HEAVY = tuple(
    "sqlalchemy httpx feedparser lxml pydantic rich apscheduler ruamel flask waitress".split()
)


def commands(command: click.Command, *path: str) -> list[tuple[str, ...]]:
    """Return the words of every command and group, the program itself first."""
    found = [path]
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            found += commands(inner, *path, name)
    return found


def seconds() -> float:
    """Return the processor time of ended children: what a busy machine does not change."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_help_is_quick(folder):
    best = 9.0
    for _ in range(3):
        begun = seconds()
        folder.run_afresh("--help").went_well()
        best = min(best, seconds() - begun)
    assert best < 0.3


@pytest.mark.parametrize("words", [["--help"], ["post", "--help"], ["poll", "--help"]])
def test_help_imports_nothing_heavy(words):
    code = (
        "import sys\nfrom aggregator.cli import main\n"
        f"sys.argv = ['aggregator', *{words!r}]\n"
        "try:\n    main()\nfinally:\n"
        f"    print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stderr.strip() == "[]"


@pytest.mark.parametrize("words", commands(cli), ids=" ".join)
def test_every_command_says_what_it_does_and_what_its_options_mean(words):
    command: click.Command = cli
    for word in words:
        assert isinstance(command, click.Group)
        command = command.get_command(click.Context(command), word)
    assert command.help
    assert command.help.split("\n\n")[0].strip().endswith(".")
    # A list of commands with sentences cut short tells nobody what they do.
    if words:
        assert not command.get_short_help_str(60).endswith("...")
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name


def test_version(folder):
    assert folder.run("--version").went_well().out == f"aggregator, version {__version__}\n"


@pytest.mark.parametrize(
    ("words", "meant"), [(["pol"], "poll"), (["inbx"], "inbox"), (["post", "publsh"], "publish")]
)
def test_a_mistyped_command_is_answered_with_the_nearest(folder, words, meant):
    folder.run(*words).failed(2, f"Did you mean '{meant}'?")


def test_what_resembles_no_command_is_wrong_usage(folder):
    folder.run("zzz").failed(2, "No such command 'zzz'")
    folder.run("poll", "--zzz").failed(2, "No such option")
