"""Defence pacts, from the Alliance Treaty Obligations and Provisions project (ATOP).

Pacts are counted by treaty, not by dyad: nearly all new dyads come from a few treaties of many
states, and one enlargement of an alliance is one decision.
"""

import pandas as pd

__all__ = ["DYAD_HEAD", "REGION_HEAD", "pacts_by_dyad", "pacts_by_region", "region_of"]

SOURCE = (
    "Alliance Treaty Obligations and Provisions 5.1 (Leeds, Ritter, Mitchell & Long 2002), "
    "dyad-years "
    "as in the R package peacesciencer; dyads first bound in one year and connected with each "
    "other "
    "are one event. Counts only."
)
LICENCE = "Free for scholarly use with citation (ATOP); these counts are facts of that data set."
SCRIPT = "tools/reference_classes/pacts.py"
FIRST = 1946

DYAD_HEAD = {
    "title": "New defence pacts, by pair of states",
    "definition": "A treaty with a defence obligation, or an accession to one, that binds at least "
    "one pair of states not bound before; dated by signature. bilateral: it newly binds two "
    "states; "
    "multilateral: more. entrants counts the new pairs.",
    "population": "Pairs of states without a defence pact in the year before, worldwide, 1946 to "
    "2018.",
    "unit": "dyad-years",
    "source": SOURCE,
    "licence": LICENCE,
    "script": SCRIPT,
}
REGION_HEAD = {
    "title": "New defence pacts, by region",
    "definition": "As in defence_pacts, by treaty; a treaty belongs to the region of most of the "
    "states that it newly binds (Correlates of War codes; a tie goes to the region first in the "
    "alphabet). east_asia_pacific: 710 to 749 and 800 upwards; central_south_asia: 700 to 709 and "
    "750 to 799.",
    "population": "Six regions of the world, 1946 to 2018.",
    "unit": "region-years",
    "source": SOURCE,
    "licence": LICENCE,
    "script": SCRIPT,
}
REGIONS = {
    "africa": range(400, 600),
    "americas": range(2, 200),
    "central_south_asia": [*range(700, 710), *range(750, 800)],
    "east_asia_pacific": [*range(710, 750), *range(800, 1000)],
    "europe": range(200, 400),
    "middle_east": range(600, 700),
}


def region_of(codes: str) -> str:
    """Return the region of most of the states in a list of codes."""
    states = [int(code) for code in codes.split()]
    found = {name: sum(state in part for state in states) for name, part in REGIONS.items()}
    return max(found, key=lambda name: found[name])


def pacts_by_dyad(events: pd.DataFrame, hazard: pd.DataFrame) -> pd.DataFrame:
    """Return counts by kind of treaty and year.

    Parameters
    ----------
    events
        One row a treaty: year, n_new_dyads, bilateral (0 or 1).
    hazard
        One row a year: dyads_at_risk.
    """
    at_risk = hazard[hazard["year"] >= FIRST].set_index("year")["dyads_at_risk"]
    parts = []
    for subclass, bilateral in (("bilateral", 1), ("multilateral", 0)):
        kind = events[events["bilateral"] == bilateral].groupby("year")["n_new_dyads"]
        part = pd.DataFrame({"exposure": at_risk, "subclass": subclass})
        part["onsets"] = kind.size().reindex(part.index, fill_value=0)
        part["entrants"] = kind.sum().reindex(part.index, fill_value=0)
        parts.append(part.reset_index())
    counts = pd.concat(parts)
    return counts.assign(first=counts["year"], last=counts["year"])


def pacts_by_region(events: pd.DataFrame, years: range) -> pd.DataFrame:
    """Return counts by region and year.

    Parameters
    ----------
    events
        One row a treaty: year, ccodes (codes of the states, with spaces between).
    years
        All years counted.
    """
    found = events.assign(subclass=events["ccodes"].map(region_of))
    index = pd.MultiIndex.from_product([sorted(REGIONS), years], names=["subclass", "year"])
    onsets = found.groupby(["subclass", "year"]).size().reindex(index, fill_value=0)
    counts = pd.DataFrame({"onsets": onsets, "exposure": 1}).reset_index()
    return counts.assign(first=counts["year"], last=counts["year"])
