"""An update ends in the ledger: what was said, from what, once, with the files that prove it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from forecast.errors import ForecastError, GateError, InputError, LedgerError
from forecast.ledger import Ledger, contents_named, items_seen, ledger_address, open_ledger, verify
from forecast.ledger import said as said_in
from forecast.workspace import _update as job
from forecast.workspace._settings import Request
from forecast.workspace._update import attempt, update
from tests.workspace.samples import EVIDENCE, NETWORK, WORKSPACE, never_estimate, write_workspace
from tests.workspace.test_update import TWO_NETWORKS

pytestmark = pytest.mark.usefixtures("database")  # on SQLite and on PostgreSQL

SECOND = NETWORK.replace("name: tiny", "name: second").replace("troops", "tanks")


@contextmanager
def ledger_in(folder: Path) -> Iterator[Ledger]:
    with open_ledger(ledger_address(None, folder)) as ledger:
        yield ledger


def test_what_a_run_says_is_in_the_ledger_with_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch)
    folder = write_workspace(tmp_path)
    (run,) = update(folder, Request())
    with ledger_in(folder) as ledger:
        found = said_in(ledger)
        checked = verify(ledger, folder=folder / "posteriors", heads=[run.head])
        items = items_seen(ledger, 1)
        bodies = contents_named(ledger, items.values())
    assert checked.passed
    assert checked.files == 2
    assert {(each.network, each.key, each.forced) for each in found} == {
        ("tiny", run.manifest.key, False)
    }
    by_event = {each.forecast.event: each.forecast.probability for each in found}
    assert by_event == {each.event: each.probability for each in run.manifest.forecasts}
    kept = {each.forecast.event: each.forecast for each in found}
    for each in run.manifest.forecasts:
        errors = (each.mcse, each.lower_mcse, each.upper_mcse)
        assert errors == (0.001, 0.0023, 0.004)
        assert (kept[each.event].mcse, kept[each.event].lower_mcse) == errors[:2]
        assert kept[each.event].upper_mcse == errors[2]
    assert sorted(items) == ["e1", "e2"]
    assert json.loads(bodies[items["e1"]])["source"] == "gazette"


def test_running_twice_publishes_once_and_estimates_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = never_estimate(monkeypatch)
    folder = write_workspace(tmp_path)
    (first,) = update(folder, Request())
    (second,) = update(folder, Request())
    assert first == second
    assert calls == ["tiny"]
    with ledger_in(folder) as ledger:
        assert verify(ledger).entries == 1


def test_a_job_that_ended_between_file_and_ledger_is_finished_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = never_estimate(monkeypatch)
    folder = write_workspace(tmp_path)

    def fail(*_: object) -> None:
        raise LedgerError("the power went")

    with monkeypatch.context() as patch:
        patch.setattr(job, "publish", fail)
        with pytest.raises(LedgerError, match="the power went"):
            update(folder, Request())
    assert len(list(folder.glob("posteriors/tiny/*.json"))) == 1
    result = attempt(folder, Request())
    assert calls == ["tiny", "tiny"]  # what no ledger names is not believed
    assert result.notes == ()
    assert result.runs[0].head.startswith("1:")


def test_files_that_were_lost_are_made_again_bit_for_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch)
    folder = write_workspace(tmp_path)
    (run,) = update(folder, Request())
    for file in folder.glob("posteriors/tiny/2024*"):
        file.unlink()
    with ledger_in(folder) as ledger:
        assert not verify(ledger, folder=folder / "posteriors").passed
    assert update(folder, Request()) == (run,)
    with ledger_in(folder) as ledger:
        assert verify(ledger, folder=folder / "posteriors").passed


def test_a_failed_gate_publishes_nothing_unless_forced_and_then_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch, khat=1.2)
    folder = write_workspace(tmp_path)
    with pytest.raises(GateError, match="nothing was saved"):
        update(folder, Request())
    with ledger_in(folder) as ledger:
        assert verify(ledger).entries == 0
    update(folder, Request(force=True))
    with ledger_in(folder) as ledger:
        assert {each.forced for each in said_in(ledger)} == {True}
    with pytest.raises(GateError, match="nothing was saved"):
        update(folder, Request())


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_ledger_is_reached_before_hours_are_spent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = never_estimate(monkeypatch)
    folder = write_workspace(tmp_path)
    (folder / "ledger.sqlite3").write_bytes(b"something else, of a length to be looked at")
    with pytest.raises(LedgerError, match="not a database"):
        update(folder, Request())
    assert calls == []


@pytest.mark.parametrize(
    ("table", "line", "fault"),
    [
        ('url = "mysql://db/x"', 11, "is not a database that a ledger can be in"),
        ('url = "postgresql://me:h0rse@db/x"', 11, "a password does not belong"),
        ("url = 3", 11, "url"),
        ("uri = 'x'", 11, "unknown key"),
    ],
)
def test_a_wrong_address_is_a_fault_of_its_line(
    tmp_path: Path, table: str, line: int, fault: str
) -> None:
    text = f"{WORKSPACE}\n[ledger]\n{table}\n"
    with pytest.raises(InputError, match=fault) as caught:
        update(write_workspace(tmp_path, {"forecast.toml": text}), Request())
    assert [each.line for each in caught.value.faults] == [line]
    assert "h0rse" not in str(caught.value)


def test_one_network_that_fails_does_not_stop_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch)
    module = __import__("forecast.workspace._update", fromlist=["_estimate"])
    estimate = module._estimate

    def fail_for_one(inputs: object, settings: object) -> object:
        if inputs.network.name == "tiny":
            raise ZeroDivisionError("a bug of ours")
        return estimate(inputs, settings)

    monkeypatch.setattr(module, "_estimate", fail_for_one)
    folder = write_workspace(
        tmp_path, {"forecast.toml": TWO_NETWORKS, "priors/second.yaml": SECOND}
    )
    report = attempt(folder, Request())
    assert [run.manifest.network for run in report.runs] == ["second"]
    assert str(report.failures["tiny"]) == "ZeroDivisionError: a bug of ours"
    with pytest.raises(ForecastError, match="tiny: ZeroDivisionError: a bug of ours"):
        report.refuse()
    with ledger_in(folder) as ledger:
        assert {each.network for each in said_in(ledger)} == {"second"}


def test_gates_that_fail_are_told_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    never_estimate(monkeypatch, khat=1.2)
    folder = write_workspace(
        tmp_path, {"forecast.toml": TWO_NETWORKS, "priors/second.yaml": SECOND}
    )
    with pytest.raises(GateError, match=r"(?s)nothing was saved:\ntiny: khat.*\nsecond: khat"):
        update(folder, Request())


def test_other_evidence_is_another_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    never_estimate(monkeypatch)
    folder = write_workspace(tmp_path)
    (first,) = update(folder, Request())
    more = EVIDENCE + "e4,2024-06-15,report,troops,gazette,on,\n"
    write_workspace(folder, {"evidence/items.csv": more})
    (second,) = update(folder, Request())
    assert (first.head[:2], second.head[:2]) == ("1:", "2:")
    with ledger_in(folder) as ledger:
        assert set(items_seen(ledger, 2)) - set(items_seen(ledger, 1)) == {"e4"}
        assert verify(ledger, folder=folder / "posteriors").passed


def test_the_record_refuses_a_probability_that_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch)
    module = __import__("forecast.workspace._update", fromlist=["estimate_of"])
    make = module.estimate_of

    def broken(post: object, settings: object) -> object:
        found = make(post, settings)
        wrong = tuple(replace_mean(each) for each in found.forecasts)
        return replace(found, forecasts=wrong)

    def replace_mean(each: object) -> object:
        return replace(each, probability=1.5)

    monkeypatch.setattr(module, "estimate_of", broken)
    with pytest.raises(InputError, match="must be a number from 0 to 1"):
        update(write_workspace(tmp_path), Request())


def test_rounding_beyond_0_and_1_is_taken_off_what_the_ledger_keeps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch)
    make = job.estimate_of
    over, under = 1 + 1e-12, -1e-12

    def rounded(post: object, settings: object) -> object:
        found = make(post, settings)
        figures = {"probability": over, "upper": over, "lower": under, "prior": under}
        return replace(found, forecasts=tuple(replace(f, **figures) for f in found.forecasts))

    monkeypatch.setattr(job, "estimate_of", rounded)
    folder = write_workspace(tmp_path)
    update(folder, Request())
    with ledger_in(folder) as ledger:
        kept = [each.forecast for each in said_in(ledger)]
    assert {(f.probability, f.upper, f.lower, f.prior) for f in kept} == {(1.0, 1.0, 0.0, 0.0)}
