"""What is about to be recorded is held against the evidence on file and the network at once."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from forecast.cli.main import cli
from forecast.errors import InputError
from forecast.files._network_file import read_network
from forecast.ledger import ForecastRecord, RunRecord, every_word, open_ledger, publish
from forecast.ledger._connection import ledger_address
from forecast.time import parse_instant
from forecast.workspace._contents import read_contents
from forecast.workspace._followed import followed
from forecast.workspace._outcomes import Statement, resolve_event
from forecast.workspace._run import canonical_text
from forecast.workspace._warnings import warnings_of
from tests.ledger.samples import key_of
from tests.workspace.samples import write_workspace

NETWORK = """\
name: tiny
start: 2024-01-01
horizon: 2099-12-31
events:
  seen: {kind: onset, rate: "30% [10%, 55%] within 1 year"}
  hidden: {kind: onset, public: false, rate: "30% [10%, 55%] within 1 year"}
  state: {kind: state, rate: "2 per year [1, 4]", off_rate: "2 per year [1, 4]"}
  gate: {kind: onset, rate: "30% [10%, 55%] within 1 year"}
  vote: {kind: decision, on: 2024-11-05, outcomes: {left: "50% [30%, 70%]", right: the rest}}
  runoff: {kind: decision, on: gate, outcomes: {won: "50% [30%, 70%]", lost: the rest}}
  behind: {kind: onset, rate: "30% [10%, 55%] within 1 year"}
  after: {kind: onset, rate: "30% [10%, 55%] within 1 year"}
  season:
    kind: onset
    rate: "30% [10%, 55%] within 1 year"
    windows: [{start: 2024-06-01, end: 2024-06-30, weight: 3}]
  told: {kind: onset, known: "within 2 weeks [3 days, 2 months]", rate: "30% within 1 year"}
links:
  - {parent: gate, child: behind, kind: requires}
  - {parent: vote.left, child: after, kind: requires}
