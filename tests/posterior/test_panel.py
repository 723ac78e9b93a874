"""Panels: shared numbers learned jointly, units by themselves, links across, faults at once."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.linalg import expm
from scipy.stats import norm

import forecast as fc
from forecast.engine._components import joined
from forecast.engine._likelihood import log_likelihoods
from forecast.model._lower import lower
from forecast.network._json import network_from_json
from forecast.posterior import _along
from forecast.posterior._panel import Panel

START, END = "2024-01-01", "2024-12-31"
NOISE = 4.0  # standard errors by which two estimates of one number may differ
PRESS = {
    "source_types": [
        fc.SourceType(id="press", hit_rate="60% [40%, 80%]", false_alarm_rate="5% [2%, 12%]")
    ],
    "sources": [fc.Source(id="wire", type="press")],
}


def network(*events: fc.Event, links: tuple[fc.Link, ...] = (), **fields: object) -> fc.Network:
    """Return a network over 2024."""
    return fc.Network(name="coups", start=START, horizon=END, events=events, links=links, **fields)


def coup(rate: str = "0.3 per year [0.1, 0.9]") -> fc.Event:
    """Return the event that a panel is about: public, so that its history is known."""
    return fc.Event(id="coup", kind="onset", rate=rate)


def seen(event: str, day: str) -> fc.Observation:
    """Return an onset on a day."""
    return fc.Observation(id=event.replace("@", "_"), published=day, event=event, onset=(day, day))


def learned_by_quadrature(exposure: float, events: int, ahead: float) -> tuple[float, float]:
    """Return mean of a log-normal rate 0.3 [0.1, 0.9] given a history, and the chance ahead."""
    z = np.linspace(-8, 8, 4001)
    rate = 0.3 * np.exp(np.log(9) / (2 * norm.ppf(0.95)) * z)
    weight = norm.pdf(z) * rate**events * np.exp(-rate * exposure)
    weight /= weight.sum()
    return float(weight @ rate), float(weight @ -np.expm1(-rate * ahead))


def test_one_rate_is_learned_from_the_histories_of_all_units() -> None:
    """Onsets on a day are Poisson events: the posterior of their rate is known by quadrature."""
    panel = Panel(network(coup()), [f"u{i}" for i in range(10)])
    days = {"u0": "2024-02-01", "u1": "2024-03-01", "u2": "2024-06-01"}
    evidence = fc.Evidence([seen(f"coup@{unit}", day) for unit, day in days.items()])
    found = panel.update(evidence, as_of="2024-06-30")
    year = 365.25
    half = (pd.Timestamp("2024-07-01") - pd.Timestamp(START)).days / year
    before = [(pd.Timestamp(day) - pd.Timestamp(START)).days / year for day in days.values()]
    exposure = 7 * half + sum(before) + 3 / (2 * year)  # on average a day's onset falls at noon
    rate, ahead = learned_by_quadrature(exposure, 3, 184 / year)
    rates = found.joint.idata["posterior"]["base_rate"]
    assert rates.sizes["event"] == 1
    assert float(rates.mean()) == pytest.approx(rate, rel=0.01)
    for unit in ("u5", "u9"):
        told = found.posterior(unit).probability("coup", by=END)
        assert told.mean == pytest.approx(ahead, abs=NOISE * told.mcse + 1e-4)
    alone = fc.update(network(coup()), fc.Evidence([]), as_of="2024-06-30")
    assert alone.probability("coup", by=END).mean < ahead - 0.02  # it has seen no coup at all


STATE = fc.Event(
    id="unrest", kind="state", rate="1 per year [0.5, 2]", off_rate="2 per year [1, 4]",
    initially="20% [10%, 40%]",
)  # fmt: skip
HIDDEN = fc.Event(id="plot", kind="onset", public=False, rate="0.4 per year [0.2, 0.8]")
TIED = (
    fc.Link(parent="unrest", child="coup", kind="multiplies", hazard_ratio="x3 [1.5, 6]"),
    fc.Link(parent="plot", child="coup", kind="causes", extra_rate="0.5 per year [0.2, 1]"),
)


def reports() -> list[fc.Report]:
    """Return reports on two units by one source, whose reliability they share."""
    told = [("mli", "unrest"), ("mli", "unrest"), ("ner", "plot"), ("ner", "unrest")]
    return [
        fc.Report(
            id=f"r{i}", published=f"2024-0{i + 2}-10", event=f"{event}@{unit}", source="wire",
            claim="on",
        )
        for i, (unit, event) in enumerate(told)
    ]  # fmt: skip


def test_two_units_agree_with_their_own_networks_weighed_together() -> None:
    """Draws of the prior, weighed by the product of the units' own likelihoods.

    Each unit's network stands by itself, without ties: the shared numbers are drawn once and put
    into both.
    """
    stated = network(STATE, HIDDEN, coup(), links=TIED, **PRESS)
    panel = Panel(stated, ["mli", "ner", "tcd"])
    evidence = fc.Evidence([*reports(), seen("coup@ner", "2024-05-20")])
    found = panel.update(evidence, as_of="2024-06-30", draws=8192)
    plain = {
        unit: fc.Evidence(
            [
                item.model_copy(update={"event": item.event.split("@")[0]})
                for item in evidence
                if item.event.endswith(unit)
            ]
        )
        for unit in panel.units
    }
    whole = lower(panel.joint, evidence, "2024-06-30")
    assert whole.table.dimensions == 7 + 4  # rates and strengths; the source's, around its type's
    rng = np.random.default_rng(5)
    z = rng.standard_normal((60_000, whole.table.dimensions))
    values = whole.table.from_z(z)
    names = {group.name: group.labels for group in whole.table.groups}
    log_weight = np.zeros(len(z))
    chance: dict[str, np.ndarray] = {}
    for unit, items in plain.items():
        own = lower(stated, items, "2024-06-30")
        mine = {
            group.name: values[group.name][:, [names[group.name].index(x) for x in group.labels]]
            for group in own.table.groups
        }
        theta = own.theta(mine)
        log_weight += log_likelihoods(own.plans(), theta).sum(axis=1)
        chance[unit] = _chance_of(own, theta)
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    worth = 1 / (weight**2).sum()
    assert worth > 2000
    for unit in ("mli", "tcd"):
        expected = float(weight @ chance[unit])
        spread = float(np.sqrt(weight @ (chance[unit] - expected) ** 2))
        told = found.posterior(unit).probability("coup", by=END)
        error = np.hypot(told.mcse, spread / np.sqrt(worth))
        assert told.mean == pytest.approx(expected, abs=NOISE * error)


def _chance_of(own: object, theta: object) -> np.ndarray:
    from forecast.posterior._outlook import outlook  # noqa: PLC0415

    place = own.events.index("coup")  # type: ignore[attr-defined]
    horizon = own.structure.horizon  # type: ignore[attr-defined]
    return outlook(own, theta, [place], np.array([horizon]), seed=1)[0][0, :, 0]  # type: ignore[arg-type]


def test_with_sure_numbers_a_unit_is_its_own_network() -> None:
    """Nothing is then shared, so that the panel says what each network says by itself."""
    sure = (
        fc.Event(id="unrest", kind="state", rate="1 per year", off_rate="2 per year",
                 initially="20%"),
        coup("0.1 per year"),
    )  # fmt: skip
    links = (fc.Link(parent="unrest", child="coup", kind="multiplies", hazard_ratio="x3"),)
    types = {
        "source_types": [fc.SourceType(id="press", hit_rate="60%", false_alarm_rate="5%",
                                       spread=0)],
        "sources": PRESS["sources"],
    }  # fmt: skip
    stated = network(*sure, links=links, **types)
    rows = [{"unit": "mli", "title": "Mali", "coup.rate": "0.2 per year"}, {"unit": "ner"}]
    panel = Panel(stated, rows)
    item = fc.Report(id="a", published="2024-06-01", event="unrest@mli", source="wire", claim="on")
    found = panel.update(fc.Evidence([item]), as_of="2024-06-30", draws=512)
    for unit, items in (("mli", [item.model_copy(update={"event": "unrest"})]), ("ner", [])):
        alone = fc.update(panel.network(unit), fc.Evidence(items), as_of="2024-06-30", draws=512)
        told = found.posterior(unit).probability("coup", by=END).mean
        assert told == pytest.approx(alone.probability("coup", by=END).mean, abs=1e-9)
    ranked = found.ranking("coup", by=END)
    assert ranked.index.tolist() == ["mli", "ner"]
    assert ranked["items"].tolist() == [1, 0]
    assert ranked.loc["mli", "title"] == "Mali"


def test_links_across_units_against_the_matrix_exponential() -> None:
    """Two neighbours: with sure rates, the four joint states are a Markov chain."""
    across = [fc.Link(parent="neighbour.coup", child="coup", kind="multiplies", hazard_ratio="x4")]
    pairs = pd.DataFrame({"unit": ["mli", "ner"], "neighbour": ["ner", "mli"]})
    panel = Panel(
        network(coup("0.5 per year")), ["mli", "ner", "tcd"], neighbours=pairs, across=across
    )
    found = panel.update(fc.Evidence([]), as_of="2024-06-30", draws=512)
    rate, q = 0.5, np.zeros((4, 4))  # columns from, rows to; bit 0 is mli, bit 1 ner
    for a, b, speed in ((0, 1, rate), (0, 2, rate), (1, 3, 4 * rate), (2, 3, 4 * rate)):
        q[b, a] += speed
        q[a, a] -= speed
    ahead = expm(q * 184 / 365.25)[:, 0]
    told = found.posterior("mli").probability("coup", by=END).mean
    assert told == pytest.approx(ahead[1] + ahead[3], abs=1e-3)
    alone = found.posterior("tcd").probability("coup", by=END).mean
    assert alone == pytest.approx(-np.expm1(-rate * 184 / 365.25), abs=1e-6)
    on = found.posterior("mli").probability("coup", by=END, given={"coup@ner": "on"}).mean
    assert on == pytest.approx(ahead[3] / (ahead[2] + ahead[3]), abs=1e-3)


@pytest.mark.parametrize("most_held", [24, 0])
def test_a_web_of_neighbours_is_simulated_within_its_own_error(
    most_held: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ring of 12 units against all its 4,096 joint states: integrated out, and read off."""
    monkeypatch.setattr(_along, "MOST_HELD", most_held)
    units = [f"u{i}" for i in range(12)]
    pairs = [(units[i], units[i - 1]) for i in range(12)]
    across = [fc.Link(parent="neighbour.coup", child="coup", kind="multiplies", hazard_ratio="x6")]
    panel = Panel(network(coup("0.5 per year")), units, neighbours=pairs, across=across)
    told = panel.update(fc.Evidence([]), as_of="2024-06-30", draws=512)
    states = np.arange(2**12)
    p, steps = np.zeros(2**12), 4000
    p[0] = 1.0
    dt = 184 / 365.25 / steps
    rates = [np.where((states >> ((i - 1) % 12)) & 1, 3.0, 0.5) for i in range(12)]
    for _ in range(steps):  # a small step of Euler: its error is below that of the simulation
        flow = np.zeros_like(p)
        for i, rate in enumerate(rates):
            off = ((states >> i) & 1) == 0
            moved = np.where(off, p * rate * dt, 0.0)
            flow -= moved
            flow[states[off] | (1 << i)] += moved[off]
        p += flow
    expected = float(p[(states & 1) == 1].sum())
    found = told.posterior("u0").probability("coup", by=END)
    assert found.mean == pytest.approx(expected, abs=NOISE * found.mcse + 1e-3)


