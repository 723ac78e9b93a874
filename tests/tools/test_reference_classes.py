"""The scripts that derive reference classes, on data counted by eye, and on the sources."""

from pathlib import Path

import pandas as pd
import pytest

from forecast.files._reference_class_file import read_reference_class
from tests.contract.repository import ROOT
from tools.reference_classes import arms, pacts, troops
from tools.reference_classes.writing import class_text

DATA = ROOT / "tests" / "data" / "reference_classes"
SHIPPED = ROOT / "priors" / "reference_classes"


def written(folder: Path, name: str, head: dict[str, str], counts: pd.DataFrame) -> Path:
    path = folder / f"{name}.csv"
    path.write_text(class_text(head, counts), encoding="utf-8")
    return path


PARTIES = pd.DataFrame(
    [
        (1, 1950, "interstate"),
        (1, 1950, "interstate"),  # rows are expansions over participants
        (1, 1951, "interstate"),
        (2, 1950, "intrastate"),
        (3, 1950, "internationalized_intrastate"),
        (4, 1950, "extrasystemic"),
        (1, 2024, "interstate"),
    ],
    columns=["conflict_id", "year", "type_of_conflict"],
)
SUPPORT = pd.DataFrame(
    [
        (1, 1950, "interstate", 2, 1),
        (1, 1950, "interstate", 200, 1),
        (1, 1951, "interstate", 2, 0),
        (1, 1951, "interstate", 731, 1),
        (3, 1950, "internationalized_intrastate", 40, 1),
        (1, 2024, "interstate", 731, 1),
    ],
    columns=["conflict_id", "year", "type_of_conflict", "third", "entry"],
)


def test_states_that_enter_one_war_in_one_year_are_one_onset(tmp_path: Path) -> None:
    counts = troops.entries_by_war(PARTIES, SUPPORT)
    found = read_reference_class(written(tmp_path, "entry", troops.ENTRY_HEAD, counts))
    war = {t.first: (t.exposure, t.onsets, t.entrants) for t in found.select("interstate").tallies}
    assert war == {1950: (1, 1, 2), 1951: (1, 1, 1)}
    civil = found.select("civil").tallies[0]
    assert (civil.exposure, civil.onsets, civil.entrants) == (2, 1, 1)


def test_states_are_at_risk_from_their_first_year(tmp_path: Path) -> None:
    states = pd.DataFrame({"year": [1946, 1950, 2000], "n_states": [60, 75, 190]})
    counts = troops.entries_by_state(SUPPORT, states)
    found = read_reference_class(written(tmp_path, "state", troops.STATE_HEAD, counts))
    korea = found.select("north_korea")
    assert korea.period == (1949, 2023)
    assert (korea.total().onsets, korea.total().exposure) == (1, 75)
    assert found.select("major_powers").total().onsets == 2
    others = {tally.first: tally.exposure for tally in found.select("others").tallies}
    assert (others[1946], others[1950], others[2023]) == (60 - 4, 75 - 6, 190 - 6)


def test_pacts_are_counted_by_treaty_and_not_by_pair(tmp_path: Path) -> None:
    events = pd.DataFrame(
        {"year": [1950, 1950, 1951], "n_new_dyads": [1, 45, 1], "bilateral": [1, 0, 1]}
    )
    hazard = pd.DataFrame({"year": [1945, 1950, 1951], "dyads_at_risk": [9, 1000, 960]})
    counts = pacts.pacts_by_dyad(events, hazard)
    found = read_reference_class(written(tmp_path, "pacts", pacts.DYAD_HEAD, counts))
    assert found.period == (1950, 1951)
    many = found.select("multilateral").tallies
    assert [(t.onsets, t.entrants) for t in many] == [(1, 45), (0, 0)]
    assert found.select("bilateral").total().onsets == 2


@pytest.mark.parametrize(
    ("codes", "region"),
    [
        ("731 740", "east_asia_pacific"),
        ("2 20 200 210", "americas"),
        ("2 200 210", "europe"),
        ("365 371 701 702 703", "central_south_asia"),
        ("482 490", "africa"),
        ("640 666 2", "middle_east"),
        ("2 900 920", "east_asia_pacific"),
    ],
)
def test_a_treaty_belongs_to_the_region_of_most_of_its_states(codes: str, region: str) -> None:
    assert pacts.region_of(codes) == region


def test_every_region_is_at_risk_in_every_year(tmp_path: Path) -> None:
    events = pd.DataFrame({"year": [1950], "ccodes": ["731 740"]})
    counts = pacts.pacts_by_region(events, range(1950, 1960))
    found = read_reference_class(written(tmp_path, "regions", pacts.REGION_HEAD, counts))
    assert len(found.subclasses) == 6
    assert all(part.total().exposure == 10 for part in found.parts())
    assert found.total().onsets == 1


def test_years_without_pairs_at_risk_or_past_the_cut_are_left_out(tmp_path: Path) -> None:
    rates = pd.DataFrame(
        {
            "year": [2020, 2021, 2021, 2024],
            "recipient_status": ["other", "other", "interstate_belligerent", "other"],
            "pairs_at_risk": [100, 110, 0, 120],
            "pairs_with_new_order": [5, 6, 0, 1],
            "pairs_without_delivery_prior5y": [90, 95, 0, 99],
            "pairs_first_delivery_in_5y": [1, 2, 0, 3],
        }
    )
    first = arms.deliveries(rates)
    found = read_reference_class(written(tmp_path, "first", arms.DELIVERY_HEAD, first))
    assert (found.total().onsets, found.total().exposure) == (3, 185)
    orders = read_reference_class(written(tmp_path, "orders", arms.ORDER_HEAD, arms.orders(rates)))
    assert (orders.total().onsets, orders.total().exposure) == (5, 100)


def test_the_shipped_counts_of_wars_are_those_of_the_data() -> None:
    """Byte for byte, from UCDP's data as they came."""
    parties = pd.read_csv(DATA / "ucdp_acd_participants.csv.gz")
    support = pd.read_csv(DATA / "third_party_troop_support.csv.gz")
    text = class_text(troops.ENTRY_HEAD, troops.entries_by_war(parties, support))
    assert text == (SHIPPED / "troop_entry.csv").read_text(encoding="utf-8")


def test_the_shipped_counts_by_state_are_those_of_the_data() -> None:
    """But for the number of all states in a year, which is taken from the class itself."""
    shipped = SHIPPED / "troop_entry_by_state.csv"
    exposure = pd.read_csv(shipped, comment="#").groupby("first")["exposure"].sum()
    states = exposure.rename_axis("year").rename("n_states").reset_index()
    support = pd.read_csv(DATA / "third_party_troop_support.csv.gz")
    text = class_text(troops.STATE_HEAD, troops.entries_by_state(support, states))
    assert text == shipped.read_text(encoding="utf-8")


def test_the_shipped_counts_of_arms_are_those_of_the_data() -> None:
    rates = pd.read_csv(DATA / "supplier_recipient_year_rates.csv")
    for name, head, counts in (
        ("first_arms_delivery", arms.DELIVERY_HEAD, arms.deliveries(rates)),
        ("arms_orders", arms.ORDER_HEAD, arms.orders(rates)),
    ):
        assert class_text(head, counts) == (SHIPPED / f"{name}.csv").read_text(encoding="utf-8")
