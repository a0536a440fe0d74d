from __future__ import annotations

import time

import pytest
from hypothesis import given, strategies as st

from leanfeed.errors import AuthenticationError, ContractError, SourceError
from leanfeed_polygon.refusals import (
    DatesRefusedError,
    NotEntitledError,
    PlanLimitError,
    not_included,
    quoting,
    summary,
)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Your plan doesn't include this data timeframe. Please upgrade", DatesRefusedError),
        ("Attempted to request today's data before end of day.", DatesRefusedError),
        ("This is historical data.", DatesRefusedError),
        ("You are not entitled to this data. Please upgrade", NotEntitledError),
        ("HTTP 403", NotEntitledError),
    ],
)
def test_the_provider_s_words_tell_dates_from_the_product(
    words: str, kind: type[SourceError]
) -> None:
    refused = not_included(words)
    assert type(refused) is kind
    assert words in str(refused)
    assert isinstance(refused, AuthenticationError) is (kind is NotEntitledError)


def test_several_failures_are_one_error() -> None:
    failures = [ContractError(f"Answer {i} is bad. Run again.") for i in range(3)]
    assert str(summary(failures[:1])) == "Answer 0 is bad. Run again."
    told = summary([*failures, PlanLimitError("The plan lacks a day.")])
    assert type(told) is ContractError
    assert str(told) == (
        "Answer 0 is bad. Run again. 2 more questions got no usable answer. The plan lacks a day."
    )


def test_what_ended_the_asking_comes_first() -> None:
    failures = [ContractError(f"Answer {i} is bad.") for i in range(2)]
    told = summary(failures, ended_by=AuthenticationError("The key is refused."))
    assert type(told) is AuthenticationError
    assert str(told) == (
        "The key is refused. Before that: Answer 0 is bad. 1 more question got no usable answer."
    )
    assert str(summary(failures[:1], ended_by=failures[0])) == "Answer 0 is bad."


_KEY = "aB3-_%x"


@pytest.mark.parametrize(
    "echo",
    [_KEY, _KEY.lower(), _KEY.upper(), "%61%42%33%2D%5f%25%78", "aB3-_%25x", "a B3-_%x",
     "aB3-\r\n_%x", "a\u200bB\u202e3-_%x", f"x{_KEY}{_KEY}y", "\x1b".join(_KEY)],
)  # fmt: skip
def test_a_key_is_found_however_a_server_echoes_it(echo: str) -> None:
    quote = quoting(_KEY)
    assert quote(f"no {echo} here") == f"no {echo and _hidden(echo)} here"


def _hidden(echo: str) -> str:
    return {f"x{_KEY}{_KEY}y": "x******y"}.get(echo, "***")


def test_words_that_only_resemble_the_key_stay() -> None:
    assert quoting(_KEY)("aB3-_%y aB3_-%x aB3-x_%x") == "aB3-_%y aB3_-%x aB3-x_%x"
    assert quoting("")("anything at all") == "anything at all"


@given(st.text())
def test_what_a_server_says_is_one_short_printable_line(said: str) -> None:
    shown = quoting(_KEY)(said)
    assert shown.isprintable()
    assert len(shown) <= 200


def test_words_of_1_mb_are_quoted_at_once() -> None:
    started = time.monotonic()
    for said in (_KEY[:-1] * 2**17, "a" * 2**20, "a\0" * 2**19, "%61" * 2**18):
        assert len(quoting(_KEY)(said)) == 200
    assert time.monotonic() - started < 3
