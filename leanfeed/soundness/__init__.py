"""What is the matter with one file: the same answer for an audit and for a run that verifies."""

from __future__ import annotations
