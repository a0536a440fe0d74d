"""The conformance kit for sources: one class to inherit, two methods to override."""

from __future__ import annotations

from leanfeed.testing.source_answers import SourceAnswers
from leanfeed.testing.source_conduct import SourceConduct

__all__ = ["SourceConformance"]


class SourceConformance(SourceAnswers, SourceConduct):
    """Tests that a source keeps every rule of :class:`~leanfeed.DataSource`.

    Inherit it in a class whose name begins with ``Test``, and override :meth:`source` and
    :meth:`gaps`. The other methods without ``test`` in their names let more rules be checked;
    without them those are skipped, and say what is missing.
    """
