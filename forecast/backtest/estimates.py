"""One estimate of a replay: what it is made from, its key, and what it says of the deadlines.

Both are plain data, free to go to another process and back; `answer` is a function of a module for
the same reason.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

from forecast.backtest.forecasters import Estimate
from forecast.estimate.fit import fit
from forecast.estimate.result import Settings
from forecast.evidence import Clock, Evidence
from forecast.model.lower import lower
from forecast.network import Network
from forecast.posterior import Posterior
from forecast.time import day_label

__all__ = ["Answer", "Said", "Task", "answer", "task_key"]


@dataclass(frozen=True)
class Task:
    """What one forecaster estimates from at one date.

    Parameters
    ----------
    forecaster
        Who.
    network, seen
        From what: of the evidence only what was there by `as_of`.
    as_of, known
        The cut-off and its clock.
    deadlines
        What is asked, in order.
    settings
        How to estimate.
    """

    forecaster: Estimate
    network: Network
    seen: Evidence
    as_of: datetime
    known: Clock
    deadlines: tuple[datetime, ...]
    settings: Settings

    @property
    def label(self) -> str:
        """The date and the forecaster."""
        return f"{day_label(self.as_of)} {self.forecaster}"


@dataclass(frozen=True)
class Said:
    """The probability of an event by a deadline, with its Monte Carlo standard error."""

    event: str
    by: str
    probability: float
    mcse: float


@dataclass(frozen=True)
class Answer:
    """What came of a task.

    Parameters
    ----------
    method
        How the estimate was made.
    passed, verdict
        What its convergence gate says.
    said
        By deadline and event.
    """

    method: str
    passed: bool
    verdict: str
    said: tuple[Said, ...]


def task_key(task: Task) -> str:
    """Return the SHA-256 of everything that an answer follows from; who asks plays no part."""
    settings = task.settings
    inputs = {
        "network": task.network.model_dump(mode="json"),
        # What was retracted is still what its copies repeat.
        "evidence": [
            [item.model_dump(mode="json") for item in items]
            for items in (task.seen.items, task.seen.retracted)
        ],
        "as_of": task.as_of.isoformat(),
        "known": task.known,
        "deadlines": [deadline.isoformat() for deadline in task.deadlines],
        "method": settings.method,
        "draws": settings.draws,
        "seed": settings.seed,
        "library": version("eventcast"),
    }
    text = json.dumps(inputs, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def answer(task: Task) -> Answer:
    """Estimate, in whatever process this is."""
    post = Posterior(fit(lower(task.network, task.seen, task.as_of, task.known), task.settings))
    table = post.table(by=task.deadlines)
    said = tuple(
        Said(
            event=str(event),
            by=label,
            probability=float(table.loc[event, (label, "mean")]),
            mcse=float(table.loc[event, (label, "mcse")]),
        )
        for label in map(day_label, task.deadlines)
        for event in table.index
    )
    gate = post.gate_at(task.deadlines)
    return Answer(post.method, gate.passed, str(gate), said)
