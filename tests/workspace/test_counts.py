"""Counts by rule: a table becomes items, a revision replaces, and no count is known too soon."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

import forecast as fc
from forecast.cli.main import cli
from forecast.errors import Fault, InputError
from forecast.evidence import Count
from forecast.workspace._contents import read_contents
from forecast.workspace._counts import count_remarks, count_up
from tests.files.workbooks import write_xlsx

RULE = """
[[counts]]
id = "trains"
file = "data/trains.csv"
date = "Day"
where = {kind = ["freight", "tank"]}
per = "month"
event = "troops"
source = "station"
from = "2024-01-15"
delay = "3 days"
"""
TOML = """\
[workspace]
networks = ["priors/n.yaml"]

[forecast]
deadlines = ["2024-12-31"]
"""
NETWORK = """\
name: n
start: 2024-01-01
horizon: 2024-12-31
events:
  troops: {kind: onset, public: false, rate: "20% [10%, 35%] within 1 year"}
types:
  series:
    hit_rate: 80%
    false_alarm_rate: 10%
    count_rate_off: "24 per year [12, 48]"
    count_rate_on: "60 per year [20, 180]"
sources:
  station: {type: series}
"""
TABLE = """\
Day;kind;remark
2024-2-3;freight;=1+1
2024-02-29;tank;
2024-02-10;passenger;
2024-04-01;freight;
2024-04-30;mail;
"""
MAY, JUNE = datetime(2024, 5, 10, 9, tzinfo=UTC), datetime(2024, 6, 20, 9, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("priors", "evidence", "data"):
        (tmp_path / name).mkdir()
    (tmp_path / "priors" / "n.yaml").write_text(NETWORK)
    (tmp_path / "forecast.toml").write_text(TOML + RULE)
    (tmp_path / "data" / "trains.csv").write_text(TABLE)
    return tmp_path


def rows(folder: Path) -> str:
    return (folder / "evidence" / "counts-trains.csv").read_text()


def seen(folder: Path, as_of: object, known: str = "published") -> dict[str, int]:
    """Return the counts of months that count as of a date."""
    evidence = fc.read_evidence(folder / "evidence").as_of(as_of, known)  # type: ignore[arg-type]
    return {str(i.watched_from)[:7]: i.counted for i in evidence if isinstance(i, Count)}


def faults_of(folder: Path, now: datetime = MAY) -> list[Fault]:
    with pytest.raises(InputError, match=r".") as raised:
        count_up(folder, now)
    return list(raised.value.faults)


def test_each_whole_month_becomes_a_count_and_an_empty_one_is_zero(folder: Path) -> None:
    (told,) = count_up(folder, MAY)
    assert seen(folder, "2024-06-01") == {"2024-02": 2, "2024-03": 0, "2024-04": 1}
    evidence = fc.read_evidence(folder / "evidence")
    item = evidence.item("trains_2024_03")
    assert (item.published, item.recorded) == (date(2024, 4, 3), MAY)
    assert (len(told.new), told.standing) == (3, 3)
    read_contents(folder)  # and the workspace is sound


def test_a_count_is_not_known_before_its_period_is_over_and_the_delay(folder: Path) -> None:
    count_up(folder, MAY)
    assert seen(folder, "2024-03-02") == {}
    assert seen(folder, "2024-03-03") == {"2024-02": 2}
    assert seen(folder, "2024-05-09", known="recorded") == {}
    early = datetime(2024, 5, 2, tzinfo=UTC)
    (folder / "evidence" / "counts-trains.csv").unlink()
    count_up(folder, early)
    assert set(seen(folder, "2024-12-31")) == {"2024-02", "2024-03"}  # April comes on 3 May


def test_a_month_is_whole_only_once_the_table_reaches_its_end(folder: Path) -> None:
    (folder / "data" / "trains.csv").write_text(TABLE.replace("2024-04-30", "2024-04-29"))
    count_up(folder, MAY)
    assert set(seen(folder, "2024-12-31")) == {"2024-02", "2024-03"}
    stated = TOML + RULE + 'to = "2024-04-30"\n'
    (folder / "forecast.toml").write_text(stated)
    count_up(folder, MAY)
    assert set(seen(folder, "2024-12-31")) == {"2024-02", "2024-03", "2024-04"}


def test_counting_again_adds_nothing(folder: Path) -> None:
    count_up(folder, MAY)
    before = rows(folder)
    (told,) = count_up(folder, JUNE)
    assert (told.added, told.standing) == ((), 3)
    assert rows(folder) == before


def test_a_revision_replaces_the_old_value_from_its_day_on_and_not_before(folder: Path) -> None:
    count_up(folder, MAY)
    before = rows(folder)
    (folder / "data" / "trains.csv").write_text(TABLE + "2024-03-05;tank;late\n")
    assert "1 revised" in str(count_remarks(read_contents(folder), JUNE)[0])
    (told,) = count_up(folder, JUNE)
    assert [item.id for item in told.revised] == ["trains_2024_03_r2"]
    assert set(before.splitlines()[1:]) < {row.rstrip(",") for row in rows(folder).splitlines()}
    assert seen(folder, "2024-06-19")["2024-03"] == 0
    assert seen(folder, "2024-06-20")["2024-03"] == 1
    read_contents(folder)
    (folder / "data" / "trains.csv").write_text(TABLE)
    (again,) = count_up(folder, JUNE)
    assert [item.id for item in again.revised] == ["trains_2024_03_r3"]
    assert seen(folder, "2024-06-20")["2024-03"] == 0
    read_contents(folder)


def test_a_value_that_is_revised_on_the_day_of_its_publication_is_sound(folder: Path) -> None:
    third = datetime(2024, 5, 3, 8, tzinfo=UTC)  # the count of April is published by its end
    count_up(folder, third)
    (folder / "data" / "trains.csv").write_text(TABLE + "2024-04-05;tank;late\n")
    count_up(folder, third.replace(hour=10))
    read_contents(folder)
    assert seen(folder, "2024-05-03")["2024-04"] == 2


def test_counts_that_a_rule_no_longer_gives_are_a_fault_until_they_are_withdrawn(
    folder: Path,
) -> None:
    count_up(folder, MAY)
    (folder / "data" / "trains.csv").write_text("Day;kind\n2024-02-03;freight\n2024-03-31;tank\n")
    (fault,) = faults_of(folder, JUNE)
    assert "'trains_2024_04'" in str(fault)
    assert "--withdraw" in str(fault)
    (told,) = count_up(folder, JUNE, withdraw=True)
    assert [item.id for item in told.withdrawn] == ["trains_2024_04_off"]
    assert set(seen(folder, "2024-06-20")) == {"2024-02", "2024-03"}
    assert set(seen(folder, "2024-06-19")) == {"2024-02", "2024-03", "2024-04"}
    (folder / "data" / "trains.csv").write_text(TABLE)
    count_up(folder, JUNE)
    assert seen(folder, "2024-06-20") == {"2024-02": 2, "2024-03": 0, "2024-04": 1}
    read_contents(folder)


def test_a_count_that_somebody_retracted_stays_so(folder: Path) -> None:
    count_up(folder, MAY)
    (folder / "evidence" / "own.csv").write_text(
        "id,published,kind,event,retracts\nx,2024-05-20,retraction,troops,trains_2024_02\n"
    )
    (told,) = count_up(folder, JUNE)
    assert (told.added, told.by_hand) == ((), ("trains_2024_02",))


def test_a_column_is_added_up_and_rows_say_when_they_were_published(folder: Path) -> None:
    write_xlsx(
        folder / "data" / "trains.xlsx",
        {"T": [["Day", "Number", "Seen"], [date(2024, 2, 3), 5.0, date(2024, 2, 4)],
               [date(2024, 2, 9), 2, date(2024, 6, 1)], [date(2024, 3, 31), 0, date(2024, 4, 1)]]},
    )  # fmt: skip
    rule = RULE.replace("trains.csv", "trains.xlsx").replace(
        'where = {kind = ["freight", "tank"]}', 'sum = "number"\npublished = "seen"'
    )
    (folder / "forecast.toml").write_text(TOML + rule)
    count_up(folder, JUNE)
    assert seen(folder, "2024-05-31") == {"2024-03": 0}
    assert seen(folder, "2024-06-01") == {"2024-02": 7, "2024-03": 0}


@pytest.mark.parametrize(
    ("old", "new", "where", "says"),
    [
        ('date = "Day"', 'date = "dya"', "trains.csv:1", "the column dya. Did you mean 'day'"),
        ('per = "month"', 'per = "moon"', "forecast.toml:12", "counts (entry 1).per: must be day"),
        ('from = "2024-01-15"\n', "", "forecast.toml:7", "(entry 1).from: is missing"),
        ('id = "trains"', 'id = "trains"\nwhen = 1', "forecast.toml:9", "is not a field"),
        ('"data/trains.csv"', '"../trains.csv"', "forecast.toml:9", "leaves the folder"),
        ('"data/trains.csv"', '"data/trains.csv.exe"', "forecast.toml:9", "no kind of table"),
        ('"data/trains.csv"', '"data/none.csv"', "none.csv", "there is no such file"),
        ('event = "troops"', 'event = "trops"', "forecast.toml:7", "no network has this event"),
        ('source = "station"', 'source = "nobody"', "forecast.toml:7", "nobody"),
        ('{kind = ["freight", "tank"]}', '{kind = {a = 1}}', "forecast.toml:11", "neither text"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_followed_is_a_fault_with_file_and_line(
    folder: Path, old: str, new: str, where: str, says: str
) -> None:
    text = (folder / "forecast.toml").read_text()
    assert old in text
    (folder / "forecast.toml").write_text(text.replace(old, new))
    told = [str(fault) for fault in faults_of(folder)]
    assert any(where in each and says in each for each in told), told
    assert not list((folder / "evidence").iterdir())


def test_all_faults_of_a_table_are_told_with_their_lines(folder: Path) -> None:
    (folder / "data" / "trains.csv").write_text(
        TABLE + "soon;tank;\n;tank;\n3/4/2024;tank;\n2042-01-01;tank;\n"
    )
    found = faults_of(folder)
    assert [fault.line for fault in found] == [7, 8, 9, 10]
    assert "future" in str(found[-1])
    (remark,) = count_remarks(read_contents(folder), MAY)
    assert "and 3 more faults" in str(remark)


def test_the_command_tells_what_it_did(folder: Path) -> None:
    run = CliRunner().invoke(cli, ["counts", "--workspace", str(folder), "--json"])
    (told,) = json.loads(run.output)["rules"]
    assert (len(told["new"]), told["standing"], told["revised"]) == (3, 3, [])
    assert "is read as 2024-02-03" in told["warnings"][0]
    run = CliRunner().invoke(cli, ["counts", "--workspace", str(folder)])
    assert "trains: 0 new, 0 revised, 0 withdrawn; 3 stand" in run.output
    check = CliRunner().invoke(cli, ["check", "--workspace", str(folder)])
    assert "3 items" in check.output
    assert "counts" not in check.output.replace("takes no counts", "")


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ('{kind = "fright"}', "has kind = 'fright'. Did you mean 'freight'?"),
        ('{kind = "TANK"}', "has kind = 'TANK'. Did you mean 'tank'?"),
        ('{kind = "zzz"}', "has kind = 'zzz'. Known: freight, mail, passenger, tank."),
        ('{kind = ["freight", "tnk"]}', "has kind = 'tnk'. Did you mean 'tank'?"),
        ('{kind = "mail", remark = "=1+1"}', "has all that where asks for"),
    ],
)
def test_a_value_that_no_row_has_is_a_fault_before_it_lowers_a_count(
    folder: Path, where: str, says: str
) -> None:
    count_up(folder, MAY)
    before = rows(folder)
    text = (folder / "forecast.toml").read_text()
    text = text.replace('{kind = ["freight", "tank"]}', where)
    (folder / "forecast.toml").write_text(text)
    (fault,) = faults_of(folder, JUNE)
    assert says in str(fault)
    assert "forecast.toml:11" in str(fault)
    assert rows(folder) == before
    (folder / "forecast.toml").write_text(text + "none_yet = true\n")
    (told,) = count_up(folder, JUNE)
    assert told.revised


def test_a_value_that_no_row_has_yet_is_a_warning_where_no_count_falls(folder: Path) -> None:
    count_up(folder, MAY)
    text = (folder / "forecast.toml").read_text().replace('"tank"]', '"tank", "ore"]')
    (folder / "forecast.toml").write_text(text)
    (told,) = count_up(folder, JUNE)
    assert told.added == ()
    assert "has kind = 'ore'" in str(told.told[-1])


def test_all_counts_of_0_for_want_of_a_value_are_a_fault_at_once(folder: Path) -> None:
    text = (folder / "forecast.toml").read_text().replace('["freight", "tank"]', '"ore"')
    (folder / "forecast.toml").write_text(text)
    assert "has kind = 'ore'" in str(faults_of(folder)[0])
    (folder / "forecast.toml").write_text(text + "none_yet = true\n")
    count_up(folder, MAY)
    assert set(seen(folder, "2024-06-01").values()) == {0}


def test_whole_numbers_are_compared_as_numbers_and_other_writings_are_told(folder: Path) -> None:
    (folder / "data" / "trains.csv").write_text(
        "Day,kind,line\n2024-02-01,tank,4\n2024-02-02,tank,4.0\n2024-02-03,tank,04\n"
        "2024-02-04,Tank,4\n2024-02-05,tank,4.5\n2024-02-29,mail,7\n"
    )
    text = (folder / "forecast.toml").read_text()
    text = text.replace('{kind = ["freight", "tank"]}', '{kind = "tank", line = 4}')
    (folder / "forecast.toml").write_text(text)
    (told,) = count_up(folder, MAY)
    assert seen(folder, "2024-06-01") == {"2024-02": 2}
    (remark,) = told.told
    assert "1 row has kind = 'Tank', which is not 'tank', and is not counted" in str(remark)


def test_other_periods_take_the_place_of_the_old_ones_in_one_run(folder: Path) -> None:
    count_up(folder, MAY)
    text = (folder / "forecast.toml").read_text()
    quarters = text.replace('"month"', '"quarter"').replace("2024-01-15", "2024-01-01")
    (folder / "forecast.toml").write_text(quarters)
    assert "--withdraw" in str(faults_of(folder, JUNE))
    (told,) = count_up(folder, JUNE, withdraw=True)
    assert [item.id for item in told.new] == ["trains_2024_q1"]
    assert len(told.withdrawn) == 3
    assert seen(folder, "2024-06-19") == {"2024-02": 2, "2024-03": 0, "2024-04": 1}
    assert seen(folder, "2024-06-20") == {"2024-01": 2}
    read_contents(folder)
    assert count_up(folder, JUNE)[0].added == ()
    (folder / "forecast.toml").write_text(text)
    count_up(folder, JUNE.replace(hour=11), withdraw=True)
    assert seen(folder, "2024-06-20") == {"2024-02": 2, "2024-03": 0, "2024-04": 1}
    read_contents(folder)


def test_periods_may_change_on_the_day_on_which_a_count_is_published(folder: Path) -> None:
    third = datetime(2024, 5, 3, 8, tzinfo=UTC)  # the count of April is published by its end
    count_up(folder, third)
    text = (folder / "forecast.toml").read_text()
    (folder / "forecast.toml").write_text(text.replace('"month"', '"week"'))
    count_up(folder, third.replace(hour=10), withdraw=True)
    read_contents(folder)
    (folder / "forecast.toml").write_text(text)
    count_up(folder, third.replace(hour=12), withdraw=True)
    read_contents(folder)
    assert len(seen(folder, "2024-05-03")) == 3
