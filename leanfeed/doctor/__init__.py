"""Looks at everything that a run needs, and says what is well and what to do about the rest."""

from __future__ import annotations

from leanfeed.doctor.check import Check
from leanfeed.doctor.examination import examine

__all__ = ["Check", "examine"]
