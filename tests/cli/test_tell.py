"""Telling the world from the command line: by writing the site, by the daemon, by hand."""

from __future__ import annotations

import re
import time
from urllib.parse import parse_qs

import pytest

from servers import Request, response, serving

HEAD = """\
site: {{title: "The test blog", base_url: "{base}", authors: [{{name: Ana}}], hubs: ["{hub}"]}}
fetch: {{allow_networks: [127.0.0.0/8], timeout: 2s}}
poll: {{gap: 0s, spacing: 0s}}
tell: {{webmention: true{more}}}
"""


class World:
    """A hub and a page that wants to be told, at one server."""

    def __init__(self) -> None:
        self.forms: list[dict[str, list[str]]] = []
        self.status = 202

    def answer(self, request: Request) -> bytes:
        if request.method == "GET":
            return response(200, b"<a rel=webmention href=/told>", content_type="text/html")
        if self.status < 300:
            self.forms.append(parse_qs(request.raw.partition(b"\r\n\r\n")[2].decode()))
        return response(self.status)

    @property
    def pinged(self) -> list[str]:
        return [form["hub.url"][0] for form in self.forms if "hub.url" in form]

    @property
    def mentioned(self) -> list[str]:
        return [form["target"][0] for form in self.forms if "target" in form]


@pytest.fixture
def world(folder):
    made = World()
    with serving(made.answer) as server:
        made.hub, made.page = server.url("/hub"), server.url("/talk")
        follow(folder, made)
        yield made


def follow(folder, world, *, base: str = "https://blog.example/", more: str = "") -> None:
    folder.follow(head=HEAD.format(base=base, hub=world.hub, more=more))


def feeds(folder) -> list[str]:
    """Return the addresses of the feeds that are published."""
    found = [one.relative_to(folder.output) for one in folder.output.rglob("[!.]*.*")]
    return sorted(
        f"https://blog.example/{one.as_posix()}"
        for one in found
        if one.suffix in {".atom", ".rss", ".json"} and one.parts[0] not in {"archive", "search"}
    )


def published(folder, world) -> str:
    slug = folder.post(f"---\ntitle: The vote\n---\n[Joe]({world.page}) says so.\n")
    folder.run("post", "publish", slug, "--no-site").went_well()
    return slug


def test_publishing_tells_once_and_says_so(folder, world):
    published(folder, world)
    ran = folder.run("publish").went_well()
    told = len(feeds(folder)) + 1
    assert f"Told {told} hubs or pages" in ran.out
    assert sorted(world.pinged) == feeds(folder)
    assert "https://blog.example/feed.atom" in world.pinged[:3]  # most are subscribed to that
    assert world.mentioned == [world.page]
    again = folder.run("publish").went_well()
    assert "nothing changed" in again.out
    assert "Told" not in again.out
    assert "Nothing waits" in folder.run("tell").went_well().out
    assert len(world.forms) == told
    slug = folder.post("---\ntitle: Another\n---\nWords.\n")
    assert "Told " in folder.run("post", "publish", slug).went_well().out
    assert "https://blog.example/feed.atom" in world.pinged[told - 1 :]
    assert not any("takeaways" in one for one in world.pinged[told - 1 :])  # they did not change


def test_the_record_says_who_was_told_of_what_and_their_answers(folder, world):
    assert "Nobody was told" in folder.run("told").went_well().out
    published(folder, world)
    folder.run("publish").went_well()
    lines = folder.run("told").went_well().out.splitlines()
    assert len(lines) == len(feeds(folder)) + 1
    assert re.match(
        rf"20\d\d-\S+ \S+  told      {world.page} of https://blog.example/\S+/the-vote/: "
        r"taken \(202\)",
        lines[0],
    )
    [first, *_] = folder.run("told", "--json", "--limit", "1").went_well().json
    assert first | {"about": "", "asked_at": "", "told_at": ""} == {
        "kind": "webmention",
        "about": "",
        "whom": world.page,
        "endpoint": world.page.replace("/talk", "/told"),
        "removed": False,
        "state": "told",
        "answer": "taken (202)",
        "attempts": 1,
        "asked_at": "",
        "told_at": "",
        "next_at": None,
    }
    assert folder.run("told", "--trouble", "--json").went_well().json == []


def test_who_does_not_answer_well_never_makes_publishing_fail(folder, world):
    published(folder, world)
    world.status = 500
    ran = folder.run("publish").went_well()
    told = len(feeds(folder)) + 1
    assert f"{told} to be tried again" in ran.out
    assert (folder.output / "feed.atom").exists()
    assert len(folder.run("told", "--trouble", "--json").went_well().json) == told
    world.status = 202
    assert "Nothing waits" in folder.run("tell").went_well().out  # not before its time
    assert "Told" in folder.run("tell", "--again").went_well().out
    assert len(world.forms) == told


