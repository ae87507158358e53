"""An HTTP server on this machine for tests: it keeps what it was sent and answers as it is told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Sent:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Site:
    """The server's address, what it got, and what it answers."""

    url: str
    got: list[Sent] = field(default_factory=list)
    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    # Bytes of the body are sent this slowly, each.
    drip: float = 0.0


@contextmanager
def http_server() -> Iterator[Site]:
    """A server on 127.0.0.1 for as long as the context lasts."""
    stop = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            site.got.append(Sent(self.command, self.path, headers, self.rfile.read(length)))
            self.send_response(site.status)
            for name, value in site.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(site.body)))
            self.end_headers()
            if self.command == "HEAD":
                return
            for number in range(len(site.body)) if site.drip else ():
                self.wfile.write(site.body[number : number + 1])
                self.wfile.flush()
                if stop.wait(site.drip):
                    return
            if not site.drip:
                self.wfile.write(site.body)

        do_GET = do_HEAD = do_POST  # noqa: N815  the library's names

        def log_message(self, *_args: object) -> None:
            """Tests need no access log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site = Site(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        stop.set()
        server.shutdown()
        server.server_close()
        thread.join()
