"""How the library is asked, here alone: as its inner form changes this module does, no answer.

Every function takes a case: a network, its record and a cut-off. Numbers go in and come out under
names (``base_rate[e0]`` for a parameter, an item's id for an item), so that their order is no
matter; but where random numbers are drawn in the order of the parameters.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

import forecast as fc
from forecast.engine._channels import parameters_at, values_at
from forecast.engine._components import AnyPlan
from forecast.engine._likelihood import log_likelihoods as by_item
from forecast.engine._likelihood import value_and_gradient
from forecast.engine._problem import Floats, Parameters
from forecast.engine.paths import (
    Paths,
    from_lists,
    make_sampler,
    path_log_likelihood_and_gradient,
    to_lists,
)
from forecast.engine.paths._chain import Machine, advance, build_moves
from forecast.engine.paths._marks import NOTHING
from forecast.estimate._cost import reachable_plans
from forecast.estimate._fit import fit
from forecast.estimate._result import Fit, Settings
from forecast.model._lower import Lowered, lower
from forecast.model._parameters import ParameterTable
from forecast.posterior import Posterior
from tests.frozen.networks import Case

type Answer = dict[str, Any]
type Normals = Mapping[str, Floats]

KNOWN = "(known)"
PYTHON = "FAST_COMPILE"  # quicker than compiling what runs a few times


def items(case: Case) -> list[Any]:
    """The record, as plain data."""
    return [
        [type(item).__name__, item.model_dump(mode="json", exclude_defaults=True)]
        for item in case.evidence
    ]


def read_items(told: Sequence[Any]) -> fc.Evidence:
    """Return the record again."""
    return fc.Evidence([getattr(fc, kind).model_validate(fields) for kind, fields in told])


@lru_cache(maxsize=2)
def _lowered(case: Case) -> tuple[Lowered, tuple[AnyPlan, ...] | None]:
    lowered = lower(case.network, case.evidence, case.as_of)
    return lowered, reachable_plans(lowered)


def _filtered(case: Case) -> tuple[Lowered, tuple[AnyPlan, ...]]:
    lowered, plans = _lowered(case)
    assert plans is not None, case
    return lowered, plans


def reaches(case: Case) -> bool:
    """Whether the exact filter does."""
    return _lowered(case)[1] is not None


def parameter_names(case: Case) -> list[str]:
    """Every uncertain number; each is a function of a standard normal of its own."""
    return _lowered(case)[0].table.names()


def _columns(table: ParameterTable, z: Normals) -> Floats:
    names = table.names()
    return np.stack([z[name] for name in names], axis=1) if names else np.zeros((1, 0))


def _theta(case: Case, z: Normals) -> Parameters:
    lowered = _lowered(case)[0]
    return lowered.theta(lowered.table.from_z(_columns(lowered.table, z)))


def _row(theta: Parameters, draw: int) -> Parameters:
    return Parameters(*(np.ascontiguousarray(field[draw]) for field in theta))


def log_likelihoods(case: Case, z: Normals) -> Answer:
    """Log predictive probabilities of items at draws of z, and their sum by the one-draw kernel."""
    lowered, plans = _filtered(case)
    theta = _theta(case, z)
    found = by_item(plans, theta)
    items = [*(factor.item for factor in lowered.factors), KNOWN]
    one = [value_and_gradient(plans, _row(theta, draw))[0] for draw in range(len(found))]
    return {"all": found.sum(axis=1), "one draw": one, "items": dict(zip(items, found.T))}  # noqa: B905


def engine_slopes(case: Case, z: Normals) -> Answer:
    """Slopes of the log likelihood in rates, initial chances, effects and items' chances."""
    lowered, plans = _filtered(case)
    theta = _theta(case, z)
    found = [
        _named_slope(lowered, value_and_gradient(plans, _row(theta, draw))[1])
        for draw in range(len(theta.base_rate))
    ]
    return {name: [one[name] for one in found] for name in found[0]}


def _named_slope(lowered: Lowered, slope: Parameters) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, values in (
        ("base rate", slope.base_rate),
        ("off-rate", slope.off_rate),
        ("initial", slope.initial),
    ):
        found |= {f"{name}[{e}]": v for e, v in zip(lowered.events, values, strict=True)}
    for link, value in zip(lowered.links, slope.effect, strict=True):
        if link is not None:
            found[f"effect[{link.id}]"] = value
    for factor, (off, on) in zip(lowered.factors, slope.factors, strict=True):
        found |= {f"{factor.item} | off": off, f"{factor.item} | on": on}
    return found


