"""Ways to look at runs: structured logs, JSON lines, and metrics for Prometheus.

Each is fed by the events of :mod:`leanfeed.events`, and asks nothing else of a run.
"""

from leanfeed.observe.data_download import DataDownloadLog
from leanfeed.observe.json_lines import JsonFormatter
from leanfeed.observe.metrics import Metrics

__all__ = ["DataDownloadLog", "JsonFormatter", "Metrics"]
