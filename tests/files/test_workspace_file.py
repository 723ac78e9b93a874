"""The workspace file: what it says, and what it may not."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.errors import Fault, InputError
from forecast.files._run_rules import check_deadlines
from forecast.files._workspace_file import Workspace, read_workspace, scan_workspace
from tests.evidence.samples import network

FULL = """\
# what to forecast
[workspace]
networks = ["priors/nato_rok.yaml", "priors/gulf.yaml"]
evidence = ["evidence/", "news/../extra.csv"]

[forecast]
deadlines = [
    "2024-09-30",
    2024-12-31,
    2025-01-31T12:00:00Z,
]
seed = 7
draws = 1024
method = "nuts"
as_of = "2024-07-01"
known = "recorded"

[output]
folder = "results"
"""

DEADLINES = "forecast.deadlines"

SHORT = """\
[workspace]
networks = ["a.yaml"]
[forecast]
deadlines = ["2024-12-31"]
"""


def read(folder: Path, text: str | bytes) -> Workspace:
    path = folder / "forecast.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_workspace(path)


def faults_in(folder: Path, text: str | bytes) -> tuple[Fault, ...]:
    with pytest.raises(InputError, match=r"forecast\.toml") as raised:
        read(folder, text)
    return raised.value.faults


def test_a_workspace_file_is_read_whole(tmp_path: Path) -> None:
    workspace = read(tmp_path, FULL)
    assert workspace.folder == tmp_path
    assert workspace.networks == (Path("priors/nato_rok.yaml"), Path("priors/gulf.yaml"))
    assert workspace.evidence_paths == (tmp_path / "evidence", tmp_path / "news/../extra.csv")
    assert workspace.deadlines == (
        date(2024, 9, 30),
        date(2024, 12, 31),
        datetime(2025, 1, 31, 12, tzinfo=UTC),
    )
    assert (workspace.seed, workspace.draws, workspace.method) == (7, 1024, "nuts")
    assert (workspace.as_of, workspace.known) == (date(2024, 7, 1), "recorded")
    assert workspace.output_path == tmp_path / "results"


def test_what_is_not_said_has_a_default_but_no_date_has_one(tmp_path: Path) -> None:
    workspace = read(tmp_path, SHORT)
    assert workspace.evidence_paths == (tmp_path / "evidence",)
    assert (workspace.seed, workspace.draws, workspace.method) == (1, 4096, "auto")
    assert (workspace.as_of, workspace.known) == (None, "published")
    assert workspace.output_path == tmp_path / "posteriors"


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "says"),
    [
        ("seed = 7", "sed = 7", 12, "forecast.sed", "Did you mean 'seed'?"),
        ("[output]", "[outputs]", 18, "outputs", "Did you mean 'output'?"),
        ("[workspace]\n", "colour = 1\n[workspace]\n", 2, "colour", "unknown table"),
        ("seed = 7", "seed = -1", 12, "forecast.seed", "0 or more"),
        ("seed = 7", "seed = 1.5", 12, "forecast.seed", "whole number"),
        ("seed = 7", "seed = true", 12, "forecast.seed", "whole number"),
        ("draws = 1024", "draws = 3", 13, "forecast.draws", "from 512 to 1,048,576 (got '3')"),
        ("draws = 1024", "draws = 1000", 13, "forecast.draws", "Write 512 or 1024."),
        (
            "draws = 1024",
            "draws = 256",
            13,
            "forecast.draws",
            "Write 512, the least that can pass",
        ),
        ("draws = 1024", "draws = 99999999", 13, "forecast.draws", "Write 1048576."),
        ('"nuts"', '"nutz"', 14, "forecast.method", "Did you mean 'nuts'?"),
        ('"2024-07-01"', '"1 July"', 15, "forecast.as_of", "ISO 8601"),
        ('"recorded"', '"seen"', 16, "forecast.known", "must be published or recorded"),
        (
            '"2024-09-30"',
            '"2024-09-31"',
            8,
            f"{DEADLINES} (entry 1)",
            "ISO 8601 (got '2024-09-31')",
        ),
        ('"2024-09-30"', "12:30:00", 8, f"{DEADLINES} (entry 1)", "not a date (got '12:30:00')"),
        ("2024-12-31", "true", 9, f"{DEADLINES} (entry 2)", "is not a date (got 'true')"),
        (
            "2024-12-31",
            '"2024-09-30"',
            9,
            f"{DEADLINES} (entry 2)",
            "the deadline is repeated (got '2024-09-30')",
        ),
        ('"priors/gulf.yaml"', '"/etc/x.yaml"', 3, "workspace.networks", "absolute"),
        ('"priors/gulf.yaml"', "'C:\\x.yaml'", 3, "workspace.networks", "absolute"),
        ('"priors/gulf.yaml"', '"../x.yaml"', 3, "workspace.networks", "leaves the folder"),
        ('"priors/gulf.yaml"', '"a/../../x/y.yaml"', 3, "workspace.networks", "leaves the folder"),
        ('"priors/gulf.yaml"', "'a\\..\\..\\x'", 3, "workspace.networks", "leaves the folder"),
        ('"priors/gulf.yaml"', "3", 3, "workspace.networks", "is not a path"),
        ('"news/../extra.csv"', '""', 4, "workspace.evidence", "is not a path"),
        ('"results"', '"../results"', 19, "output.folder", "leaves the folder"),
        ('["evidence/", "news/../extra.csv"]', '"evidence/"', 4, "workspace.evidence", "a list"),
    ],
)
def test_a_bad_value_is_a_fault_with_its_line(
    tmp_path: Path, old: str, new: str, *, line: int, field: str, says: str
) -> None:
    assert FULL.count(old) == 1
    (fault,) = faults_in(tmp_path, FULL.replace(old, new))
    assert (fault.line, fault.field.startswith(field)) == (line, True), str(fault)
    assert says in str(fault)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("[forecast]\ndeadlines = ['2024-12-31']\n", "workspace.networks"),
        ("[workspace]\nnetworks = []\n[forecast]\ndeadlines = ['2024-12-31']\n", "workspace.net"),
        ("workspace = 3\n[forecast]\ndeadlines = ['2024-12-31']\n", "workspace"),
    ],
)
def test_networks_are_needed(tmp_path: Path, text: str, field: str) -> None:
    faults = faults_in(tmp_path, text)
    assert faults[0].field.startswith(field)


def test_what_is_sound_of_a_faulty_file_can_be_read(tmp_path: Path) -> None:
    text = FULL.replace('"2024-09-30"', '"soon"').replace("priors/gulf", "../gulf")
    path = tmp_path / "forecast.toml"
    path.write_text(text.replace("seed = 7", "seed = -7"))
    scanned = scan_workspace(path)
    assert [fault.field for fault in scanned.faults] == [
        "workspace.networks (entry 2)",
        "forecast.deadlines (entry 1)",
        "forecast.seed",
    ]
    assert scanned.workspace is None
    assert scanned.networks == (tmp_path / "priors/nato_rok.yaml",)
    assert scanned.evidence == (tmp_path / "evidence", tmp_path / "news/../extra.csv")
    assert scanned.deadlines == (date(2024, 12, 31), datetime(2025, 1, 31, 12, tzinfo=UTC))
    assert scanned.deadline_lines == (9, 10)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    text = FULL.replace("seed = 7", "seed = -7").replace("draws", "draw").replace("nuts", "x")
    assert {fault.field for fault in faults_in(tmp_path, text)} == {
        "forecast.seed",
        "forecast.draw",
        "forecast.method",
    }


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("[workspace]\nnetworks = [a.yaml]\n", 2, "is not TOML"),
        ("[workspace]\nevidence = []\nevidence = []\n", 3, "is not TOML"),
        (f"x = {'[' * 20_000}", 0, "nested too deeply"),
        (f"x = {'9' * 10_000}", 0, "is not TOML"),
        ("", 0, "empty"),
        (b"\xff\xfe", 1, "UTF-8"),
        (f"{SHORT}#{'x' * 100_000}", 0, "longer than 100,000"),
    ],
)
def test_a_file_that_is_not_toml_is_refused(
    tmp_path: Path, text: str | bytes, line: int, says: str
) -> None:
    (fault,) = faults_in(tmp_path, text)
    assert (fault.line, says in str(fault)) == (line, True), str(fault)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        read_workspace(tmp_path / "forecast.toml")


@given(text=st.text(max_size=80) | st.lists(st.sampled_from(FULL.split())).map(" ".join))
def test_nothing_but_an_input_error_comes_out_of_any_text(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "forecast.toml"
    path.write_bytes(text.encode("utf-8", errors="surrogatepass"))
    with pytest.raises(InputError, match=r"forecast\.toml"):
        read_workspace(path)


def test_deadlines_within_the_networks_time_pass() -> None:
    check_deadlines([network()], [date(2024, 1, 1), date(2024, 12, 31)])


def test_it_is_enough_that_one_network_reaches_a_deadline() -> None:
    early, late = network(), network().model_copy(update={"horizon": date(2025, 12, 31)})
    check_deadlines([early, late], [date(2024, 6, 1), date(2025, 6, 1)])
    with pytest.raises(InputError, match="after the horizon"):
        check_deadlines([early, late], [date(2026, 6, 1)])


@pytest.mark.parametrize(
    ("deadline", "says"),
    [
        (date(2025, 1, 1), "after the horizon of network 'sample'.*Write a later horizon"),
        (date(2023, 12, 31), "before the start of network 'sample'.*Write an earlier start"),
    ],
)
def test_a_deadline_that_the_network_does_not_reach_is_refused(deadline: date, says: str) -> None:
    with pytest.raises(InputError, match=says) as raised:
        check_deadlines(
            [network()], [date(2024, 6, 1), deadline], file="w/forecast.toml", lines=(7, 9)
        )
    (fault,) = raised.value.faults
    assert (fault.file, fault.line, fault.value) == ("w/forecast.toml", 9, str(deadline))
    assert "within 2024-01-01 to 2024-12-31" in fault.remedy


def test_a_list_of_nothing_but_a_fault_has_that_fault_alone(tmp_path: Path) -> None:
    file = tmp_path / "forecast.toml"
    text = '[workspace]\nnetworks = ["a.yaml"]\n\n[forecast]\ndeadlines = ["soon"]\n'
    file.write_text(text)
    (fault,) = scan_workspace(file).faults
    assert "soon" in str(fault)


def test_an_assistant_may_accept_only_where_the_file_says_so(tmp_path: Path) -> None:
    assert not read(tmp_path, SHORT).may_accept
    assert read(tmp_path, f"{SHORT}[assistant]\nmay_accept = true\n").may_accept
    (fault,) = faults_in(tmp_path, f'{SHORT}[assistant]\nmay_accept = "yes"\n')
    assert fault.field == "assistant.may_accept"
    assert fault.line == 6
    (fault,) = faults_in(tmp_path, f"{SHORT}[assistant]\nmay_acept = true\n")
    assert "may_accept" in fault.remedy
