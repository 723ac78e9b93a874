"""Small records that once went wrong: each through the command line, or against its reference."""

import json
from pathlib import Path

import pytest

import forecast as fc
from tests.end_to_end.workspaces import run, write
from tests.tolerances import SAME_ALGEBRA

WORKSPACE = """\
[workspace]
networks = ["priors/n.yaml"]

[forecast]
deadlines = ["2024-12-31"]
as_of = "2024-08-01"
"""
NETWORK = """\
name: n
title: One hidden event
start: 2024-01-01
horizon: 2024-12-31
events:
  ferry: {kind: onset, public: false, rate: "20% [10%, 35%] within 1 year"}
types:
  outlet:
    hit_rate: "80% [60%, 90%]"
    false_alarm_rate: "10% [3%, 25%]"
    count_rate_off: "12 per year [4, 36]"
    count_rate_on: "60 per year [20, 180]"
sources:
  market: {type: outlet}
  wire: {type: outlet}
  paper_b: {type: outlet}
  paper_c: {type: outlet}
  paper_d: {type: outlet}
  series: {type: outlet}
"""
CORRECTED = """\
id,published,kind,event,source,claim,retracts
v1,2024-06-01,report,ferry,wire,on,
v2,2024-06-02,report,ferry,wire,on,v1
v3,2024-06-03,report,ferry,wire,on,v2
"""
CORRECTED_REFERENCE = """\
id,published,kind,event,source,claim
v3,2024-06-03,report,ferry,wire,on
"""
COUNTED_TWICE = """\
id,published,kind,event,source,watched_from,watched_to,counted
c1,2024-07-05,count,ferry,series,2024-06-01,2024-06-30,9
c2,2024-07-06,count,ferry,series,2024-06-01,2024-06-30,9
"""
FIVE_TIMES = "id,published,kind,event,source,claim,citation,text\n" + "".join(
    f"r{k},2024-06-01,report,ferry,{source},on,https://example.org/story,The ferry has left\n"
    for k, source in enumerate(("wire", "paper_b", "paper_c", "paper_d", "wire"))
)
YEAR = """\
id,published,speaks_of,kind,event,source,claim
r1,{year}-09-26,2024-09-26,report,ferry,wire,on
"""
PRICES = "id,published,speaks_of,kind,event,source,probability\n"
PRICE = "m{k},{day},2024-12-31,forecast,ferry,market,0.4\n"
DAILY = PRICES + "".join(PRICE.format(k=k, day=f"2024-06-{k + 1:02}") for k in range(30))
ONCE = PRICES + PRICE.format(k=0, day="2024-06-01")


def workspace(folder: Path, items: str, name: str = "items.csv") -> Path:
    files = {"forecast.toml": WORKSPACE, "priors/n.yaml": NETWORK, f"evidence/{name}": items}
    return write(folder, files)


def posterior(folder: Path, items: str, as_of: str = "2024-08-01") -> fc.Posterior:
    made = workspace(folder, items)
    network = fc.read_network(made / "priors" / "n.yaml")
    return fc.update(network, fc.read_evidence(made / "evidence"), as_of=as_of, draws=1024)


def chance(folder: Path, items: str, as_of: str = "2024-08-01") -> float:
    return posterior(folder, items, as_of).probability("ferry", by="2024-12-31").mean


def test_of_a_correction_of_a_correction_the_last_counts_alone(tmp_path: Path) -> None:
    alone = chance(tmp_path, CORRECTED_REFERENCE)
    assert chance(tmp_path, CORRECTED) == pytest.approx(alone, rel=SAME_ALGEBRA)
    assert run(workspace(tmp_path, CORRECTED), "check").exit_code == 0


def test_a_correction_says_so_where_the_first_word_counts_again(tmp_path: Path) -> None:
    head, *rows = CORRECTED.splitlines()
    lines = [f"{head},reinstates", *(f"{row}," for row in rows[:2]), f"{rows[2]},v1"]
    again = posterior(tmp_path, "\n".join(lines) + "\n")
    assert [item.id for item in again.evidence] == ["v1", "v3"]
    (tmp_path / "evidence" / "items.csv").unlink()
    yaml = """\
items:
  - {id: v1, kind: report, event: ferry, source: wire, claim: on, published: 2024-06-01}
  - {id: v2, kind: report, event: ferry, source: wire, claim: on, published: 2024-06-02,
     retracts: [v1]}
  - {id: v3, kind: report, event: ferry, source: wire, claim: on, published: 2024-06-03,
     retracts: [v2], reinstates: [v1]}
"""
    workspace(tmp_path, yaml, "items.yaml")
    read = fc.read_evidence(tmp_path / "evidence")
    assert read.as_of("2024-08-01") == again.evidence
    wrong = workspace(tmp_path, yaml.replace("reinstates: [v1]", "reinstates: [v2x]"), "items.yaml")
    result = run(wrong, "check")
    assert result.exit_code == 2
    assert "items.yaml:5: item 'v3': reinstates: unknown item" in result.stderr


