"""A run that was kept can be asked again: from its draws, or estimated anew, with one answer."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from scipy.special import logit

from forecast.errors import ForecastError, InputError, QueryError
from forecast.estimate import _netcdf as netcdf
from forecast.files._evidence_file import read_evidence
from forecast.files._network_file import read_network
from forecast.ledger import RunHead, run_heads, run_inputs
from forecast.posterior import Posterior
from forecast.posterior import update as estimate
from forecast.posterior._explain import waterfall
from forecast.time import day_label
from forecast.workspace import _kept_reasons as kept_reasons
from forecast.workspace import _report as report
from forecast.workspace._difference import difference
from forecast.workspace._draws import evidence_of, network_of, saved_posterior
from forecast.workspace._history import named_run, open_kept
from forecast.workspace._questions import Supposition, ask, why
from forecast.workspace._run import read_manifest
from forecast.workspace._settings import Request
from forecast.workspace._update import update
from tests.tolerances import SAME_ALGEBRA
from tests.workspace.samples import EVIDENCE, NETWORK, WORKSPACE, write_workspace

FIRST, SECOND, THIRD = "2024-07-01", "2024-08-10", "2024-08-20"
BY = "2024-12-31"
DRAWS = 1024
GIVEN = Supposition(given=("pact=2024-10-01",), by=(BY,))
DO = Supposition(do=("pact",), by=(BY,))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs by importance sampling, as of two dates."""
    made = write_workspace(
        tmp_path_factory.mktemp("kept"),
        {"forecast.toml": WORKSPACE.replace("draws = 512", f"draws = {DRAWS}")},
    )
    for as_of in (FIRST, SECOND):
        update(made, Request(as_of=as_of))
    return made


def posterior(folder: Path, as_of: str = SECOND, **asked: object) -> Posterior:
    network = read_network(folder / "priors" / "tiny.yaml")
    evidence = read_evidence(folder / "evidence")
    return estimate(network, evidence, as_of=as_of, draws=DRAWS, **asked)  # type: ignore[arg-type]


@pytest.fixture
def told() -> list[str]:
    return []


def test_what_a_run_was_made_from_comes_back_whole(folder: Path) -> None:
    with open_kept(folder) as kept:
        heads = run_heads(kept.ledger)
        inputs = run_inputs(kept.ledger, heads[-1].entry)
    assert [head.network for head in heads] == ["tiny", "tiny"]
    assert network_of(inputs) == read_network(folder / "priors" / "tiny.yaml")
    assert sorted(item.id for item in evidence_of(inputs)) == ["e1", "e2", "e3"]


def test_saved_draws_keep_the_checks_of_the_parameters_and_judge_forecasts_anew(
    folder: Path,
) -> None:
    with open_kept(folder) as kept:
        head = run_heads(kept.ledger)[-1]
        saved = saved_posterior(kept, head, run_inputs(kept.ledger, head.entry))
        (name,) = (folder / "posteriors" / "tiny").glob(f"{SECOND}*.json")
    assert isinstance(saved, Posterior)
    assert [check.name for check in saved.gate.checks] == ["khat", "ess"]
    made = read_manifest(name).gate
    judged = saved.gate_at(by=[BY])
    assert [(c.name, c.value) for c in judged.checks] == [(c.name, c.value) for c in made.checks]


def test_saved_draws_answer_as_the_posterior_did(folder: Path, told: list[str]) -> None:
    asked = ask(folder, "troops", GIVEN, tell=told.append)
    expected = posterior(folder).probability("troops", by=BY, given={"pact": "2024-10-01"})
    (answer,) = asked.answers
    assert (answer.supposed.mean, answer.supposed.mcse) == (expected.mean, expected.mcse)
    assert answer.supposed.interval_mcse() == expected.interval_mcse()
    assert (asked.head.entry, asked.given, asked.do, told) == (2, ("pact=2024-10-01",), (), [])


