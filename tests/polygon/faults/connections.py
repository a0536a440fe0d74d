"""What a server can do to a connection, below HTTP and in its headers."""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Callable, Iterable

from attrs import evolve

from tests.polygon.faults.kind import HARMLESS, TRANSIENT, Kind, Scene
from tests.polygon.replies import Reply

__all__ = ["CONNECTIONS", "raw"]

#: A try ends so soon that five of them are bearable.
_SOON = {"DEADLINE": "0.4"}
_HANG = 1.0
_END = b"\r\n\r\n"


def raw(send: Callable[[socket.socket, bytes], None]) -> Callable[[Scene], Reply]:
    """A fault that is given the connection and the honest answer as it would be sent."""

    def commit(scene: Scene) -> Reply:
        answer = _message(scene.honest)
        return Reply(take_over=lambda connection: send(connection, answer))

    return commit


def _message(reply: Reply) -> bytes:
    headers = {**reply.headers, "Content-Length": str(len(reply.body))}
    lines = ["HTTP/1.1 200 OK", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode() + _END + reply.body


def _sent(edit: Callable[[bytes], bytes]) -> Callable[[Scene], Reply]:
    """The answer with other bytes, and then the end of the connection."""
    return raw(lambda connection, answer: connection.sendall(edit(answer)))


def _first_line(line: bytes) -> Callable[[Scene], Reply]:
    return _sent(lambda answer: line + answer[answer.index(b"\r\n") :])


def _headers(*lines: bytes) -> Callable[[Scene], Reply]:
    return _sent(lambda answer: answer.replace(b"\r\n", b"\r\n" + b"".join(lines), 1))


def _length(value: Callable[[int], object]) -> Callable[[Scene], Reply]:
    """Another Content-Length, or none."""

    def edit(answer: bytes) -> bytes:
        head, _, body = answer.partition(_END)
        name = b"\r\nContent-Length: "
        line = value(len(body))
        other = b"" if line is None else name + str(line).encode()
        return head[: head.index(name)] + other + _END + body

    return _sent(edit)


def _chunked(
    *ends: bytes, size: Callable[[int], bytes] = b"%x".__mod__
) -> Callable[[Scene], Reply]:
    def edit(answer: bytes) -> bytes:
        head, _, body = answer.partition(_END)
        head = head[: head.index(b"\r\nContent-Length")] + b"\r\nTransfer-Encoding: chunked"
        half = len(body) // 2
        parts = (size(len(part)) + b"\r\n" + part + b"\r\n" for part in (body[:half], body[half:]))
        return head + _END + b"".join((*parts, *ends))

    return _sent(edit)


def _reset_after(share: float) -> Callable[[Scene], Reply]:
    def send(connection: socket.socket, answer: bytes) -> None:
        connection.sendall(answer[: int(share * len(answer))])
        if share:
            time.sleep(0.02)  # a reset throws away what was not read yet
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(connection.detach())

    return raw(send)


def _hangs_at(place: Callable[[bytes], int]) -> Callable[[Scene], Reply]:
    def send(connection: socket.socket, answer: bytes) -> None:
        connection.sendall(answer[: place(answer)])
        time.sleep(_HANG)

    return raw(send)


def _drips_from(place: Callable[[bytes], int]) -> Callable[[Scene], Reply]:
    """One byte after the other, each long before a read would time out."""

    def send(connection: socket.socket, answer: bytes) -> None:
        at = place(answer)
        connection.sendall(answer[:at])
        for byte in _until_late(answer[at:]):
            connection.sendall(bytes([byte]))

    return raw(send)


def _until_late(body: bytes) -> Iterable[int]:
    ends = time.monotonic() + _HANG
    for byte in body:
        if time.monotonic() > ends:
            return
        yield byte
        time.sleep(0.02)


def _half_closed(connection: socket.socket, answer: bytes) -> None:
    connection.sendall(answer[: len(answer) // 2])
    connection.shutdown(socket.SHUT_WR)
    time.sleep(0.05)


def _body_at(answer: bytes) -> int:
    return answer.index(_END) + len(_END)


def _cut_json(scene: Scene) -> Reply:
    half = scene.body[: len(scene.body) // 2]
    return Reply(take_over=lambda connection: connection.sendall(b"HTTP/1.1 200 OK" + _END + half))


CONNECTIONS = (
    Kind("reset before the status line", _reset_after(0), TRANSIENT),
    Kind("reset in the headers", _reset_after(0.01), TRANSIENT),
    Kind("reset in the body", _reset_after(0.7), TRANSIENT),
    Kind("closed before the status line", Reply(drop_after=-1), TRANSIENT),
    Kind("closed in the status line", _sent(lambda answer: answer[:7]), TRANSIENT),
    Kind("closed in the headers", _sent(lambda answer: answer[:30]), TRANSIENT),
    Kind("closed in the body", lambda scene: evolve(scene.honest, drop_after=100), TRANSIENT),
    Kind("half closed in the body", raw(_half_closed), TRANSIENT),
    Kind("closed after a whole answer, unannounced", _sent(bytes), HARMLESS),
    Kind("a hang before the status line", _hangs_at(lambda _: 0), TRANSIENT, settings=_SOON),
    Kind("a hang in the headers", _hangs_at(lambda _: 30), TRANSIENT, settings=_SOON),
    Kind("a hang after the headers", _hangs_at(_body_at), TRANSIENT, settings=_SOON),
    Kind("a hang before the last byte", _hangs_at(lambda a: len(a) - 1), TRANSIENT, settings=_SOON),
    Kind("headers in drips", _drips_from(lambda _: 0), TRANSIENT, settings=_SOON),
    Kind("a body in drips", _drips_from(_body_at), TRANSIENT, settings=_SOON),
    Kind("a status line of another protocol", _first_line(b"SSH-2.0-OpenSSH_9.6"), TRANSIENT),
    Kind("a status line without a number", _first_line(b"HTTP/1.1 OK"), TRANSIENT),
    Kind("a status line without words", _first_line(b"HTTP/1.1 200"), HARMLESS),
    Kind("a body without status and headers", _sent(lambda a: a[_body_at(a) :]), TRANSIENT),
    Kind("TLS where plain text belongs", _sent(lambda _: b"\x15\x03\x03\0\x02\x02\x46"), TRANSIENT),
    Kind("an interim answer first", _sent(lambda a: b"HTTP/1.1 100 Continue" + _END + a), HARMLESS),
    Kind("the old HTTP/1.0", _first_line(b"HTTP/1.0 200 OK"), HARMLESS),
    Kind("a header of 1 MB", _headers(b"X-Long: " + b"x" * 2**20 + b"\r\n"), TRANSIENT),
    Kind("500 headers", _headers(*(b"X-%d: x\r\n" % n for n in range(500))), TRANSIENT),
    Kind("a Content-Length too large", _length(lambda size: size + 9), TRANSIENT),
    Kind("a Content-Length too small", _length(lambda size: size - 9), TRANSIENT),
    Kind("a Content-Length of 0", _length(lambda _: 0), TRANSIENT),
    Kind("a negative Content-Length", _length(lambda _: -1), HARMLESS),
    Kind("a Content-Length that is no number", _length(lambda _: "many"), HARMLESS),
    Kind("no Content-Length", _length(lambda _: None), HARMLESS),
    Kind("no Content-Length, and half a body of JSON", _cut_json, TRANSIENT),
    Kind("a body in chunks", _chunked(b"0", _END), HARMLESS),
    Kind("chunks without an end", _chunked(), TRANSIENT),
    Kind("a chunk whose size is no number", _chunked(size=lambda _: b"xyz"), TRANSIENT),
    Kind("a chunk of 16 EB", _chunked(size=lambda _: b"f" * 16), TRANSIENT),
    Kind(
        "a second answer behind the first, without bars",
        _sent(lambda a: a + b'HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{"status":"OK"}'),
        HARMLESS,
    ),
)
