"""Settings in layers: argument > environment > toml > lean.json > default.

The command line hands its options over as arguments. Every value remembers its origin.
"""

from __future__ import annotations

from leanfeed.config.loading import load
from leanfeed.config.settings import Settings
from leanfeed.config.value import Value

__all__ = ["Settings", "Value", "load"]
