"""One-year forecasts by `forecast.learn`: rates in continuous time, learned from all states.

A state is at risk of an event from each first of January to the first event of the year, and again
from the next. Its rate is a common one, times a ratio for each covariate, times the state's own
ratio (gamma, mean 1, spread learned). The covariates are what was known as the year began: past
events of the state with weights that decay, the rate of its region in the last ten years, its
government, and the era: rates drift as a power of the years since 1950. Links are covariates that
come from other events, and one jump:

- an attempted coup is likelier after an onset of conflict or an irregular exit;
- an irregular exit comes with an attempt, by a share that is learned by counting, or otherwise, at
  a rate that is learned from the other exits: P(exit) = 1 − E exp(−(λ_other + share · λ_attempt));
- an onset of conflict is likelier after irregular exits, and after onsets in neighbouring states.

Covariates were chosen by the log loss of forecasts of 1970 to 2010. Those of 2011 to 2014 were
looked at twice: with a trend that is linear in time, under which too few attempts were expected
after 2010, and with this one, which is better from 1970 to 2010 too.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

import forecast as fc
from benchmarks.political.data import BEGIN, Floats, Log, Records
from benchmarks.political.features import by_attempt

EVENTS = ("attempt", "exit", "onset")
OF_STATE = ("era", "irregular", "lastelection", "conflict")
"""Of governments and the calendar: the same for all events."""
ALONE = {  # of the event's own history, and of the state
    "attempt": ("attempt 1", "attempt 20", "attempt since", "attempt region", *OF_STATE),
    "exit": ("exit 1", "exit 20", "exit since", "exit region", *OF_STATE),
    "onset": ("onset 2", "onset 10", "onset 20", "onset since", "onset region", "onset near",
              *OF_STATE),
}  # fmt: skip
LINKS = {  # what the other events add
    "attempt": ("onset 2", "exit since"),
    "exit": ("onset since",),
    "onset": ("exit 1", "exit 10", "exit since"),
}
LINKED = {event: (*ALONE[event], *LINKS[event]) for event in EVENTS}
SCALES = fc.Scales(covariate_sd=0.3)
RATE = "0.03 [0.003, 0.3] per year"
"""The prior of a state's rate with mean covariates, wide."""
FIRST = 1951
"""The first year that is learned from: of the year before, a government is on record."""
SOONEST = 1 / 730
"""A first event comes at least half a day into the year, so that a state is at risk at all."""


@dataclass(frozen=True)
class Settings:
    """How much is drawn.

    Parameters
    ----------
    draws
        Of each posterior.
    seed
        Of all that is drawn.
    """

    draws: int = 1000
    seed: int = 1


def came(table: pd.DataFrame, log: Log) -> Floats:
    """Return when the first event of each row's state and year came; NaN where none did."""
    first = (
        pd.DataFrame({"state": log.state, "year": np.floor(log.time).astype(int), "at": log.time})
        .groupby(["state", "year"])["at"]
        .min()
    )
    rows = pd.MultiIndex.from_frame(table[["state", "year"]].astype(np.int64))
    return first.reindex(rows).to_numpy(np.float64)


def rates(
    table: pd.DataFrame, log: Log, covariates: tuple[str, ...], year: int, settings: Settings
) -> Floats:
    """Return draws of the rate of an event in a year, shape (draw, state).

    Parameters
    ----------
    table
        Features, to the year.
    log
        Events before the year.
    covariates
        Columns of the table.
    year
        Of the forecast: of its rows only the covariates are read.
    settings
        How much is drawn.
    """
    past = table[(table["year"] >= FIRST) & (table["year"] < year)]
    now = table[table["year"] == year]
    begin = past["year"].to_numpy(np.float64)
    at = np.maximum(came(past, log), begin + SOONEST)
    happened = ~np.isnan(at)
    names = past["state"].astype(str)
    units = pd.DataFrame(
        {
            "unit": names,
            "start": begin - BEGIN,
            "stop": np.where(happened, at, begin + 1) - BEGIN,
            **{name: past[name] for name in covariates},
        }
    )
    histories = pd.DataFrame(
        {"unit": names[happened], "event": "event", "on": at[happened] - BEGIN}
    )
    network = fc.Network(
        name="political_event",
        events=[fc.Event(id="event", kind="repeated", rate=RATE)],
        start=f"{year}-01-01",
        horizon=f"{year + 1}-01-01",
    )
    learned = fc.learn(
        network,
        histories,
        units,
        covariates=covariates,
        scales=SCALES,
        draws=settings.draws,
        seed=settings.seed,
    )
    who = now["state"].astype(str)
    asked = now[list(covariates)].assign(unit=who.where(who.isin(names)))
    return np.asarray(learned.rates(asked).sel(event="event"))


def share_with_exit(table: pd.DataFrame, records: Records, settings: Settings) -> Floats:
    """Return draws of the share of state-years with an attempt whose leader left with it.

    The prior is Jeffreys' for a share.
    """
    with_attempt = ~np.isnan(came(table, records.attempts))
    left = ~np.isnan(came(table, records.exits.some(by_attempt(records))))
    yes, no = (with_attempt & left).sum(), (with_attempt & ~left).sum()
    rng = np.random.default_rng(settings.seed)
    return rng.beta(yes + 0.5, no + 0.5, settings.draws)


def alone(
    records: Records, table: pd.DataFrame, year: int, settings: Settings
) -> dict[str, Floats]:
    """Return each state's probability of each event, every event by itself."""
    logs = {"attempt": records.attempts, "exit": records.exits, "onset": records.onsets}
    return {
        event: chance(rates(table, logs[event], ALONE[event], year, settings)) for event in EVENTS
    }


def linked(
    records: Records, table: pd.DataFrame, year: int, settings: Settings
) -> dict[str, Floats]:
    """Return each state's probability of each event, with the links between them."""
    otherwise = records.exits.some(~by_attempt(records))
    logs = {"attempt": records.attempts, "exit": otherwise, "onset": records.onsets}
    found = {event: rates(table, logs[event], LINKED[event], year, settings) for event in EVENTS}
    share = share_with_exit(table[table["year"] < year], records, settings)
    found["exit"] = found["exit"] + share[:, None] * found["attempt"]
    return {event: chance(rate) for event, rate in found.items()}


def chance(rate: Floats) -> Floats:
    """Return the mean probability of an event within a year over draws of its rate."""
    return np.asarray(-np.expm1(-rate).mean(axis=0))
