"""Third states that enter wars with troops, from the UCDP/PRIO Armed Conflict Dataset.

Two exposures of the same entries. By war: in how many years of an active interstate conflict did
any third state newly send troops. By state: how often did a state enter such a war, per year of its
existence. States that enter one conflict in one year are one decision, and count once by war.
"""

import pandas as pd

__all__ = ["ENTRY_HEAD", "STATE_HEAD", "entries_by_state", "entries_by_war"]

SOURCE = (
    "UCDP/PRIO Armed Conflict Dataset 25.1 (Gleditsch et al. 2002; Davies et al. 2025), "
    "participant "
    "form as in the R package peacesciencer. Counts only."
)
LICENCE = "CC BY 4.0 (UCDP); these counts likewise."
SCRIPT = "tools/reference_classes/troops.py"
LAST = 2023
"""Later rows are known today and were not in mid-2024."""

ENTRY_HEAD = {
    "title": "Third states newly enter a war with troops",
    "definition": "A year of a conflict in which at least one third state begins to support a side "
    "with troops in combat (secondary party) after a year without. States that enter one conflict "
    "in "
    "one year are one onset; entrants counts them. interstate: between states; civil: "
    "within a state, internationalised or not.",
    "population": "Years in which a conflict was active (25 battle deaths or more), 1946 to 2023.",
    "unit": "conflict-years",
    "source": SOURCE,
    "licence": LICENCE,
    "script": SCRIPT,
}
STATE_HEAD = {
    "title": "A state newly enters another's interstate war with troops",
    "definition": "A state begins to support a side of an interstate conflict with troops after a "
    "year without support of that side. major_powers: US, UK, France, Russia (USSR), China; "
    "north_korea; others: every other state together.",
    "population": "States in the international system (Correlates of War state list), 1946 to "
    "2023; "
    "north_korea from 1949, major powers each from 1946 (China as the People's Republic from "
    "1950).",
    "unit": "state-years",
    "source": SOURCE + " Number of states by year: Correlates of War state system 2016.",
    "licence": LICENCE,
    "script": SCRIPT,
}
MAJOR = {2, 200, 220, 365, 710}
NORTH_KOREA = 731
NORTH_KOREA_SINCE, CHINA_SINCE, FIRST = 1949, 1950, 1946


def entries_by_war(parties: pd.DataFrame, support: pd.DataFrame) -> pd.DataFrame:
    """Return counts by kind of conflict and year.

    Parameters
    ----------
    parties
        Rows of conflicts and their participants: conflict_id, year, type_of_conflict.
    support
        One row a conflict, year, third state and side: entry is 1 in the first year of a spell.
    """
    kinds = {"interstate": "interstate", "intrastate": "civil"}
    kinds["internationalized_intrastate"] = "civil"
    active = parties.assign(subclass=parties["type_of_conflict"].map(kinds)).dropna(
        subset=["subclass"]
    )
    exposure = active.drop_duplicates(["conflict_id", "year"]).groupby(["subclass", "year"]).size()
    entries = support[support["entry"] == 1]
    entries = entries.assign(subclass=entries["type_of_conflict"].map(kinds))
    onsets = entries.drop_duplicates(["conflict_id", "year"]).groupby(["subclass", "year"]).size()
    entrants = (
        entries.drop_duplicates(["conflict_id", "year", "third"])
        .groupby(["subclass", "year"])
        .size()
    )
    return _by_year(exposure, onsets, entrants)


def entries_by_state(support: pd.DataFrame, states: pd.DataFrame) -> pd.DataFrame:
    """Return counts by group of states and year.

    Parameters
    ----------
    support
        As in `entries_by_war`.
    states
        The number of states, n_states, by year; later years have the last one's.
    """
    entries = support[(support["entry"] == 1) & (support["type_of_conflict"] == "interstate")]
    entries = entries.drop_duplicates(["year", "third", "conflict_id"])
    group = entries["third"].map(_group)
    onsets = entries.assign(subclass=group).groupby(["subclass", "year"]).size()
    years = pd.RangeIndex(FIRST, LAST + 1, name="year")
    number = states.set_index("year")["n_states"].reindex(years).ffill()
    major = pd.Series(len(MAJOR), years).where(years >= CHINA_SINCE, len(MAJOR) - 1)
    korea = pd.Series(1, years).where(years >= NORTH_KOREA_SINCE, 0)
    exposure = pd.concat(
        {"major_powers": major, "north_korea": korea, "others": number - major - korea},
        names=["subclass", "year"],
    )
    return _by_year(exposure[exposure > 0], onsets, None)


def _group(state: float) -> str:
    if int(state) == NORTH_KOREA:
        return "north_korea"
    return "major_powers" if int(state) in MAJOR else "others"


def _by_year(exposure: pd.Series, onsets: pd.Series, entrants: pd.Series | None) -> pd.DataFrame:
    counts = pd.DataFrame({"exposure": exposure.astype(int)})
    counts["onsets"] = onsets.reindex(counts.index, fill_value=0)
    if entrants is not None:
        counts["entrants"] = entrants.reindex(counts.index, fill_value=0)
    counts = counts.reset_index()
    counts = counts[counts["year"] <= LAST]
    return counts.assign(first=counts["year"], last=counts["year"])
