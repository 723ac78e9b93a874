"""That the path sampler will make an estimate is said beforehand, and why, in the same words."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import forecast as fc
from forecast.cli.main import cli
from forecast.engine._reach import bits_needed
from forecast.estimate import _cost as cost_module
from forecast.estimate._choice import MOST_NAMED, tied_events
from forecast.model._lower import lower
from forecast.workspace import _settings as settings_module
from forecast.workspace._contents import Contents, read_contents
from forecast.workspace._foresight import path_sampled
from tests.contract.repository import ROOT
from tests.workspace.samples import WORKSPACE, write_workspace

AS_OF = "2024-12-31"
LATER = WORKSPACE.replace('as_of = "2024-07-01"\n', f'as_of = "{AS_OF}"\n').replace(
    '"2024-12-31"]', '"2025-06-30"]'
)
HEADER = "id,published,kind,event,source,claim,watched_from,watched_to,counted\n"
REPORTS = HEADER + "r1,2024-11-01,report,e{last},gazette,on,,,\n"
COUNTED = HEADER + "week,2024-11-01,count,e0,trains,,2024-10-01,2024-10-07,7\n"


def network(events: int, *, delay: str = "") -> str:
    """Return a chain of hidden events, each made likelier by the one before it."""
    lines = ["name: tiny", "start: 2024-01-01", "horizon: 2025-12-31", "events:"]
    for n in range(events):
        lines += [f"  e{n}:", "    kind: onset", "    public: false"]
        lines += [f"    title: Event {n}", '    rate: "5% [2%, 12%] within 6 months"']
    lines.append("links:")
    for n in range(events - 1):
        lines += [f"  - parent: e{n}", f"    child: e{n + 1}", "    kind: multiplies"]
        lines.append('    hazard_ratio: "x3 [1.5, 6]"' + (delay if n < 2 else ""))
    return "\n".join(
        [
            *lines,
            "types:",
            '  press: {hit_rate: "70% [50%, 85%]", false_alarm_rate: "20% [8%, 40%]"}',
            "sources:",
            "  gazette: {type: press}",
            '  trains: {type: press, count_rate_off: "20 [5, 60] per year", '
            'count_rate_on: "300 [90, 900] per year"}',
            "",
        ]
    )


STAGED = '\n    delay: "2 months [1 month, 4 months]"\n    stages: 6'


def made(folder: Path, spec: str, items: str, toml: str = LATER) -> Path:
    files = {"forecast.toml": toml, "priors/tiny.yaml": spec, "evidence/items.csv": items}
    return write_workspace(folder, files)


def check(folder: Path, *arguments: str) -> Result:
    command = ["check", *arguments, "--workspace", str(folder)]
    return CliRunner().invoke(cli, command, catch_exceptions=False)


def notes(folder: Path) -> list[str]:
    result = check(folder)
    assert result.exit_code == 0
    return [line for line in result.stdout.splitlines() if line.startswith("note: ")]


def test_eleven_events_with_one_weekly_count(tmp_path: Path) -> None:
    folder = made(tmp_path, network(11), COUNTED)
    (note,) = notes(folder)
    assert re.match(
        r"note: tiny: as of 2024-12-31 \(forecast.toml\) the path sampler will estimate it, in "
        r"some \d+ s of processor time or a few times that: the exact filter takes no counts over "
        r"a time in which it is not known whether the event was on, such as those of e0 \(week\)$",
        note,
    )


def test_two_staged_delays_name_the_links_that_bring_them(tmp_path: Path) -> None:
    folder = made(tmp_path, network(4, delay=STAGED), REPORTS.format(last=3))
    (note,) = notes(folder)
    assert "16 events of unknown state are tied together at once by evidence and links" in note
    assert "(the exact filter holds 14): e0, e1, e2 and e3, with 12 hidden stages" in note
    assert note.endswith("of the delays in e0__multiplies__e1 and e1__multiplies__e2")
    assert notes(made(tmp_path / "plain", network(4), REPORTS.format(last=3))) == []


def test_at_most_so_many_events_are_named(tmp_path: Path) -> None:
    (note,) = notes(made(tmp_path, network(16), REPORTS.format(last=15)))
    assert note.endswith(": e0, e1, e2, e3, e4, e5, e6, e7 and 8 more")


def test_the_estimate_says_the_same_words(tmp_path: Path) -> None:
    folder = made(tmp_path, network(11), COUNTED)
    (told,) = path_sampled(read_contents(folder))
    post = fc.update(
        fc.read_network(folder / "priors/tiny.yaml"),
        fc.read_evidence(folder / "evidence"),
        as_of=AS_OF,
        draws=64,
    )
    assert post.method == "paths"
    assert post.fitted.note == f"the path sampler was chosen: {told.why}"


def shipped(as_of: str | None) -> Contents:
    contents = read_contents(ROOT)
    toml = contents.workspace.model_copy(update={"as_of": as_of})
    return Contents(toml, contents.inputs, contents.lines, contents.resolutions)


def test_the_shipped_network_is_sampled_in_july_for_speed_and_at_the_end_of_2024() -> None:
    (told,) = path_sampled(shipped(AS_OF))
    assert (told.network, told.as_of, told.as_of_from) == ("nato_rok", AS_OF, "forecast.toml")
    assert told.seconds is not None
    assert re.match(
        r"importance sampling would take some \d+ s of one core, this \d+ s: ", told.why
    )
    assert "dprk_troops_russia" in told.why
    july, later = path_sampled(shipped("2024-07-01"))  # as of the newest item as well
    assert july.as_of_from == "forecast.toml"
    assert july.why.startswith("importance sampling would take some ")  # the filter could take it
    assert later.as_of_from == "the newest item"
    assert "2024-12-01" < later.as_of < AS_OF


def test_the_events_named_are_as_many_as_the_engine_counts() -> None:
    (inputs,) = read_contents(ROOT).inputs
    for as_of in ("2024-07-01", "2024-10-20", AS_OF):
        lowered = lower(inputs.network, inputs.evidence, as_of)
        assert len(tied_events(lowered)) == bits_needed(lowered.structure, lowered.record)


def test_a_small_workspace_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost_module, "typically_passed", None)  # nor waits for compiled code
    write_workspace(tmp_path)
    assert notes(tmp_path) == []
    assert json.loads(check(tmp_path, "--json").stdout)["path_sampled"] == []


def test_in_json_it_is_one_record_a_network_and_date(tmp_path: Path) -> None:
    folder = made(tmp_path, network(11), COUNTED)
    (told,) = json.loads(check(folder, "--json").stdout)["path_sampled"]
    assert set(told) == {"network", "as_of", "as_of_from", "why", "seconds"}
    assert told["seconds"] > 0


@pytest.mark.parametrize(
    ("today", "told"),
    [
        ("2024-10-05", [("2024-11-01", "the newest item")]),  # the count is not out yet
        ("2024-12-01", [("2024-12-01", "today")]),
        ("2026-05-01", [("2024-11-01", "the newest item")]),  # past the horizon
    ],
)
def test_it_looks_as_of_today_and_as_of_the_newest_item(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, today: str, told: list[tuple[str, str]]
) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> "Clock":
            assert tz == UTC
            return cls.fromisoformat(today).replace(tzinfo=UTC)

    monkeypatch.setattr(settings_module, "datetime", Clock)
    toml = LATER.replace(f'as_of = "{AS_OF}"\n', "")
    found = path_sampled(read_contents(made(tmp_path, network(11), COUNTED, toml)))
    assert [(each.as_of, each.as_of_from) for each in found] == told


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("paths", "the path sampler will estimate it, in some"),
        ("nuts", "it cannot be estimated: method = 'nuts' in forecast.toml, and the exact filter"),
    ],
)
def test_a_method_that_forecast_toml_names_is_what_an_update_will_take(
    tmp_path: Path, method: str, words: str
) -> None:
    toml = LATER.replace("draws = 512", f'draws = 512\nmethod = "{method}"')
    (note,) = notes(made(tmp_path, network(11), COUNTED, toml))
    assert words in note
    assert MOST_NAMED == 8
