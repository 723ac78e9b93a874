"""The forecasters to compare with: Aalen-Johansen, Cox, and the published multi-state model.

Each is a function of patients to learn from, which returns a function of the histories of others,
as they stood at the end of a day, and of that day, to the chances of what is asked, of the shape
(patient, horizon, outcome).

References
----------
.. [1] de Wreede, L. C., Fiocco, M. & Putter, H. (2011). mstate: an R package for the analysis of
   competing risks and multi-state models. Journal of Statistical Software 38(7).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.marrow.courses import courses
from benchmarks.marrow.data import COVARIATES, Floats, Histories, Patients
from benchmarks.marrow.states import (
    ALIVE,
    BITS,
    EVENTS,
    HORIZONS,
    MOVES,
    OUTCOMES,
    STATES,
    Move,
    chances,
    generator,
    patterns,
    states_of,
    walk,
)

type Forecast = Callable[[Histories, int], Floats]

STEP = 0.3
"""Of Newton's method: from zero, a whole step overshoots the large ratio of a relapse."""
DEATHS = ("death", "death_after_relapse")
PARENTS = {
    "platelets": ("adverse",),
    "adverse": ("platelets",),
    "relapse": ("platelets", "adverse"),
    "death": ("platelets", "adverse", "relapse"),
}


def aalen_johansen(known: Patients) -> Forecast:
    """Forecast the share, among all patients in the same state on that day, to whom it came."""

    def forecast(asked: Histories, day: int) -> Floats:
        here = known.some(known.end > day)
        state, now = states_of(here.histories.until(day)), states_of(asked)
        found = np.empty((len(now), len(HORIZONS), len(OUTCOMES)))
        for each in np.unique(now):
            alike = here.some(state == each) if (state == each).any() else here
            share = [
                [incidence(alike, day + ahead, what) for what in OUTCOMES] for ahead in HORIZONS
            ]
            found[now == each] = share
        return found

    return forecast


def incidence(patients: Patients, by: float, what: str) -> float:
    """Return the cumulative incidence of an outcome by a day, death without it competing."""
    when = patients.histories.onset[what]
    stop = np.minimum(when, patients.end)
    ended = (when == stop) | (patients.histories.onset["death"] == stop)
    free, share = 1.0, 0.0
    for day in np.unique(stop[ended & (stop <= by)]):
        at_risk = (stop >= day).sum()
        share += free * (when == day).sum() / at_risk
        free *= 1 - (ended & (stop == day)).sum() / at_risk
    return float(share)


@dataclass(frozen=True)
class Proportional:
    """A Cox model: when its baseline rises, by how much, and the log ratios of its columns.

    Parameters
    ----------
    days, rises
        Of the cumulative baseline hazard at the columns' means, shape (day,).
    columns, centre, beta, error
        Names, means, log ratios and their standard errors, shape (column,).
    """

    days: Floats
    rises: Floats
    columns: tuple[str, ...]
    centre: Floats
    beta: Floats
    error: Floats

    def ratios(self, pattern: Floats) -> Floats:
        """Return the relative hazard of each pattern of covariates in each state of the living."""
        found = np.empty((len(pattern), ALIVE))
        for state in range(ALIVE):
            values = [
                np.full(len(pattern), float(bool(state & BITS[name])))
                if name in BITS
                else pattern[:, COVARIATES.index(name)]
                for name in self.columns
            ]
            found[:, state] = np.exp((np.stack(values, axis=1) - self.centre) @ self.beta)
        return found


