"""Facts that depend on facts, from what is stated to forecasts: against sums by hand."""

from itertools import product
from typing import Any

import numpy as np
import pytest

import forecast as fc
from forecast.engine._flat_map import packed
from forecast.engine._likelihood import over_time
from forecast.engine._marginal import log_marginal
from forecast.engine._packing import pack
from forecast.model._lower import lower
from forecast.network import Event, Link, Network
from tests.network.test_families import AIR, CANCER, DAYS, SMOKER, STAGE

SAME = 1e-9
BY = "2024-12-31"


def mixed() -> Network:
    """Facts by tables, by odds ratios and of several values, which drive an onset."""
    cough = {"id": "cough", "kind": "fact", "initially": "10% [5%, 20%]"}
    events = [Event(**fields) for fields in (SMOKER, AIR, CANCER, STAGE, cough)]
    events.append(Event(id="ward", kind="onset", rate="5% [2%, 10%] within 1 year"))
    return Network(
        **DAYS,
        events=events,
        links=[
            Link(parent="cancer", child="cough", kind="multiplies", odds_ratio="x6 [3, 12]"),
            Link(parent="smoker", child="cough", kind="multiplies", odds_ratio="x2"),
            Link(parent="stage.late", child="ward", kind="multiplies", hazard_ratio="x9 [4, 20]"),
        ],
    )


def seen(event: str, state: str = "on") -> fc.Observation:
    return fc.Observation(
        id=f"{event.replace('.', '_')}_seen",
        event=event,
        state=state,
        speaks_of="2024-01-10",
        published="2024-01-11",
    )


def by_hand(values: dict[str, dict[str, float]]) -> dict[tuple[bool, str, bool, bool, str], float]:
    """The chance of each joint state: smoker, air, cancer, cough, stage."""
    chance, start = values["chance"], values["initial_probability"]
    odds = values["odds_ratio"]
    found = {}
    states = product((False, True), ("good", "bad"), (False, True), (False, True))
    for (smoker, air, cancer, cough), stage in product(states, ("none", "early", "late")):
        weights = [chance["air.good"], chance["air.bad"]]
        p = start["smoker"] if smoker else 1 - start["smoker"]
        p *= chance[f"air.{air}"] / sum(weights)
        label = f"smoker=on, air={air}" if smoker else "smoker=off"
        has = chance[f"cancer | {label}"]
        p *= has if cancer else 1 - has
        line = start["cough"] / (1 - start["cough"])
        line *= odds["cancer__multiplies__cough"] if cancer else 1.0
        line *= odds["smoker__multiplies__cough"] if smoker else 1.0
        p *= line / (1 + line) if cough else 1 / (1 + line)
        rows = {
            name: chance[f"stage.{name} | cancer={'on' if cancer else 'off'}"] for name in STAGES
        }
        found[smoker, air, cancer, cough, stage] = p * rows[stage] / sum(rows.values())
    return found


STAGES = ("none", "early", "late")


def test_chances_of_facts_are_those_of_sums_by_hand() -> None:
    post = fc.update(
        mixed(), fc.Evidence([seen("cough")]), as_of="2024-01-15", method="importance", draws=512
    )
    natural = post._draws.natural  # what no method gives: the draws by group and label
    groups = {group.name: group.labels for group in post._draws.lowered.table.groups}
    draws = len(next(iter(natural.values())))
    exact = np.zeros(draws)
    for d in range(draws):
        values = {
            name: dict(zip(labels, natural[name][d].tolist(), strict=True))
            for name, labels in groups.items()
        }
        joint = by_hand(values)
        assert sum(joint.values()) == pytest.approx(1.0)
        # that the ward has not been needed by the cut-off is evidence too
        years = 15 / 365.25
        base = values["base_rate"]["ward"]
        rate = {s: base * (values["hazard_ratio"][LATE] if s == "late" else 1.0) for s in STAGES}
        kept = {k: p * np.exp(-rate[k[4]] * years) for k, p in joint.items() if k[3]}
        exact[d] = sum(p for k, p in kept.items() if k[2]) / sum(kept.values())
    found = post._draws.one(
        post._draws.lowered.events.index("cancer"), post._draws.calendar.deadline(BY)
    )
    assert np.sort(found.draws.ravel()) == pytest.approx(np.sort(exact), abs=SAME)


LATE = "stage.late__multiplies__ward".replace(".", "_")


def test_methods_agree_on_facts_that_drive_an_onset() -> None:
    evidence = fc.Evidence([seen("cough"), seen("stage.none", "off")])
    found = {}
    for method in ("importance", "paths"):
        post = fc.update(mixed(), evidence, as_of="2024-02-01", method=method, draws=512, seed=3)
        found[method] = [post.probability(name, by=BY) for name in ("cancer", "stage.late", "ward")]
    for one, other in zip(*found.values(), strict=True):
        error = np.hypot(one.mcse, other.mcse)
        assert abs(float(one) - float(other)) < max(5 * error, 0.01)
    assert float(found["importance"][0]) == 1.0  # what is not none is cancer


def test_the_map_of_tables_has_the_slopes_that_differences_have() -> None:
    lowered = lower(mixed(), fc.Evidence([seen("cough"), seen("air.bad")]), "2024-02-01")
    plans, channels = over_time(lowered.plans(eliminate=False)), lowered.channels
    size = np.array([len(lowered.events), len(lowered.links)])
    said = np.zeros(0, dtype=np.int64)
    fixed: tuple[Any, ...] = (*pack(plans), *packed(channels), size, said)
    z = np.random.default_rng(1).normal(size=(1, lowered.table.dimensions))
    values = lowered.table.flat(lowered.table.from_z(z))[0]
    _, slope = log_marginal(*fixed, values)
    for v, value in enumerate(values):
        if value == 0.0:
            continue  # a chance of 0 is known for sure, and has no slope that anything reads
        step = 1e-5 * value
        ends = []
        for sign in (1, -1):
            moved = values.copy()
            moved[v] += sign * step
            ends.append(log_marginal(*fixed, moved)[0])
        assert slope[v] == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-4, abs=1e-6)


def test_an_intervention_on_a_fact_among_facts_is_refused() -> None:
    post = fc.prior(mixed(), draws=512)
    with pytest.raises(fc.QueryError, match=r"do: 'cancer' is a fact that hangs together"):
        post.probability("ward", by=BY, do={"cancer": "on"})


def test_a_simulated_world_keeps_to_its_tables() -> None:
    for world in fc.simulate(mixed(), worlds=200, seed=4):
        on = {name for name, value in world.initially.items() if value}
        assert len(on & {"air.good", "air.bad"}) == 1
        assert len(on & {f"stage.{name}" for name in STAGES}) == 1
        assert ("cancer" in on) == ("stage.none" not in on)
        assert "smoker" in on or "cancer" not in on
