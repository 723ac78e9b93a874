"""Questions to the first network against rejection: worlds that disagree are thrown away."""

from functools import cache

import numpy as np
import pytest

from forecast.files._network_file import read_network
from forecast.posterior import Posterior, prior
from forecast.posterior._probability import Probability
from tests.contract.repository import ROOT
from tests.exact.rejection import Worlds, simulated
from tests.tolerances import MONTE_CARLO_Z

MIDDLE, END = "2024-12-31", "2025-12-31"
WORLDS = 20_000


@cache
def post() -> Posterior:
    return prior(read_network(ROOT / "priors" / "nato_rok.yaml"), draws=1024)


def index(event: str) -> int:
    return post().fitted.lowered.events.index(event)


def years(day: str) -> float:
    calendar = post()._draws.calendar
    return calendar.years(calendar.deadline(day))


@cache
def worlds(*imposed: tuple[str, str]) -> Worlds:
    """Worlds of the network, each with parameters of its own, after an intervention or none."""
    lowered = post().fitted.lowered
    rng = np.random.default_rng(8)
    theta = lowered.theta(lowered.table.from_z(rng.normal(size=(WORLDS, lowered.table.dimensions))))
    fixed = {"on": 0.0, "off": np.inf}
    forced = {index(event): fixed[day] if day in fixed else years(day) for event, day in imposed}
    return simulated(lowered.structure, theta, (years(MIDDLE), years(END)), rng, forced)


def share(held: np.ndarray, among: np.ndarray) -> tuple[float, float]:
    """The share of worlds in which something holds among others, and its error."""
    p, n = held[among].mean(), among.sum()
    assert n > 300
    return float(p), float(np.sqrt(p * (1 - p) / n))


def agree(p: Probability | tuple[float, float], counted: tuple[float, float]) -> None:
    mean, error = (p.mean, p.mcse) if isinstance(p, Probability) else p
    assert abs(mean - counted[0]) < MONTE_CARLO_Z * np.hypot(error, counted[1])


@pytest.mark.parametrize(
    ("event", "conditions"),
    [
        ("dprk_troops_russia", {"dprk_russia_treaty": "on"}),
        ("dprk_russia_treaty", {"dprk_troops_russia": "on"}),
        ("rok_lethal_exports", {"dprk_troops_russia": "on", "nato_rok_pact": "off"}),
        ("bloc_confrontation", {"japan_nato_integration": "off", "russia_miltech_dprk": "on"}),
    ],
)
def test_a_condition_is_what_is_left_of_the_worlds(event: str, conditions: dict[str, str]) -> None:
    given = {name: (state, MIDDLE) for name, state in conditions.items()}
    then, end = (worlds().at[years(day)] for day in (MIDDLE, END))
    among = np.ones(WORLDS, dtype=bool)
    for name, state in conditions.items():
        among &= then[:, index(name)] == (state == "on")
    agree(
        post().probability(event, by=END, given=given),  # type: ignore[arg-type]
        share(end[:, index(event)], among),
    )


@pytest.mark.parametrize(
    ("event", "imposed"),
    [
        ("rok_lethal_exports", {"dprk_troops_russia": "2024-10-01"}),
        ("dprk_russia_treaty", {"dprk_troops_russia": "2024-10-01"}),
        ("dprk_troops_russia", {"dprk_russia_treaty": "off"}),
        ("bloc_confrontation", {"nato_rok_pact": "on", "dprk_russia_treaty": "2024-08-01"}),
    ],
)
def test_an_intervention_is_what_worlds_do_after_it(event: str, imposed: dict[str, str]) -> None:
    after = worlds(*imposed.items()).at[years(END)]
    counted = share(after[:, index(event)], np.ones(WORLDS, dtype=bool))
    agree(post().probability(event, by=END, do=imposed), counted)  # type: ignore[arg-type]


def test_a_condition_after_an_intervention_is_what_is_left_of_those_worlds() -> None:
    made = worlds(("dprk_troops_russia", "2024-10-01"))
    among = made.at[years(MIDDLE)][:, index("dprk_russia_treaty")]
    found = post().probability(
        "rok_lethal_exports",
        by=END,
        given={"dprk_russia_treaty": ("on", MIDDLE)},
        do={"dprk_troops_russia": "2024-10-01"},
    )
    agree(found, share(made.at[years(END)][:, index("rok_lethal_exports")], among))


@pytest.mark.parametrize(
    "pair",
    [
        ("dprk_troops_russia", "rok_lethal_exports"),
        ("rok_lethal_exports", "dprk_troops_russia"),
        ("dprk_russia_treaty", "rok_arms_review"),
    ],
)
def test_who_comes_first_is_counted_in_the_worlds(pair: tuple[str, str]) -> None:
    onset, limit = worlds().onset, years(END)
    first, second = (onset[:, index(event)] for event in pair)
    everyone = np.ones(WORLDS, dtype=bool)
    agree(
        post().before(*pair, by=END),
        share((first < second) & (first <= limit), everyone),
    )


def test_a_joint_is_counted_in_the_worlds() -> None:
    events = ["dprk_russia_treaty", "dprk_troops_russia", "rok_lethal_exports"]
    held, everyone = worlds().at[years(END)], np.ones(WORLDS, dtype=bool)
    for row in post().joint(events, by=END).to_dict("records"):
        cell = np.all([held[:, index(event)] == row[event] for event in events], axis=0)
        agree((row["mean"], row["mcse"]), share(cell, everyone))


def test_scenarios_are_counted_in_the_worlds_story_by_story() -> None:
    events = ["dprk_russia_treaty", "dprk_troops_russia", "rok_arms_review"]
    table = post().scenarios(by=END, n=5, events=events)
    onset = worlds().onset[:, [index(event) for event in events]]
    stories = np.array([story(events, when, years(END)) for when in onset])
    everyone = np.ones(WORLDS, dtype=bool)
    for row in table.iloc[:-1].to_dict("records"):
        agree((row["probability"], row["mcse"]), share(stories == row["scenario"], everyone))
    rest = ~np.isin(stories, table["scenario"])
    agree((table["probability"].iloc[-1], table["mcse"].iloc[-1]), share(rest, everyone))
    assert table["probability"].sum() == pytest.approx(1)


def story(events: list[str], when: np.ndarray, limit: float) -> str:
    """One world in the words of a scenario."""
    came = [events[i] for i in np.argsort(when) if when[i] <= limit]
    missing = [event for event, t in zip(events, when, strict=True) if t > limit]
    parts = [", then ".join(came)] if came else []
    return "; ".join([*parts, *(["not " + " nor ".join(missing)] if missing else [])])
