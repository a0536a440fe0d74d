"""One run from a request that is ready to its report: what :func:`leanfeed.ensure` does with it."""

from __future__ import annotations

import logging
import time
from contextlib import ExitStack

from leanfeed import configured, events
from leanfeed.errors import CancelledError
from leanfeed.observe import DataDownloadLog
from leanfeed.outcome import Outcome
from leanfeed.redaction import redacting_logs
from leanfeed.report import Report
from leanfeed.report_text import verdict
from leanfeed.request import Request
from leanfeed.run import Run
from leanfeed.watch import Cancel, Watch

__all__ = ["carry_out"]

_logger = logging.getLogger("leanfeed")


def carry_out(
    run: Run,
    request: Request,
    *,
    progress: events.Listener | None = None,
    cancel: Cancel | None = None,
    dry_run: bool = False,
) -> Report:
    """Plan the request with the run's planner, fetch what is missing, and tell what happened.

    Raises:
        InvalidRequestError: the calendar does not know the window.
        WriteError: the disk refused; what was written before stays.
        CancelledError: `cancel` was set; what was written before stays.
    """
    started = time.monotonic()
    if not _logger.handlers:  # else Python would print warnings of a program that wants no log
        _logger.addHandler(logging.NullHandler())
    with ExitStack() as stack:
        watch = Watch(progress, cancel)
        stack.enter_context(events.listening(DataDownloadLog()))
        stack.enter_context(events.listening(watch.hear))
        stack.enter_context(redacting_logs(run.redactor))
        found = run.look(request)
        if not dry_run:
            run.adopt(found.plan)
        is_filled = bool(found.plan.gaps) and not dry_run
        chain = run.chain() if is_filled else None
        planned = run.estimated(found.plan, chain)
        events.announce(events.RunStarted(planned, configured.names(run.settings)))
        outcome = Outcome(planned)
        stack.enter_context(events.listening(outcome.hear))
        otherwise = "a dry run asks nobody" if dry_run else "no configured source supports it"
        try:
            if chain is not None:
                run.fill(chain, outcome, watch, found.generation)
        finally:  # also when it was interrupted, or the disk refused
            if watch.is_cancelled:
                otherwise = "the run was stopped"
            report = outcome.report(time.monotonic() - started, otherwise=otherwise)
            events.announce(events.RunFinished(report))
    watch.check()
    if watch.is_cancelled and not report.complete:
        raise CancelledError(f"Stopped with {verdict(report)}: run again to go on.")
    return report
