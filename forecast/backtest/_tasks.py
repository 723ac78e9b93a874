"""The estimates that a replay needs, and what every forecaster says of every question by them.

There is one for each forecaster and date on which a question is open.

A task and its result are plain data, free to go to another process and back; `estimate` is a
function of a module for the same reason.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Literal, NamedTuple, get_args

import pandas as pd

from forecast.backtest._questions import Life
from forecast.estimate._fit import fit
from forecast.estimate._result import Settings
from forecast.evidence import Clock, Evidence, Item, Report
from forecast.model._lower import lower
from forecast.network import Network
from forecast.posterior import Posterior
from forecast.time import day_label

type Estimate = Literal[
    "forecast", "no_links", "gates_only", "copies_independent", "base_rate", "prior"
]
type Forecaster = Literal[
    "forecast",
    "prior",
    "base_rate",
    "no_links",
    "gates_only",
    "copies_independent",
    "carried_on",
    "coin",
]

GATES = ("requires", "prevents")
OURS: Literal["forecast"] = "forecast"
PRIOR: Literal["prior"] = "prior"
CARRIED_ON: Literal["carried_on"] = "carried_on"
COIN: Literal["coin"] = "coin"
FORECASTERS: tuple[Forecaster, ...] = get_args(Forecaster.__value__)
DATED: tuple[Estimate, ...] = tuple(name for name in get_args(Estimate.__value__) if name != PRIOR)
"""Those that estimate anew at each date. The prior stands as it was at the network's start, and the
last forecast carried on is our own of the date before; the first carries on the prior. A coin
estimates nothing."""
HALF = 0.5


def inputs_of(
    forecaster: Estimate, network: Network, evidence: Evidence
) -> tuple[Network, Evidence]:
    """Return what a forecaster estimates from.

    ``"forecast"``: everything. ``"no_links"``: the same news, each event by itself, at its stated
    rate. ``"gates_only"``: the same, but an event still waits for what it requires and is ruled out
    by what prevents it, as its stated rate supposes. ``"copies_independent"``: the same network,
    each report taken as its source's own word, whatever it was copied from. ``"base_rate"``: the
    stated rates alone, no links and no news. ``"prior"``: the network, no news.
    """
    match forecaster:
        case "no_links":
            return _with_links(network, ()), evidence
        case "gates_only":
            return _with_links(network, GATES), evidence
        case "copies_independent":
            return network, _independent(evidence)
        case "base_rate":
            return _with_links(network, ()), Evidence()
        case "prior":
            return network, Evidence()
        case _:
            return network, evidence


def _with_links(network: Network, kinds: Collection[str]) -> Network:
    """Return a network with links of some kinds alone; a copy would keep what it has cached."""
    stated = {name: getattr(network, name) for name in Network.model_fields}
    links = tuple(link for link in network.links if link.kind in kinds)
    return Network(**{**stated, "links": links})


def _independent(evidence: Evidence) -> Evidence:
    return Evidence(map(_own_word, evidence), places=evidence.places)


def _own_word(item: Item) -> Item:
    if not isinstance(item, Report) or not (item.derived_from or item.origin):
        return item
    return item.model_copy(update={"derived_from": (), "origin": None, "check": None})


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
class EventChance:
    """The probability of an event by a deadline, with its Monte Carlo standard error."""

    event: str
    by: str
    probability: float
    mcse: float


@dataclass(frozen=True)
class TaskResult:
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
    said: tuple[EventChance, ...]


def task_key(task: Task) -> str:
    """Return the SHA-256 of everything that a result follows from; who asks plays no part."""
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


def estimate(task: Task) -> TaskResult:
    """Estimate, in whatever process this is."""
    post = Posterior(fit(lower(task.network, task.seen, task.as_of, task.known), task.settings))
    table = post.table(by=task.deadlines)
    said = tuple(
        EventChance(
            event=str(event),
            by=label,
            probability=float(table.loc[event, (label, "mean")]),
            mcse=float(table.loc[event, (label, "mcse")]),
        )
        for label in map(day_label, task.deadlines)
        for event in table.index
    )
    gate = post.gate_at(task.deadlines)
    return TaskResult(post.method, gate.passed, str(gate), said)


type Place = tuple[Estimate, datetime]
"""Whose estimate, and as of when."""


def tasks_of(
    network: Network,
    evidence: Evidence,
    lives: Sequence[Life],
    known: Clock,
    settings: Settings,
) -> dict[Place, Task]:
    """Return every estimate that is needed, by forecaster and date; the prior at the start."""
    asked: dict[datetime, set[datetime]] = {}
    for life in lives:
        for date in life.dates:
            asked.setdefault(date, set()).add(life.resolution.by)
    everything = set[datetime]().union(*asked.values())
    wanted: list[tuple[Estimate, datetime, set[datetime]]]
    wanted = [(PRIOR, network.start_instant, everything)]
    wanted += [(name, date, asked[date]) for date in sorted(asked) for name in DATED]
    tasks = {}
    base = {name: inputs_of(name, network, evidence) for name in (PRIOR, *DATED)}
    for name, date, deadlines in wanted:
        world, items = base[name]
        seen = items.as_of(date, known)
        rising = tuple(sorted(deadlines))
        tasks[name, date] = Task(name, world, seen, date, known, rising, settings)
    return tasks


class Made(NamedTuple):
    """One forecast of one question, and how it was made."""

    as_of: str
    probability: float
    mcse: float
    method: str
    passed: bool


def forecasts_of(
    lives: Sequence[Life], answers: Mapping[Place, TaskResult]
) -> dict[tuple[Forecaster, str], list[Made]]:
    """Return the forecasts of each forecaster and question, one a date, from every estimate."""
    said = {
        place: {(each.event, each.by): each for each in came.said}
        for place, came in answers.items()
    }
    (start,) = (place for place in answers if place[0] == PRIOR)
    found: dict[tuple[Forecaster, str], list[Made]] = {}
    for life in lives:
        asked = (life.resolution.event, life.by)
        for name in FORECASTERS:
            made = []
            for number, date in enumerate(life.dates):
                if name == COIN:
                    made.append(Made(day_label(date), HALF, 0.0, COIN, passed=True))
                    continue
                before = life.dates[number - 1] if number else None
                place = _place(name, date, before, start)
                each, came = said[place][asked], answers[place]
                made.append(
                    Made(day_label(date), each.probability, each.mcse, came.method, came.passed)
                )
            found[name, life.resolution.id] = made
    return found


def forecast_table(forecasts: Mapping[tuple[Forecaster, str], Sequence[Made]]) -> pd.DataFrame:
    """Return forecasts as a table, one a row."""
    rows = [
        {"question": question, "forecaster": name, **each._asdict()}
        for (name, question), made in forecasts.items()
        for each in made
    ]
    return pd.DataFrame(rows)


def _place(
    name: Literal[Estimate, "carried_on"], date: datetime, before: datetime | None, start: Place
) -> Place:
    """Return whose estimate a forecaster gives at a date, and as of when."""
    if name == PRIOR:
        return start
    if name == CARRIED_ON:
        return start if before is None else (OURS, before)
    return (name, date)
