"""Numbers of random networks: drawn, written down as a person would, and kept as values."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from forecast.network import Source, SourceType

__all__ = ["HORIZON", "SOURCES", "START", "Numbers", "Size", "sources"]

START, HORIZON = date(2024, 1, 1), date(2024, 12, 31)
SOURCES = 3


@dataclass(frozen=True)
class Size:
    """What to draw.

    Parameters
    ----------
    tied
        Most events and stages that hang together.
    slow, fast
        The lowest and the highest rate, per year.
    ranged
        Whether numbers have ranges.
    bare
        How many networks in a hundred have no evidence.
    counts
        Whether there are counts among it.
    dated
        Whether reports date onsets, and silences are on several events.
    regimes
        Whether there are regimes among it.
    day
        Whether all that starts does so on one day, as on that of an election, and mostly excludes
        the rest.
    forms
        Whether events are stated in all forms, confirmed, decided, repeated.
    """

    tied: int = 6
    slow: float = 1e-3
    fast: float = 10.0
    ranged: bool = False
    bare: int = 15
    counts: bool = False
    dated: bool = False
    regimes: bool = False
    day: bool = False
    forms: bool = False


class Numbers:
    """Numbers drawn, each written down as a person would and kept as a value."""

    def __init__(self, rng: np.random.Generator, size: Size) -> None:
        self.rng, self.size = rng, size
        self.values: dict[str, dict[str, float]] = {}

    def _keep(self, name: str, label: str, text: str) -> float:
        return self.values.setdefault(name, {}).setdefault(label, float(text))

    def rate(self, name: str, label: str, low: float = 0.0, high: float = np.inf) -> str:
        a, b = max(self.size.slow, low), min(self.size.fast, high)
        x = self._keep(name, label, f"{np.exp(self.rng.uniform(np.log(a), np.log(b))):.6g}")
        ends = f" [{x / 2:.6g}, {x * 2:.6g}]" if self.size.ranged else ""
        return f"{x:.12f} per year" if not ends else f"{x:.12f} per year{ends}"

    def share(self, name: str, label: str, low: float, high: float) -> str:
        x = self._keep(name, label, f"{self.rng.uniform(low, high):.4f}")
        odds = x / (1 - x)
        ends = [100 * o / (1 + o) for o in (odds / 2, odds * 2)]
        between = f" [{ends[0]:.4f}%, {ends[1]:.4f}%]" if self.size.ranged else ""
        return f"{100 * x:.2f}%{between}"

    def ratio(self, name: str, label: str, low: float, high: float) -> str:
        x = self._keep(name, label, f"{np.exp(self.rng.uniform(np.log(low), np.log(high))):.4g}")
        return f"x{x:.6g}" + (f" [{x / 2:.6g}, {x * 2:.6g}]" if self.size.ranged else "")

    def half_time(self, name: str, label: str, low: int, high: int) -> str:
        """A time within which half of something has come, kept as its rate."""
        days = int(np.exp(self.rng.uniform(np.log(low), np.log(high))))
        self.values.setdefault(name, {})[label] = np.log(2) * 365.25 / days
        return f"{days} days" + (f" [{days / 2:g} days, {days * 2:g} days]" * self.size.ranged)

    def outcomes(self, label: str, number: int) -> dict[str, str]:
        """The chances of outcomes, the last one or none being the rest."""
        shares = np.round(0.06 + (1 - 0.06 * number) * self.rng.dirichlet([1.5] * number), 4)
        shares[-1] = round(1 - float(shares[:-1].sum()), 4)
        stated = {}
        for name, share in zip("abc", shares.tolist(), strict=False):
            self.values.setdefault("outcome_weight", {})[f"{label}.{name}"] = share
            ends = [100 * odds / (1 + odds) for odds in (share / (1 - share) * x for x in (0.5, 2))]
            between = f" [{ends[0]:.4f}%, {ends[1]:.4f}%]" if self.size.ranged else ""
            stated[name] = f"{100 * share:.2f}%{between}"
        if self.rng.random() < 0.5:
            stated[list(stated)[-1]] = "the rest"
        return stated

    def delay(self, label: str) -> str:
        days = int(np.exp(self.rng.uniform(np.log(2), np.log(90))))
        self.values.setdefault("delay", {})[label] = days / 365.25
        ends = f" [{days / 2:g} days, {days * 2:g} days]" if self.size.ranged else ""
        return f"{days} days{ends}"


def sources(numbers: Numbers) -> dict[str, Any]:
    """The sources of a network, and their type."""
    wire = SourceType(id="wire", hit_rate="80%", false_alarm_rate="10%", spread=0.0, check=0.3)
    return {"source_types": [wire], "sources": [_source(numbers, f"s{k}") for k in range(SOURCES)]}


def _source(numbers: Numbers, label: str) -> Source:
    return Source(
        id=label,
        type="wire",
        hit_rate=numbers.share("hit_rate", label, 0.5, 0.95),
        false_alarm_rate=numbers.share("false_alarm_rate", label, 0.03, 0.4),
        predictive_hit_rate=numbers.share("predictive_hit_rate", label, 0.4, 0.8),
        predictive_false_alarm_rate=numbers.share("predictive_false_alarm_rate", label, 0.1, 0.4),
        forecast_weight=numbers.share("forecast_weight", label, 0.2, 0.8),
        report_rate=_moderate(numbers, "report_rate", label, 1, 20),
        count_rate_off=_moderate(numbers, "count_rate_off", label, 3, 10),
        count_rate_on=_moderate(numbers, "count_rate_on", label, 15, 50),
    )


def _moderate(numbers: Numbers, name: str, label: str, low: float, high: float) -> str:
    """A rate of a source, whatever those of events are."""
    size, numbers.size = numbers.size, Size(slow=low, fast=high, ranged=numbers.size.ranged)
    text = numbers.rate(name, label)
    numbers.size = size
    return text
