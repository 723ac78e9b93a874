"""Pools and rates while on as parameters: the same in NumPy, in PyMC and in compiled code."""

from datetime import date

import numpy as np
import pymc as pm
import pytest
from scipy.special import logit

import forecast as fc
from forecast.engine._channels import values_at
from forecast.engine._likelihood import log_likelihoods
from forecast.engine._lines import EXP, ODDS_TABLE, TABLE
from forecast.engine._problem import Floats, Parameters
from forecast.engine._pullback import pull_values
from forecast.engine.paths import make_sampler
from forecast.engine.paths._chain import build_moves
from forecast.evidence import Evidence, Report
from forecast.model._build import build_from
from forecast.model._lower import Lowered, lower
from forecast.model._parameters import NODES, Group, line_table, make_table, z_of
from forecast.network import ProbabilityBelief, RateBelief
from forecast.network._prior import Prior, Shaped
from forecast.network._while_on import Warped
from tests.model.networks import AS_OF
from tests.reference.stated import compiled
from tests.tolerances import GRADIENT

PYTHON = "FAST_COMPILE"
START = "2024-01-01"
DAY = date(2024, 1, 1)
COUNTED = "1 onset in 10 years"
ASKED = "4% [1%, 15%] within 6 months"
Z90 = 1.6448536269514722
FAR = ["0.001 per year [0.00001, 0.1]", "2 per year [1.5, 3]", "once in 1000 years"]


def pool(kind: str, *experts: str) -> dict[str, object]:
    return {"pool": kind, "experts": list(experts)}


def network() -> fc.Network:
    """Pools of every kind, and rates while on over every kind of base rate."""

    def onset(name: str, rate: object) -> fc.Event:
        return fc.Event(id=name, kind="onset", public=False, rate=rate)

    def while_on(child: str, kind: str, said: object) -> fc.Link:
        field = "extra_rate" if kind == "causes" else "hazard_ratio"
        return fc.Link(parent="clause", child=child, kind=kind, **{field: said})

    near = "if on: 40% [20%, 60%] within 6 months"
    return fc.Network(
        name="stated",
        start=START,
        horizon="2024-12-31",
        events=[
            fc.Event(id="clause", kind="fact", initially=pool("linear", "10% [2%, 30%]", "70%")),
            onset("mixed", pool("logarithmic", COUNTED, ASKED)),
            onset("linear", pool("linear", COUNTED, ASKED, "0.3 per year")),
            onset("counted", "2 onsets in 7 years"),
            onset("ranged", "20% [9%, 38%] within 6 months"),
            onset("second", "12% [4%, 30%] within 6 months"),
            onset("sure", "22% within 6 months"),
            onset("apart", "10% [3%, 25%] within 6 months"),  # of which nobody reports
        ],
        links=[
            while_on("mixed", "multiplies", near),
            while_on("linear", "causes", "if on: 80% [60%, 95%] within 6 months"),
            while_on("counted", "multiplies", "if on: 3 onsets in 5 years"),
            while_on("ranged", "causes", near),
            while_on("second", "multiplies", {"if on": pool("linear", ASKED, COUNTED)}),
            while_on("sure", "causes", near),
            while_on("apart", "multiplies", near),
        ],
        source_types=[
            fc.SourceType(
                id="papers",
                hit_rate=pool("linear", "60% [30%, 90%]", "90% [80%, 95%]"),
                false_alarm_rate="5% [1%, 15%]",
            )
        ],
        sources=[fc.Source(id="daily", type="papers")],
    )


def stated_case() -> tuple[fc.Network, Evidence]:
    """The network, and a report on most of its events."""
    said = [("mixed", "on"), ("ranged", "off"), ("second", "on"), ("counted", "on")]
    said += [("linear", "on"), ("clause", "on")]
    reports = [
        Report(id=f"r{i}", event=name, source="daily", published="2024-06-01", claim=claim)
        for i, (name, claim) in enumerate(said)
    ]
    return network(), Evidence(reports)


@pytest.fixture(scope="module")
def lowered() -> Lowered:
    return lower(*stated_case(), AS_OF)


@pytest.fixture(scope="module")
def model(lowered: Lowered) -> pm.Model:
    return build_from(lowered, lowered.plans())


def points(lowered: Lowered, number: int) -> tuple[Floats, dict[str, Floats]]:
    z = 1.5 * np.random.default_rng(5).normal(size=(number, lowered.table.dimensions))
    return z, lowered.table.from_z(z)


def point(model: pm.Model, lowered: Lowered, values: dict[str, Floats]) -> dict[str, Floats]:
    assert [variable.name for variable in model.value_vars] == ["z"]
    return {"z": lowered.table.to_z(values)[0]}


def test_natural_values_lead_back_to_their_normals(lowered: Lowered) -> None:
    z, values = points(lowered, 200)
    found = lowered.table.to_z(values)
    sharp = np.array([name != "extra_rate" for name, _ in lowered.table.free])
    np.testing.assert_allclose(found[:, sharp], z[:, sharp], atol=1e-7)
    np.testing.assert_allclose(found[:, ~sharp], z[:, ~sharp], atol=1e-4)


