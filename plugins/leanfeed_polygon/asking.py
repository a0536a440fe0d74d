"""Asks many questions in several threads, within the limits of a plan, and keeps their order."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import closing
from typing import TYPE_CHECKING

from leanfeed.errors import ContractError
from leanfeed_polygon.answers import Answer
from leanfeed_polygon.downloads import Outcome
from leanfeed_polygon.flight import in_order
from leanfeed_polygon.grouped import MarketQuestion, ask_market
from leanfeed_polygon.pages import ask
from leanfeed_polygon.plan_limits import AnyQuestion, PlanLimits

if TYPE_CHECKING:
    from leanfeed_polygon.client import Client

__all__ = ["outcomes", "send"]


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

    Raises:
        SourceError: the provider cannot be asked any more. An answer that cannot be trusted is an
            outcome: it costs its own sessions only.
    """

    def work(question: AnyQuestion) -> Outcome:
        try:
            return limits.ask(question)
        except ContractError as error:
            return error

    with closing(in_order(work, questions, threads=threads)) as found:
        for outcome in found:
            yield limits.believed(outcome) if isinstance(outcome, Answer) else outcome
