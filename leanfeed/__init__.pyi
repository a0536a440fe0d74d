"""The names of leanfeed, for type checkers: the module itself loads them when they are used."""

from leanfeed import (
    aio as aio,
    backtest as backtest,
    errors as errors,
    events as events,
    lean as lean,
    observe as observe,
)
from leanfeed.applying import apply as apply
from leanfeed.audits.audit import audit as audit
from leanfeed.audits.repair import repair as repair
from leanfeed.audits.repair_report import RepairReport as RepairReport
from leanfeed.audits.report import AuditReport as AuditReport
from leanfeed.bars import Bars as Bars, QuoteBars as QuoteBars
from leanfeed.coverages.anomalies import Anomaly as Anomaly
from leanfeed.coverages.coverage import (
    Cell as Cell,
    Coverage as Coverage,
    SeriesCoverage as SeriesCoverage,
)
from leanfeed.coverages.explaining import why as why
from leanfeed.coverages.looking import coverage as coverage
from leanfeed.coverages.states import Reason as Reason, State as State
from leanfeed.coverages.why import Why as Why
from leanfeed.errors import (
    AuthenticationError as AuthenticationError,
    CancelledError as CancelledError,
    ConfigurationError as ConfigurationError,
    ContractError as ContractError,
    DamagedFileError as DamagedFileError,
    IncompleteError as IncompleteError,
    InvalidRequestError as InvalidRequestError,
    LeanfeedError as LeanfeedError,
    NoDataError as NoDataError,
    RateLimitedError as RateLimitedError,
    SourceError as SourceError,
    UnavailableError as UnavailableError,
    WriteError as WriteError,
)
from leanfeed.frames import Frame as Frame
from leanfeed.hookspecs import hookimpl as hookimpl
from leanfeed.interfaces import (
    Bulk as Bulk,
    DataSource as DataSource,
    Diagnosing as Diagnosing,
    Estimating as Estimating,
    Examining as Examining,
    Finding as Finding,
    GapPlanner as GapPlanner,
    Given as Given,
    LeanWriter as LeanWriter,
    Republishing as Republishing,
    Universe as Universe,
    setting as setting,
)
from leanfeed.loading import load as load
from leanfeed.options import (
    ChainBars as ChainBars,
    OptionContract as OptionContract,
    OptionRight as OptionRight,
    OptionStyle as OptionStyle,
)
from leanfeed.pipeline import ensure as ensure, plan as plan
from leanfeed.plans import Plan as Plan, SeriesPlan as SeriesPlan
from leanfeed.refresh import Refresh as Refresh
from leanfeed.report import (
    Failure as Failure,
    Fallback as Fallback,
    Report as Report,
    SeriesReport as SeriesReport,
)
from leanfeed.request import Incomplete as Incomplete, Request as Request, Verify as Verify
from leanfeed.secret import Secret as Secret
from leanfeed.soundness.findings import AuditFinding as AuditFinding
from leanfeed.soundness.kinds import Kind as Kind, Severity as Severity
from leanfeed.stopping import on_stop as on_stop
from leanfeed.values import (
    Choice as Choice,
    Delivery as Delivery,
    Estimate as Estimate,
    Gap as Gap,
    Hours as Hours,
    Resolution as Resolution,
    SecurityType as SecurityType,
    Series as Series,
    Session as Session,
    Symbol as Symbol,
    TickType as TickType,
    Written as Written,
)

__version__: str
__all__: list[str]