def test_a_hub_that_hangs_holds_publishing_up_for_a_bounded_time(folder):
    def silent(request):
        time.sleep(30)
        yield b""

    with serving(silent) as server:
        text = HEAD.format(base="https://blog.example/", hub=server.url("/hub"), more="")
        folder.follow(head=text)
        begun = time.monotonic()
        ran = folder.run("publish").went_well()
    assert time.monotonic() - begun < 10
    assert f"{len(feeds(folder))} to be tried again" in ran.out


def test_what_was_given_up_is_told_by_doctor_with_the_way_out(folder, world):
    published(folder, world)
    world.status = 400
    folder.run("publish").went_well()
    ran = folder.run("doctor")
    assert ran.code == 1
    assert f"the hub {world.hub} could not be told of {len(feeds(folder))} changed feeds" in ran.out
    assert "aggregator tell --again" in ran.out
    assert "1 cited page could not be told" in ran.out
    folder.run("tell").failed(0)
    world.status = 200
    folder.run("tell", "--again").went_well()
    well = folder.run("doctor").went_well()
    assert f"{len(feeds(folder)) + 1} hubs or pages told, 0 waiting" in well.out
    world.status = 400
    slug = folder.post("---\ntitle: Another\n---\nWords.\n")
    folder.run("post", "publish", slug).went_well()
    follow(folder, world)
    folder.config.write_text(folder.config.read_text().replace(world.hub, "https://new.example/"))
    assert "could not be told" not in folder.run("doctor").out  # it is named no more


def test_what_is_written_elsewhere_tells_nobody(folder, world):
    published(folder, world)
    folder.run("publish", "--to", str(folder.path / "elsewhere")).went_well()
    assert world.forms == []
    assert folder.run("told", "--json").went_well().json == []
    folder.run("publish", "--to", str(folder.output)).went_well()
    assert len(world.forms) == len(feeds(folder)) + 1


def test_a_local_site_tells_nobody_and_says_so(folder, world):
    published(folder, world)
    follow(folder, world, base="http://localhost:8000/")
    folder.run("publish").went_well()
    ran = folder.run("tell").went_well()
    assert "others cannot reach" in ran.out
    assert "others cannot reach" in folder.run("doctor").out
    assert world.forms == []


def test_without_settings_there_is_nobody_to_tell(folder):
    assert "site.hubs" in folder.run("tell").went_well().out
    assert "told" not in folder.run("doctor").out


def test_a_delay_waits_for_the_copy_and_tell_does_not(folder, world):
    follow(folder, world, more=", delay: 1h")
    published(folder, world)
    assert "Told" not in folder.run("publish").went_well().out
    assert world.forms == []
    out = folder.run("tell").went_well().out
    assert out.count("Told: ") == len(world.forms) == len(feeds(folder)) + 1


def test_the_daemon_tells_by_itself(folder, world, wait_until):
    with folder.start("run", "--tick", "3", "--log", "json") as process:
        wait_until(
            lambda: len(world.pinged) == len(feeds(folder)) > 3
        )  # feeds, though there is no post yet
        begun = time.monotonic()
        published(folder, world)
        wait_until(lambda: world.mentioned == [world.page])
        took = time.monotonic() - begun
        process.terminate()
        out, _ = process.communicate(timeout=10)
    assert took < 10
    assert process.returncode == 0
    assert '"event": "telling"' in out


def test_hostile_words_in_addresses_and_answers_stay_on_their_line(folder, world):
    slug = folder.post(f"---\ntitle: T\n---\n[Joe]({world.page}?a=%1B[31m&b=$(id)) says so.\n")
    folder.run("post", "publish", slug).went_well()
    for line in folder.run("told").went_well().out.splitlines():
        assert line.isprintable()
        assert line.startswith("20")


def test_a_program_killed_while_it_sends_tells_nobody_twice(folder, wait_until):
    forms: list[str] = []

    def slow(request: Request):
        forms.append(request.raw.partition(b"\r\n\r\n")[2].decode())
        time.sleep(0.5)
        yield response(202)

    with serving(slow) as server:
        base, hub = "https://blog.example/", server.url("/hub")
        text = HEAD.format(base=base, hub=hub, more=", delay: 1h")
        folder.follow(head=text.replace("timeout: 2s", "timeout: 8s"))
        folder.run("publish").went_well()
        for killed in range(1, 5):
            with folder.start("tell") as process:
                wait_until(lambda killed=killed: len(forms) == killed)
                process.kill()
        folder.run("tell").went_well()
    assert len(forms) == len(set(forms)) == len(feeds(folder))
    states = [one["state"] for one in folder.run("told", "--json").went_well().json]
    assert states.count("sending") == 4  # called unsure when its time is over
    assert states.count("told") == len(forms) - 4
