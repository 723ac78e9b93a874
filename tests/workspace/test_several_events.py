"""A silence on several events in a workspace: what each network gets, and where it is told."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from forecast.cli.main import cli
from forecast.workspace._contents import read_contents
from forecast.workspace._report import write_report
from forecast.workspace._settings import Request
from forecast.workspace._update import update
from tests.workspace.samples import NETWORK, WORKSPACE, write_workspace

WATCHED = NETWORK.replace(
    "  gazette: {title: The Gazette, type: press}",
    '  gazette: {title: The Gazette, type: press, report_rate: "80% within 2 months"}',
)
OTHER = (
    WATCHED.replace("name: tiny", "name: other")
    .replace("  pact:", "  truce:")
    .replace("parent: pact", "parent: truce")
)
BOTH = WORKSPACE.replace('"priors/tiny.yaml"', '"priors/tiny.yaml", "priors/other.yaml"')


def items(events: str) -> str:
    return (
        "id,published,kind,event,source,claim,onset_from,onset_to,watched_from,watched_to\n"
        f"q,2024-06-30,silence,{events},gazette,,,,2024-06-01,2024-06-30\n"
        "d,2024-06-20,report,troops,gazette,on,2024-05-08,2024-05-13,,\n"
    )


def test_each_network_gets_the_events_that_it_has(tmp_path: Path) -> None:
    files = {"forecast.toml": BOTH, "priors/tiny.yaml": WATCHED, "priors/other.yaml": OTHER}
    files["evidence/items.csv"] = items("pact; troops; truce")
    contents = read_contents(write_workspace(tmp_path, files))
    shares = {each.network.name: each.evidence.item("q").events for each in contents.inputs}
    assert shares == {"tiny": ("pact", "troops"), "other": ("troops", "truce")}


@pytest.mark.parametrize("events", ["pact; trops", "trops; pact"])
def test_an_event_of_no_network_is_named_once(tmp_path: Path, events: str) -> None:
    files = {"priors/tiny.yaml": WATCHED, "evidence/items.csv": items(events)}
    checked = CliRunner().invoke(
        cli, ["check", "--workspace", str(write_workspace(tmp_path, files))]
    )
    assert checked.exit_code == 2
    assert checked.output.count("unknown event") == 1
    assert "items.csv:2" in checked.output
    assert "Did you mean 'troops'?" in checked.output


def test_it_is_told_of_each_of_its_events(tmp_path: Path) -> None:
    files = {"priors/tiny.yaml": WATCHED, "evidence/items.csv": items("pact; troops")}
    write_workspace(tmp_path, files)
    for day in ("2024-05-31", "2024-07-01"):
        update(tmp_path, Request(as_of=day, force=True))
    words = "The Gazette: silent on 2 events 1–30 June 2024"
    shown = CliRunner().invoke(cli, ["show", "troops", "--workspace", str(tmp_path)]).output
    assert f"{words} [q]" in shown
    assert "about:" not in shown
    seen = [line for line in shown.splitlines() if line.startswith(("q ", "d "))]
    assert [line.split()[-1] for line in seen] == ["2024", "2024"]
    assert "dates the onset 8–13 May 2024" in shown
    page = write_report(tmp_path).read_text()
    (moved,) = re.findall(
        r'<table class="moved">(?:(?!</table>).)*\bcode>q<.*?</table>', page, re.DOTALL
    )
    assert words in moved
    assert f"{words}; about: A pact is signed, Troops deploy" in re.sub(r"\s+", " ", page)
