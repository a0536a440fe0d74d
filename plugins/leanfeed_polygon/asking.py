"""Asks many questions in several threads, within the limits of a plan, and keeps their order."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import closing
from time import monotonic
from typing import TYPE_CHECKING

from leanfeed.errors import ContractError, UnavailableError
from leanfeed.flight import in_order
from leanfeed_polygon.answers import Answer
from leanfeed_polygon.downloads import Outcome
from leanfeed_polygon.grouped import MarketQuestion, ask_market
from leanfeed_polygon.pages import ask
from leanfeed_polygon.plan_limits import AnyQuestion, PlanLimits
from leanfeed_polygon.refusals import QuestionRefusedError, UnreachableError

if TYPE_CHECKING:
    from leanfeed_polygon.client import Client

__all__ = ["outcomes", "send"]

#: The provider is down after so many unanswered questions, each without any answer meanwhile.
_PATIENCE = 3


def send(client: Client, question: AnyQuestion) -> Answer:
    """Ask either kind of question.

    Raises:
        SourceError: see :func:`ask` and :func:`ask_market`.
    """
    if isinstance(question, MarketQuestion):
        return ask_market(client, question)
    return ask(client, question)


def outcomes(
    limits: PlanLimits, questions: Iterable[AnyQuestion], *, threads: int
) -> Generator[Outcome, None, None]:
    """One outcome for each question, in order.

    An answer that cannot be trusted, a question that is refused, and one that is not answered after
    all tries are outcomes: they cost their own sessions only.

    Raises:
        SourceError: the provider cannot be asked any more.
    """
    refused: list[QuestionRefusedError] = []
    answered_at, unanswered = monotonic(), 0

    def work(question: AnyQuestion) -> Outcome:
        nonlocal answered_at, unanswered
        is_market = isinstance(question, MarketQuestion)
        if is_market and refused:
            return refused[0]  # whole days are not to be had
        asked_at = monotonic()
        try:
            outcome = limits.ask(question)
        except UnreachableError:
            raise
        except (ContractError, QuestionRefusedError, UnavailableError) as error:
            error.__context__ = None  # its frames would keep the page in memory
            if is_market and isinstance(error, QuestionRefusedError):
                refused.append(error)
            if isinstance(error, UnavailableError):
                unanswered = unanswered + 1 if answered_at < asked_at else 0
                if unanswered >= _PATIENCE:
                    raise
            return error.with_traceback(None)
        answered_at, unanswered = monotonic(), 0
        return outcome

    with closing(in_order(work, questions, threads=threads, name="leanfeed-polygon")) as found:
        for outcome in found:
            yield limits.believed(outcome) if isinstance(outcome, Answer) else outcome