def proportional(rows: pd.DataFrame, events: Sequence[str], columns: Sequence[str]) -> Proportional:
    """Fit a Cox model by lifelines: time-dependent columns, ties by Efron, Breslow's baseline.

    Parameters
    ----------
    rows
        Stretches at risk, as `courses` has them.
    events
        Those of which any counts.
    columns
        What the hazard depends on.
    """
    from lifelines import CoxTimeVaryingFitter  # noqa: PLC0415 - in the group of the benchmarks

    table = rows[["patient", "start", "stop", *columns]].assign(came=rows["came"].isin(events))
    fitter = CoxTimeVaryingFitter()
    fitter.fit(
        table,
        id_col="patient",
        start_col="start",
        stop_col="stop",
        event_col="came",
        fit_options={"step_size": STEP},
    )
    baseline = fitter.baseline_cumulative_hazard_.iloc[:, 0]
    return Proportional(
        days=baseline.index.to_numpy(dtype=np.float64),
        rises=np.diff(baseline.to_numpy(), prepend=0.0),
        columns=tuple(columns),
        centre=table[list(columns)].mean().to_numpy(),
        beta=fitter.params_[list(columns)].to_numpy(),
        error=fitter.standard_errors_[list(columns)].to_numpy(),
    )


def cox(known: Patients) -> Forecast:
    """Forecast by Cox models of each event, with what came before as time-dependent covariates.

    Death is one event; a relapse multiplies its hazard. The hazards are put together to the chances
    of each state by the product integral.
    """
    rows = courses(known)
    fits = {
        event: proportional(
            at_risk(rows, event), DEATHS if event == "death" else (event,), (*parents, *COVARIATES)
        )
        for event, parents in PARENTS.items()
    }
    return combined({move: fits["death" if move.event in DEATHS else move.event] for move in MOVES})


def at_risk(rows: pd.DataFrame, event: str) -> pd.DataFrame:
    """Return the stretches in which an event may come; death of either kind always may."""
    if event == "death":
        return rows
    return rows[rows["state"].isin([move.before for move in MOVES if move.event == event])]


def multi_state(known: Patients) -> Forecast:
    """Forecast by the published model [1]_: a Cox model of each transition, twelve of them.

    The published analysis follows patients to relapse; the thirteenth transition adds what comes
    after it, with a baseline of its own in time since transplant.
    """
    fits = transitions(known)
    return combined({move: fits[_transition(move)] for move in MOVES})


def transitions(known: Patients) -> dict[str, Proportional]:
    """Return the Cox models of the transitions, each with all covariates and its own baseline."""
    return {
        name: proportional(rows, (event,), COVARIATES)
        for name, (rows, event) in transition_rows(courses(known)).items()
    }


def transition_rows(rows: pd.DataFrame) -> dict[str, tuple[pd.DataFrame, str]]:
    """Return the stretches at risk of each transition, and the event that it is."""
    found = {}
    for name in dict.fromkeys(map(_transition, MOVES)):
        moves = [move for move in MOVES if _transition(move) == name]
        here = rows["state"].isin([move.before for move in moves])
        found[name] = (rows[here], moves[0].event)
    return found


def _transition(move: Move) -> str:
    """Return what a transition is called: after a relapse all states are one."""
    if move.before & BITS["relapse"]:
        return move.event
    came = [event for event, bit in BITS.items() if move.before & bit]
    return f"{' and '.join(came) or 'transplant'} to {move.event}"


def combined(fits: Mapping[Move, Proportional]) -> Forecast:
    """Return the forecast of Cox models of all moves: Aalen and Johansen's product integral."""
    days = np.unique(np.concatenate([fit.days for fit in fits.values()]))
    rises = {move: np.zeros(len(days)) for move in fits}
    for move, fit in fits.items():
        rises[move][np.searchsorted(days, fit.days)] = fit.rises

    def forecast(asked: Histories, day: int) -> Floats:
        pattern, of = patterns(asked.covariates)
        ratios = {move: fit.ratios(pattern)[:, move.before] for move, fit in fits.items()}

        def steps(start: float, stop: float) -> Floats:
            found = np.broadcast_to(np.eye(STATES), (len(pattern), STATES, STATES))
            for k in np.flatnonzero((days > start) & (days <= stop)):
                rates = {event: np.zeros((len(pattern), ALIVE)) for event in EVENTS}
                for move, ratio in ratios.items():
                    rates[move.event][:, move.before] = ratio * rises[move][k]
                found = found + found @ generator(rates)
            return found

        reached = walk(steps, day)
        now = states_of(asked)
        return np.stack([chances(reached[ahead][of], now) for ahead in HORIZONS], axis=1)

    return forecast
