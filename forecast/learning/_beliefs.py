"""Networks whose beliefs state what was learned, in the words of a network file."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from forecast.network import Network
from forecast.network._nodes import CONFIRMED
from forecast.network._prior import half_width

if TYPE_CHECKING:
    from forecast.learning._fit import Fitted
    from forecast.learning._learned import Learned

type Floats = NDArray[np.float64]

LEVEL = 0.9
DIGITS = (4, 6, 9, 12)
LINK_FIELDS = {"extra_rate", "hazard_ratio", "odds_ratio", "delay"}
SCALED = {"base_rate", "extra_rate"}
"""Of a unit with a ratio of its own these are multiplied with it."""


def network_with(
    learned: "Learned", ratio: Mapping[str, Floats] | None, unit: str | None = None
) -> Network:
    """Return the stated network with the beliefs that were learned.

    Parameters
    ----------
    learned
        What was learned.
    ratio
        Draws of a unit's ratio to the common rate, by event; None for the common rates.
    unit
        Whose.
    """
    events: dict[str, dict[str, Any]] = {}
    links: dict[str, dict[str, Any]] = {}
    for fitted in learned.processes:
        for (name, label), draws in fitted.stated():
            own = draws
            if ratio is not None and fitted.process.role == "on" and name in SCALED:
                own = draws * ratio[fitted.process.event.id]
            field, text = _belief(learned.stated, name, label, own)
            into, key = (links, label) if name in LINK_FIELDS else (events, label.split(".")[0])
            into.setdefault(key, {})[field] = text
            into[key]["why"] = _why(learned, fitted, into is links, key, ratio is not None, unit)
    return learned.stated.edited(event=events, link=links)


def _belief(network: Network, name: str, label: str, draws: Floats) -> tuple[str, str]:
    """Return the field of a number, and its belief as text."""
    if name == "base_rate":
        event = network.stated(label)
        if label.endswith(f".{CONFIRMED}"):
            return "known", f"within {_span(np.log(2) / draws)}"
        if event.pace is not None:
            return "pace", f"half of it within {_span(np.log(2) / draws)}"
        return ("rate" if label == event.id else "rate_after"), _rate(draws)
    if name in {"off_rate", "extra_rate"}:
        return name, _rate(draws)
    if name == "delay":
        return name, _span(draws)
    if name == "initial_probability":
        return ("ever" if label.endswith(".ever") else "initially"), _chance(draws)
    return name, _ends(np.log(draws), np.exp, lambda m, low, high: f"x{m} [{low}, {high}]")


def _rate(draws: Floats) -> str:
    return _ends(np.log(draws), np.exp, lambda m, low, high: f"{m} per year [{low}, {high}]")


def _chance(draws: Floats) -> str:
    def expit(x: Any) -> Any:
        return 1 / (1 + np.exp(-x))

    return _ends(np.log(draws / (1 - draws)), expit, lambda m, low, high: f"{m} [{low}, {high}]")


def _span(draws: Floats) -> str:
    middle = float(np.median(draws))
    unit, times = next(
        (name, per) for name, per in (("years", 1.0), ("months", 12.0), ("days", 365.25))
        if middle * per >= 1 or name == "days"
    )  # fmt: skip
    return _ends(
        np.log(draws * times), np.exp, lambda m, low, high: f"{m} {unit} [{low}, {high}]", "f"
    )


def _ends(line: Floats, back: Callable[[Any], Any], words: Callable[..., str], form: str = "g") -> str:
    """Return the middle and the central interval of a normal with the moments of some draws."""
    z = half_width(LEVEL)
    mean, sd = float(line.mean()), float(line.std())
    numbers = back(np.array([mean, mean - z * sd, mean + z * sd]))
    texts = ["", "", ""]
    for digits in DIGITS:
        texts = [f"{number:.{digits}{form}}" for number in numbers]
        if len(set(texts)) == len(texts):
            return words(*texts)
    return words(*texts)


def _why(
    learned: "Learned", fitted: "Fitted", of_link: bool, key: str, own: bool, unit: str | None  # noqa: FBT001
) -> str:
    """Return from what a belief was learned, before the reason that was stated."""
    risk, units = fitted.process.risk, learned.panel.units
    events = int(risk.events.sum())
    seen = int((risk.unit_events > 0).sum())
    what = f"Learned from {events:,} events ({fitted.name}) of {seen:,} units in {risk.years:,.4g} years at risk of {len(units):,} units"
    if own:
        what += f"; for unit '{unit}'" if unit is not None else "; for a new unit"
    if learned.source:
        what += f"; source: {learned.source}"
    stated = (learned.stated.link(key) if of_link else learned.stated.event(key)).why
    return f"{what}. {stated}".strip()
