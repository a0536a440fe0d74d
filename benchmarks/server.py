"""The provider as a process of its own: prepared pages over lasting connections, after a latency.

    python -m benchmarks.server

It prints its address, then obeys one JSON line after another on standard input, with one JSON line
each on standard output, and ends with its input. See :mod:`benchmarks.provider` for its other end.
"""

from __future__ import annotations

import json
import socketserver
import sys
import threading
import time
from typing import Any

from benchmarks.jobs import SPANS
from benchmarks.pages import Pages

__all__ = ["Server"]


class Server(socketserver.ThreadingTCPServer):
    """Answers each request after `latency` seconds; a thread for each connection."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.pages = Pages(SPANS, self.url)
        self.latency = 0.0
        self.requests = 0
        self.bytes = 0
        self._lock = threading.Lock()

    def count(self, size: int) -> None:
        """Take note of an answer."""
        with self._lock:
            self.requests += 1
            self.bytes += size

    def begin(self, latency: float) -> dict[str, Any]:
        """Start to count anew."""
        self.latency, self.requests, self.bytes, self.pages.made = latency, 0, 0, 0
        return self.counts()

    def counts(self) -> dict[str, Any]:
        """What happened since :meth:`begin`; the processor's seconds are those of the process."""
        return {
            "requests": self.requests,
            "bytes": self.bytes,
            "made": self.pages.made,
            "cpu": time.process_time(),
        }


class _Connection(socketserver.StreamRequestHandler):
    server: Server
    disable_nagle_algorithm = True

    def handle(self) -> None:
        try:
            while line := self.rfile.readline(65_536):
                while self.rfile.readline(65_536) not in (b"\r\n", b"\n", b""):
                    pass
                answer = self.server.pages.answer(line.split()[1].decode())
                self.server.count(len(answer))
                if self.server.latency:
                    time.sleep(self.server.latency)
                self.connection.sendall(answer)
        except OSError:
            pass  # the client is gone


def main() -> None:
    """Serve until standard input ends."""
    with Server() as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        _say({"url": server.url})
        for line in sys.stdin:
            command = json.loads(line)
            _say(server.begin(command["latency"]) if "latency" in command else server.counts())
        server.shutdown()


def _say(facts: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