def slopes(case: Case, z: Normals) -> Answer:
    """The log likelihood and its slopes in z, by the graph that NUTS goes along."""
    import pytensor  # noqa: PLC0415 - takes seconds

    from forecast.model._build import build_from  # noqa: PLC0415

    lowered, plans = _filtered(case)
    model = build_from(lowered, plans)
    logp, names = model.logp(vars=[model["evidence"]]), lowered.table.names()
    (value,) = model.value_vars
    gradient = pytensor.grad(logp, value)
    along = model.compile_fn([logp, gradient], inputs=[value], point_fn=False, mode=PYTHON)
    found: dict[str, list[float]] = {name: [] for name in ["all", *names]}
    for row in _columns(lowered.table, z):
        total, slope = along(row)
        for name, number in zip(found, [total, *slope], strict=True):
            found[name].append(float(number))
    return found


def first_paths(case: Case, sweeps: int, seed: int) -> dict[str, list[float]]:
    """Paths that agree with the record: of each event whether it starts on, and when it jumps."""
    lowered = _lowered(case)[0]
    sampler = make_sampler(lowered.structure, lowered.record)
    zero = {name: np.zeros(1) for name in lowered.table.names()}
    theta = _row(_theta(case, zero), 0)
    found = sampler.initial(theta, seed)
    for k in range(sweeps):
        found = sampler.sweep(theta, found, seed + 1 + k)
    return _told(lowered, found)


def _told(lowered: Lowered, found: Paths) -> dict[str, list[float]]:
    return {
        event: [float(start), *jumps]
        for event, start, jumps in zip(lowered.events, found.initial, to_lists(found), strict=True)
    }


def _along(case: Case, z: Normals, told: Mapping[str, Sequence[float]]) -> list[Any]:
    """Return the log likelihood given paths, and its slope, of each draw of z."""
    lowered = _lowered(case)[0]
    sampler, recipe = make_sampler(lowered.structure, lowered.record), lowered.channels
    start = np.array([int(told[event][0]) for event in lowered.events], dtype=np.int64)
    jumps = [list(told[event][1:]) for event in lowered.events]
    stats = sampler.statistics(from_lists(lowered.structure.kind, start, jumps))
    found = []
    for row in _columns(lowered.table, z):
        size = len(lowered.events), len(lowered.links)
        theta = parameters_at(recipe, values_at(recipe, np.ascontiguousarray(row)), *size)
        slope = Parameters(*(np.zeros_like(field) for field in theta))
        value = path_log_likelihood_and_gradient(stats, theta, slope)
        found.append((value, _named_slope(lowered, slope)))
    return found


def path_log_likelihoods(case: Case, z: Normals, told: Mapping[str, Sequence[float]]) -> Answer:
    """The log likelihood given paths at draws of z, parameters made by compiled code."""
    return {"all": [value for value, _ in _along(case, z, told)]}


def path_slopes(case: Case, z: Normals, told: Mapping[str, Sequence[float]]) -> Answer:
    """Its slopes in rates, initial chances, effects and items' chances."""
    found = [slope for _, slope in _along(case, z, told)]
    return {name: [one[name] for one in found] for name in found[0]}


def path_chain(case: Case, rounds: int, seed: int) -> Answer:
    """Where a short run of the path sampler ends: standard normals, and the paths."""
    lowered = _lowered(case)[0]
    sampler, recipe = make_sampler(lowered.structure, lowered.record), lowered.channels
    moves = build_moves(sampler.marks, recipe, lowered.table.dimensions)
    machine = Machine(sampler.marks, sampler.blocks, recipe, moves)
    zero = {name: np.zeros(1) for name in lowered.table.names()}
    z = np.zeros(lowered.table.dimensions)
    found = sampler.initial(_row(_theta(case, zero), 0), seed)
    z, found, stuck = advance(machine, z, found, rounds, seed)
    assert stuck == NOTHING
    return {"z": dict(zip(lowered.table.names(), z, strict=True)), "paths": _told(lowered, found)}


def _deadlines(case: Case) -> list[datetime]:
    """Return half-way from the cut-off to the horizon, and the horizon."""
    lowered = _lowered(case)[0]
    left = (lowered.network.horizon_instant - lowered.as_of).days // 2
    return [lowered.as_of + timedelta(days=left), lowered.network.horizon_instant]


