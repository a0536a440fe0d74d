from __future__ import annotations

import pytest

from leanfeed.errors import AuthenticationError, ContractError, SourceError
from leanfeed_polygon.refusals import (
    DatesRefusedError,
    NotEntitledError,
    PlanLimitError,
    not_included,
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
        "Answer 0 is bad. Run again. 2 more answers could not be used. The plan lacks a day."
    )