"""
HEAD = "id,published,kind,event,state,onset_from,onset_to\n"
ITEMS = """\
o1,2024-05-01,observation,seen,,2024-04-20,2024-04-20
o2,2024-05-01,observation,hidden,off,,
o3,2024-09-01,observation,hidden,on,,
o4,2024-05-01,observation,state,on,,
o5,2024-05-10,observation,told.confirmed,,2024-05-09,2024-05-09
"""


def made(folder: Path, items: str = ITEMS, asked: str = "") -> Path:
    """Write a workspace, of which the ledger has a run."""
    files = {
        "priors/tiny.yaml": NETWORK,
        "evidence/items.csv": HEAD + items,
        "questions.csv": f"id,event,deadline,outcome\n{asked}",
    }
    network = read_network(write_workspace(folder, files) / "priors" / "tiny.yaml")
    at = parse_instant("2024-12-31")
    record = RunRecord(
        key=key_of("a run"),
        network="tiny",
        network_body=canonical_text(network.model_dump()),
        as_of=parse_instant("2024-03-01"),
        settings="{}",
        gate="{}",
        forced=False,
        forecasts=tuple(
            ForecastRecord(node.id, at, 0.5, None, None, None, 0.2, at) for node in network.nodes
        ),
    )
    with open_ledger(ledger_address(None, folder)) as ledger:
        publish(ledger, record)
    return folder


def refusal(folder: Path, name: str, stated: Statement) -> str:
    with pytest.raises(InputError, match=r".") as caught:
        resolve_event(folder, name, stated)
    with open_ledger(ledger_address(None, folder)) as ledger:
        assert every_word(ledger) == {}
    return str(caught.value).replace(f"{folder}/", "")


@pytest.mark.parametrize(
    ("event", "stated", "told"),
    [
        (
            "seen",
            Statement(on="2024-06-01"),
            ("items.csv:2: item 'o1'", "'seen' began on 2024-06-01", "20 April 2024",
             "'forecast resolve seen --on 2024-04-20'", "kind: retraction, event: seen",
             "retracts: o1"),
        ),
        (
            "seen",
            Statement(not_by="2024-06-01"),
            ("items.csv:2: item 'o1'", "'forecast resolve seen --on 2024-04-20'"),
        ),
        (
            "q1",
            Statement(answer="no"),
            ("items.csv:2: item 'o1'", "'seen' had not begun by 2024-06-30"),
        ),
        ("hidden", Statement(on="2024-10-01"), ("items.csv:4: item 'o3'", "day up to 2024-09-01")),
        ("hidden", Statement(on="2024-04-01"), ("items.csv:3: item 'o2'", "day after 2024-05-01")),
        ("hidden", Statement(not_by="2024-10-01"), ("items.csv:4: item 'o3'", "another day")),
        ("state", Statement(ended="2024-05-01"), ("items.csv:5: item 'o4'", "another day")),
        (
            "told",
            Statement(on="2024-06-01"),
            ("resolve told: ", "what would be recorded (published ", "item 'o5'",
             "'told.confirmed'", "(got '2024-06-01')", "Record another day"),
        ),
    ],
)  # fmt: skip
def test_what_contradicts_an_observation_on_file_is_refused(
    tmp_path: Path,
    event: str,
    stated: Statement,
    told: tuple[str, ...],
) -> None:
    folder = made(tmp_path, asked="q1,seen,2024-06-30,\n")
    found = refusal(folder, event, stated)
    assert [words for words in told if words not in found] == []


@pytest.mark.parametrize(
    ("event", "stated"),
    [
        ("seen", Statement(on="2024-04-20")),
        ("seen", Statement(not_by="2024-04-01")),
        ("seen", Statement(void=True)),
        ("hidden", Statement(on="2024-08-01")),
        ("state", Statement(ended="2024-05-02")),
        ("told", Statement(on="2024-05-01")),
        ("vote.left", Statement(on="2024-11-05")),
        ("season", Statement(on="2024-06-01")),
        ("season", Statement(on="2024-06-30")),
    ],
)
def test_what_goes_with_the_evidence_is_recorded(
    tmp_path: Path, event: str, stated: Statement
) -> None:
    (record, _), *_ = resolve_event(made(tmp_path), event, stated)
    assert record.event == event


@pytest.mark.parametrize(
    ("items", "event", "stated", "told"),
    [
        (
            "",
            "vote.left",
            Statement(on="2024-08-01"),
            ("resolve vote.left: ", "the decision 'vote', which falls on 2024-11-05",
             "(got '2024-08-01')", "under events.vote.on"),
        ),
        (
            "v,2024-11-06,observation,vote.right,,2024-11-05,2024-11-05\n",
            "vote.left",
            Statement(on="2024-11-05"),
            ("items.csv:2: item 'v'", "exactly one outcome of a decision comes",
             "'forecast resolve vote.right --on 2024-11-05'"),
        ),
        (
            "v,2024-12-06,observation,after,,2024-12-05,2024-12-05\n",
            "vote.right",
            Statement(on="2024-11-05"),
            ("items.csv:2: item 'v'", "'after' requires 'vote.left'"),
        ),
        (
            "",
            "runoff.won",
            Statement(on="2024-08-01"),
            ("resolve runoff.won: ", "requires 'gate'", "'forecast resolve gate --on DATE'"),
        ),
        (
            "v,2024-12-06,observation,behind,,2024-12-05,2024-12-05\n",
            "gate",
            Statement(on="2024-12-10"),
            ("items.csv:2: item 'v'", "'behind' requires 'gate'"),
        ),
        (
            "",
            "season",
            Statement(on="2024-07-01"),
            ("resolve season: ", "windows (2024-06-01 to 2024-06-30)", "(1 July 2024)",
             "events.season.outside_windows"),
        ),
    ],
)  # fmt: skip
def test_what_a_gate_rules_out_is_refused_and_names_the_gate_and_the_day(
    tmp_path: Path,
    items: str,
    event: str,
    stated: Statement,
    told: tuple[str, ...],
) -> None:
    found = refusal(made(tmp_path, items), event, stated)
    assert [words for words in told if words not in found] == []


def test_what_was_contradictory_before_hinders_no_other_word(tmp_path: Path) -> None:
    folder = made(tmp_path, items="")
    resolve_event(folder, "seen", Statement(on="2024-06-01"))
    (folder / "evidence" / "items.csv").write_text(HEAD + ITEMS)
    assert "entry 2" in CliRunner().invoke(cli, ["check", "--workspace", str(folder)]).output
    resolve_event(folder, "hidden", Statement(on="2024-08-01"))
    resolve_event(folder, "seen", Statement(on="2024-04-20"))
    assert CliRunner().invoke(cli, ["check", "--workspace", str(folder)]).exit_code == 0


def test_a_no_on_file_is_held_against_what_was_observed(tmp_path: Path) -> None:
    folder = made(tmp_path, asked="q1,seen,2024-06-30,no\n")
    with pytest.raises(InputError, match=r"items.csv:2: item 'o1': question 'q1' is answered no"):
        followed(read_contents(folder), {})


def test_an_observation_outside_every_window_is_warned_of(tmp_path: Path) -> None:
    items = "v,2024-12-06,observation,after,,2024-10-01,2024-10-01\n"
    contents = read_contents(made(tmp_path, items))
    found = map(str, warnings_of(contents, datetime.now(UTC)))
    (told,) = (each for each in found if "impossible" in each)
    assert "the decision 'vote', which falls on 2024-11-05" in told
