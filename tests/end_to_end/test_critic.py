"""Warnings on the command line: printed with file and line, in JSON, refused by --strict."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from forecast.cli.main import cli
from tests.contract.repository import ROOT
from tests.end_to_end.workspaces import run, write

NETWORK = """\
name: n
title: A pact, and what follows
start: 2024-01-01
horizon: 2025-12-31
events:
  order: {kind: onset, rate: "20% [8%, 40%] within 6 months"}
  troops:
    kind: onset
    public: false
    rate: "35% [12%, 65%] within 3 months"
  pact:
    kind: onset
    rate: "20% [8%, 40%] within 6 months"
    resolution: On from the day on which it is signed.
links:
  - {parent: order, child: troops, kind: requires}
types:
  wire: {hit_rate: "80% [60%, 90%]", false_alarm_rate: "10% [3%, 25%]"}
sources:
  afp: {type: wire}
"""
PACES = '    ever: "45% [17%, 74%]"\n    pace: "half of it within 6 weeks [3, 12]"\n'
SOUND = NETWORK.replace('    rate: "35% [12%, 65%] within 3 months"\n', PACES)
ITEMS = """\
id,published,kind,event,source,claim
r1,2024-06-01,report,pact,afp,on
"""
NO_ITEMS = ITEMS.splitlines(keepends=True)[0]
WORKSPACE = """\
[workspace]
networks = ["priors/n.yaml"]

[forecast]
deadlines = ["2024-12-31"]
as_of = "2024-08-01"
draws = 512
"""
COUNTED = "warning: 2 things in the files are allowed and probably not meant: 'forecast check'"


def workspace(folder: Path, network: str = NETWORK, items: str = ITEMS) -> Path:
    files = {"forecast.toml": WORKSPACE, "priors/n.yaml": network, "evidence/items.csv": items}
    return write(folder, files)


def test_check_prints_what_was_probably_not_meant_with_file_and_line(tmp_path: Path) -> None:
    result = run(workspace(tmp_path), "check")
    assert result.exit_code == 0
    first, second, *rest = result.stdout.splitlines()
    assert first.startswith(f"warning: {tmp_path}/priors/n.yaml:10: events.troops.rate: is a const")
    assert 'ever: "45% [17%, 74%]"' in first
    assert second.startswith(f"warning: {tmp_path}/evidence/items.csv:2: item 'r1': event: moves")
    assert rest == ["ok: n: 3 events, 1 link, 1 item"]


def test_a_sound_workspace_passes_strictly(tmp_path: Path) -> None:
    result = run(workspace(tmp_path, SOUND, NO_ITEMS), "check", "--strict")
    assert (result.exit_code, result.stdout) == (0, "ok: n: 3 events, 1 link, 0 items\n")


def test_strictly_a_warning_is_a_fault(tmp_path: Path) -> None:
    result = run(workspace(tmp_path), "check", "--strict")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "2 faults; nothing was written." in result.stderr
    assert result.stderr.startswith(f"error: {tmp_path}/priors/n.yaml:10: events.troops.rate")


def test_the_document_of_check_carries_them_strict_or_not(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    for options, code in (((), 0), (("--strict",), 2)):
        result = run(folder, "check", "--json", *options)
        document = json.loads(result.stdout)
        assert (result.exit_code, document["ok"]) == (code, code == 0)
        assert [warning["line"] for warning in document["warnings"]] == [10, 2]
        assert document["warnings"][0]["field"] == "events.troops.rate"


def test_update_goes_on_and_says_how_many_there_are(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    refused = run(folder, "update", "--strict")
    assert refused.exit_code == 2
    assert "events.troops.rate" in refused.stderr
    assert not (folder / "posteriors").exists()
    result = run(folder, "update")
    assert result.exit_code == 0
    assert COUNTED in result.stderr
    document = json.loads(run(folder, "update", "--json").stdout)
    assert [warning["line"] for warning in document["warnings"]] == [10, 2]
    assert len(document["runs"]) == 1


def test_update_says_nothing_where_there_is_nothing_to_say(tmp_path: Path) -> None:
    result = run(workspace(tmp_path, SOUND, NO_ITEMS), "update", "--strict")
    assert result.exit_code == 0
    assert "warning" not in result.stderr


@pytest.mark.parametrize("known", ["known: at once", "public: false"])
def test_priors_shows_what_the_priors_imply_below_their_table(tmp_path: Path, known: str) -> None:
    text = NETWORK.replace("it is signed.", f"it is confirmed.\n    {known}")
    file = workspace(tmp_path, text) / "priors" / "n.yaml"
    arguments = ["priors", str(file), "--draws", "512"]
    result = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    table, below = result.stdout.split("\n\n")
    assert table.splitlines()[-1].startswith("| `pact`")
    first, second = below.splitlines()
    assert first.startswith(f"warning: {file}:10: events.troops.rate: is a constant rate")
    assert second.startswith(f"warning: {file}:14: events.pact.resolution: its rule says 'conf")
    document = json.loads(CliRunner().invoke(cli, [*arguments, "--json"]).stdout)
    assert [warning["line"] for warning in document["warnings"]] == [10, 14]


def test_the_case_of_a_gate_whose_key_is_public_names_the_gate(tmp_path: Path) -> None:
    gate = "  - {parent: order, child: pact, kind: requires}\n"
    seen = "id,published,kind,event,state\ns,2024-05-01,observation,pact,on\n"
    folder = workspace(tmp_path, SOUND.replace("links:\n", f"links:\n{gate}"), seen)
    checked = run(folder, "check")
    assert checked.exit_code == 0
    refused = run(folder, "update")
    assert refused.exit_code == 2
    for told in (checked.stdout, refused.stderr):
        assert "'pact' requires 'order', which is known at once and has no observation" in told
        assert "{id: order_seen, kind: observation, event: order, published: 2024-05-01" in told
        assert "'known: never' ('public: false')" in told
        assert "leave out the link 'order requires pact'" in told
    filed = f"{seen}order_seen,2024-05-01,observation,order,on\n"
    assert run(workspace(tmp_path, items=filed, network=SOUND), "update").exit_code == 0


def test_the_workspace_of_this_repository_is_checked_without_a_fault() -> None:
    result = run(ROOT, "check", "--json")
    assert result.exit_code == 0
    assert all(
        warning["line"] and warning["remedy"] for warning in json.loads(result.stdout)["warnings"]
    )
