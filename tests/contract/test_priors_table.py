"""The page on the priors says what the files say, and what the library makes of them."""

import pytest

from forecast.files._network_file import read_network
from tests.contract.priors_table import WORDS, cells, chances, made, shown
from tests.contract.repository import ROOT
from tests.tolerances import SHOWN


def test_every_event_has_a_reference_class_or_the_reason_why_there_is_none() -> None:
    network = read_network(ROOT / "priors" / "nato_rok.yaml")
    said = {event.id: event.reference_class or str(event.rate) for event in network.events}
    assert [name for name, text in said.items() if not text.startswith(("class ", "none: "))] == []


def test_the_table_of_priors_is_the_one_that_the_library_makes() -> None:
    page, now = cells(shown()), cells(made())
    assert [row[:WORDS] for row in page] == [row[:WORDS] for row in now]
    for old, new in zip(page[2:], now[2:], strict=True):
        assert chances(old) == pytest.approx(chances(new), abs=SHOWN), old[0]