def test_an_earlier_run_is_asked_by_name_and_by_its_own_deadlines(
    folder: Path, told: list[str]
) -> None:
    asked = ask(folder, "troops", Supposition(do=("pact",)), run=FIRST, tell=told.append)
    expected = posterior(folder, FIRST).probability("troops", by=BY, do={"pact": "on"})
    assert [(a.by, a.supposed.mean) for a in asked.answers] == [(BY, expected.mean)]
    assert asked.head.entry == 1


def test_a_run_whose_draws_are_gone_is_estimated_again_and_says_the_same(
    tmp_path: Path, folder: Path, told: list[str]
) -> None:
    expected = ask(folder, "troops", GIVEN, tell=told.append).answers[0].supposed.mean
    copy = copied(folder, tmp_path)
    for file in (copy / "posteriors" / "tiny").glob("*"):
        file.unlink()
    again = ask(copy, "troops", GIVEN, tell=told.append)
    assert again.answers[0].supposed.mean == expected
    assert told == ["estimating run 2 again: its saved draws are not here"]
    untold = why(copy, "troops").reasons
    assert set(untold.notes.values()) == {"Not told: its saved draws are not here."}
    assert (untold.moved, untold.leans, untold.watch) == ((), (), ())


def test_damaged_draws_are_refused(tmp_path: Path, folder: Path, told: list[str]) -> None:
    copy = copied(folder, tmp_path)
    for file in (copy / "posteriors" / "tiny").glob("*.nc"):
        whole = bytearray(file.read_bytes())
        whole[len(whole) // 2] ^= 1
        file.write_bytes(bytes(whole))
    with pytest.raises(ForecastError, match="the file is damaged"):
        ask(copy, "troops", GIVEN, tell=told.append)
    assert "the file is damaged" in why(copy, "troops").reasons.notes["moved"]


def copied(folder: Path, to: Path) -> Path:
    """The workspace again, without what locks it and without reasons that are worked out."""
    left_out = shutil.ignore_patterns(".lock", "*.reasons.json")
    shutil.copytree(folder, to / "copy", ignore=left_out)
    return to / "copy"


@pytest.fixture(scope="module")
def sampled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the path sampler."""
    made = write_workspace(
        tmp_path_factory.mktemp("sampled"),
        {"forecast.toml": WORKSPACE.replace("draws = 512", f"draws = {DRAWS}")},
    )
    update(made, Request(method="paths", force=True))
    return made


def test_a_run_of_the_path_sampler_answers_from_its_paths(sampled: Path, told: list[str]) -> None:
    post = posterior(sampled, FIRST, method="paths")
    for supposed, how in ((GIVEN, {"given": {"pact": "2024-10-01"}}), (DO, {"do": {"pact": "on"}})):
        asked = ask(sampled, "troops", supposed, tell=told.append)
        expected = post.probability("troops", by=BY, **how)  # type: ignore[arg-type]
        (answer,) = asked.answers
        assert (answer.supposed.mean, answer.supposed.mcse) == (expected.mean, expected.mcse)
    assert told == []
    reasons = why(sampled, "troops")
    assert reasons.curve is not None
    assert "moved" not in reasons.reasons.notes


def test_a_run_that_was_saved_without_its_paths_is_estimated_again(
    sampled: Path, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = ask(sampled, "troops", GIVEN, tell=told.append).answers[0].supposed.mean
    read = netcdf.read_tree

    def without_paths(path: Path) -> xr.DataTree:
        return read(path).filter(lambda node: node.name != "paths")

    monkeypatch.setattr(netcdf, "read_tree", without_paths)
    again = ask(sampled, "troops", GIVEN, tell=told.append)
    assert again.answers[0].supposed.mean == expected
    assert told == [
        "estimating run 1 again: the path sampler made it, with a version that did not keep its "
        "paths"
    ]


def test_the_reasons_of_a_run_are_those_of_its_posterior(folder: Path) -> None:
    found, post = why(folder, "troops"), posterior(folder)
    assert found.curve is not None
    assert found.by == BY
    table = post.explain("troops", by=BY, order="published")
    figures = found.reasons.figures
    assert list(figures["item"]) == table.index.tolist()
    for name in ("in_order", "in_order_mcse", "probability"):
        assert list(figures[name]) == table[name].tolist()
    steps = [step.log_odds for step in found.reasons.moved]
    assert steps == waterfall(table)["in_order"].tolist()
    shares = post.shares("troops", by=BY)
    for lean in found.reasons.leans:
        assert lean.share == shares.loc[(lean.parameter, lean.label), "share"]
    assert 0 < len(found.reasons.leans) <= 3
    assert found.reasons.watch
    months = [day.to_pydatetime() for day in found.curve.index]
    curve = post.curve("troops", dates=months)
    np.testing.assert_allclose(found.curve["mean"], curve["mean"], rtol=SAME_ALGEBRA)


def test_reasons_are_worked_out_once_for_show_report_and_diff(
    tmp_path: Path, folder: Path, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = copied(folder, tmp_path)
    first = why(copy, "troops"), why(copy, "troops", by="2025-06-30")
    changed = difference(copy, (FIRST, "last"), explained=1, tell=told.append).reasons
    report.write_report(copy)  # works out the other event, and keeps what is there
    assert why(copy, "pact").reasons.moved
    for module, name in ((kept_reasons, "worked_out"), (kept_reasons, "_change")):
        monkeypatch.setattr(module, name, None)
    again = why(copy, "troops"), why(copy, "troops", by="2025-06-30")
    assert [each.reasons for each in again] == [each.reasons for each in first]
    assert first[0].reasons.moved != first[1].reasons.moved
    assert difference(copy, (FIRST, "last"), explained=1, tell=told.append).reasons == changed
    report.write_report(copy)
    with pytest.raises(TypeError):  # of a deadline that nobody has asked for
        why(copy, "troops", by="2025-03-31")


def test_reasons_that_cannot_be_kept_are_told_all_the_same(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = copied(folder, tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept_reasons, "replacing", full)
    assert why(copy, "troops").reasons.moved
    assert not list(copy.glob("posteriors/tiny/*.reasons.json"))


def test_what_is_settled_says_so_once(tmp_path: Path) -> None:
    seen = EVIDENCE + "e4,2024-06-15,observation,pact,,,on\n"
    made = write_workspace(tmp_path, {"evidence/items.csv": seen})
    update(made, Request(draws=4096))
    reasons = why(made, "pact").reasons
    (note,) = set(reasons.notes.values())
    assert "settled" in note
    assert (reasons.moved, reasons.leans, reasons.watch) == ((), (), ())


def test_a_part_that_cannot_be_told_says_why_next_to_what_can(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        msg = "the record is beyond this"
        raise QueryError(msg)

    monkeypatch.setattr(Posterior, "explain", refuse)
    reasons = why(copied(folder, tmp_path), "troops").reasons
    assert dict(reasons.notes) == {"moved": "The record is beyond this."}
    assert reasons.leans
    assert reasons.watch


def test_the_reasons_are_of_the_deadline_of_the_report_unless_another_is_asked_for(
    tmp_path: Path,
) -> None:
    toml = WORKSPACE.replace("2024-03-31", "2024-10-31").replace("draws = 512", f"draws = {DRAWS}")
    made = write_workspace(tmp_path, {"forecast.toml": toml})
    update(made, Request(force=True))
    with open_kept(made) as kept:
        (network,) = report._content(kept, made, lambda _: None).networks
    told = {event.id: event.reasons for event in network.events}["troops"]
    assert told is not None
    found = why(made, "troops")
    assert found.by == day_label(told.by) == "2024-10-31"
    assert found.reasons == told
    update(made, Request(as_of=SECOND, force=True))
    changed = difference(made, (FIRST, "last"), explained=2, tell=[].append)
    assert {day_label(each.by) for each in changed.reasons.values()} == {BY}  # 90 days ahead
    assert why(made, "troops", by=BY).by == BY
    with pytest.raises(QueryError, match="the horizon"):
        why(made, "troops", by="2031-01-01")


def test_a_difference_names_the_item_that_did_it_and_adds_up(folder: Path, told: list[str]) -> None:
    found = difference(folder, (FIRST, "last"), explained=1, tell=told.append)
    assert [(i.item, i.status, i.claim) for i in found.items] == [("e3", "new", "off")]
    assert (found.network, found.settings, found.only_before) == ((), (), ())
    assert found.moved[0].event == "troops"
    ((event, reasons),) = found.reasons.items()
    assert (event, day_label(reasons.by)) == ("troops", BY)
    steps = {step.item: step for step in reasons.moved}
    then, now = found.moved[0].then, found.moved[0].now
    total = sum(step.log_odds for step in reasons.moved)
    assert total == pytest.approx(logit(now), rel=1e-9)
    assert sum(step.points for step in reasons.moved) == pytest.approx(now, rel=1e-9)
    assert reasons.moved[0].log_odds == pytest.approx(logit(then), rel=1e-9)
    assert steps["e3"].log_odds < 0
    assert found.named["e3"].claim == "says off"
    assert told == []


def test_a_difference_tells_what_was_revised_and_what_is_gone(
    tmp_path: Path, told: list[str]
) -> None:
    made = write_workspace(tmp_path)
    update(made, Request(force=True, draws=DRAWS))
    items = EVIDENCE.replace("e2,2024-06-01,observation,pact,,,off\n", "").replace(
        "e1,2024-05-01,report,troops,gazette,on", "e1,2024-05-01,report,troops,gazette,off"
    )
    network = NETWORK.replace("5% [2%, 12%]", "6% [2%, 12%]")
    write_workspace(made, {"evidence/items.csv": items, "priors/tiny.yaml": network})
    update(made, Request(force=True, draws=DRAWS, seed=2))
    found = difference(made, ("1", "2"), explained=2, tell=told.append)
    assert {i.item: i.status for i in found.items} == {"e1": "revised", "e2": "gone"}
    (changed,) = found.network
    assert (changed.field, changed.before[:2], changed.after[:2]) == (
        "events.troops.rate",
        "5%",
        "6%",
    )
    assert found.settled == {}
    assert found.settings == (("seed", "1", "2"),)
    assert found.reasons
    for reasons in found.reasons.values():
        assert "(revised or withdrawn)" in {step.item for step in reasons.moved}


def heads() -> list[RunHead]:
    def head(entry: int, key: str, day: int, network: str = "tiny") -> RunHead:
        as_of = datetime(2024, 7, day, tzinfo=UTC)
        return RunHead(entry, key, network, as_of, as_of, forced=False)

    return [
        head(1, "abcd11", 2),
        head(3, "abcd22", 2),
        head(4, "12345678", 3),
        head(5, "ef0099", 4, "other"),
        head(6, "ef1199", 4),
    ]


@pytest.mark.parametrize(
    ("name", "entry"),
    [("3", 3), ("abcd1", 1), ("ABCD2", 3), ("last", 6), ("2024-07-01", 3), ("12345678", 4)],
)
def test_a_run_has_several_names(name: str, entry: int) -> None:
    assert named_run(heads(), name).entry == entry


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("abcd", "more than one run has a key that begins so .*1 .key abcd11.*; 3 "),
        ("abc", "the ledger has no such run"),
        ("2", "the ledger has no such run .*first 4 letters"),
        ("2024-06-01", "no run is as of this date .*There are: 2024-07-01, 2024-07-02"),
        ("2024-07-03", r"runs of 2 networks .*5 \(other\), 6 \(tiny\)"),
    ],
)
def test_a_run_that_is_not_there_says_which_are(name: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        named_run(heads(), name)


def test_a_ledger_without_a_run_says_what_makes_one() -> None:
    with pytest.raises(InputError, match="'forecast update' makes one"):
        named_run([], "last")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("last", "2"), "the two runs are the same"),
        (("last", "1"), "Ask for 'forecast diff 1 2'"),
    ],
)
def test_runs_that_cannot_be_compared_say_what_can(
    folder: Path, told: list[str], names: tuple[str, str], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        difference(folder, names, explained=0, tell=told.append)


def test_a_question_that_cannot_be_answered_says_what_can(folder: Path, told: list[str]) -> None:
    for supposed, message in (
        (Supposition(given=("pct",)), "Did you mean 'pact'"),
        (Supposition(given=("pact=2023-05-01",)), "the network's start"),
        (Supposition(given=("pact",), by=("2030-01-01",)), "the horizon"),
        (Supposition(do=("pact=on@2024-10-01",)), "give one of the two"),
    ):
        with pytest.raises(QueryError, match=message):
            ask(folder, "troops", supposed, tell=told.append)
    with pytest.raises(InputError, match="Did you mean 'troops'"):
        ask(folder, "trops", GIVEN, run="1", tell=told.append)


def test_an_event_that_was_settled_names_what_settled_it(tmp_path: Path, told: list[str]) -> None:
    seen = EVIDENCE + "e4,2024-07-15,observation,pact,,,on\n"
    made = write_workspace(tmp_path, {"evidence/items.csv": seen})
    for as_of in (FIRST, "2024-07-20"):
        update(made, Request(as_of=as_of, force=True))
    found = difference(made, ("1", "2"), explained=0, tell=told.append)
    assert found.settled == {"pact": ("e4",)}


def test_a_run_that_saw_a_retraction_is_asked_again(tmp_path: Path, told: list[str]) -> None:
    """The ledger has the items that stood, and so not the one that was taken back."""
    taken_back = (
        "items:\n"
        "  - {id: back, kind: retraction, event: pact, published: 2024-08-15, retracts: [e2]}\n"
    )
    made = write_workspace(
        tmp_path,
        {
            "forecast.toml": WORKSPACE.replace("draws = 512", f"draws = {DRAWS}"),
            "evidence/back.yaml": taken_back,
        },
    )
    update(made, Request(as_of=THIRD))
    expected = posterior(made, THIRD).probability("troops", by=BY, given={"pact": "2024-10-01"})
    (answer,) = ask(made, "troops", GIVEN, tell=told.append).answers
    assert answer.supposed.mean == expected.mean
    assert told == []  # its saved draws were read
    shutil.rmtree(made / "posteriors")
    (answer,) = ask(made, "troops", GIVEN, tell=told.append).answers
    assert answer.supposed.mean == expected.mean
    assert len(told) == 1


def test_a_copy_outlives_its_origin_in_a_run_that_is_asked_again(
    tmp_path: Path, told: list[str]
) -> None:
    """What the origin said still bears on its copy, so it is kept, and part of the run's key."""
    lines = (
        "items:\n"
        "  - {id: copy, kind: report, event: troops, published: 2024-06-02, source: gazette, "
        "claim: on, derived_from: [e1]}\n"
        "  - {id: back, kind: retraction, event: troops, published: 2024-06-05, retracts: [e1]}\n"
    )
    files = {
        "forecast.toml": WORKSPACE.replace("draws = 512", f"draws = {DRAWS}"),
        "evidence/back.yaml": lines,
    }
    made = write_workspace(tmp_path / "on", files)
    (run,) = update(made, Request(as_of=THIRD, force=True))
    expected = posterior(made, THIRD).probability("troops", by=BY, given={"pact": "2024-10-01"})
    for there in (True, False):
        if not there:
            shutil.rmtree(made / "posteriors")
        (answer,) = ask(made, "troops", GIVEN, tell=told.append).answers
        assert answer.supposed.mean == expected.mean
    off = EVIDENCE.replace("troops,gazette,on", "troops,gazette,off")
    other = write_workspace(tmp_path / "off", files | {"evidence/items.csv": off})
    (another,) = update(other, Request(as_of=THIRD, force=True))
    assert another.manifest.items_seen == run.manifest.items_seen
    assert another.manifest.key != run.manifest.key
