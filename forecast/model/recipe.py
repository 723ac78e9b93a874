"""The recipe of a lowered network's parameters: priors and items as arrays for compiled code."""

import numpy as np

from forecast.engine.paths.marks import NOTHING
from forecast.engine.paths.recipe import (
    BASE_RATE,
    COUNT,
    EFFECT,
    EXP,
    EXPIT,
    FIXED,
    FORECAST,
    INITIAL,
    ODDS_TABLE,
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
from forecast.model.parameters import Against, Pooled
from forecast.model.shapes import NODES, line_table
from forecast.network import Fixed, LogitNormal, LogNormal, Prior
from forecast.network.prior import Shaped

__all__ = ["build_recipe"]

FIELDS = {"base_rate": BASE_RATE, "off_rate": OFF_RATE, "initial_probability": INITIAL}

type Place = tuple[str, int]
type Use = tuple[int, int, float]


def build_recipe(lowered: Lowered) -> Recipe:
    """Return the recipe of a lowered network's parameters."""
    index = {(group.name, i): 0 for group in lowered.table.groups for i in range(len(group.priors))}
    index = {place: number for number, place in enumerate(index)}
    uses = _uses(lowered)
    columns: dict[str, list[float]] = {name: [] for name in Recipe._fields}
    tables: list[np.ndarray] = []
    normal = 0
    for group in lowered.table.groups:
        for i, prior in enumerate(group.priors):
            value = _value(lowered, prior, index, tables)
            for name in value:
                columns[name].append(value[name])
            own = normal
            if isinstance(prior, Pooled) and prior.spread == 0:  # its type's
                own = int(columns["normal"][int(value["around"])])
            columns["normal"].append(NOTHING if value["form"] == FIXED else own)
            normal = normal if value["form"] == FIXED else max(normal, own + 1)
            for field, at, over in uses.get((group.name, i), []):
                columns["use_field"].append(field)
                columns["use_at"].append(at)
                columns["use_over"].append(over)
            columns["first_use"].append(len(columns["use_at"]))
    for factor in lowered.factors.factors:
        for name, number in _item(factor, index).items():
            columns[name].append(number)
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


def _value(
    lowered: Lowered,
    prior: Prior | Pooled | Against,
    index: dict[Place, int],
    tables: list[np.ndarray],
) -> dict[str, float]:
    """Return how a natural value follows from its standard normal; a table it needs is added."""

    def place_of(stated: Pooled | Against) -> int:
        return index[stated.group, lowered.table.place(stated)]

    found = {"centre": 0.0, "spread": 0.0, "around": NOTHING, "over": NOTHING, "softness": 0.0}
    if isinstance(prior, Against):
        found |= {"over": place_of(prior), "softness": prior.on.softness or 0.0}
        prior = prior.on.rate
    if isinstance(prior, Fixed):
        return {**found, "form": FIXED, "centre": prior.value}
    if isinstance(prior, LogNormal | LogitNormal):
        form = EXP if isinstance(prior, LogNormal) else EXPIT
        return {**found, "form": form, "centre": prior.mu, "spread": prior.sigma}
    if isinstance(prior, Pooled):
        return {**found, "form": POOLED, "spread": prior.spread, "around": place_of(prior)}
    tables.append(line_table(prior))
    form = ODDS_TABLE if isinstance(prior, Shaped) and prior.is_chance else TABLE
    return {**found, "form": form, "around": len(tables) - 1}


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
