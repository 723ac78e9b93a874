"""A kind of item that says between which days an event began, added as CONTRIBUTING says.

One class, one row among the kinds, and its two columns: three files of the library.
"""

from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

import forecast as fc
from forecast.estimate._result import Settings
from forecast.evidence import KINDS, Item, _fields
from forecast.evidence._channel import Bearing, Channel, Heard, Number
from forecast.evidence._moment import Moment, begin, finish
from forecast.files import _cell_forms as forms
from forecast.files import _evidence_file
from forecast.network._base import Id
from tests.calibration.sbc import BAND, RANKED_DRAWS, calibrate
from tests.evidence.reader import told_of
from tests.networks import demo_network
from tests.tolerances import MONTE_CARLO_Z, SAME_ALGEBRA

AS_OF, BY = "2024-06-30", "2024-12-31"
WORLDS = 60


class RangeReport(Item):
    """A source says that an event began between two days, or denies it."""

    kind: Literal["range_report"] = "range_report"
    source: Id
    claim: Literal["on", "off"] = "on"
    not_before: Moment
    not_after: Moment

    def reads(self) -> tuple[Number, ...]:
        """Return its source's hit rate and false-alarm rate."""
        return (("hit_rate", self.source), ("false_alarm_rate", self.source))

    def channel(self) -> Channel:
        """Return a plain report's."""
        hit, false_alarm = self.reads()
        return Channel("report", hit, false_alarm, said=int(self.claim == "on"))

    def bears(self) -> tuple[Bearing, ...]:
        """Return the first moment of the first day, and the last of the last."""
        first, last = begin(self.not_before), finish(self.not_after)
        return Bearing(self.event, first, first, opens=True), Bearing(self.event, last, last)

    @property
    def claims(self) -> bool:
        """True."""
        return True

    def words(self) -> str:
        """Return between which days."""
        denies = "" if self.claim == "on" else "denies that "
        return f"{denies}it began between {self.not_before} and {self.not_after}"

    def drawn(self, heard: Heard) -> "RangeReport":
        """Return what it says, as drawn."""
        return self.model_copy(update={"claim": "on" if heard.says_on else "off"})


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the other two files would hold: the kind; its columns, and that they are days."""
    columns = ("not_before", "not_after")
    monkeypatch.setitem(KINDS, "range_report", RangeReport)
    monkeypatch.setattr(_fields, "COLUMNS", (*_fields.COLUMNS, *columns))
    layout = replace(
        _evidence_file.LAYOUT,
        columns=(*_fields.COLUMNS, _fields.UNIT),
        forms={
            **_evidence_file.LAYOUT.forms,
            **dict.fromkeys(columns, forms.day),
            "kind": forms.one_of({kind: kind for kind in KINDS}),
        },
    )
    monkeypatch.setattr(_evidence_file, "LAYOUT", layout)
    monkeypatch.setattr(_fields, "READ", layout.columns)


DAYS = ("2024-02-10", "2024-03-20")
SAID = {"event": "troops", "published": "2024-04-01", "source": "afp", "claim": "on"}
FIELDS = {**SAID, "not_before": DAYS[0], "not_after": DAYS[1]}


def ranges(*more: Item) -> fc.Evidence:
    return fc.Evidence([RangeReport(id="r", **FIELDS), fc.Report(id="plain", **SAID), *more])


def dated() -> fc.Evidence:
    """The same as a report that dates the onset, which the library has."""
    return fc.Evidence([fc.Report(id="r", onset=DAYS, **SAID), fc.Report(id="plain", **SAID)])


@pytest.mark.parametrize("method", ["importance", "paths"])
def test_every_engine_takes_it(method: Literal["importance", "paths"]) -> None:
    found, wanted, without = (
        fc.update(demo_network(), record, as_of=AS_OF, method=method, draws=64)
        for record in (ranges(), dated(), ranges().without({"r"}))
    )
    for day in ("2024-02-05", "2024-03-31", BY):
        one, other, none = (p.probability("troops", by=day) for p in (found, wanted, without))
        assert one.mean == pytest.approx(other.mean, rel=SAME_ALGEBRA)
        assert one.mean != pytest.approx(none.mean, rel=1e-3)


def test_it_is_a_variable_of_the_pymc_model() -> None:
    models = [fc.build_model(demo_network(), record, as_of=AS_OF) for record in (ranges(), dated())]
    assert list(models[0].coords["item"])[:2] == ["plain", "r"]
    point = {"z": np.full(len(models[0].coords["parameter"]), 0.3)}
    found, wanted = (m.compile_logp(mode="FAST_COMPILE")(point) for m in models)
    assert found == pytest.approx(wanted, rel=SAME_ALGEBRA)


def test_simulated_worlds_say_it_as_often_as_its_source_does() -> None:
    late = fc.Evidence([RangeReport(id="r", **{**FIELDS, "published": "2024-06-20"})])
    worlds = fc.simulate(demo_network(), worlds=2000, seed=3, evidence=late)
    inside, said, expected = [], [], []
    for world in worlds:
        began = world.on("troops", DAYS[1]) and not world.on("troops", "2024-02-09")
        rates = (world.parameters[name]["afp"] for name in ("hit_rate", "false_alarm_rate"))
        hit, false_alarm = rates
        inside.append(began)
        said.append(world.evidence.item("r").claim == "on")  # type: ignore[attr-defined]
        expected.append(hit if began else false_alarm)
    p = np.array(expected)
    assert 20 < np.sum(inside) < 1980
    for group in (np.array(inside), ~np.array(inside)):
        miss = np.sum(np.array(said)[group] - p[group])
        assert abs(miss) < MONTE_CARLO_Z * np.sqrt(np.sum((p * (1 - p))[group]))


def test_it_is_calibrated_in_simulated_worlds() -> None:
    """A deadline inside the range too, where a row left out would show."""
    found = calibrate(
        demo_network(),
        ranges(),
        as_of=AS_OF,
        deadlines=("2024-02-29", "2024-06-30", BY),
        worlds=WORLDS,
        settings=Settings(method="importance", draws=1024, seed=23),
    )
    assert np.abs(found.forecast_z()).max() < MONTE_CARLO_Z
    mean_error = np.sqrt(((RANKED_DRAWS + 1) ** 2 - 1) / 12 / WORLDS)
    for name in ("hit_rate[afp]", "false_alarm_rate[afp]", "base_rate[troops]"):
        off = found.ranks[name].mean() - RANKED_DRAWS / 2
        assert abs(off) < MONTE_CARLO_Z * mean_error, name
        held = found.covered[name].mean()
        assert abs(held - BAND) < MONTE_CARLO_Z * np.sqrt(BAND * (1 - BAND) / WORLDS), name


def test_files_hold_it_and_are_written_back(tmp_path: Path) -> None:
    names = ["id", "kind", *FIELDS]
    row = ["r", "range_report", *FIELDS.values()]
    (tmp_path / "a.csv").write_text(",".join(names) + "\n" + ",".join(row) + "\n")
    entry = "\n".join(f"    {name}: '{value}'" for name, value in zip(names, row, strict=True))
    (tmp_path / "b.yaml").write_text("items:\n  -" + entry[3:].replace("'r'", "'s'") + "\n")
    record = fc.read_evidence(tmp_path)
    assert [type(item) for item in record] == [RangeReport, RangeReport]
    one, other = (item.model_dump(exclude={"id"}) for item in record)
    assert one == other == RangeReport(id="x", **FIELDS).model_dump(exclude={"id"})
    written = _fields.fields_of(record.item("r"))
    assert [str(written[name]) for name in ("not_before", "not_after")] == [*DAYS]


def test_a_field_that_is_wrong_is_named_with_its_line(tmp_path: Path) -> None:
    row = {"id": "r", "kind": "range_report", **FIELDS, "not_after": "soon"}
    file = tmp_path / "a.csv"
    file.write_text(",".join(row) + "\n" + ",".join(row.values()) + "\n")
    with pytest.raises(fc.InputError, match=r"a\.csv:2(?s:.)*not_after(?s:.)*soon"):
        fc.read_evidence(file)


def test_what_it_moved_is_explained_as_one_item() -> None:
    records = ranges(), dated()
    tables = [
        fc.update(demo_network(), record, as_of=AS_OF, draws=512).explain("troops", by=BY)
        for record in records
    ]
    found, wanted = tables
    assert list(found.index).count("r") == 1
    for name in ("r", "plain"):
        assert found.loc[name, "in_order"] == pytest.approx(wanted.loc[name, "in_order"], rel=1e-9)


def test_readers_are_told_it_in_its_own_words(tmp_path: Path) -> None:
    header = "id,kind,event,published,source,claim,not_before,not_after\n"
    items = f"{header}r,range_report,troops,2024-06-01,gazette,on,2024-03-02,2024-04-30\n"
    moved, shown = told_of(tmp_path, items, "r")
    words = "it began between 2024-03-02 and 2024-04-30"
    assert f"The Gazette: {words}" in moved
    assert words in " ".join(shown.split())


def test_a_source_that_the_network_lacks_is_named() -> None:
    unheard = RangeReport(id="x", **{**FIELDS, "source": "nobody"})
    with pytest.raises(fc.InputError, match="nobody"):
        fc.update(demo_network(), ranges(unheard), as_of=AS_OF)
