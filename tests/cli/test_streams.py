"""Streams that are closed, and terminals that cannot show a character, are no reason to fail."""

from __future__ import annotations

import subprocess
import sys

import pytest

TEXT = '---\ntitle: "Das Größte … und 市議會"\n---\nWords – and “more”.\n'

# As a terminal with such a locale has it; Python 3.11 would fail at the first "…".
LOCALES = ["latin-1:strict", "ascii:strict", "cp1252:strict"]


def in_shell(folder, command: str, **env: str) -> subprocess.CompletedProcess[bytes]:
    program = f"{sys.executable} -m aggregator"
    return subprocess.run(
        ["sh", "-c", command.replace("aggregator", program)],
        cwd=folder.path,
        env={**folder.environment(), **env},
        capture_output=True,
        timeout=20,
        check=False,
    )


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("words", ["post list", "inbox", "post show NOPE…", "post --help", "feeds"])
def test_no_character_is_a_reason_to_fail(folder, locale, words):
    folder.post(TEXT)
    ran = in_shell(folder, f"aggregator {words}", PYTHONIOENCODING=locale)
    assert ran.returncode == (2 if "…" in words else 0), ran
    assert b"Traceback" not in ran.stderr


@pytest.mark.parametrize("locale", LOCALES)
def test_what_is_read_by_programs_is_in_utf_8_whatever_the_locale(folder, locale):
    slug = folder.post(TEXT)
    ran = in_shell(folder, f"aggregator post show {slug}", PYTHONIOENCODING=locale)
    assert ran.stdout.decode() == TEXT
    ran = in_shell(folder, "aggregator post list --json", PYTHONIOENCODING=locale)
    assert "市議會" in ran.stdout.decode()
    ran = in_shell(
        folder, f"aggregator post show {slug} | aggregator post edit {slug} -", LANG="C", LC_ALL="C"
    )
    assert b"Nothing changed" in ran.stdout


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("aggregator post list >&-", 0),
        ("aggregator post list 2>&-", 0),
        ("aggregator post list <&- >&- 2>&-", 0),
        ("aggregator inbox --json >&-", 0),
        ("aggregator post show nope >&-", 2),
        ("aggregator post show nope 2>&-", 2),
        ("aggregator post new - <&-", 2),
        ("aggregator --help >&-", 0),
        ("aggregator zzz 2>&-", 2),
        ("aggregator -c absent.yaml poll 2>&- >&-", 3),
        ("aggregator poll <&- >&- 2>&-", 0),
    ],
)
def test_a_closed_stream_changes_no_exit_code(folder, command, code):
    ran = in_shell(folder, command)
    assert ran.returncode == code, ran
    assert b"Traceback" not in ran.stderr
    assert folder.run("doctor").went_well()  # nothing was written into the database by mistake


def test_documents_are_read_where_no_stream_was_open(folder):
    folder.follow("demo://courier.example/rss.xml")
    assert in_shell(folder, "aggregator poll <&- >&- 2>&-").returncode == 0
    assert folder.run("inbox", "--json").went_well().json
