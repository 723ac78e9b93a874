"""Our forecaster: a network of the events, its numbers learned from histories by `fc.learn`.

Rates change with the time since transplant, in periods. Of a patient's day everything is known, so
the forecast is the matrix exponential of the rates between the ten joint states, period by period,
averaged over the posterior.
"""

from functools import cache

import numpy as np
import pandas as pd

import forecast as fc
from benchmarks.marrow.courses import CENSORED, courses
from benchmarks.marrow.data import COVARIATES, Floats, Histories, Patients
from benchmarks.marrow.references import Forecast
from benchmarks.marrow.states import (
    ALIVE,
    BITS,
    EVENTS,
    HORIZONS,
    chances,
    exponentials,
    generator,
    patterns,
    states_of,
    walk,
)
from forecast.learning import Learned, Scales

YEAR = 365.25
EDGES = (15, 30, 60, 100, 180, 365, 730)
"""Days between the periods: close together while rates fall fast."""
RATE = "0.5 per year [0.005, 50]"
RATIO = "x1 [0.1, 10]"
SCALES = Scales(covariate_sd=0.2, unit_sd=0.0, drift_sd=0.5)
"""Of covariates: for one standard deviation, so that most ratios between two kinds of patients are
between a half and two. What comes once tells of no spread between units."""
WIDE = Scales(covariate_sd=1.0, unit_sd=0.0, drift_sd=0.5)
DRAWS, SEED = 1000, 1
USED = 200
"""Draws over which forecasts are averaged, spread evenly over all."""


@cache
def network() -> fc.Network:
    """Return the network: recovery and adverse events act on each other, on relapse and on death.

    Death in remission and death after a relapse are two events: `relapse` rules out the one and the
    other requires it, so each has rates, a course over time and covariates' effects of its own.
    """
    acts = [
        fc.Link(parent=parent, child=child, kind="multiplies", hazard_ratio=RATIO)
        for parent in ("platelets", "adverse")
        for child in EVENTS
        if child != parent
    ]
    ends = [
        fc.Link(parent=parent, child=child, kind="prevents")
        for parent, children in {
            "relapse": ("platelets", "adverse", "death"),
            "death": ("platelets", "adverse", "relapse"),
        }.items()
        for child in children
    ]
    return fc.Network(
        name="marrow",
        start="1985-01-01",
        horizon="2025-01-01",
        events=[fc.Event(id=event, kind="onset", rate=RATE) for event in EVENTS],
        links=[
            *acts,
            *ends,
            fc.Link(parent="relapse", child="death_after_relapse", kind="requires"),
        ],
    )


def tables(patients: Patients) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the histories and the units as `fc.learn` takes them, in days since transplant."""
    rows = courses(patients)
    came = rows[rows["came"] != CENSORED]
    histories = pd.DataFrame(
        {"unit": came["patient"].astype(str), "event": came["came"], "on": came["stop"]}
    )
    units = pd.DataFrame(patients.histories.covariates, columns=list(COVARIATES))
    units.insert(0, "unit", np.arange(len(patients)).astype(str))
    return histories, units.assign(start=0.0, stop=patients.end)


def learned(known: Patients, scales: Scales = SCALES) -> Learned:
    """Return what patients say of the network's numbers."""
    histories, units = tables(known)
    return fc.learn(
        network(),
        histories,
        units,
        covariates=COVARIATES,
        drift=EDGES,
        unit="1 day",
        scales=scales,
        draws=DRAWS,
        seed=SEED,
    )


def ours(known: Patients) -> Forecast:
    """Forecast by the learned network."""
    return forecast_of(learned(known))


def ours_wide(known: Patients) -> Forecast:
    """Forecast by the learned network, with priors so wide that covariates' effects are as fitted.

    It shows how much of our score is the prior.
    """
    return forecast_of(learned(known, WIDE))


def forecast_of(found: Learned) -> Forecast:
    """Return the forecast of a learned network."""

    def forecast(asked: Histories, day: int) -> Floats:
        pattern, of = patterns(asked.covariates)

        def steps(start: float, stop: float) -> Floats:
            rates = rates_in(found, pattern, (start + stop) / 2)
            return exponentials(generator(rates) * (stop - start) / YEAR)

        reached = walk(steps, day, EDGES)  # each (draw, pattern, state, state)
        now = states_of(asked)
        return np.stack(
            [chances(reached[ahead].mean(axis=0)[of], now) for ahead in HORIZONS], axis=1
        )

    return forecast


def rates_in(found: Learned, pattern: Floats, day: float) -> dict[str, Floats]:
    """Return each event's rate per year on a day, by event of shape (draw, pattern, 8)."""
    rows = pd.DataFrame(np.repeat(pattern, ALIVE, axis=0), columns=list(COVARIATES))
    for event, bit in BITS.items():
        rows[event] = np.tile((np.arange(ALIVE) & bit > 0).astype(int), len(pattern))
    rates = found.rates(rows, at=day)
    chosen = np.linspace(0, found.draws - 1, min(USED, found.draws)).astype(int)
    shape = (len(chosen), len(pattern), ALIVE)
    return {event: rates.sel(event=event).to_numpy()[chosen].reshape(shape) for event in EVENTS}