def test_a_month_of_one_series_counted_twice_is_refused(tmp_path: Path) -> None:
    made = workspace(tmp_path, COUNTED_TWICE)
    for command in ("check", "update"):
        result = run(made, command)
        assert result.exit_code == 2
        assert "items.csv:3: item 'c2': watched_from: 'c1'" in result.stderr
    with pytest.raises(fc.InputError, match="counts the same series"):
        chance(tmp_path, COUNTED_TWICE)
    split = COUNTED_TWICE.splitlines(keepends=True)
    (made / "evidence" / "items.csv").write_text("".join(split[:2]), encoding="utf-8")
    (made / "evidence" / "more.csv").write_text(split[0] + split[2], encoding="utf-8")
    assert "more.csv:2: item 'c2'" in run(made, "check").stderr  # in another file as well


def test_one_article_filed_five_times_is_named_with_the_way_to_say_so(tmp_path: Path) -> None:
    made = workspace(tmp_path, FIVE_TIMES)
    result = run(made, "check")
    assert result.exit_code == 0
    (warning,) = [line for line in result.stdout.splitlines() if line.startswith("warning: ")]
    for part in ("items.csv:6", "'r0'", "'r1'", "'r2'", "'r3'", "'r4'", "derived_from"):
        assert part in warning
    told = json.loads(run(made, "check", "--json").stdout)
    assert [each["line"] for each in told["warnings"]] == [6]
    first, *copies = FIVE_TIMES.splitlines()[1:]
    head = FIVE_TIMES.splitlines()[0] + ",derived_from,check"
    derived = "\n".join([head, f"{first},,", *(f"{row},r0,0.01" for row in copies)]) + "\n"
    assert "warning" not in run(workspace(tmp_path, derived), "check").stdout
    once = "\n".join(FIVE_TIMES.splitlines()[:2]) + "\n"
    assert chance(tmp_path, derived) == pytest.approx(chance(tmp_path, once), abs=0.02)


@pytest.mark.parametrize("year", ["0024", "1024", "2023"])
def test_a_mistyped_year_lets_no_future_in(tmp_path: Path, year: str) -> None:
    made = workspace(tmp_path, YEAR.format(year=year))
    for command in (["check"], ["update", "--as-of", "2024-06-10"]):
        result = run(made, *command)
        assert result.exit_code == 2
        assert "items.csv:2: item 'r1': published: " in result.stderr
        assert f"(got '{year}-09-26')" in result.stderr
        assert "Correct the year" in result.stderr
    with pytest.raises(fc.InputError, match="Correct the year"):
        chance(tmp_path, YEAR.format(year=year), "2024-06-10")
    assert run(workspace(tmp_path, YEAR.format(year="2024")), "check").exit_code == 0


def test_a_market_that_repeats_itself_has_spoken_once(tmp_path: Path) -> None:
    once = chance(tmp_path, ONCE)
    assert 0.2 < once < 0.4
    for as_of in ("2024-06-10", "2024-06-30", "2024-08-01"):
        repeated = chance(tmp_path, DAILY, as_of)
        assert repeated == pytest.approx(chance(tmp_path, ONCE, as_of), rel=SAME_ALGEBRA)


def test_the_prices_that_a_newer_one_replaces_are_named(tmp_path: Path) -> None:
    made = workspace(tmp_path, DAILY)
    result = run(made, "check")
    assert result.exit_code == 0
    (note,) = [line for line in result.stdout.splitlines() if line.startswith("note: ")]
    assert note.startswith("note: n: 'm29' (published 2024-06-30) is the newest forecast")
    assert all(f"m{k}" in note for k in range(29))
    told = json.loads(run(made, "check", "--json").stdout)["replaced"]
    assert told == {"n": {f"m{k}": "m29" for k in range(29)}}


def test_a_price_that_was_replaced_between_two_runs_is_told_as_that(tmp_path: Path) -> None:
    made = workspace(tmp_path, DAILY)
    for as_of in ("2024-06-10", "2024-08-01"):
        assert run(made, "update", "--as-of", as_of, "--draws", "1024").exit_code == 0
    told = json.loads(run(made, "diff", "1", "2", "--json").stdout)
    assert {item["item"]: item["status"] for item in told["items"]} == {
        "m9": "replaced",
        "m29": "new",
    }


def test_a_run_knows_what_it_saw_of_a_reinstated_item(tmp_path: Path) -> None:
    head, *rows = CORRECTED.splitlines()
    lines = [f"{head},reinstates", *(f"{row}," for row in rows[:2]), f"{rows[2]},v1"]
    made = workspace(tmp_path, "\n".join(lines) + "\n")
    assert run(made, "update", "--draws", "1024").exit_code == 0
    result = run(made, "show", "ferry", "--given", "not:ferry@2024-09-30")
    assert result.exit_code == 0, result.output
