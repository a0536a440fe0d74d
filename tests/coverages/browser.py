"""A real Chromium, spoken to over a pipe in the DevTools protocol: no port, and no library."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from attrs import define, field

__all__ = ["Page", "chromium"]

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
#: The program reads commands from 3 and writes answers to 4.
_PLACED = """
import fcntl, os, sys
high = [fcntl.fcntl(int(number), fcntl.F_DUPFD, 10) for number in sys.argv[1:3]]
os.dup2(high[0], 3)
os.dup2(high[1], 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
#: Read before a test hides the environment.
_IS_NEEDED = bool(os.environ.get("LEANFEED_NEEDS_CHROMIUM"))
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--remote-debugging-pipe",
)


@define
class Page:
    """One tab. What it complains about is kept."""

    _commands: int
    _answers: Any
    session: str = ""
    #: Errors of scripts, of the console and of the network.
    complaints: list[str] = field(factory=list)
    #: Addresses that it asked for.
    asked: list[str] = field(factory=list)
    _count: int = 0
    _events: list[dict[str, Any]] = field(factory=list)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send one command, and wait for its answer."""
        self._count += 1
        command = {"id": self._count, "method": method, "params": parameters}
        if self.session:
            command["sessionId"] = self.session
        os.write(self._commands, json.dumps(command).encode() + b"\0")
        while True:
            message = self._message()
            if message.get("id") == self._count:
                if "error" in message:
                    raise AssertionError(f"{method}: {message['error']['message']}")
                return dict(message["result"])

    def wait_for(self, method: str) -> dict[str, Any]:
        """The next event of that name, or the one that has come."""
        while True:
            for event in self._events:
                if event["method"] == method:
                    self._events.remove(event)
                    return dict(event["params"])
            self._message()

    def run(self, script: str) -> Any:
        """The value of an expression, awaited."""
        answer = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"]["exception"]["description"])
        return answer["result"].get("value")

    def open(self, path: Path) -> None:
        """Load a file, until its script is ready."""
        self._events.clear()
        self.call("Page.navigate", url=path.absolute().as_uri())
        self.wait_for("Page.loadEventFired")
        self.run(
            "new Promise(done => { const wait = () => "
            "document.documentElement.dataset.ready ? done() : setTimeout(wait, 5); wait(); })"
        )

    def press(self, *keys: str) -> None:
        """Press keys, one after the other, as a person would."""
        for key in keys:
            for kind in ("keyDown", "keyUp"):
                code = {"Tab": 9, "Enter": 13}.get(key, 0)
                text = {"text": key} if len(key) == 1 and kind == "keyDown" else {}
                self.call(
                    "Input.dispatchKeyEvent",
                    type=kind,
                    key=key,
                    code=key,
                    windowsVirtualKeyCode=code,
                    **text,
                )

    def click(self, x: float, y: float) -> None:
        """Click there."""
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def emulate(self, *, media: str = "", dark: bool = False) -> None:
        """Print or screen, light or dark."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", media=media, features=[scheme])

    def size(self, width: int, height: int) -> None:
        """The size of the window."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def picture(self) -> bytes:
        """The window as PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])

    def _message(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self._read())
        match message.get("method"):
            case "Runtime.exceptionThrown":
                self.complaints.append(str(message["params"]["exceptionDetails"]))
            case "Runtime.consoleAPICalled":
                self.complaints.append(str(message["params"]["args"]))
            case "Log.entryAdded":
                self.complaints.append(message["params"]["entry"]["text"])
            case "Network.requestWillBeSent":
                self.asked.append(message["params"]["request"]["url"])
            case str():
                self._events.append(message)
        return message

    def _read(self) -> bytes:
        found = bytearray()
        while (byte := self._answers.read(1)) != b"\0":
            if not byte:
                raise AssertionError("Chromium has ended.")
            found += byte
        return bytes(found)


@contextmanager
def chromium() -> Iterator[Page]:
    """A tab of a browser that has never been used."""
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        if _IS_NEEDED:
            pytest.fail("Chromium is not installed, and LEANFEED_NEEDS_CHROMIUM is set")
        pytest.skip("Chromium is not installed: apt-get install chromium")
    commands, to = os.pipe()
    answers, back = os.pipe()
    with TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [
                *(sys.executable, "-c", _PLACED, str(commands), str(back)),
                *(program, *_FLAGS, f"--user-data-dir={profile}", "about:blank"),
            ],
            pass_fds=(commands, back),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(commands)
        os.close(back)
        try:
            with os.fdopen(answers, "rb") as reader:
                page = Page(to, reader)
                target = page.call("Target.createTarget", url="about:blank")["targetId"]
                page.session = page.call("Target.attachToTarget", targetId=target, flatten=True)[
                    "sessionId"
                ]
                for domain in ("Page", "Runtime", "Log", "Network"):
                    page.call(f"{domain}.enable")
                yield page
        finally:
            process.terminate()
            process.wait(20)
            os.close(to)
