"""What stands in deploy/ names commands, options and files that there are."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import click
import pytest

from aggregator.cli import cli
from aggregator.config.settings import FetchSettings
from aggregator.services.connections import most_at_once

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
PROGRAM = "/opt/aggregator/.venv/bin/aggregator"


def commands() -> list[tuple[str, list[str]]]:
    """Return every command line of ours in deploy/, with the file it stands in."""
    found = []
    for unit in sorted(DEPLOY.glob("*.service")):
        for line in re.findall(r"^ExecStart=(.*)$", unit.read_text(), re.M):
            found.append((unit.name, shlex.split(line)))
    for line in (DEPLOY / "crontab").read_text().splitlines():
        if line.startswith("#"):
            continue
        fields = line.split(None, 5)
        assert len(fields) == 6, line
        for part in re.split(r"&&|;", fields[5].replace(">/dev/null", "")):
            if PROGRAM in part:
                found.append(("crontab", shlex.split(part)))
    docker = (DEPLOY / "Dockerfile").read_text()
    for line in re.findall(r"^CMD (\[.*\])$", docker, re.M):
        found.append(("Dockerfile", [PROGRAM, *json.loads(line)]))
    [check] = re.findall(r"^HEALTHCHECK .*CMD (\[.*\])$", docker, re.M)
    found.append(("Dockerfile", [PROGRAM, *json.loads(check)[1:]]))
    for block in re.findall(r"```sh\n(.*?)```", (DEPLOY / "README.md").read_text(), re.S):
        for part in re.split(r"&&|\n", block):
            if PROGRAM in part:
                words = shlex.split(part)
                found.append(("README.md", words[words.index(PROGRAM) :]))
    return found


@pytest.mark.parametrize(
    ("file", "words"), commands(), ids=lambda one: one if isinstance(one, str) else " ".join(one)
)
def test_every_command_is_one_that_the_program_takes(file: str, words: list[str]) -> None:
    assert words[0] == PROGRAM
    context = click.Context(cli)
    command = cli.get_command(context, words[1])
    assert command is not None, f"{file}: {words}"
    command.make_context(words[1], words[2:], parent=context)


def test_there_are_as_many_commands_as_ways() -> None:
    assert len(commands()) >= 8


def test_the_container_is_built_from_what_is_there() -> None:
    docker = (DEPLOY / "Dockerfile").read_text()
    for line in re.findall(r"^COPY (?!--from)(.*)$", docker, re.M):
        *sources, _ = line.split()
        for source in sources:
            assert (ROOT / source).exists(), source
    versions = set(re.findall(r"^FROM python:3\.(\d+)-slim", docker, re.M))
    assert len(versions) == 1
    assert int(versions.pop()) >= 11
    assert re.search(r"^USER aggregator$", docker, re.M)


def test_the_daemon_may_have_as_many_threads_as_it_takes() -> None:
    unit = (DEPLOY / "aggregator.service").read_text()
    [tasks] = re.findall(r"^TasksMax=(\d+)$", unit, re.M)
    fetching = most_at_once(FetchSettings().connections)
    assert int(tasks) > 2 * fetching + 50  # each may look a name up in another thread


def test_systemd_understands_its_units(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not on this machine")
    for unit in [*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")]:
        shutil.copy(unit, tmp_path)
    units = [str(path) for path in sorted(tmp_path.iterdir())]
    done = subprocess.run(
        ["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False
    )
    told = [line for line in done.stderr.splitlines() if "is not executable" not in line]
    assert [line for line in told if "aggregator" in line] == []
