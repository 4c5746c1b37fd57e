"""A real HTTP server on loopback that serves bytes and misbehaves when told to."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote


class Host:
    """What the server knows: bodies by path, and for each path how the next requests go.

    Ways: "good" (with Range), "plain" (the whole file whatever was asked), "slow", "cut" (closes after half),
    "stall" (sends half, then nothing until `go`), "corrupt" (other bytes of the same length), "longer",
    "endless" (a thousand times), "redirect", "elsewhere" (206 of another range), or a status such as "404".
    """

    def __init__(self) -> None:
        self.bodies: dict[str, bytes] = {}
        self.ways: dict[str, list[str]] = {}
        self.asked: list[tuple[str, str | None]] = []
        self.encodings: set[str | None] = set()
        self.sent = 0  # bytes of endless answers that left
        self.go = threading.Event()
        self.url = ""

    def way(self, path: str) -> str:
        """How this request goes; when no more are written down, well."""
        left = self.ways.get(path, [])
        return left.pop(0) if left else "good"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    host: Host

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        host, path = self.host, unquote(self.path)
        asked = self.headers.get("Range")
        host.asked.append((path, asked))
        host.encodings.add(self.headers.get("Accept-Encoding"))
        if path.startswith("/moved"):
            path = path.removeprefix("/moved")
        way = host.way(path)
        if way.isdigit() or path not in host.bodies:
            self.answer(int(way) if way.isdigit() else 404, b"no")
        elif way == "redirect":
            self.send_response(302)
            self.send_header("Location", f"/moved{self.path}")
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self.serve(host.bodies[path], way, asked)

    def serve(self, body: bytes, way: str, asked: str | None) -> None:
        start, status, headers = 0, 200, {}
        if asked and way != "plain":
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            if start >= len(body):
                self.answer(416, b"")
                return
            status, named = 206, start + 1 if way == "elsewhere" else start
            headers["Content-Range"] = f"bytes {named}-{len(body) - 1}/{len(body)}"
        if way == "corrupt":
            body = body[::-1]
        if way == "longer":
            body += body
        if way == "endless":
            self.flood(body)
            return
        self.answer(status, body[start:], headers, way)

    def flood(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(1000 * len(body)))
        self.end_headers()
        for _ in range(1000):
            self.wfile.write(body)
            self.host.sent += len(body)

    def answer(
        self, status: int, body: bytes, headers: dict[str, str] | None = None, way: str = "good"
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        half = len(body) // 2
        if way in ("cut", "stall"):
            self.wfile.write(body[:half])
            self.wfile.flush()
            if way == "stall":
                self.host.go.wait(30)
            self.close_connection = True
        elif way == "slow":
            for start in range(0, len(body), max(half // 5, 1)):
                self.wfile.write(body[start : start + max(half // 5, 1)])
                self.wfile.flush()
                time.sleep(0.01)
        else:
            self.wfile.write(body)


@contextmanager
def serving() -> Iterator[Host]:
    """A running server on a free port of 127.0.0.1."""
    host = Host()
    handler = type("Handler", (_Handler,), {"host": host})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients that go away are meant to
    server.daemon_threads = True
    host.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield host
    finally:
        host.go.set()
        server.shutdown()
        server.server_close()
        thread.join()
