"""What `serve` does behind polls, and what `inbox` sees of it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from desk.receiving import NOON, feed, item, receive

from aggregator.app import App
from aggregator.cli.log import Log
from aggregator.cli.run import Daemon
from aggregator.model.feed import EntryStatus
from aggregator.model.filter import Filter, FilterAction, FilterField

MUTE = Filter(action=FilterAction.MUTE, field=FilterField.TITLE, pattern="football", created=NOON)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "feeds.yaml"
    path.write_text(f"feeds: [{feed('Courier').url}]\n")
    return path


def test_the_daemon_filters_and_indexes_what_came_in(config: Path) -> None:
    with App(config) as app:
        app.storage.filters.add_filter(MUTE)
        muted, kept = receive(app.storage, "Courier", item("Football"), item("Budget"))
        log = Log(as_json=True, clock=lambda: NOON)
        Daemon(app, threading.Event(), log).follow_up()
        assert app.storage.words.to_index() == 0
        assert app.storage.entry(muted).status is EntryStatus.DISMISSED
        assert app.storage.entry(kept).status is EntryStatus.INBOX


def test_the_command_line_does_not_show_what_is_muted(folder) -> None:
    config = folder.path / "feeds.yaml"
    config.write_text(f"feeds: [{feed('Courier').url}]\n")
    with App(config) as app:
        app.storage.filters.add_filter(MUTE)
        receive(app.storage, "Courier", item("Football"), item("Budget"))
    shown = folder.run("inbox").went_well().out
    assert "Budget" in shown
    assert "Football" not in shown
