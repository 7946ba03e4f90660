"""What README.md and docs/ promise is true: commands run, links lead somewhere, words are ours."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

from aggregator.cli import cli
from servers import response, serving

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])


def block(marker: str) -> str:
    """Return the command of the README that stands under a marker."""
    match = re.search(rf"<!-- {marker} -->\n```sh\n(.*?)\n```", README, re.DOTALL)
    assert match, f"README.md has no {marker} command"
    return match[1]


def commands(
    group: click.Group, above: tuple[str, ...] = ()
) -> list[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    found = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            found += commands(command, (*above, name))
        else:
            found.append(((*above, name), command))
    return found


EVERY = commands(cli)


@pytest.mark.parametrize("words", [words for words, _ in EVERY], ids=" ".join)
def test_every_command_has_help_and_a_place_in_the_readme(words: tuple[str, ...]) -> None:
    command = dict(EVERY)[words]
    assert command.help
    assert command.help.strip().endswith((".", "`"))
    silent = [
        option.opts[-1]
        for option in command.params
        if isinstance(option, click.Option) and not option.help
    ]
    assert silent == []
    assert f"aggregator {' '.join(words)}" in README


def test_the_readme_names_no_command_that_does_not_exist() -> None:
    known = {words for words, _ in EVERY}
    for line in re.findall(r"(?:^|`|\s)aggregator ((?:[a-z]+ ?){1,2})", README, re.MULTILINE):
        words = tuple(line.split())
        assert words in known or words[:1] in known or words[:1] in {("in",), ("does",)}, line


def test_the_demo_command_of_the_readme_runs_offline(tmp_path: Path) -> None:
    program_part = block("demo").rpartition("&&")[2].strip()
    assert program_part == ".venv/bin/aggregator demo"
    done = subprocess.run(
        [sys.executable, "-m", "aggregator", *program_part.split()[1:]],
        cwd=tmp_path,
        env={**os.environ, "http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for words in ("new entries", "three takeaways", "First, ", "Lastly, ", "Update, "):
        assert words in done.stdout
    assert (tmp_path / "demo" / "public" / "feed.atom").exists()


def test_what_a_newcomer_installs_is_what_is_tested() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    [line] = [line for line in script.splitlines() if line.startswith("command=")]
    taken = subprocess.run(
        ["bash", "-c", f'{line}; printf %s "$command"'],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert taken.stdout == block("tests")
    assert 'bash -euo pipefail -c "$command"' in script
    install, _, run = block("tests").rpartition(" && ")
    assert run == ".venv/bin/python -m pytest"
    assert install == (
        "python3 -m venv .venv && .venv/bin/pip install -q -c constraints.txt -e '.[dev]'"
    )
    assert block("demo").rpartition(" && ")[0] == install.replace("'.[dev]'", ".")


def shown_commands(first: str) -> list[list[str]]:
    """Return the commands of ours in the block of the README that begins with a line."""
    match = re.search(rf"```sh\n({re.escape(first)}.*?)```", README, re.DOTALL)
    assert match, first
    lines = (shlex.split(line, comments=True) for line in match[1].splitlines())
    return [words[1:] for words in lines if words and words[0] == "aggregator"]


def test_your_own_linkblog_comes_about_as_the_readme_says(tmp_path: Path) -> None:
    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "aggregator", *arguments],
            cwd=tmp_path,
            env={**os.environ, "EDITOR": "true"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, (arguments, done.stderr)
        assert done.stdout.strip(), arguments  # even nothing to do is said
        return done.stdout

    feed = (
        b'<rss version="2.0"><channel><title>News</title><link>https://news.example/</link>'
        b"<description>n</description><item><title>The vote</title>"
        b"<link>https://news.example/vote</link></item></channel></rss>"
    )
    page = b'<html><link rel="alternate" type="application/rss+xml" href="/feed"></html>'
    answers = {
        "/": response(200, page, content_type="text/html"),
        "/feed": response(200, feed, content_type="application/rss+xml"),
    }
    config = tmp_path / "feeds.yaml"
    first = shown_commands("mkdir my && cd my")
    assert [words[0] for words in first] == ["init", "follow", "import", "poll", "inbox"]
    with serving(lambda request: answers.get(request.target, response(404))) as site:
        (tmp_path / "subscriptions.opml").write_text(
            f'<opml version="2.0"><body><outline xmlUrl="{site.url("/feed")}"/></body></opml>'
        )
        for words in first:
            told = run(
                *(site.url("/") if word.startswith("https://news") else word for word in words)
            )
            if words[0] == "init":
                allowed = "\nfetch: {allow_networks: [127.0.0.0/8]}\nfeeds:\n"
                config.write_text(config.read_text().replace("\nfeeds:\n", allowed))
    assert "The vote" in told  # in the inbox
    number = told.split()[0]
    assert run("post", "new", "--from", number) == "the-vote\n"

    document = re.search(r"```markdown\n(.*?)```", README, re.DOTALL)
    assert document
    (tmp_path / "post.md").write_text(document[1])
    (tmp_path / "reaction.md").write_text("Joe Lane answers.\n")
    assert run("post", "new", "post.md") == "the-council-blinked\n"
    for words in shown_commands("aggregator post publish"):
        run(*words)
    site_folder = tmp_path / "public"
    promised = re.search(r"`public/` now holds (.*?)Copy it", README, re.DOTALL)
    assert promised
    for name in re.findall(r"`([a-z]+\.[a-z]+)`", promised[1]):
        assert (site_folder / name).exists(), name
    assert "Joe Lane answers." in (site_folder / "feed.atom").read_text()
    assert "The vote" in (site_folder / "river.atom").read_text()
    run("doctor")


def test_the_post_shown_in_the_readme_is_one(tmp_path: Path) -> None:
    from aggregator.document import parse_document

    document = re.search(r"```markdown\n(.*?)```", README, re.DOTALL)
    assert document
    post = parse_document(document[1])
    assert [type(part).__name__ for part in post.blocks] == ["Quotation", "Takeaways", "Commentary"]
    assert post.citations[0].via == "https://b.example/"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)\)", page.read_text()):
        if not target.startswith(("http:", "https:")):
            assert (page.parent / target).exists(), target


def test_pictures_are_described_and_small_enough_to_open_at_once() -> None:
    pictures = re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", README)
    assert len(pictures) == 2
    for told, path in pictures:
        assert len(told.split()) > 10
        assert (ROOT / path).read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
        assert (ROOT / path).stat().st_size < 150_000


def test_every_room_is_on_the_plan() -> None:
    plan = (ROOT / "docs" / "architecture.md").read_text()
    for path in (ROOT / "aggregator").iterdir():
        name = path.stem
        if not name.startswith("_"):
            assert f"`{name}/`" in plan or f"`{name}`" in plan, name


def test_pinned_versions_cover_what_is_required_and_name_no_host() -> None:
    pinned = (ROOT / "constraints.txt").read_text()
    assert "//" not in pinned
    names = {line.partition("==")[0].lower() for line in pinned.splitlines()}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = list(project["dependencies"])
    for extra in project["optional-dependencies"].values():
        asked += extra
    wanted = {re.split(r"[\[<>=;]", one)[0].lower() for one in asked}
    assert wanted <= names
