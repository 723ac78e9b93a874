"""A made-up world in the layout of the political data: no row of it is of a real state."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

CODES = np.concatenate([np.arange(10, 90, 10), np.arange(410, 490, 10), np.arange(710, 760, 10)])
YEARS = range(1950, 2015)
PEER = (2012, 2014)


def write_world(folder: Path, seed: int = 1) -> Path:
    """Write the files of a world in which restless states see attempts, which bring leaders down.

    Attempts make exits, exits make onsets, and half of the states are restless.
    """
    rng = np.random.default_rng(seed)
    place = folder / "political_events"
    place.mkdir(parents=True)
    attempts, leaders, onsets, rows = [], [], [], []
    for code in CODES.tolist():
        restless = code % 20 == 10
        unrest = 0.0
        for year in YEARS:
            came = rng.random() < (0.15 if restless else 0.02) + 0.2 * unrest
            day = f"{year}-{rng.integers(1, 13):02}-{rng.integers(1, 29):02}"
            fell = came and rng.random() < 0.5
            if came:
                outcome = "successful" if fell else "failed"
                attempts.append([code, *map(int, day.split("-")), outcome])
            if fell or rng.random() < 0.02:
                leaders.append([code, day, "Irregular"])
            onset = rng.random() < (0.2 if fell else 0.03)
            onsets.append([code, year, float(onset)])
            unrest = max(float(came), 0.5 * unrest)
            rows.append(
                {
                    "gwcode": code,
                    "year": year,
                    "age": int(rng.integers(40, 80)),
                    "militarycareer": int(restless and rng.random() < 0.5),
                    "tenure_months": int(rng.integers(1, 200)),
                    "government": "Military" if restless else "Parliamentary Democracy",
                    "election_now": 0,
                    "election_recent": int(year % 4 == 1),
                    "anticipation": int(year % 4 == 0),
                    "irregular": round(float(rng.random() * 5), 3),
                    "lastelection": round(float(np.log(1 + 12 * (year % 4))), 3),
                    "prev_conflict": int(rng.random() < 0.1),
                }
            )
    leaders.append([CODES[0], "", ""])
    peer = [
        [code, year - 1, year, "attempt", 0.05] for year in PEER for code in CODES[:-1].tolist()
    ]
    seen = {(code, year) for code, year, *_ in attempts}
    tables = {
        "states.csv": pd.DataFrame(
            {"gwcode": CODES, "startdate": "1900-01-01", "enddate": "2017-12-31"}
        ),
        "coup_attempts.csv": pd.DataFrame(
            attempts, columns=["cow_code", "year", "month", "day", "outcome"]
        ),
        "leaders.csv": pd.DataFrame(leaders, columns=["gwcode", "enddate", "exit"]),
        "internal_conflict_onsets.csv": pd.DataFrame(
            onsets, columns=["gwcode", "year", "sumonset2"]
        ),
        "government_country_year.csv.gz": pd.DataFrame(rows),
        "neighbours.csv": pd.DataFrame(
            [[a, b, 1960] for a, b in pairwise(CODES)],
            columns=["gwcode1", "gwcode2", "year"],
        ),
        "peer_coup_forecasts.csv": pd.DataFrame(
            peer, columns=["gwcode", "year", "for_year", "outcome", "p"]
        ).assign(observed=[float((code, year) in seen) for code, _, year, *_ in peer]),
    }
    for name, table in tables.items():
        table.to_csv(place / name, index=False)
    return folder


def scramble(folder: Path, year: int, seed: int = 2) -> None:
    """Change everything in a world's files that happened on or after a first of January."""
    place = folder / "political_events"
    rng = np.random.default_rng(seed)

    def change(name: str, when: str, **new: object) -> None:
        table = pd.read_csv(place / name)
        later = table[when].astype(str).str[:4].replace("nan", "9999").astype(float) >= year
        assert later.any()
        for column, value in new.items():
            table[column] = table[column].astype(object)
            table.loc[later, column] = (
                rng.permutation(table.loc[later, column].to_numpy()) if value is None else value
            )
        table.to_csv(place / name, index=False)

    change("coup_attempts.csv", "year", cow_code=int(CODES[1]))
    change("leaders.csv", "enddate", gwcode=int(CODES[2]))
    change("internal_conflict_onsets.csv", "year", sumonset2=1.0)
    change("government_country_year.csv.gz", "year", age=20, government="Military",
           irregular=0.0, lastelection=9.0, prev_conflict=5, tenure_months=None)  # fmt: skip
    borders = pd.read_csv(place / "neighbours.csv")
    new = borders.assign(year=year, gwcode2=int(CODES[-1]))
    pd.concat([borders, new]).to_csv(place / "neighbours.csv", index=False)
    states = pd.read_csv(place / "states.csv")
    states.loc[states.index[::2], "enddate"] = f"{year}-06-30"
    fresh = pd.DataFrame(
        {"gwcode": [550], "startdate": [f"{year}-03-01"], "enddate": ["2017-12-31"]}
    )
    pd.concat([states, fresh]).to_csv(place / "states.csv", index=False)
