"""No word that reached the program is lost, whatever stops it from being saved."""

from __future__ import annotations

import fcntl
import io
import os
import shlex
import signal
import stat
import subprocess
import sys
import termios
import time
from pathlib import Path

import click
import pytest

from aggregator.cli import cli
from aggregator.cli.rescue import NEW, Purpose, kept, purpose_of
from aggregator.cli.writing import written

WORDS = "---\ntitle: Many words\n---\nThat took an hour.\n"


def rescued(folder: Path) -> list[str]:
    return [path.read_text() for path in sorted(folder.rglob("*.md"))]


@pytest.fixture
def aside(tmp_path_factory) -> Path:
    """Return the folder for temporary files."""
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture
def editor(folder, tmp_path_factory):
    """Return a function that makes an $EDITOR of some shell lines; $1 is the file."""

    def make(script: str) -> str:
        path = tmp_path_factory.mktemp("editor") / "editor.sh"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return str(path)

    return make


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("post edit nope -", 2),
        ("post update nope -", 2),
        ("post new - --from 99", 2),
        ("post new - --from x", 2),
        ("post new - --nonsense", 2),
        ("post new - more", 2),
        ("post update nope - --kind whim", 2),
        ("pots new -", 2),
    ],
)
def test_piped_words_are_kept_whatever_was_wrong_with_the_command(folder, words, code):
    ran = folder.run(*words.split(), stdin=WORDS)
    ran.failed(code, "kept in", str(folder.data / "rescued"))
    assert rescued(folder.data) == [WORDS]


@pytest.mark.parametrize("text", ["feeds: [\n", "data: ./data\npool: 1\nfeeds: []\n"])
def test_piped_words_are_kept_beside_a_broken_configuration(folder, text):
    folder.data.mkdir()
    folder.config.write_text(text)
    folder.run("post", "new", "-", stdin=WORDS).failed(3, "feeds.yaml", "kept in")
    assert rescued(folder.data) == [WORDS]


def test_piped_words_are_kept_elsewhere_where_there_is_no_configuration(folder, aside):
    folder.config.unlink()
    ran = folder.run("post", "new", "-", stdin=WORDS, TMPDIR=str(aside))
    ran.failed(3, "aggregator init", f"kept in {aside}")
    assert rescued(aside) == [WORDS]
    assert list(folder.path.iterdir()) == []  # no folder is made where nothing of ours is


def test_words_that_cannot_be_kept_in_the_data_folder_are_kept_elsewhere(folder, aside):
    folder.data.mkdir()
    (folder.data / "rescued").write_text("a file where the folder should be")
    ran = folder.run("post", "new", "-", stdin="no title", TMPDIR=str(aside))
    ran.failed(2, f"kept in {aside}")
    assert rescued(aside) == ["no title"]
    assert [stat.S_IMODE(path.stat().st_mode) for path in aside.iterdir()] == [0o600]


@pytest.mark.parametrize("kind", ["full", "read-only"])
def test_words_survive_a_disk_that_takes_nothing(folder, aside, editor, mounted, kind):
    folder.run("inbox").went_well()
    write = editor(f'printf %s {shlex.quote(WORDS)} > "$1"; echo "$1"')
    piped, broken, edited = mounted(
        kind,
        ("post new -", WORDS),
        ("post new - --nonsense", WORDS + "2\n"),
        "post new",
        TMPDIR=str(aside),
        EDITOR=write,
    )
    piped.failed(4, f"kept in {aside}")
    broken.failed(2, f"kept in {aside}")
    edited.failed(4, f"kept in {aside}")
    assert edited.out.startswith(str(aside))  # there was no room to write it anywhere else
    assert sorted(rescued(aside)) == [WORDS, WORDS, WORDS + "2\n"]