def _forecasts(case: Case, post: Posterior) -> Answer:
    """Mean, interval and errors of every event at two deadlines."""
    table = post.table(by=_deadlines(case)).drop(columns=["prior", "change"], level=1)
    return {
        f"{event} {which} {statistic}": value
        for which, day in enumerate(table.columns.unique(0))
        for statistic in table[day].columns
        for event, value in table[day][statistic].items()
    }


def _draws(fitted: Fit, rows: int) -> Answer:
    """Means of all uncertain numbers, and some of their draws."""
    found: Answer = {}
    places, flat = fitted.lowered.table.varying(), fitted.flat()
    for group in fitted.lowered.table.groups:
        for i in places[group.name]:
            values = flat[group.name][:, i]
            found[f"{group.name}[{group.labels[i]}]"] = [
                values.mean(),
                *values[:: max(1, len(values) // rows)][:rows],
            ]
    return found


def importance(case: Case, draws: int, rows: int) -> Answer:
    """Draws and weights of importance sampling, and forecasts from them."""
    lowered = _filtered(case)[0]
    fitted = fit(lowered, Settings(method="importance", draws=draws, seed=1))
    assert fitted.weighted is not None
    weights = fitted.weighted.weights
    return {
        "proposal": fitted.weighted.proposal,
        "weights": weights[:: max(1, len(weights) // (4 * rows))],
        "effective": fitted.ess,
        "values": _draws(fitted, rows),
        "forecasts": _forecasts(case, Posterior(fitted)),
    }


def _sampled(case: Case, settings: Settings, rows: int) -> Answer:
    fitted = fit(_lowered(case)[0], settings)
    return {"values": _draws(fitted, rows), "forecasts": _forecasts(case, Posterior(fitted))}


def paths(case: Case, draws: int, rows: int) -> Answer:
    """Draws of the path sampler, and forecasts from them."""
    return _sampled(case, Settings(method="paths", draws=draws, seed=1, chains=2), rows)


def nuts(case: Case, draws: int, rows: int) -> Answer:
    """Draws of NUTS, and forecasts from them."""
    return _sampled(case, Settings(method="nuts", draws=draws, seed=1, tune=50, chains=2), rows)


def worlds(case: Case, number: int) -> Answer:
    """Simulated worlds and the evidence that they leave, with the record as the template."""
    return {
        str(k): {
            "parameters": {
                f"{group}[{label}]": value
                for group, values in world.parameters.items()
                for label, value in values.items()
            },
            "initially": {event: bool(on) for event, on in world.initially.items()},
            "jumps": {e: [t.isoformat() for t in jumps] for e, jumps in world.jumps.items()},
            "evidence": {
                item.id: item.model_dump_json(exclude_defaults=True, exclude={"text", "id"})
                for item in world.evidence
            },
        }
        for k, world in enumerate(
            fc.simulate(case.network, worlds=number, seed=5, evidence=case.evidence)
        )
    }


def drawn_evidence(case: Case, draws: int) -> Answer:
    """What items say in worlds that the PyMC model draws."""
    import pymc as pm  # noqa: PLC0415 - takes seconds

    model = fc.build_model(case.network, case.evidence, as_of=case.as_of)
    drawn = pm.draw(model["evidence"], draws=draws, random_seed=7, mode=PYTHON)
    return dict(zip(model.coords["item"], drawn.T.tolist(), strict=True))


def reasons(case: Case, draws: int) -> Answer:
    """Why the forecast of an event is what it is, and what it leans on."""
    fitted = fit(_filtered(case)[0], Settings(method="importance", draws=draws, seed=1))
    post, by = Posterior(fitted), _deadlines(case)[1]
    events = [event.id for event in case.network.events]
    event = min(events, key=lambda name: abs(post.probability(name, by=by).mean - 0.5))
    return {
        "event": event,
        "explained": _frame(post.explain(event, by=by)),
        "leans on": _frame(post.sensitivity(event, by=by)),
    }


def _frame(frame: pd.DataFrame) -> Answer:
    return {
        str(index): {
            str(name): float(value) if isinstance(value, float | int) else str(value)
            for name, value in row.items()
            if name != "text"
        }
        for index, row in frame.iterrows()
    }
