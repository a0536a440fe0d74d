"""Promises of docs/guarantees.md under torture: kills, failing calls, swarms, odd environments."""
