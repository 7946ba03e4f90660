"""A publisher with a hub that others wrote (Flask-WebSub), on loopback.

Its hub hands its work to Celery. `Tasks` is as much of Celery as that takes: a task runs at
once, in a thread, so there is no broker and no worker to wait for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Flask, Response
from flask_websub.hub import Hub, SQLite3HubStorage
from flask_websub.publisher import publisher
from werkzeug.serving import make_server


class Task:
    def __init__(self, function: Callable[..., Any], *, bound: bool) -> None:
        self._function, self._bound = function, bound
        self.request = SimpleNamespace(retries=0)

    def delay(self, *arguments: Any) -> None:
        first = (self,) if self._bound else ()
        threading.Thread(target=self._function, args=(*first, *arguments), daemon=True).start()

    def retry(self, *, countdown: float) -> None:
        """Give up: tests that want a second try say so."""


class Tasks:
    def task(self, **options: Any) -> Callable[[Callable[..., Any]], Task]:
        return lambda function: Task(function, bound=options.get("bind", False))


class Publisher:
    """Publishes one feed, whose Link field names the hub, and lets the hub tell of its news."""

    def __init__(self, folder: Path, content_type: str = "application/rss+xml") -> None:
        self.body, self.requests = b"", 0
        app = Flask("publisher")
        self.hub = Hub(SQLite3HubStorage(str(folder / "hub.sqlite")), Tasks())
        app.register_blueprint(self.hub.build_blueprint(url_prefix="/hub"))

        @app.get("/feed")
        @publisher()
        def feed() -> Response:
            self.requests += 1
            return Response(self.body, content_type=content_type)

        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}/feed"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @contextmanager
    def serving(self) -> Iterator[Publisher]:
        self._thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._thread.join(5)
            self._server.server_close()

    def publish(self, body: bytes) -> None:
        """Publish anew, and let the hub tell all who subscribed."""
        self.body = body
        self.hub.send_change_notification.delay(self.url)

    @property
    def subscribers(self) -> list[str]:
        """The callbacks that the hub is going to tell."""
        return [row[0] for row in self.hub.storage.get_callbacks(self.url)]
