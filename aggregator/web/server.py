"""The web server, in a thread of its own."""

from __future__ import annotations

import logging
import socket
import threading
from typing import TYPE_CHECKING

from waitress import wasyncore
from waitress.server import create_server

from aggregator.errors import ListenError
from aggregator.web.site import MOST_BYTES

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

THREADS = 4
SILENT_SECONDS = 30  # of a connection; then it is closed
STOPPING_SECONDS = 5  # that answers under way may still take


class WebServer:
    """Listens from the moment it is made, and answers once it is started."""

    def __init__(self, app: WSGIApplication, listen: tuple[str, int]) -> None:
        """`listen` is a host and a port; 0 is any free one. Raises ListenError."""
        # Its queue is short and says so at every request that waits.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        self._connections: dict[int, object] = {}
        self._server = create_server(
            app,
            map=self._connections,
            sockets=[_listening(*listen)],
            threads=THREADS,
            max_request_body_size=MOST_BYTES,
            channel_timeout=SILENT_SECONDS,
            ident=None,
            log_socket_errors=False,
        )
        self._thread = threading.Thread(target=self._server.run, name="web", daemon=True)

    @property
    def address(self) -> str:
        """Where it listens: "127.0.0.1:8321"."""
        host, port = self._server.effective_host, self._server.effective_port
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Finish the answers under way, and listen no more."""
        self._server.task_dispatcher.shutdown(timeout=STOPPING_SECONDS)
        if self._thread.is_alive():
            # Its loop ends with the last connection; only the loop itself may close them.
            self._server.trigger.pull_trigger(self._close_all)
            self._thread.join(STOPPING_SECONDS)
        else:
            self._close_all()

    def _close_all(self) -> None:
        wasyncore.close_all(self._connections)


def _listening(host: str, port: int) -> socket.socket:
    """Return a socket that is bound. Raises ListenError, which says what to do."""
    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=128
        )
    except OSError as error:
        reason = (error.strerror or str(error)).partition(" (while")[0].lower()
        shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        raise ListenError(
            f"cannot listen at {shown}: {reason}; stop what listens there, or set "
            "another `web.listen` in feeds.yaml"
        ) from error
