import pandas as pd
import pytest

import forecast as fc
from forecast.errors import InputError
from forecast.history._risk_sets import read_history
from forecast.history.event_history import Columns
from forecast.network import UnknownNameError
from tests.history.stretches import stretches

TABLE = pd.DataFrame(
    {
        "start": [0.0, 0.0, 1.0],
        "stop": [2.0, 1.0, 4.0],
        "event": [1, 0, 1],
        "pact": [0, 0, 1],
        "size": [1.0, 2.0, 2.5],
        "name": ["a", "b", "b"],
    }
)
COLUMNS = Columns(covariates=["pact", "size"], group="name")


def test_a_table_is_read_as_stretches() -> None:
    history = read_history(TABLE, COLUMNS)
    assert history.exposure == 6.0
    assert history.event.tolist() == [True, False, True]
    assert history.names == ("pact", "size")
    assert history.groups == ("a", "b")
    assert history.group.tolist() == [0, 1, 1]


def test_all_other_columns_are_covariates_unless_they_are_named() -> None:
    history = read_history(TABLE.drop(columns="name"), Columns())
    assert history.names == ("pact", "size")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"stop": [0.0, 1.0, 4.0]}, "row 0: the stretch from 0 to 0 has no length"),
        ({"event": [2, 0, 1]}, r"row 0: an event is 0 or 1 \(got '2'\)"),
        ({"event": [0, 0, 0]}, "no stretch ends with the event"),
        ({"pact": [0, 0, 0]}, "the covariate 'pact' never varies"),
        ({"pact": [2.0, 4.0, 5.0]}, "the covariates pact, size repeat each other"),
        ({"size": [1.0, float("nan"), 2.0]}, "the column 'size' has no finite number in row 1"),
        ({"size": ["big", "small", "big"]}, "'size' holds something other than numbers"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(
    change: dict[str, list[object]], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read_history(TABLE.assign(**change), COLUMNS)


def test_every_missing_column_is_told_with_the_nearest() -> None:
    columns = Columns(stop="stopp", covariates=["pakt"])
    with pytest.raises(InputError, match=r"no column 'stopp'\. Did you mean 'stop'") as caught:
        read_history(TABLE, columns)
    assert len(caught.value.faults) == 2
    with pytest.raises(InputError, match="has no rows"):
        read_history(TABLE.iloc[:0], COLUMNS)


NETWORK = fc.Network(
    name="two",
    start="2024-01-01",
    horizon="2025-12-31",
    events=[
        fc.Event(id="pact", kind="state", rate="3 per year", off_rate="3 per year"),
        fc.Event(id="aid", kind="onset", rate="0.5 per year"),
    ],
)


def test_worlds_become_stretches_that_add_up() -> None:
    worlds = fc.simulate(NETWORK, worlds=30, seed=4)
    table = stretches(worlds, "aid", ["pact"])
    assert table["event"].sum() == sum(bool(world.jumps["aid"]) for world in worlds)
    for number, world in enumerate(worlds):
        rows = table[table["course"] == number]
        assert (rows["start"].to_numpy()[1:] == rows["stop"].to_numpy()[:-1]).all()
        assert rows["start"].iloc[0] == 0
        if not world.jumps["aid"]:
            assert rows["stop"].iloc[-1] == pytest.approx(731 / 365.25)


def test_a_covariate_is_the_parents_state_before_the_onset() -> None:
    worlds = fc.simulate(NETWORK, worlds=60, seed=5)
    table = stretches(worlds, "aid", ["pact"])
    for row in table[table["event"] == 1].itertuples():
        world = worlds[row.course]
        assert world.on("pact", world.jumps["aid"][0]) == bool(row.pact)


def test_an_event_is_no_parent_of_itself_and_must_exist() -> None:
    worlds = fc.simulate(NETWORK, worlds=1)
    with pytest.raises(InputError, match="'aid' is no parent of itself"):
        stretches(worlds, "aid", ["aid"])
    with pytest.raises(UnknownNameError, match="unknown event 'pakt'"):
        stretches(worlds, "aid", ["pakt"])
