"""A secret is shown by nothing: text, traceback, pickle, JSON, log."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import traceback
from pathlib import Path
from typing import Any

import attrs
import pytest
from attrs import frozen
from click.testing import CliRunner

from leanfeed import AuthenticationError, ConfigurationError, Secret, registry
from leanfeed.cli import cli
from leanfeed.config import load
from leanfeed.interfaces import setting
from leanfeed.logs import redacting_logs
from leanfeed.redaction import Redactor, secrets_in
from leanfeed.registry import Offer
from leanfeed.secret import Concealed

KEY = "hush-hush/1+2"


@frozen
class Provider:
    """Its settings fail in the worst way: they quote the key."""

    api_key: Secret = setting(default="", help="the key", env=("PROVIDER_KEY",), secret=True)
    mood: str = setting(default="", help="good or bad")

    def __attrs_post_init__(self) -> None:
        if self.mood == "bad":
            raise ConfigurationError(f"I do not like {self.api_key.reveal()}: change it.")
        if self.mood == "worse":
            raise ValueError(self.api_key.reveal())


def chain(error: BaseException | None) -> list[BaseException]:
    """The error and all that led to it."""
    found: list[BaseException] = []
    while error is not None:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def everything(error: BaseException) -> str:
    """All that can be printed of an error, the variables of its frames included."""
    texts = [f"{e} {e!r} {e.__dict__}" for e in chain(error)]
    for e in chain(error):
        shown = traceback.TracebackException.from_exception(e, capture_locals=True)
        texts += shown.format()
    return "\n".join(texts)


def test_a_secret_is_masked_and_compared() -> None:
    secret = Secret(KEY)
    assert secret.reveal() == KEY
    assert f"{secret} {secret!r} {[secret]}" == "*** Secret('***') [Secret('***')]"
    assert secret == Secret(KEY)
    assert secret != Secret("other")
    assert secret != KEY
    assert len({secret, Secret(KEY), Secret()}) == 2
    assert (bool(secret), bool(Secret()), str(Secret())) == (True, False, "")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    "holder",
    [
        Secret(KEY),
        Provider(api_key=Secret(KEY)),
        Concealed({"KEY": KEY}),
        Redactor([Secret(KEY)]),
        load(folder=Path("/"), environment={"PROVIDER_KEY": KEY}),
    ],
    ids=lambda holder: type(holder).__name__,
)
def test_nothing_that_holds_a_secret_is_pickled_or_shown(holder: object, protocol: int) -> None:
    with pytest.raises(TypeError):
        pickle.dumps(holder, protocol)
    with pytest.raises(TypeError):
        copy.deepcopy(holder)
    assert KEY not in repr(holder) + str(holder)


def test_a_source_given_text_keeps_a_secret() -> None:
    text: Any = KEY
    provider = Provider(api_key=text)
    assert provider == Provider(api_key=Secret(KEY))
    shown = [provider, attrs.asdict(provider), attrs.astuple(provider)]
    assert KEY not in repr(shown)
    with pytest.raises(TypeError):
        json.dumps(attrs.asdict(provider))


def test_a_converter_is_given_text() -> None:
    @frozen
    class Source:
        token: Secret = setting(default=None, help="", secret=True, converter=lambda t: t and t[1:])
        ready: Secret = setting(default="x", help="", secret=True, converter=Secret)

    assert Source(token=Secret("abc")).token == Secret("bc")
    assert Source() == Source(token=Secret(""), ready=Secret("x"))


@pytest.mark.parametrize("mood", ["bad", "worse"])
def test_a_plugin_that_quotes_its_key_does_not_show_it(tmp_path: Path, mood: str) -> None:
    (tmp_path / "leanfeed.toml").write_text(f'[source.mine]\napi_key = "{KEY}"\nmood = "{mood}"')
    settings = load(folder=tmp_path, environment={"PROVIDER_KEY": KEY})
    with pytest.raises(ConfigurationError, match="does not accept its settings") as caught:
        settings.build("source", "mine", Provider)
    assert KEY not in everything(caught.value) + repr(settings)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("leanfeed.toml", '[source.mine]\napi_key = "KEY"\nmod = "bad"'),
        ("leanfeed.toml", '[source.mine]\napi_key = "KEY\\u0000"'),
        ("leanfeed.toml", '[source.mine]\napi_key = ["KEY"]'),
        ("leanfeed.toml", 'sources = []\n[source.mine]\napi_key = "KEY"'),
        ("leanfeed.toml", '[source.mine]\napi_key = "KEY"\napi_key = "again"'),
        ("leanfeed.toml", '[source]\napi_key = "KEY"'),
        ("leanfeed.toml", '[sorce.mine]\napi_key = "KEY"'),
        ("lean.json", '{"provider-key": "KEY", }}'),
        ("lean.json", '["KEY"]'),
        ("lean.json", '{"provider-key": "KEY", "data-folder": 5}'),
    ],
)
def test_a_mistake_beside_a_key_does_not_show_it(tmp_path: Path, file: str, text: str) -> None:
    (tmp_path / file).write_text(text.replace("KEY", KEY))
    with pytest.raises(ConfigurationError) as caught:
        load(folder=tmp_path, environment={"OTHER": KEY}).values("source", "mine", Provider)
    # The frame of this test has `text`, without the key.
    assert KEY not in everything(caught.value)


def test_a_wrong_switch_does_not_show_the_environment(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(
            folder=tmp_path,
            environment={"PROVIDER_KEY": KEY, "USE_POLYGON_NATIVE_DOWNLOADER": "maybe"},
        )
    assert KEY not in everything(caught.value)


def test_the_command_shows_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    found = registry.installed()
    offers = {"mine": Offer("mine", Provider, "mine", "test", "1")}
    monkeypatch.setattr(registry, "installed", lambda: attrs.evolve(found, sources=offers))
    monkeypatch.setenv("PROVIDER_KEY", KEY)
    monkeypatch.setenv("LEANFEED_MINE_MOOD", KEY)
    for arguments in (["config", "show"], ["config", "show", "--json"], ["doctor"], ["sources"]):
        options = [] if arguments == ["sources"] else ["--sources", "mine"]
        result = CliRunner().invoke(cli, [*arguments, *options, "-v"])
        assert "mine" in result.output
        assert KEY not in result.output, arguments


def test_a_plugin_gets_its_own_secrets_only(tmp_path: Path) -> None:
    (tmp_path / "leanfeed.toml").write_text('[source.a]\napi_key = "of a"\n[source.b]\n')
    settings = load(folder=tmp_path, environment={"LEANFEED_B_API_KEY": "of b", "HOME": KEY})
    given: dict[str, dict[str, Any]] = {}

    def factory(**values: Any) -> dict[str, Any]:
        return values

    for name in ("a", "b"):
        given[name] = settings.build("source", name, factory)
    assert given == {"a": {"api_key": "of a"}, "b": {}}
    assert settings.build("source", "b", Provider).api_key == Secret("of b")
    assert settings.secrets("source", "a", Provider) == (Secret("of a"),)


def test_secrets_are_found_in_ready_sources() -> None:
    assert secrets_in(Provider(api_key=Secret("a")), object(), 5) == (Secret("a"),)


def test_logs_are_redacted_while_it_lasts(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("leanfeed")
    caplog.set_level(logging.DEBUG, "leanfeed")
    with redacting_logs(Redactor([Secret(KEY)])):
        logger.debug("asks with %s", KEY)
        logger.info({"key": KEY})
        logger.warning("no secret", extra={"told": f"it is {KEY}"}, stack_info=True)
        try:
            raise AuthenticationError(f"{KEY} is refused")
        except AuthenticationError:
            logger.exception("failed")
        logger.error("%d is no number, says %s", KEY, KEY)
        logger.info("%s sessions", 5)
    assert caplog.records[-1].args == (5,)
    assert "AuthenticationError: *** is refused" in caplog.text
    assert KEY not in caplog.text + "".join(repr(vars(record)) for record in caplog.records)
    logger.debug(KEY)
    assert KEY in caplog.records[-1].getMessage()