def test_pymc_gives_the_values_of_numpy(model: pm.Model, lowered: Lowered) -> None:
    _, values = points(lowered, 40)
    names, varying = list(lowered.table.uncertain_labels()), lowered.table.varying()
    compiled = model.compile_fn(
        model.replace_rvs_by_values([model[name] for name in names]), mode=PYTHON
    )
    for k in range(40):
        row = {name: value[k : k + 1] for name, value in values.items()}
        found = compiled(point(model, lowered, row))
        for name, value in zip(names, found, strict=True):
            np.testing.assert_allclose(value, row[name][0][varying[name]], rtol=1e-6, err_msg=name)


def test_the_density_has_the_slope_of_finite_differences(model: pm.Model, lowered: Lowered) -> None:
    density, slope = model.compile_logp(mode=PYTHON), model.compile_dlogp(mode=PYTHON)
    _, values = points(lowered, 4)
    rng = np.random.default_rng(2)
    for k in range(4):
        at = point(model, lowered, {name: value[k : k + 1] for name, value in values.items()})
        way = rng.normal(size=len(at["z"]))
        up, down = (density({"z": at["z"] + step * way}) for step in (1e-5, -1e-5))
        found = slope(at) @ way
        np.testing.assert_allclose(
            found, (up - down) / 2e-5, rtol=10 * GRADIENT, atol=10 * GRADIENT
        )


def test_compiled_code_gives_the_values_of_numpy(lowered: Lowered) -> None:
    channels = lowered.channels
    assert {EXP, TABLE, ODDS_TABLE} <= set(channels.form.tolist())
    assert (channels.over >= 0).sum() == 7
    z, values = points(lowered, 100)
    expected = lowered.theta(values)
    for draw in range(len(z)):
        _, theta = compiled(channels, z[draw], len(lowered.events), len(lowered.links))
        for one, other in zip(theta, expected, strict=True):
            np.testing.assert_allclose(one, other[draw], rtol=1e-6)


def test_moving_a_base_rate_moves_the_strengths_that_follow_it(lowered: Lowered) -> None:
    channels, sampler = lowered.channels, make_sampler(lowered.structure, lowered.record)
    moves = build_moves(sampler.marks, channels, lowered.table.dimensions)
    names = lowered.table.names()
    strength = {int(v): int(over) for v, over in enumerate(channels.over) if over >= 0}
    for k in range(len(moves.first_normal) - 1):
        normals = set(moves.normal[moves.first_normal[k] : moves.first_normal[k + 1]].tolist())
        moved = set(moves.value[moves.first_value[k] : moves.first_value[k + 1]].tolist())
        for v, over in strength.items():
            assert channels.normal[over] not in normals or v in moved, names
    base, child = lowered.table.group("base_rate"), lowered.table.group("hazard_ratio")
    assert base is not None
    assert child is not None
    z = points(lowered, 2)[0]
    z[1] = z[0]
    z[1, names.index("base_rate[second]")] += 1.0
    after = lowered.table.from_z(z)
    column, event = child.labels.index("clause__multiplies__second"), base.labels.index("second")
    on = after["hazard_ratio"][:, column] * after["base_rate"][:, event]
    assert after["base_rate"][1, event] > 1.5 * after["base_rate"][0, event]
    np.testing.assert_allclose(on[1], on[0])


SHAPES: list[Prior] = [
    RateBelief.parse(pool("logarithmic", COUNTED, ASKED)).prior(DAY),
    RateBelief.parse(pool("linear", *FAR)).prior(DAY),
    RateBelief.parse(pool("linear", "0 onsets in 1000 years", "10000 onsets in 50 years")).prior(
        DAY
    ),
    ProbabilityBelief.parse(pool("linear", "0.01% [0.001%, 1%]", "99% [90%, 99.99%]")).prior(),
    Warped(RateBelief.parse(ASKED).prior(DAY), (-1.2, 0.1, 1.66), (-Z90, 0.0, Z90)),
]


@pytest.mark.parametrize("prior", SHAPES)
def test_a_table_between_its_nodes_is_the_line(prior: Prior) -> None:
    z = np.random.default_rng(1).uniform(-8.9, 8.9, size=500)
    name = "hit_rate" if isinstance(prior, Shaped) and prior.is_chance else "base_rate"
    c = make_table([Group(name, "event", ("one",), (prior,))]).channels
    value = np.array([values_at(c, np.array([at]))[0] for at in z])
    steep = np.array([pull_values(c, np.array([at]), np.ones(1))[0] for at in z])
    chance = name == "hit_rate"
    line = logit(value) if chance else np.log(value)
    slope = steep / (value * (1 - value)) if chance else steep / value
    wanted = np.array([prior.line(z), prior.dline_dz(z)])  # type: ignore[union-attr]
    np.testing.assert_allclose(line, wanted[0], atol=1e-6)
    np.testing.assert_allclose(slope, wanted[1], atol=1e-3)
    assert (np.diff(line_table(prior)[:, 0]) >= 0).all()
    inner = NODES[(np.abs(NODES) < 3)]
    np.testing.assert_allclose(z_of(prior, prior.from_z(inner)), inner, atol=1e-6)


def test_likelihoods_are_finite_wherever_the_normals_lie(lowered: Lowered) -> None:
    z = np.random.default_rng(3).choice([-8.0, 0.0, 8.0], size=(64, lowered.table.dimensions))
    theta = lowered.theta(lowered.table.from_z(z))
    assert all(np.isfinite(field).all() for field in Parameters(*theta))
    assert not np.isnan(log_likelihoods(lowered.plans(), theta)).any()
