"""Scores of the forecasts by event and period, with intervals over states; calibration; ROC."""

from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.political.data import Floats, Ints
from benchmarks.political.model import EVENTS
from forecast.calibration import consistency_band, corp, recalibration_test, roc
from forecast.errors import InputError
from forecast.scoring import RULES, cluster_bootstrap, gain

OURS = "linked"
FORECASTERS = {
    "linked": "eventcast, linked",
    "apart": "eventcast, each event by itself",
    "logistic_rich": "logistic regression on eventcast's covariates",
    "logistic": "logistic regression on the files' covariates",
    "own_rate": "each state's own rate",
    "climatology": "climatology",
    "forest": "random forest, as published",
}
COLOURS = {
    "linked": "#1b6ca8",
    "logistic": "#d95f02",
    "climatology": "#888888",
    "forest": "#4d9221",
}
"""Of those that are drawn; of the others no curve is kept."""
PERIODS = {
    "1985-2010": (1985, 2010),
    "2011-2014": (2011, 2014),
    "1985-1994": (1985, 1994),
    "1995-2004": (1995, 2004),
    "2005-2014": (2005, 2014),
    "1985-2014": (1985, 2014),
}
PUBLISHED = "2011-2014, as published"
"""The state-years of attempts that the peer forecast."""
SCORED = ("brier", "logarithmic")
LEVEL, SEED, RESAMPLES, ROC_RESAMPLES = 0.9, 1, 9_999, 499
POINTS = 60
"""Of a curve, at most."""
DIGITS = 6


def summary(said: pd.DataFrame, peer: pd.DataFrame) -> dict[str, Any]:
    """Return everything that is kept: sums over states and years, never a row.

    Parameters
    ----------
    said
        Forecasts and outcomes, as `benchmarks.political.run.forecasts` gives them.
    peer
        The peer's forecasts of attempts.
    """
    found: dict[str, Any] = {"forecasters": FORECASTERS, "level": LEVEL, "events": {}}
    for event in EVENTS:
        rows = said[said["event"] == event]
        periods = {}
        for name, (first, last) in PERIODS.items():
            chosen = rows[rows["year"].between(first, last)]
            if _both(chosen["came"]):
                periods[name] = scores(chosen)
        found["events"][event] = {"periods": periods, **pictures(rows)}
    theirs = with_peer(said[said["event"] == "attempt"], peer)
    if _both(theirs["came"]):
        found["events"]["attempt"]["periods"][PUBLISHED] = scores(theirs)
        found["events"]["attempt"]["published"] = pictures(theirs)
    return found


def with_peer(said: pd.DataFrame, peer: pd.DataFrame) -> pd.DataFrame:
    """Return the state-years that the peer forecast, with its forecasts.

    Raises
    ------
    InputError
        If the outcomes of the two differ: they are then not about the same.
    """
    both = said.merge(peer, on=["state", "year"]).rename(columns={"p": "forest"})
    if not (both["came"] == both["observed"]).all():
        msg = "the peer's outcomes differ from those of coup_attempts.csv"
        raise InputError(msg)
    return both.drop(columns="observed")


def named(rows: pd.DataFrame) -> list[str]:
    """Return the forecasters that a table has."""
    return [name for name in FORECASTERS if name in rows]


def scores(rows: pd.DataFrame) -> dict[str, Any]:
    """Return the mean losses of one event and period, and our gains over each of the others."""
    came, state = rows["came"].to_numpy(), rows["state"].to_numpy()
    by: dict[str, Any] = {}
    for name in named(rows):
        p = rows[name].to_numpy()
        one: dict[str, Any] = {"area": round(roc(p, came).area, 4), "mean": _few(p.mean())}
        for rule in SCORED:
            loss, ours = RULES[rule](p, came), RULES[rule](rows[OURS].to_numpy(), came)
            split = corp(p, came, rule=rule)
            one[rule] = {
                "loss": _few(loss.mean()),
                "miscalibration": _few(split.miscalibration),
                "discrimination": _few(split.discrimination),
                "uncertainty": _few(split.uncertainty),
            }
            if name != OURS:
                over = gain(ours, loss, cluster=state, level=LEVEL, resamples=RESAMPLES, seed=SEED)
                one[rule]["gain"] = [_few(over.estimate), _few(over.low), _few(over.high)]
        by[name] = one
    return {
        "state_years": len(rows),
        "states": int(rows["state"].nunique()),
        "came": int(came.sum()),
        "forecasters": by,
    }


def pictures(rows: pd.DataFrame) -> dict[str, Any]:
    """Return the reliability and the ROC of one event: curves, bands, areas, a test."""
    came, state = rows["came"].to_numpy(), rows["state"].to_numpy()
    reliability: dict[str, Any] = {}
    curves: dict[str, Any] = {}
    if not _both(rows["came"]):
        return {"reliability": {}, "roc": {}}
    for name in named(rows):
        p = rows[name].to_numpy()
        drawn = name in COLOURS
        reliability[name] = calibration(p, came, state, curves=drawn)
        found = roc(p, came)
        area = cluster_bootstrap(
            partial(_area, p, came), state, level=LEVEL, resamples=ROC_RESAMPLES, seed=SEED
        )
        keep = _spread(len(found.hit_rate))
        curves[name] = {"area": [round(float(n), 4) for n in (area.estimate, area.low, area.high)]}
        if drawn:
            curves[name]["false_alarm_rate"] = _list(found.false_alarm_rate[keep])
            curves[name]["hit_rate"] = _list(found.hit_rate[keep])
    return {"reliability": reliability, "roc": curves}


def calibration(p: Floats, came: Floats, state: Floats, *, curves: bool) -> dict[str, Any]:
    """Return how much of the reliability curve lies inside its band, and both if they are drawn."""
    curve = corp(p, came).curve
    band = consistency_band(p, came, cluster=state, level=LEVEL, seed=SEED)
    at = np.interp(band.probability, curve.probability, curve.calibrated)
    weight = np.interp(band.probability, curve.probability, np.cumsum(curve.count))
    share = np.diff(weight, prepend=0.0) / weight[-1]
    inside = (at >= band.low - 1e-12) & (at <= band.high + 1e-12)
    test = recalibration_test(p, came, cluster=state)
    keep = _spread(len(band.probability))
    said = {
        "inside": round(float(share @ inside), 4),
        "recalibration_p": round(float(test.p_value), 4),
        "expected": round(float(p.sum()), 1),
        "came": int(came.sum()),
        "all_but_one_in_200_below": _few(np.quantile(p, 0.995)),
    }
    lines = {"probability": band.probability, "calibrated": at, "low": band.low, "high": band.high}
    return said | {name: _list(line[keep]) for name, line in lines.items() if curves}


def _both(came: "pd.Series[float]") -> bool:
    """Return whether there is a yes and a no among outcomes."""
    return bool(came.min() < came.max())


def _area(p: Floats, came: Floats, chosen: Ints) -> float:
    """Return the area under the ROC curve of some rows; a half where outcomes are all the same."""
    happened = came[chosen]
    return roc(p[chosen], happened).area if 0 < happened.sum() < len(happened) else 0.5


def _spread(size: int) -> Any:
    return np.unique(np.linspace(0, size - 1, min(size, POINTS)).astype(int))


def _list(values: Floats) -> list[float]:
    return [round(float(value), 5) for value in values]


def _few(value: Any) -> float:
    return round(float(value), DIGITS)
