"""Random networks by the library against the oracle: the short form; the long one is kept."""

import pytest

from tests.reference.groups import GROUPS
from tests.reference.long import ask


@pytest.mark.parametrize("name", [name for name, group in GROUPS.items() if group.short])
def test_every_probability_agrees_with_the_oracle(name: str) -> None:
    group = GROUPS[name]
    outcomes = [group.outcome(seed) for seed in group.seeds(group.short)]
    wrong = {outcome.seed: outcome.wrong for outcome in outcomes if outcome.wrong}
    assert not wrong
    assert sum(len(outcome.rows) for outcome in outcomes) >= group.short


@pytest.mark.slow
@pytest.mark.parametrize("name", list(GROUPS))
def test_the_long_form(name: str) -> None:
    result = ask(name)
    assert not result["out of bounds"]
    assert not result["failed"]
