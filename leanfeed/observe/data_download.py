"""The log of downloads: events become records with fields, told to a logger of your choice."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from attrs import define, field

from leanfeed.errors import ConfigurationError
from leanfeed.events import Event, RunFinished, RunStarted, SessionStored

if TYPE_CHECKING:
    from leanfeed.observe.run_records import RunRecords

__all__ = ["DataDownloadLog"]


def _logger(logger: str | logging.Logger) -> logging.Logger:
    if isinstance(logger, logging.Logger):
        return logger
    if isinstance(logger, str) and logger:
        return logging.getLogger(logger)
    raise ConfigurationError(
        f"{logger!r} cannot receive the log: use a logging.Logger or the name of one."
    )


@define(eq=False)
class DataDownloadLog:
    """Listens to runs, one after the other, and logs them.

    Every record has the fields ``event`` (its name), ``phase`` and ``run_id``, and those of its
    kind, as attributes of the :class:`logging.LogRecord`; its message says the same to people. The
    names, levels and fields stand in ``docs/monitoring.md``.

    Records about the source ``polygon``, and about runs whose chain it heads, are named
    ``polygon_downloader_…``; all others ``leanfeed.…``. Runs that go on at the same time need one
    listener each.

    Args:
        logger: a logger, or the name of one.
        phase: says to readers of a shared log what part of the work a record belongs to.

    Raises:
        ConfigurationError: `logger` is neither.
    """

    logger: logging.Logger = field(default=logging.getLogger("leanfeed"), converter=_logger)
    phase: str = "data_download"
    #: What was heard of the run that goes on; None before there is one.
    _run: RunRecords | None = field(default=None, init=False)

    def __call__(self, event: Event) -> None:
        """Log one event, where anybody hears it."""
        if self._run is None and not _is_heard(self.logger):
            return
        from leanfeed.observe.run_records import RunRecords  # late: most runs are not logged

        if self._run is None or (isinstance(event, RunStarted) and self._run.has_started):
            self._run = RunRecords()  # the last one ended without a word, by an error
        if isinstance(event, SessionStored):
            self._run.count(event.written)
            if not self.logger.isEnabledFor(logging.DEBUG):  # there are thousands
                return
        tag = self.phase.replace("_", " ").upper()
        for record in self._run.of(event):
            mark = "⚠️" if record.level >= logging.WARNING else "⏱️"
            about = {"event": record.name, "phase": self.phase, "run_id": self._run.run_id}
            self.logger.log(
                record.level,
                "%s",
                f"{mark} [{tag}] {record.text}",
                extra={**about, **record.fields},
            )
        if isinstance(event, RunFinished):
            self._run = None


def _is_heard(logger: logging.Logger) -> bool:
    """Some handler may take its records: Python's last resort does where there is none at all."""
    handlers: list[logging.Handler] = []
    above: logging.Logger | None = logger
    while above is not None:
        handlers += above.handlers
        above = above.parent if above.propagate else None
    return not handlers or any(type(handler) is not logging.NullHandler for handler in handlers)
