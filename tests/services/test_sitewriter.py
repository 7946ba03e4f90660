"""What the desk says of a site that could not be written, and for how long."""

from __future__ import annotations

import threading
from pathlib import Path

from aggregator.app import App
from aggregator.cli.log import Log
from aggregator.cli.run import Daemon
from aggregator.services.clock import utc_now

SETTINGS = 'site: {title: T, base_url: "https://blog.example/"}\nfeeds: []\n'


def test_trouble_with_the_site_is_told_until_somebody_has_written_it(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text(SETTINGS)
    with App(tmp_path / "feeds.yaml") as app:
        in_the_way = app.settings.output
        in_the_way.write_text("a file")
        [trouble] = app.site_writer.write()
        assert "could not be written" in trouble
        daemon = Daemon(app, threading.Event(), Log(as_json=False, clock=utc_now))
        daemon.tick()
        assert app.site_writer.troubles == (trouble,)
        in_the_way.unlink()
        daemon.tick()
        assert app.site_writer.troubles == ()
        assert (in_the_way / "feed.atom").exists()
