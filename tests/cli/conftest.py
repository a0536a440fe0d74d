"""What the tests of the command line share."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

import pytest
from click.testing import CliRunner, Result

from leanfeed.cli import cli
from leanfeed.plans import Plan, SeriesPlan
from leanfeed.request import Request
from tests.cli.fake_pipeline import DAY, SESSION, SPY, WINDOW, FakePipeline, make_report


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch) -> FakePipeline:
    """Stands in for :mod:`leanfeed.pipeline`; all is complete unless a test says otherwise."""
    request = Request((SPY.symbol,), (SPY.resolution,), DAY)
    plan = Plan(request, WINDOW, WINDOW, (SeriesPlan(SPY, missing=(SESSION,)),))
    fake = FakePipeline(make_report(), plan)
    monkeypatch.setattr("leanfeed.pipeline.ensure", fake.ensure)
    monkeypatch.setattr("leanfeed.pipeline.plan", fake.plan)
    return fake


@pytest.fixture
def run() -> Callable[..., Result]:
    """Run the command in this process; standard output and standard error are kept apart."""

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(cli, arguments, prog_name="leanfeed")

    return run


@pytest.fixture(scope="session")
def installed_version() -> str:
    """The version of the distribution: plugins are found only when it is installed."""
    try:
        return version("leanfeed")
    except PackageNotFoundError:
        pytest.skip("leanfeed is not installed: install it, in editable form if you like")
