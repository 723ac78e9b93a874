"""The course of each patient as stretches in one state, each ending with an event or without."""

import numpy as np
import pandas as pd

from benchmarks.marrow.data import COVARIATES, Patients
from benchmarks.marrow.states import BITS, EVENTS, onset_of

CENSORED = ""


def courses(patients: Patients) -> pd.DataFrame:
    """Return one row a stretch: patient, state, start, stop, the event it ends with, covariates.

    States are those of `benchmarks.marrow.states`; recovery and adverse events after a relapse,
    which the registry does not record, are left out.
    """
    onset = {event: onset_of(patients, event) for event in EVENTS}
    rows = []
    for patient, end in enumerate(patients.end):
        came = sorted((when[patient], event) for event, when in onset.items())
        state, start = 0, 0.0
        for day, event in came:
            if day > end or (event in {"platelets", "adverse"} and state & BITS["relapse"]):
                continue
            rows.append((patient, state, start, day, event))
            state, start = state | BITS.get(event, 0), day
        if start < end:
            rows.append((patient, state, start, end, CENSORED))
    table = pd.DataFrame(rows, columns=["patient", "state", "start", "stop", "came"])
    for event, bit in BITS.items():
        table[event] = ((table["state"] & bit) > 0).astype(np.float64)
    table[list(COVARIATES)] = patients.histories.covariates[table["patient"]]
    return table
