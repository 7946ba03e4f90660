"""What README.md and docs/ promise is true: commands run, links lead somewhere, words are ours."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

from aggregator.cli import cli

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


def test_the_commands_of_one_minute_install_what_the_project_pins() -> None:
    for marker in ("demo", "tests"):
        assert "-c constraints.txt" in block(marker)
    assert block("tests").endswith("pytest")


def test_the_first_steps_of_the_readme_work(tmp_path: Path) -> None:
    here = {**os.environ, "EDITOR": "true"}
    steps = re.search(r"mkdir my && cd my\n(.*?)```", README, re.DOTALL)
    assert steps
    init = next(line for line in steps[1].splitlines() if " init " in line)
    run = [sys.executable, "-m", "aggregator"]
    for arguments in (
        ["init", "--title", "My linkblog", "--base-url", "https://blog.example/"],
        ["poll"],
        ["inbox"],
        ["publish"],
        ["doctor"],
    ):
        assert arguments[0] != "init" or all(word in init for word in arguments[:2])
        done = subprocess.run(
            [*run, *arguments],
            cwd=tmp_path,
            env=here,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, (arguments, done.stderr)
        assert done.stdout.strip(), arguments  # even nothing to do is said


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
