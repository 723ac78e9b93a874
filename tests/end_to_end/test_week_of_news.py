"""A recorded week of news, from the files of its feeds to items that a person has accepted."""

import csv
import shutil
from collections import defaultdict
from pathlib import Path

import pytest
from click.testing import CliRunner

import forecast as fc
from forecast.cli.main import cli
from forecast.workspace._choices import Choice, Filing, Skip
from forecast.workspace._filed import inbox_of
from forecast.workspace._filing import decide
from forecast.workspace._waiting import Waiting, waiting

ROOT = Path(__file__).parents[2]
WEEK = ROOT / "tests" / "data" / "inbox" / "week"
BEFORE = "2024-10-13"
AFTER = "2024-10-20"
MOVED = "dprk_troops_russia"
"""What most of the week's news is about."""


def run(folder: Path, *words: str) -> str:
    done = CliRunner().invoke(cli, [*words, "--workspace", str(folder)])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository's workspace as of the evening before the week, with its news in the inbox."""
    folder = tmp_path_factory.mktemp("week")
    shutil.copytree(ROOT / "priors", folder / "priors")
    (folder / "evidence").mkdir()
    known = fc.read_evidence(ROOT / "evidence").as_of(BEFORE)
    known.to_frame().to_csv(folder / "evidence" / "known.csv")
    toml = (ROOT / "forecast.toml").read_text(encoding="utf-8")
    (folder / "forecast.toml").write_text(toml.replace("2024-07-01", AFTER), encoding="utf-8")
    run(folder, "inbox", "add", *map(str, sorted(WEEK.glob("*.xml"))))
    return folder


def key() -> dict[str, dict[str, str]]:
    """What the key says of each entry, by its guid."""
    with (WEEK / "key.csv").open(encoding="utf-8", newline="") as file:
        return {f"{row['feed']} {row['guid']}": row for row in csv.DictReader(file)}


def test_every_entry_of_every_feed_is_a_draft_or_the_same_entry_again(folder: Path) -> None:
    drafts = inbox_of(folder).drafts()
    again = [row for row in key().values() if row["relation"] == "duplicate_of"]
    assert len(key()) - len(again) <= len(drafts) <= len(key())
    assert len(drafts) >= 150


def choice(each: Waiting, row: dict[str, str]) -> Choice:
    """What a person who knows the key decides on a draft."""
    events = [name for name in row["events"].split(";") if name not in ("", "none")]
    sources = [name for name in row["source"].split(";") if name not in ("", "none")]
    copies = {kin.value for kin in each.proposal.kin if kin.relation == "derived_from"}
    if row["relation"] == "duplicate_of" or not events or not sources:
        return Skip(draft=each.draft.id, why="by the key")
    filing = each.filing(
        event=events[0],
        source=sources[0],
        claim=row["claim"] or "on",
        published=row["day"],
        speaks_of=row["day"],
        derived_from=";".join(sorted(copies)) if row["relation"] == "copy_of" else "",
        origin="",
    )
    return Filing(draft=filing.draft, rows=filing.rows, proposed=filing.proposed)


def test_a_week_goes_from_its_feeds_to_accepted_items_that_move_a_forecast(folder: Path) -> None:
    rows = key()
    ids: dict[str, str] = {}
    for name, row in rows.items():
        ids.setdefault(row["guid"], name)
    by_day: dict[str, list[tuple[Waiting, dict[str, str]]]] = defaultdict(list)
    for each in waiting(folder):
        guid = each.draft.fields["id"]
        row = rows[f"{each.draft.via} {guid}"]
        by_day[row["day"]].append((each, row))
    for day in sorted(by_day):
        decide(folder, [choice(*pair) for pair in by_day[day]], by="ann")
    assert waiting(folder) == []
    made = fc.read_evidence(folder / "evidence" / "inbox.csv")
    assert len(made) > 50
    assert all(item.accepted_by == "ann" and item.draft for item in made)
    assert sum(bool(item.derived_from) for item in made) > 10
    run(folder, "check")
    network = fc.read_network(folder / "priors" / "nato_rok.yaml")
    evidence = fc.read_evidence(folder / "evidence")
    before = fc.update(network, evidence, as_of=BEFORE).probability(MOVED, by="2024-12-31")
    after = fc.update(network, evidence, as_of=AFTER).probability(MOVED, by="2024-12-31")
    assert after.mean > before.mean + 0.2