def test_what_was_learned_of_units_becomes_their_own_rates() -> None:
    """`from_learned` takes each unit's rate in words, and what the table states before it."""
    stated = network(coup("0.1 per year [0.05, 0.2]"))
    rates = {"mli": "0.3 per year [0.2, 0.5]", "ner": "0.1 per year [0.05, 0.2]"}
    learned = SimpleNamespace(
        network=stated, network_of=lambda unit: network(coup(rates.get(unit, "0.2 per year")))
    )
    rows = [{"unit": "mli"}, {"unit": "ner"}, {"unit": "tcd", "coup.rate": "0.4 per year"}]
    panel = Panel.from_learned(learned, rows)
    told = {unit: str(panel.network(unit).event("coup").rate) for unit in panel.units}
    assert told == {**rates, "tcd": "0.4 per year"}
    assert [unit.own for unit in panel.joint.units] == [("coup.rate",), (), ("coup.rate",)]


def test_a_panel_takes_what_learning_returns() -> None:
    """Units of a long and a short history of onsets get rates of their own, in that order."""
    stated = network(fc.Event(id="coup", kind="repeated", rate="0.1 per year [0.03, 0.3]"))
    units = pd.DataFrame({"unit": ["mli", "ner", "prt"], "start": 1970, "stop": 2020})
    rows = [("mli", year) for year in range(1971, 2019, 4)] + [("ner", 1999)]
    histories = pd.DataFrame(rows, columns=["unit", "on"]).assign(event="coup")
    panel = Panel.from_learned(fc.learn(stated, histories, units=units, draws=500), units[["unit"]])
    rates = [panel.joint.event(f"coup@{unit}").rate for unit in ("mli", "ner", "prt")]
    medians = [rate.prior(stated.start).median() for rate in rates if rate is not None]
    assert medians == sorted(medians, reverse=True)
    assert medians[0] > 2 * medians[2]


