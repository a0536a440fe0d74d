"""A stand-in for the Lean CLI: refuses what the real one refuses, and plays every way it can end.

Run as a program. ``play.json`` in the folder named by its first argument says what happens, and
``calls.jsonl`` there keeps what it was called with. It needs nothing but the standard library.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import textwrap
import time
from pathlib import Path
from typing import Any, NoReturn

sys.path.insert(0, str(Path(__file__).parent))

import fake_container

CONTRACT = Path(__file__).with_name("contract-1.0.230.json")
#: The real one asks for each of these that is not given.
PROMPTS = {
    "data_provider_historical": "Select a historical data provider",
    "data_type": "Select a Data type",
    "resolution": "Select a Resolution",
    "security_type": "Select a Ticker's security type",
    "market": "Select a Market",
    "ticker": "Enter comma separated list of tickers",
    "start": "Please enter a Start Date",
    "end": "Please enter a End Date",
    "polygon_license_type": "License type (Individual, Business)",
}
#: How it can fail before there is a container: what it says. All go to standard output, exit 1.
FAILURES = {
    "no workspace": "Error: This command requires a Lean configuration file, run `lean init` in an "
    "empty directory to create one, or specify the file to use with --lean-config",
    "bad choice": "Error: Invalid value for '--resolution': 'Hourly' is not one of 'Tick', 'Hour'.",
    "old folder": "Error: This is an old Lean CLI root folder. Please run `lean init`.",
    "no data-folder": "Error: 'data-folder'",
    "broken lean.json": 'Error: <string>:1 Unexpected "k" at column 3',
    "no network": "Error: It looks like you don't have an internet connection, please check it",
    "not logged in": "Error: Invalid credentials, please log in using `lean login`",
    "unknown user": "Error: UserID not valid",
    "no docker": "Error: Please make sure Docker is installed and running",
    "no image": "Error: 404 Client Error for http+docker://localhost/v1.45/images/x/json: "
    'Not Found ("No such image: quantconnect/lean:latest")',
    "pull failed": "Error: Something went wrong while pulling quantconnect/lean:latest",
    "no module": "Error: Module subscription not found, please update your preferences in "
    "www.quantconnect.com/pricing",
    "start after end": "Error: Historical start date cannot be greater than or equal to historical "
    "end date.",
    "bad date": "Error: '2024' does not match the yyyyMMdd format.",
    "unsupported": "Error: The Polygon data provider does not support Tick.",
    "prompt": "Select an option\n1) A\n2) B\nEnter an option: \nAborted!",
}
AFTERTHOUGHT = (
    "Visit https://www.lean.io/docs/v2/lean-cli for more information\n"
    "A new release of the Lean CLI is available (1.0.230 -> 1.0.231)"
)


def say(text: str) -> None:
    """Print as rich does: wrapped at 80 columns unless the environment says otherwise."""
    width = int(os.environ.get("COLUMNS") or 80)
    for line in text.split("\n"):
        sys.stdout.write("\n".join(textwrap.wrap(line, width) or [""]) + "\n")
    sys.stdout.flush()


def fail(text: str) -> NoReturn:
    say(text)
    sys.exit(1)


def parse(arguments: list[str]) -> dict[str, Any]:
    """Like click with ``ignore_unknown_options``: what nobody knows is passed over in silence."""
    options = {
        name: option
        for option in json.loads(CONTRACT.read_text())["options"]
        for name in option["opts"]
    }
    given: dict[str, Any] = {}
    words = iter(arguments)
    for word in words:
        option = options.get(word)
        if option is None:
            continue
        value: Any = True if option["flag"] else next(words)
        if option["choices"] and value.lower() not in [c.lower() for c in option["choices"]]:
            fail(f"Error: Invalid value for '{word}': '{value}' is not one of {option['choices']}.")
        given[option["name"]] = value
    return given


def keep(home: Path, **facts: Any) -> None:
    """Remember how it was called."""
    with (home / "calls.jsonl").open("a") as file:
        file.write(json.dumps(facts) + "\n")


def start_container(staging: Path) -> None:
    """Ask Docker for a container that works in the staging folder, as the real one does."""
    import http.client  # late, with `socket`: it takes as long as all else
    import socket

    connection = http.client.HTTPConnection("docker")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(os.environ["DOCKER_HOST"].removeprefix("unix://"))
    settings = {"HostConfig": {"Binds": [f"{staging}:/Lean/Data:rw"]}}
    connection.request("POST", "/containers/create?name=lean_cli_1", json.dumps(settings))
    made = json.loads(connection.getresponse().read())
    connection.request("POST", f"/containers/{made['Id']}/start")
    connection.getresponse().read()


def endure(play: dict[str, Any], folder: Path, staging: Path) -> None:
    """Outcomes that are told by how long they take."""
    outcome = play["outcome"]
    if outcome == "abort while the container starts":
        start_container(staging)
        (folder / "hangs").touch()
        try:
            time.sleep(60)
        except KeyboardInterrupt:
            fail("Aborted!")
    if outcome == "hear the second":
        heard: list[float] = []
        signal.signal(signal.SIGINT, lambda *_: heard.append(time.monotonic()))
        (folder / "hangs").touch()
        while len(heard) < 2:
            time.sleep(0.01)
        (folder / "between").write_text(str(heard[1] - heard[0]))
        sys.exit(1)
    if outcome in ("hang", "deaf", "leave a child"):
        if outcome == "leave a child" and os.fork() == 0:
            time.sleep(60)

        def interrupted(*_: object) -> None:
            (folder / "interrupted").touch()
            if outcome != "deaf":
                sys.exit(1)

        signal.signal(signal.SIGINT, interrupted)
        say(play.get("text", "Waiting"))
        (folder / "hangs").touch()
        for _ in range(3000):  # a minute, should nobody end it
            time.sleep(0.02)
    if outcome == "forget a child" and os.fork() == 0:
        time.sleep(60)
    if outcome == "flood":
        line = b"20250926 13:11:24.649 TRACE:: " + b"x" * 200 + b"\n"
        for _ in range(90_000_000 // (1000 * len(line))):
            sys.stdout.buffer.write(line * 1000)
    if outcome == "one endless line":
        for _ in range(90):
            sys.stdout.buffer.write(b"y" * 1_000_000)
    if outcome == "slow":
        for number in range(5):
            say(f"line {number}")
            time.sleep(0.05)
    if outcome == "echo":
        say(play["text"])


def main() -> None:
    folder, *arguments = sys.argv[1:]
    home = Path(folder)
    play = {"outcome": "ok", "tickers": {}} | json.loads((home / "play.json").read_text())
    if arguments == ["--version"]:  # of those that have modules ./fakes.py tells it
        sys.stderr.write(
            "Traceback (most recent call last):\n"
            "FileNotFoundError: Modules json not found, please check your internet connection\n"
        )
        sys.exit(1)
    if arguments[:2] != ["data", "download"]:
        fail(f"Error: No such command '{arguments[:1]}'.")
    given = parse(arguments[2:])
    lean_json = Path(given.get("lean_config", "lean.json"))
    config = json.loads(lean_json.read_text())
    staging = Path(config["data-folder"])
    keep(
        home,
        argv=sys.argv,
        environment=dict(os.environ),
        folder=str(Path.cwd()),
        modes=[oct(path.stat().st_mode & 0o777) for path in (lean_json.parent, lean_json)],
        lean_json=config,
        stdin=sys.stdin.read(),
        staged=sorted(str(path.relative_to(staging)) for path in staging.rglob("*")),
    )
    # It takes what the file says for an option that was not given.
    known = given | {"polygon_api_key": config.get("polygon-api-key")}
    for name, question in PROMPTS.items():
        if not known.get(name):
            fail(f"{question}: \nAborted!")
    if not known["polygon_api_key"]:
        fail("Your Polygon API Key: \nAborted!")
    endure(play, home, staging)
    if play["outcome"] in FAILURES:
        fail(f"{FAILURES[play['outcome']]}\n{AFTERTHOUGHT}")
    # As the real one does: comments are gone, and the mode is that of any file.
    lean_json.write_text(json.dumps(config, indent=4))
    fake_container.run(given, config, play, say)
    if play["outcome"] == "killed":
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
