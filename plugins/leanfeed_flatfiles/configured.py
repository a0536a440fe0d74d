"""The source as the configuration has it, for who works with files rather than with gaps."""

from __future__ import annotations

import os
from pathlib import Path

from attrs import evolve

from leanfeed import config as configuration
from leanfeed_flatfiles.settings import NAME
from leanfeed_flatfiles.source import FlatFilesSource

__all__ = ["flat_files"]


def flat_files(
    source: FlatFilesSource | None = None,
    *,
    data_folder: str | os.PathLike[str] | None = None,
    config: str | os.PathLike[str] | None = None,
) -> FlatFilesSource:
    """A source that knows its data folder.

    Args:
        source: the source itself, where somebody has made it; else the configuration's.
        data_folder: LEAN's data folder; else that of `source`, else the configuration's.
        config: as for :func:`leanfeed.ensure`.

    Raises:
        ConfigurationError: the settings cannot work.
    """
    if source is not None and source.data_folder is not None and data_folder is None:
        return source
    arguments = {"data_folder": data_folder, "sources": NAME}
    settings = configuration.load(config=config, arguments=arguments)
    if source is not None:
        return evolve(source, data_folder=Path(settings.data_folder).absolute())
    return settings.build("source", NAME, FlatFilesSource)
