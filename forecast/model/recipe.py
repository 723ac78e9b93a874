"""The recipe of a lowered network's parameters: priors and items as arrays for compiled code."""

import numpy as np

from forecast.engine.paths.problem import NOTHING
from forecast.engine.paths.recipe import (
    BASE_RATE,
    COUNT,
    EFFECT,
    EXP,
    EXPIT,
    FIXED,
    FORECAST,
    INITIAL,
    OFF_RATE,
    POOLED,
    RATIO,
    REPORT,
    SETTLED,
    SILENCE,
    TABLE,
    Recipe,
)
from forecast.model.chances import Factor
from forecast.model.lower import Lowered
from forecast.model.parameters import Pooled
from forecast.network import Fixed, LogitNormal, LogNormal

__all__ = ["build_recipe"]

NODES = np.linspace(-9.0, 9.0, 1025)
"""Beyond nine standard deviations there is nothing; between nodes the error is some 1e-10."""

FIELDS = {"base_rate": BASE_RATE, "off_rate": OFF_RATE, "initial_probability": INITIAL}

type Place = tuple[str, int]
type Use = tuple[int, int, float]


def build_recipe(lowered: Lowered) -> Recipe:
    """Return the recipe of a lowered network's parameters."""
    index = {(group.name, i): 0 for group in lowered.table.groups for i in range(len(group.priors))}
    index = {place: number for number, place in enumerate(index)}
    uses = _uses(lowered)
    columns: dict[str, list[float]] = {name: [] for name in Recipe._fields}
    tables, normal = [], 0
    for group in lowered.table.groups:
        for i, prior in enumerate(group.priors):
            form, centre, spread, around, own = TABLE, 0.0, 0.0, NOTHING, normal
            if isinstance(prior, Fixed):
                form, centre = FIXED, prior.value
            elif isinstance(prior, LogNormal):
                form, centre, spread = EXP, prior.mu, prior.sigma
            elif isinstance(prior, LogitNormal):
                form, centre, spread = EXPIT, prior.mu, prior.sigma
            elif isinstance(prior, Pooled):
                form, spread = POOLED, prior.spread
                around = index[prior.group, lowered.table.place(prior)]
                own = normal if spread > 0 else int(columns["normal"][around])  # or its type's
            else:
                values = prior.from_z(NODES)
                tables.append(np.stack([np.log(values), prior.dvalue_dz(NODES) / values], axis=1))
                around = len(tables) - 1
            columns["form"].append(form)
            columns["centre"].append(centre)
            columns["spread"].append(spread)
            columns["around"].append(around)
            columns["normal"].append(NOTHING if form == FIXED else own)
            normal = normal if form == FIXED else max(normal, own + 1)
            for field, at, over in uses.get((group.name, i), []):
                columns["use_field"].append(field)
                columns["use_at"].append(at)
                columns["use_over"].append(over)
            columns["first_use"].append(len(columns["use_at"]))
    for factor in lowered.factors.factors:
        for name, value in _item(factor, index).items():
            columns[name].append(value)
    for statement in lowered.factors.hidden:
        origin = _item(statement.origin, index)
        columns["origin_hit"].append(origin["item_hit"])
        columns["origin_false"].append(origin["item_false"])
        columns["origin_credibility"].append(origin["item_credibility"])
        columns["member"].extend(statement.members)
        columns["first_member"].append(len(columns["member"]))
    return _recipe(columns, np.array(tables).reshape(len(tables), len(NODES), 2))


def _recipe(columns: dict[str, list[float]], tables: np.ndarray) -> Recipe:
    arrays = {}
    for name, kind in Recipe.__annotations__.items():
        column = [0, *columns[name]] if name.startswith("first_") else columns[name]
        arrays[name] = np.array(column, dtype=np.float64 if "Floats" in str(kind) else np.int64)
    return Recipe(**{**arrays, "node": NODES, "table": np.ascontiguousarray(tables)})


def _uses(lowered: Lowered) -> dict[Place, list[Use]]:
    """Return where each natural value belongs: a field, a place in it, and what it divides."""
    uses: dict[Place, list[Use]] = {}
    index = {event: i for i, event in enumerate(lowered.events)}
    for name, field in FIELDS.items():
        group = lowered.table.group(name)
        for i, label in enumerate(group.labels if group else ()):
            uses[name, i] = [(field, index[label], 0.0)]
    delays = lowered.table.group("delay")
    for stage in lowered.stages:
        assert delays is not None, stage  # noqa: S101 - built together
        place = ("delay", delays.labels.index(stage.link))
        uses.setdefault(place, []).append((BASE_RATE, index[stage.event], float(stage.stages)))
    for name in ("extra_rate", "hazard_ratio"):
        group = lowered.table.group(name)
        for i, label in enumerate(group.labels if group else ()):
            columns = [c for c, link in enumerate(lowered.links) if link and link.id == label]
            uses[name, i] = [(EFFECT, column, 0.0) for column in columns]
    return uses


def _item(factor: Factor, index: dict[Place, int]) -> dict[str, float]:
    form, number = REPORT, 0.0
    if factor.counted is not None:
        assert factor.window is not None, factor  # noqa: S101 - a count has one
        form, number = COUNT if factor.share is None else SETTLED, factor.window
    elif factor.window is not None:
        form, number = SILENCE, factor.window
    elif factor.shift is not None:
        form, number = FORECAST, factor.shift
    elif factor.false_alarm is None:
        form = RATIO
    return {
        "item_form": form,
        "item_hit": index[factor.hit],
        "item_false": NOTHING if factor.false_alarm is None else index[factor.false_alarm],
        "item_number": number,
        "item_on": int(factor.claim),
        "item_credibility": factor.credibility,
        "item_check": factor.check,
        "item_copied": factor.copied,
        "item_counted": factor.counted or float(factor.broken),
        "item_share": factor.share or 0.0,
    }
