"""Networks whose beliefs state what was learned, in the words of a network file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast.learning._fit import Fitted
from forecast.network import Event, Network
from forecast.network._nodes import CONFIRMED
from forecast.network._outcomes import REST, Outcomes
from forecast.network._prior import half_width

type Floats = NDArray[np.float64]

LEVEL = 0.9
DIGITS = (4, 6, 9, 12)
LINK_FIELDS = {"extra_rate", "hazard_ratio", "odds_ratio", "delay"}
SCALED = {"base_rate", "extra_rate"}
"""Of a unit with a ratio of its own these are multiplied with it."""


@dataclass(frozen=True)
class Teller:
    """Says in beliefs what was learned.

    Parameters
    ----------
    stated
        The network.
    processes
        What was fitted.
    units
        How many there were.
    source
        Where the histories come from.
    """

    stated: Network
    processes: Sequence[Fitted]
    units: int
    source: str

    def network(self, ratio: Mapping[str, Floats] | None = None, whose: str = "") -> Network:
        """Return the network with the beliefs that were learned.

        Parameters
        ----------
        ratio
            Draws of a unit's ratio to the common rate, by event; None for the common rates.
        whose
            Words for that unit.
        """
        events: dict[str, dict[str, Any]] = {}
        links: dict[str, dict[str, Any]] = {}
        for fitted in self.processes:
            event = fitted.process.event.id
            for (name, label), draws in fitted.stated():
                if name in {"outcome_weight", "chance"}:
                    continue  # told together, below
                own = draws
                if ratio is not None and fitted.process.role == "on" and name in SCALED:
                    own = draws * ratio[event]
                field, text = _belief(self.stated, name, label, own)
                if name in LINK_FIELDS:
                    into, why = links.setdefault(label, {}), self.stated.link(label).why
                else:
                    key = label.split(".")[0]
                    into, why = events.setdefault(key, {}), self.stated.stated(key).why
                into[field] = text
                into["why"] = f"{into.get('why', why)} {self._why(fitted, whose)}".strip()
            if fitted.process.role == "value":
                told = chances_told(self.stated, fitted.process.event, dict(fitted.stated()))
                if told:
                    why = self.stated.stated(event).why
                    into = events.setdefault(
                        event, {"why": f"{why} {self._why(fitted, whose)}".strip()}
                    )
                    into.update(told)
        return self.stated.edited(event=events, link=links)

    def _why(self, fitted: Fitted, whose: str) -> str:
        """Return from what the numbers of a process were learned."""
        risk = fitted.process.risk
        events, seen = int(risk.unit_events.sum()), int((risk.unit_events > 0).sum())
        if fitted.process.role == "value":
            what = f"Learned from {events:,} values of {fitted.name} in {self.units:,} units"
            return f"{what}; source: {self.source}." if self.source else f"{what}."
        what = (
            f"Learned from {events:,} events of {fitted.name}, in {seen:,} of {self.units:,} units "
            f"and {risk.years:,.0f} years at risk"
        )
        parts = [what, whose, f"source: {self.source}" if self.source else ""]
        return "; ".join(part for part in parts if part) + "."


def _belief(network: Network, name: str, label: str, draws: Floats) -> tuple[str, str]:
    """Return the field of a number, and its belief as text."""
    event = None if name in LINK_FIELDS else network.stated(label)
    if name == "base_rate" and label.endswith(f".{CONFIRMED}"):
        return "known", f"within {_span(np.log(2) / draws)}"
    if name == "base_rate" and event is not None and event.pace is not None:
        return "pace", f"half of it within {_span(np.log(2) / draws)}"
    if name == "initial_probability":
        return ("ever" if label.endswith(".ever") else "initially"), _chance(draws)
    if name == "base_rate":
        name = "rate" if event is not None and label == event.id else "rate_after"
    return name, WORDS[name](draws)


def chances_told(
    network: Network, event: Event, draws: Mapping[tuple[str, str], Floats]
) -> dict[str, Any]:
    """Return the fields of a fact's table, or of its values or outcomes, as they were learned."""
    family = next((one for one in network.families if one.event == event.id), None)
    if event.kind == "decision" and event.outcomes is not None:
        weights = [("outcome_weight", f"{event.id}.{name}") for name in event.outcomes.names]
        return _outcomes(event.outcomes, weights, draws)
    if family is None or not family.rows:
        return {}
    if not event.table and event.outcomes is not None:
        weights = [("chance", number.label) for number in family.rows[0]]
        return _outcomes(event.outcomes, weights, draws)
    rows: list[dict[str, Any]] = []
    for row, numbers in zip(event.table, family.rows, strict=True):
        fields: dict[str, Any] = {"when": dict(row.when.values)}
        keys = [("chance", number.label) for number in numbers]
        if row.outcomes is not None:
            fields["outcomes"] = row.outcomes
            fields |= _outcomes(row.outcomes, keys, draws)
        else:
            fields["initially"] = _chance(draws[keys[0]]) if keys[0] in draws else row.initially
        rows.append(fields)
    return {"table": rows}


def _outcomes(
    stated: Outcomes, keys: Sequence[tuple[str, str]], draws: Mapping[tuple[str, str], Floats]
) -> dict[str, Any]:
    """Return the chances of values whose weights were learned, with those that are known."""
    learned = [key for key in keys if key in draws]
    if not learned:
        return {}
    weights = stated.weight_priors
    size = len(draws[learned[0]])
    columns = [
        draws[key] if key in draws else np.full(size, weights[name].median())
        for key, name in zip(keys, stated.names, strict=True)
    ]
    shares = np.stack(columns) / np.sum(columns, axis=0)
    middle = np.exp(np.log(np.stack(columns)).mean(axis=1))
    middle = middle / middle.sum()
    z, told = half_width(LEVEL), {}
    for name, share, centre in zip(stated.names, shares, middle.tolist(), strict=True):
        line, sd = np.log(centre / (1 - centre)), float(np.log(share / (1 - share)).std())
        low, high = (100 / (1 + np.exp(-line + sign * z * sd)) for sign in (1, -1))
        told[name] = f"{100 * centre:.8g}% [{low:.8g}%, {high:.8g}%]"
    told[stated.names[-1]] = REST
    return {"outcomes": told}


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


def _ends(
    line: Floats, back: Callable[[Any], Any], words: Callable[..., str], form: str = "g"
) -> str:
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


def _ratio(draws: Floats) -> str:
    return _ends(np.log(draws), np.exp, lambda m, low, high: f"x{m} [{low}, {high}]")


WORDS = {
    "rate": _rate,
    "rate_after": _rate,
    "off_rate": _rate,
    "extra_rate": _rate,
    "delay": _span,
    "hazard_ratio": _ratio,
    "odds_ratio": _ratio,
}
