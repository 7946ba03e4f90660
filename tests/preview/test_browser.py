"""The page of a preview in a real browser, where whatever slipped through would run."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.config.settings import Site
from aggregator.services.previewing import Previewing
from servers import response, serving

CHROMIUM = shutil.which("chromium")
QUIET = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run
--disable-background-networking --disable-component-update --disable-sync""".split()


@pytest.mark.skipif(CHROMIUM is None, reason="there is no browser here")
def test_even_what_no_sanitizer_saw_runs_nothing_and_asks_nobody(tmp_path: Path):
    service = Previewing(Site(), clock=lambda: datetime(2026, 4, 1, tzinfo=UTC))
    shown = service.of_document("---\ntitle: </title><script>document.title = 1</script>\n---\nx\n")
    with serving(lambda request: response(200, "x")) as server:
        wild = (
            "<script>top.document.title = 'ran'; parent.postMessage('ran', '*')</script>"
            f"<link rel=stylesheet href={server.url('/a')}><video poster={server.url('/b')}>"
            f"</video><iframe src={server.url('/c')}></iframe><p style='background: "
            f"url({server.url('/d')})' onclick=1>words</p><meta http-equiv=refresh content='0; "
            f"{server.url('/e')}'><svg onload='top.document.title = 2'>"
        )
        views = tuple(replace(view, html=view.html and wild) for view in shown.views)
        page = tmp_path / "look.html"
        page.write_bytes(service.page(replace(shown, views=views)))
        profile = f"--user-data-dir={tmp_path / 'profile'}"
        seen = subprocess.run(
            [str(CHROMIUM), *QUIET, profile, "--dump-dom", page.as_uri()],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout
        assert server.requests == []
    assert "<title>Preview: &lt;/title&gt;&lt;script&gt;" in seen
    assert seen.count("<iframe") >= 3
