"""A stand-in for the Supervisor, as far as an app sees it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, override

TOKEN: Final = "shown to the Supervisor"  # noqa: S105


class FakeSupervisor:
    """Takes what an app announces, as the Supervisor does, on a port of loopback."""

    def __init__(self) -> None:
        """Listen; nothing is answered before start."""
        outer = self
        self.announcements: list[dict[str, Any]] = []
        self.told = threading.Event()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                shown = self.headers["Authorization"] == f"Bearer {TOKEN}"
                known = self.path == "/discovery" and shown
                answer = json.dumps({"result": "ok", "data": {"uuid": "0"}}).encode()
                self.send_response(200 if known else 403)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
                if known:
                    outer.announcements.append(json.loads(body))
                    outer.told.set()

            @override
            def log_message(self, format: str, *args: object) -> None:
                """Say nothing of each request."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def environment(self) -> dict[str, str]:
        """Return what an app is given so that it finds this."""
        port = self._server.server_address[1]
        return {"SUPERVISOR": f"127.0.0.1:{port}", "SUPERVISOR_TOKEN": TOKEN}

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Answer while the context lasts."""
        self._thread.start()
        try:
            yield
        finally:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
