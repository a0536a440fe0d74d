"""Every chore has one door: ``nox -s NAME``. Without a name: tests, lint and typing."""

import os
import sys
from pathlib import Path

import nox

nox.needs_version = ">=2024.10.9"
nox.options.sessions = ["tests", "lint", "typing"]
nox.options.reuse_existing_virtualenvs = True

#: The version whose options stand in tests/lean_cli/contract-1.0.230.json.
LEAN = "lean==1.0.230"
PROJECT = nox.project.load_toml("pyproject.toml")


def install(session: nox.Session, *groups: str) -> None:
    """Install leanfeed as it is in this folder, and the dependency groups named."""
    session.install("--quiet", "-e", ".", *nox.project.dependency_groups(PROJECT, *groups))


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests; arguments go to pytest (``nox -s tests -- -m slow`` for the slow ones)."""
    install(session, "tests")
    session.run("pytest", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and format with ruff, and the spelling."""
    session.install("--quiet", *nox.project.dependency_groups(PROJECT, "lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("codespell")


@nox.session
def typing(session: nox.Session) -> None:
    """Check types with mypy, strictly."""
    install(session, "typing")
    session.run("mypy", "leanfeed", *map(str, Path("plugins").glob("leanfeed_*")))
    session.run("mypy", "--explicit-package-bases", "-p", "benchmarks")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the pages into docs/_build, where a warning is an error, and run their examples."""
    install(session, "docs", "tests")
    session.run("sphinx-build", "-q", "-W", "--keep-going", "docs", "docs/_build")
    session.run("pytest", "docs", "tests/docs", *session.posargs)


@nox.session(default=False)
def pages(session: nox.Session) -> None:
    """Write anew what the pages take from the code: settings and commands."""
    install(session, "tests")
    session.run("python", "-m", "tests.generate.pages")


@nox.session(default=False)
def dev(session: nox.Session) -> None:
    """Make .venv, with leanfeed editable and every tool installed, for work by hand."""
    groups = nox.project.dependency_groups(PROJECT, "tests", "lint", "typing", "docs", "generate")
    session.run("python", "-m", "venv", ".venv", external=True)
    python = ".venv/Scripts/python" if sys.platform == "win32" else ".venv/bin/python"
    session.run(python, "-m", "pip", "install", "--quiet", "-e", ".", *groups, external=True)


@nox.session(name="lean-contract", default=False)
def lean_contract(session: nox.Session) -> None:
    """Meet the real Lean CLI, in an environment of its own, and stand-ins for all it speaks to."""
    install(session, "tests")
    environment = Path(session.virtualenv.location) / "lean"
    python, lean = environment / "bin/python", environment / "bin/lean"
    session.run("python", "-m", "venv", str(environment))
    session.run(str(python), "-m", "pip", "install", "--quiet", LEAN, external=True)
    session.run(str(python), "tests/lean_cli/real/modules_file.py", external=True)
    where = {"LEANFEED_LEAN_COMMAND": str(lean)}
    session.run("pytest", "tests/lean_cli/real", "-m", "slow", *session.posargs, env=where)


@nox.session(name="bench-cli", default=False)
def bench_cli(session: nox.Session) -> None:
    """Measure `polygon` against `lean-cli`: stand-ins, or live with RUN_POLYGON_BENCHMARKS=1."""
    install(session, "tests")
    is_live = os.environ.get("RUN_POLYGON_BENCHMARKS") == "1"
    command = ("leanfeed", "bench") if is_live else ("python", "-m", "benchmarks.native_vs_cli")
    session.run(*command, *session.posargs)


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Measure leanfeed beside other ways to get the same files; ``-- --full`` for everything.

    ``-- --flatfiles`` measures flat files instead; :mod:`benchmarks.flat_files` has its options.
    """
    if "--flatfiles" in session.posargs:
        install(session, "tests")
        others = [argument for argument in session.posargs if argument != "--flatfiles"]
        session.run("python", "-m", "benchmarks.flat_files", *others)
        return
    install(session, "bench")
    python = rivals(session, "competitors")
    session.run("python", "-m", "benchmarks.run", "--competitors", python, *session.posargs)


@nox.session(default=False)
def guard(session: nox.Session) -> None:
    """Fail when leanfeed has become slow, beside the provider's own client and by its stages."""
    install(session)
    python = rivals(session, "official-client")
    session.run("python", "-m", "benchmarks.guard", "--competitors", python)


def rivals(session: nox.Session, group: str) -> str:
    """The Python of an environment that has a group of dependencies, and not leanfeed."""
    environment = Path(session.virtualenv.location) / "competitors"
    python = environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not python.exists():
        session.run("python", "-m", "venv", str(environment))
    needed = nox.project.dependency_groups(PROJECT, group)
    session.run(str(python), "-m", "pip", "install", "--quiet", *needed, external=True)
    return str(python)


@nox.session(default=False)
def torture(session: nox.Session) -> None:
    """Kill it, starve it, lie to it, and count; LEANFEED_TORTURE=full does so for an hour."""
    install(session, "tests")
    session.run("python", "-m", "tests.torture.summary", *session.posargs)


@nox.session(default=False)
def mutation(session: nox.Session) -> None:
    """Change the code that writes LEAN's files, place by place; count what no test notices."""
    install(session, "tests", "mutation")
    settings = {"HYPOTHESIS_PROFILE": "mutation", "LEANFEED_KERNEL": "off"}
    session.run("mutmut", "run", *session.posargs, env=settings)
    session.run("python", "tests/generate/mutation.py")


@nox.session(default=False)
def live(session: nox.Session) -> None:
    """Ask the real Polygon API with your own key; needs RUN_POLYGON_LIVE_TESTS=1."""
    install(session, "tests")
    session.run("pytest", "tests/live", "-rs", *session.posargs)


@nox.session(default=False)
def calendar(session: nox.Session) -> None:
    """Make the shipped US equity calendar anew from exchange_calendars, and compare them."""
    install(session, "generate", "tests")
    session.run("python", "tests/generate/us_equity_hours.py")
    session.run("pytest", "tests/lean/test_market_hours.py", *session.posargs)


@nox.session(default=False)
def pictures(session: nox.Session) -> None:
    """Draw the pictures of the coverage page anew; needs Chromium."""
    install(session, "tests")
    session.run("python", "-m", "tests.generate.pictures")


@nox.session(default=False)
def demo(session: nox.Session) -> None:
    """Make the shipped synthetic recording anew."""
    install(session)
    session.run("python", "tests/generate/demo_recording.py")
