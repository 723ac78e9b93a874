"""Bayesian forecasts of linked, dated events.

A network lists events and how they affect each other; evidence is read; a posterior is estimated
from both and answers questions. Every name here is imported when it is first used, so that
``import forecast`` is fast.

Examples
--------
>>> import forecast as fc
>>> issubclass(fc.ContradictionError, fc.InputError)
True
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from forecast.intact import require_intact

if TYPE_CHECKING:
    from forecast import backtest as backtest
    from forecast import calibration as calibration
    from forecast import scoring as scoring
    from forecast import testing as testing
    from forecast.crowd._pool import pool
    from forecast.errors import (
        ContradictionError,
        ForecastError,
        GateError,
        InputError,
        QueryError,
    )
    from forecast.evidence import (
        Count,
        Evidence,
        Forecast,
        LikelihoodRatio,
        Observation,
        Question,
        Questions,
        Regime,
        Report,
        Resolution,
        Resolutions,
        Retraction,
        Silence,
    )
    from forecast.evidence._all_remarks import remarks
    from forecast.files._evidence_file import read_evidence
    from forecast.files._network_file import read_network
    from forecast.files._network_import import import_network
    from forecast.files._network_writer import write_network
    from forecast.files._questions_file import read_questions
    from forecast.files._reference_class_file import read_reference_class
    from forecast.files._resolutions_file import read_resolutions
    from forecast.files.platforms._import import import_questions
    from forecast.history import ReferenceClass, Tally
    from forecast.history import event_history as event_history
    from forecast.history._hierarchy import fit_rates
    from forecast.inbox._draft import Draft
    from forecast.inbox._store import Inbox
    from forecast.inbox.readers import read_drafts
    from forecast.learning import Scales, candidate_links, learn
    from forecast.model._build import build_model
    from forecast.network import Event, Link, Network, Source, SourceType, Window
    from forecast.network._combine import combine
    from forecast.posterior import Posterior, Probability
    from forecast.posterior._extended import posterior_from
    from forecast.posterior._file import read_posterior
    from forecast.posterior._panel import Panel
    from forecast.posterior._simulate import simulate
    from forecast.posterior._update import prior, update
    from forecast.workspace._choices import Filing
    from forecast.workspace._experience import experience
    from forecast.workspace._track_record import track_record
    from forecast.workspace._waiting import accept, skip, waiting

    __version__: str

__all__ = [
    "ContradictionError",
    "Count",
    "Draft",
    "Event",
    "Evidence",
    "Filing",
    "Forecast",
    "ForecastError",
    "GateError",
    "Inbox",
    "InputError",
    "LikelihoodRatio",
    "Link",
    "Network",
    "Observation",
    "Panel",
    "Posterior",
    "Probability",
    "QueryError",
    "Question",
    "Questions",
    "ReferenceClass",
    "Regime",
    "Report",
    "Resolution",
    "Resolutions",
    "Retraction",
    "Scales",
    "Silence",
    "Source",
    "SourceType",
    "Tally",
    "Window",
    "__version__",
    "accept",
    "build_model",
    "candidate_links",
    "combine",
    "experience",
    "fit_rates",
    "import_network",
    "import_questions",
    "learn",
    "pool",
    "posterior_from",
    "prior",
    "read_drafts",
    "read_evidence",
    "read_network",
    "read_posterior",
    "read_questions",
    "read_reference_class",
    "read_resolutions",
    "remarks",
    "simulate",
    "skip",
    "track_record",
    "update",
    "waiting",
    "write_network",
]

_HOME = {
    "ContradictionError": "forecast.errors",
    "Count": "forecast.evidence",
    "Draft": "forecast.inbox._draft",
    "Event": "forecast.network",
    "Evidence": "forecast.evidence",
    "Filing": "forecast.workspace._choices",
    "Forecast": "forecast.evidence",
    "ForecastError": "forecast.errors",
    "GateError": "forecast.errors",
    "Inbox": "forecast.inbox._store",
    "InputError": "forecast.errors",
    "LikelihoodRatio": "forecast.evidence",
    "Link": "forecast.network",
    "Network": "forecast.network",
    "Observation": "forecast.evidence",
    "Panel": "forecast.posterior._panel",
    "Posterior": "forecast.posterior",
    "Probability": "forecast.posterior",
    "QueryError": "forecast.errors",
    "Question": "forecast.evidence",
    "Questions": "forecast.evidence",
    "ReferenceClass": "forecast.history",
    "Regime": "forecast.evidence",
    "Report": "forecast.evidence",
    "Resolution": "forecast.evidence",
    "Resolutions": "forecast.evidence",
    "Retraction": "forecast.evidence",
    "Scales": "forecast.learning",
    "Silence": "forecast.evidence",
    "Source": "forecast.network",
    "SourceType": "forecast.network",
    "Tally": "forecast.history",
    "Window": "forecast.network",
    "accept": "forecast.workspace._waiting",
    "build_model": "forecast.model._build",
    "candidate_links": "forecast.learning",
    "combine": "forecast.network._combine",
    "experience": "forecast.workspace._experience",
    "fit_rates": "forecast.history._hierarchy",
    "import_network": "forecast.files._network_import",
    "import_questions": "forecast.files.platforms._import",
    "learn": "forecast.learning",
    "pool": "forecast.crowd._pool",
    "posterior_from": "forecast.posterior._extended",
    "prior": "forecast.posterior._update",
    "read_drafts": "forecast.inbox.readers",
    "read_evidence": "forecast.files._evidence_file",
    "read_network": "forecast.files._network_file",
    "read_posterior": "forecast.posterior._file",
    "read_questions": "forecast.files._questions_file",
    "read_reference_class": "forecast.files._reference_class_file",
    "read_resolutions": "forecast.files._resolutions_file",
    "remarks": "forecast.evidence._all_remarks",
    "simulate": "forecast.posterior._simulate",
    "skip": "forecast.workspace._waiting",
    "track_record": "forecast.workspace._track_record",
    "update": "forecast.posterior._update",
    "waiting": "forecast.workspace._waiting",
    "write_network": "forecast.files._network_writer",
}

_MODULES = {
    "backtest": "forecast.backtest",
    "calibration": "forecast.calibration",
    "event_history": "forecast.history.event_history",
    "plot": "forecast.plot",
    "scoring": "forecast.scoring",
    "testing": "forecast.testing",
}
"""Modules that need no import of their own: ``fc.event_history.fit``, ``fc.backtest.replay``."""


def __getattr__(name: str) -> Any:
    """Import a public name from its home when it is first used."""
    if name == "__version__":
        value = import_module("importlib.metadata").version("eventcast")
    elif name in _MODULES:
        value = import_module(_MODULES[name])
    elif name in _HOME:
        value = getattr(import_module(_HOME[name]), name)
    else:
        msg = f"module 'forecast' has no attribute '{name}'"
        raise AttributeError(msg)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names and modules, imported or not."""
    own = [name for name in globals() if name.startswith("__")]
    return sorted({*own, *__all__, *_MODULES})


require_intact()
