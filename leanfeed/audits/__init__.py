"""What a data folder really holds: every file against LEAN's format, calendar and neighbours."""

from __future__ import annotations
