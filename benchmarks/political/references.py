"""What the model is compared with: base rates, logistic regressions, a peer's forecasts."""

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from benchmarks.political.data import Floats
from benchmarks.political.features import COUNTED, KINDS
from benchmarks.political.model import EVENTS, FIRST, LINKED

RECENT = 20
"""Years that climatology looks back."""
WORTH = 10.0
"""Years at the world's rate that are added to a state's own history."""
PLAIN = (
    "age", "militarycareer", "tenure_months", "election_now", "election_recent", "anticipation",
    "irregular", "lastelection", "prev_conflict", *KINDS,
    *(f"{event} in {years} years" for event in EVENTS for years in COUNTED),
)  # fmt: skip
"""Covariates as the files have them, and plain counts of past events of all three kinds."""
RICH = {event: tuple(dict.fromkeys(LINKED[event] + LINKED["attempt"])) for event in EVENTS}
"""The linked model's own covariates, decays and regions included."""


def climatology(past: pd.DataFrame, outcome: Floats, now: pd.DataFrame) -> Floats:
    """Return the share of state-years with the event, of the last `RECENT` years."""
    recent = (past["year"] > past["year"].max() - RECENT).to_numpy()
    return np.full(len(now), outcome[recent].mean())


def own_rate(past: pd.DataFrame, outcome: Floats, now: pd.DataFrame) -> Floats:
    """Return each state's own share of years with the event, drawn towards climatology."""
    base = climatology(past, outcome, now)
    sums = pd.DataFrame({"state": past["state"], "y": outcome}).groupby("state")["y"]
    events = sums.sum().reindex(now["state"]).fillna(0).to_numpy()
    years = sums.size().reindex(now["state"]).fillna(0).to_numpy()
    return np.asarray((events + WORTH * base) / (years + WORTH))


def logistic(
    past: pd.DataFrame, outcome: Floats, now: pd.DataFrame, covariates: tuple[str, ...]
) -> Floats:
    """Return the probabilities of a logistic regression by maximum likelihood."""
    chosen = past["year"].to_numpy() >= FIRST
    x, asked = past[list(covariates)].to_numpy(np.float64)[chosen], now[list(covariates)]
    centre, spread = x.mean(axis=0), x.std(axis=0)
    spread[spread == 0] = 1.0
    fitted = LogisticRegression(C=np.inf, max_iter=1000).fit((x - centre) / spread, outcome[chosen])
    z = (asked.to_numpy(np.float64) - centre) / spread
    return np.asarray(fitted.predict_proba(z)[:, 1])