def test_what_cannot_be_kept_anywhere_is_printed(folder, aside):
    folder.data.mkdir()
    (folder.data / "rescued").write_text("in the way")
    code = (
        "import sys, tempfile; tempfile._candidate_tempdir_list = lambda: []\n"
        "from aggregator.cli import main; sys.argv[1:] = ['post', 'new', '-']; main()"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder.path,
        env=folder.environment(),
        input="no title, but words",
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert "here it is:\n\nno title, but words" in ran.stderr


@pytest.mark.parametrize("nothing", ["", "\n\n  \n"])
def test_nothing_is_not_kept(folder, nothing):
    ran = folder.run("post", "new", "-", stdin=nothing)
    ran.failed(2, "title")
    assert "kept" not in ran.err
    assert rescued(folder.data) == []


def test_a_pipe_is_kept_under_whatever_name_it_comes(folder):
    program = f"{sys.executable} -m aggregator post new"
    for command in (
        f"{program} <(printf words)",
        f"printf words | {program} /dev/stdin",
        f"{program} /dev/stdin <<< words",
    ):
        ran = subprocess.run(
            ["bash", "-c", command],
            cwd=folder.path,
            env=folder.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 2, ran
        assert "kept in" in ran.stderr
    assert [text.strip() for text in rescued(folder.data)] == ["words"] * 3


@pytest.fixture
def interruptible():
    """Let programs that are started be interrupted: in the background a shell forbids it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_what_came_before_an_interruption_is_kept(folder, wait_until):
    folder.data.mkdir()
    with folder.start("post", "new", "-") as process:
        process.stdin.write(WORDS)
        process.stdin.flush()
        wait_until(lambda: unread(process.stdin) == 0)
        time.sleep(0.3)  # on a busy machine it may not have put away yet what it has read
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
        assert "kept in" in process.stderr.read()
    assert rescued(folder.data) == [WORDS]


def unread(pipe) -> int:
    return int.from_bytes(fcntl.ioctl(pipe.fileno(), termios.FIONREAD, b"\0" * 4), sys.byteorder)


@pytest.fixture
def typing(folder, monkeypatch):
    """Return a function that makes bytes what standard input holds, for a command that runs."""
    context = click.Context(cli, obj=str(folder.config))

    def given(data: bytes) -> click.Context:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(data))))
        return context

    folder.data.mkdir()
    return given


def test_standard_input_in_another_encoding_is_kept_byte_by_byte(folder, typing):
    with (
        typing(b"caf\xe9\n"),
        pytest.raises(click.UsageError, match="not UTF-8") as caught,
        written("-", NEW) as words,
    ):
        words.text()
    [path] = (folder.data / "rescued").iterdir()
    assert path.read_bytes() == b"caf\xe9\n"
    assert str(path) in caught.value.message


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit, ZeroDivisionError])
def test_whatever_stops_the_saving_words_are_kept(folder, typing, capsys, stop):
    with typing("Größe\r\n".encode()), pytest.raises(stop), written("-", NEW):
        raise stop
    [path] = (folder.data / "rescued").iterdir()
    assert path.read_bytes() == "Größe\r\n".encode()
    assert str(path) in capsys.readouterr().err


def test_the_editors_file_stays_when_it_is_the_only_copy(
    folder, typing, editor, monkeypatch, capsys
):
    monkeypatch.setenv("VISUAL", editor('echo words > "$1"'))
    (folder.data / "rescued").write_text("in the way")
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(folder.config))

    def interrupted() -> None:
        with typing(b""), written(None, NEW) as words:
            words.text()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    [path] = (folder.data / "writing").iterdir()
    assert path.read_text() == "words\n"
    assert str(path) in capsys.readouterr().err


def test_an_editor_that_removes_its_file_is_told_so(folder, editor):
    ran = folder.run("post", "new", EDITOR=editor('rm "$1"'))
    ran.failed(2, "removed its file", "nothing was saved")
    assert "what you wrote is there" not in ran.err
    assert rescued(folder.data) == []


@pytest.mark.parametrize(
    ("purpose", "words"),
    [
        (NEW, "post new FILE"),
        (Purpose("edit", "the-vote"), "post edit the-vote FILE"),
        (Purpose("update", "edit"), "post update edit FILE"),
        (Purpose("correction", "the-vote"), "post update the-vote FILE --kind correction"),
        (Purpose("reaction", "市議會"), "post update '市議會' FILE --kind reaction"),
        (Purpose("edit", "../../etc; rm"), "post new FILE"),
        (Purpose("edit", "-x"), "post new FILE"),
        (Purpose("edit", "\udcff"), "post new FILE"),
        (Purpose("edit", "x" * 300), "post new FILE"),
    ],
)
def test_a_kept_file_says_by_its_name_what_saves_it(purpose, words):
    for name in (f"2026-03-31T14-05-00-123456.{purpose.name}.md", f"{purpose.name}.x8_z.md"):
        file = Path(name)
        expected = f"aggregator {words}".replace("FILE", shlex.quote(name))
        assert purpose_of(file).command(file) == expected


def test_doctor_names_the_command_that_saves_each_kept_text(folder, editor, post_text):
    slug = folder.post(post_text)
    folder.run("post", "publish", slug).went_well()
    texts = {
        "post new -": "no title, but words\n",
        f"post edit {slug} -": "no title, either\n",
        f"post update {slug} - --kind correction": "## Update\n",
    }
    for words, text in texts.items():
        folder.run(*words.split(), stdin=text).failed(2, "kept in")
    folder.run("post", "edit", slug, EDITOR=editor('echo more >> "$1"; exit 1')).failed(2, "is in")
    told = folder.run("doctor").went_well().out
    for path in kept(folder.data):
        assert f"words not saved: {path}" in told
        [line] = [line for line in told.splitlines() if f"{path}" in line and "aggregator" in line]
        if path.parent.name == "writing":
            assert f"aggregator post edit {slug} {path}" in line
            assert "unless an editor has it open" in line
            continue
        [words] = [words for words, text in texts.items() if text == path.read_text()]
        assert f"aggregator {words.replace(' -', f' {path}', 1)}; then" in line
    assert told.count("words not saved") == 4


def test_doctor_names_the_newest_kept_texts_and_counts_the_others(folder):
    (folder.data / "rescued").mkdir(parents=True)
    for number in range(8):
        path = folder.data / "rescued" / f"{number}.new.md"
        path.write_text("words")
        os.utime(path, (number, number))
    told = folder.run("doctor").went_well().out
    assert [f"{number}.new.md" in told for number in range(8)] == [False] * 3 + [True] * 5
    assert "3 more files" in told
