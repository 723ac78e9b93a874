"""A kind of item that the library does not have, added as CONTRIBUTING says: one class, one row."""

import re
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

import forecast as fc
from forecast.evidence import KINDS, Item
from forecast.evidence._channel import Channel, Heard, Number
from forecast.model._lower import lower
from forecast.network._base import Id
from tests.contract.repository import ROOT
from tests.evidence.reader import told_of
from tests.networks import demo_network
from tests.tolerances import SAME_ALGEBRA

BELIEVED = 0.4
AS_OF, BY = "2024-06-30", "2024-12-31"


class Rumour(Item):
    """What a source passes on without standing for it: worth some of what its reports are worth."""

    kind: Literal["rumour"] = "rumour"
    source: Id
    claim: Literal["on", "off"]

    def reads(self) -> tuple[Number, ...]:
        """Return its source's hit rate and false-alarm rate."""
        return (("hit_rate", self.source), ("false_alarm_rate", self.source))

    def channel(self) -> Channel:
        """Return a claim of some credibility."""
        hit, false_alarm = self.reads()
        said = int(self.claim == "on")
        return Channel("report", hit, false_alarm, said=said, credibility=BELIEVED)

    @property
    def claims(self) -> bool:
        """True."""
        return True

    def words(self) -> str:
        """Return what it passes on."""
        return f"passes on that it is {self.claim}"

    def drawn(self, heard: Heard) -> "Rumour":
        """Return what it says, as drawn."""
        return self.model_copy(update={"claim": "on" if heard.says_on else "off"})


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "rumour", Rumour)


FIELDS = {"event": "troops", "published": "2024-04-01", "source": "afp", "claim": "on"}


def rumours() -> fc.Evidence:
    return fc.Evidence([Rumour(id="r", **FIELDS), fc.Report(id="plain", **FIELDS)])


def as_reports() -> fc.Evidence:
    return fc.Evidence(
        [fc.Report(id="r", credibility=BELIEVED, **FIELDS), fc.Report(id="plain", **FIELDS)]
    )


@pytest.mark.parametrize("method", ["importance", "paths"])
def test_every_engine_takes_it(method: Literal["importance", "paths"]) -> None:
    found, wanted = (
        fc.update(demo_network(), record, as_of=AS_OF, method=method, draws=64)
        for record in (rumours(), as_reports())
    )
    for event in ("troops", "treaty"):
        one, other = found.probability(event, by=BY), wanted.probability(event, by=BY)
        assert one.mean == pytest.approx(other.mean, rel=SAME_ALGEBRA)


def test_it_is_a_variable_of_the_pymc_model() -> None:
    model = fc.build_model(demo_network(), rumours(), as_of=AS_OF)
    other = fc.build_model(demo_network(), as_reports(), as_of=AS_OF)
    assert list(model.coords["item"])[:2] == ["plain", "r"]
    point = {"z": np.full(len(model.coords["parameter"]), 0.3)}
    found, wanted = (m.compile_logp(mode="FAST_COMPILE")(point) for m in (model, other))
    assert found == pytest.approx(wanted, rel=SAME_ALGEBRA)


def test_simulated_worlds_say_it() -> None:
    worlds = fc.simulate(demo_network(), worlds=60, seed=3, evidence=rumours())
    said = {world.evidence.item("r").claim for world in worlds}  # type: ignore[attr-defined]
    assert said == {"on", "off"}
    assert all(isinstance(world.evidence.item("r"), Rumour) for world in worlds)


def test_files_hold_it(tmp_path: Path) -> None:
    names = ["id", "kind", *FIELDS]
    row = ["r", "rumour", *FIELDS.values()]
    (tmp_path / "a.csv").write_text(",".join(names) + "\n" + ",".join(row) + "\n")
    entry = "\n".join(f"    {name}: '{value}'" for name, value in zip(names, row, strict=True))
    (tmp_path / "b.yaml").write_text("items:\n  -" + entry[3:].replace("'r'", "'s'") + "\n")
    record = fc.read_evidence(tmp_path)
    assert [type(item) for item in record] == [Rumour, Rumour]
    assert lower(demo_network(), record, AS_OF).channels.item_credibility.tolist() == [BELIEVED] * 2


def test_what_it_moved_is_explained() -> None:
    post = fc.update(demo_network(), rumours(), as_of=AS_OF, draws=512)
    table = post.explain("troops", by=BY)
    assert 0 < table.loc["r", "in_order"] < table.loc["plain", "in_order"]


def test_readers_are_told_it_in_its_own_words(tmp_path: Path) -> None:
    items = "id,kind,event,published,source,claim\nr,rumour,troops,2024-06-01,gazette,on\n"
    moved, shown = told_of(tmp_path, items, "r")
    words = "passes on that it is on"
    assert f"The Gazette: {words}" in moved
    assert f"The Gazette: {words} [r]" in shown
    seen = next(line for line in shown.splitlines() if line.startswith("r "))
    assert seen.endswith(words)


def test_a_source_that_the_network_lacks_is_named() -> None:
    record = fc.Evidence([Rumour(id="r", **{**FIELDS, "source": "nobody"})])
    with pytest.raises(fc.InputError, match="nobody"):
        fc.update(demo_network(), record, as_of=AS_OF)


def test_contributing_names_places_that_are_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    (entry,) = re.findall(r"- \*\*a kind of evidence\*\*:(.*?)\n- \*\*", text, flags=re.DOTALL)
    named = [name for name in re.findall(r"`([^`]+)`", entry) if "/" in name]
    assert len(named) >= 5
    assert [name for name in named if not (ROOT / name).exists()] == []