def test_all_faults_of_a_panel_come_at_once() -> None:
    """Each with unit, field, value and remedy."""
    across = [fc.Link(parent="neighbour.copu", child="coup", kind="multiplies", hazard_ratio="x2")]
    rows = [{"unit": "mli", "coup.rate": "abc"}, "mli", {"unit": "ner", "cop.rate": "1 per year"}]
    with pytest.raises(fc.InputError) as caught:
        Panel(network(coup()), rows, neighbours=[("mli", "nr")], across=across)
    told = str(caught.value)
    for part in (
        "mli: unit: the unit is there twice",
        "ner: cop.rate: is no number that a unit may state for itself. Did you mean 'coup.rate'?",
        "neighbour_copu__multiplies__coup.parent: unknown event (got 'copu'). Did you mean 'coup'?",
        "mli: coup.rate: 'abc' is not a probability (got 'abc')",
        "mli: neighbour: unknown unit (got 'nr'). Did you mean 'ner'?",
    ):
        assert part in told
    with pytest.raises(fc.InputError, match="row 1: unit"):
        Panel(network(coup()), ["Mali (North)"])
    with pytest.raises(fc.InputError, match="no neighbours are stated"):
        Panel(network(coup()), ["mli"], across=[across[0].model_copy(
            update={"parent": "neighbour.coup"})])  # fmt: skip
    with pytest.raises(fc.InputError, match="is of unit 'mli', which the network does not have"):
        network(fc.Event(id="coup@mli", kind="onset", rate="1 per year"))


def test_a_panels_network_reads_back_from_json() -> None:
    """With its units and what is their own."""
    joint = Panel(network(coup()), [{"unit": "mli", "coup.rate": "1 per year"}, "ner"]).joint
    assert network_from_json(joint.model_dump_json()) == joint


def test_units_without_links_are_lots_of_their_own() -> None:
    """What is asked of one is planned without the others, so that cost follows their number."""
    stated = network(STATE, coup(), links=TIED[:1])
    lowered = lower(Panel(stated, ["a", "b", "c"]).joint, fc.Evidence([]), START)
    assert [sorted(lot) for lot in joined(lowered.structure)] == [[0, 1], [2, 3], [4, 5]]
