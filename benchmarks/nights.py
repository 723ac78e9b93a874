"""Three hundred nights of two workspaces through two calendar years; write ``nights.md``.

Run from the repository: ``python -m benchmarks.nights``, or with the name of one of `PLANS`. Each
night is the command as a timer starts it, ``forecast update --log``, in this process, under a
clock that says the night's date. In between somebody edits the files: as people do it, also wrongly
first. What each night did and left is a row of ``nights-NAME.csv``; whoever starts it again goes on
after the last one.
"""

import csv
import gc
import json
import platform
import re
import resource
import shutil
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from statistics import median
from tempfile import gettempdir
from typing import Any

from click.testing import CliRunner

from forecast.cli.main import cli
from forecast.workspace._start import start_example, start_workspace
from tests.commit import commit

HERE = Path(__file__).resolve().parent
NIGHTS, SPAN, CHECKED_EVERY = 300, 730, 50
LOG, ROWS = "update.jsonl", "rows.csv"
DECLARED = "and somebody says so"
CLOCKS = tuple(
    f"forecast.{name}"
    for name in ("workspace._settings", "workspace._clock", "workspace._outcomes",
                 "ledger._append", "cli.progress")
)  # fmt: skip
"""Modules that ask the clock on the way of `update`, `ledger clock` and `resolve`."""

type Edit = Callable[[Path, date], str]
"""Changes the files of a workspace; returns what was done, for the table."""


@contextmanager
def clock(says: datetime) -> Iterator[None]:
    """Let the clock say something else, to the library."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            assert tz is UTC
            return says

    modules = [import_module(name) for name in CLOCKS]
    for module in modules:
        vars(module)["datetime"] = Clock
    try:
        yield
    finally:
        for module in modules:
            vars(module)["datetime"] = datetime


def command(*arguments: str) -> tuple[int, str]:
    """Run a command; return its exit code, and what it printed."""
    done = CliRunner().invoke(cli, arguments)
    return done.exit_code, done.output


def _files(folder: Path, *globs: str) -> list[Path]:
    return sorted(file for each in globs for file in folder.glob(each) if file.is_file())


def replaced(pattern: str, by: str, *globs: str, what: str) -> Edit:
    """Replace what a pattern matches in files, once and for all: again it does nothing."""

    def edit(folder: Path, _: date) -> str:
        for file in _files(folder, *globs):
            text = file.read_text(encoding="utf-8")
            new = re.sub(pattern, by, text, flags=re.MULTILINE)
            if new != text:
                file.write_text(new, encoding="utf-8")
        return what

    return edit


def without_rows(column: str, value: str, *globs: str, what: str) -> Edit:
    """Delete the rows of tables that have a value in a column."""

    def edit(folder: Path, _: date) -> str:
        for file in _files(folder, *globs):
            with file.open(encoding="utf-8", newline="") as stream:
                rows = list(csv.DictReader(stream))
            kept = [row for row in rows if row.get(column) != value]
            if len(kept) < len(rows):
                with file.open("w", encoding="utf-8", newline="") as stream:
                    writer = csv.DictWriter(stream, list(rows[0]))
                    writer.writeheader()
                    writer.writerows(kept)
        return what

    return edit


def new_row(file: str, row: str, what: str) -> Edit:
    """Add a row to a table, dated that day."""

    def edit(folder: Path, today: date) -> str:
        path = folder / file
        text, name = path.read_text(encoding="utf-8"), row.partition(",")[0]
        if f"\n{name}," not in text:
            path.write_text(f"{text}{row.replace('TODAY', str(today))}\n", encoding="utf-8")
        return what

    return edit


def asked(*arguments: str, what: str) -> Edit:
    """Give a command; TODAY in it is the date."""

    def edit(folder: Path, today: date) -> str:
        words = [each.replace("TODAY", str(today)) for each in arguments]
        with clock(_noon(today)):
            code, said = command(*words, "--workspace", str(folder))
        return what if code == 0 else f"{what}: {said.strip().splitlines()[-1]}"

    return edit


def both(first: Edit, second: Edit) -> Edit:
    """Do two edits; the second says what was done."""

    def edit(folder: Path, today: date) -> str:
        first(folder, today)
        return second(folder, today)

    return edit


def renamed(old: str, new: str, *globs: str, what: str) -> Edit:
    """Rename an event in files."""
    return replaced(rf"\b{old}\b", new, *globs, what=what)


EVERYWHERE = ("priors/*.yaml", "evidence/*.csv", "forecast.toml")


@dataclass(frozen=True)
class Plan:
    """The nights of one workspace.

    Parameters
    ----------
    title
        What it is, for the page.
    begin
        The first night.
    start
        Makes the workspace in a new folder.
    edits
        Before which night what is edited.
    wrong
        Nights that must end with 2: a file is left half edited.
    jumps
        By how many days the clock is wrong, on which nights.
    page_every
        After how many nights `forecast report` is called besides; 0 for never.
    """

    title: str
    begin: date
    start: Callable[[Path], object]
    edits: Mapping[int, Edit]
    wrong: frozenset[int]
    jumps: Mapping[int, int] = field(default_factory=dict)
    page_every: int = 0


def _starter(folder: Path) -> None:
    start_workspace(folder, today=date(2026, 1, 1))
    days = '"2026-06-30", "2026-12-31", "2027-06-30", "2027-09-30"'
    replaced(r"^deadlines = .*", f"deadlines = [{days}]", "forecast.toml", what="")(
        folder, date(2026, 1, 1)
    )
    replaced(r"^horizon: .*", "horizon: 2027-09-30", "priors/*.yaml", what="")(
        folder, date(2026, 1, 1)
    )


def _shipped(folder: Path) -> None:
    start_example(folder)
    replaced(r'^as_of = "2024-07-01".*\n', "", "forecast.toml", what="")(folder, date(2024, 7, 1))


TEXT, TOWN = "evidence/*.csv", "evidence/items.csv"
SMALL = Plan(
    title="the workspace of `forecast init`, with a page each night",
    begin=date(2026, 1, 2),
    start=_starter,
    edits={
        15: new_row(TOWN, "e3,TODAY,report,works_begin,courier,off,", "a new item"),
        30: renamed("works_begin", "digging_begins", "priors/*.yaml",
                    what="an event renamed in the network alone"),
        31: renamed("works_begin", "digging_begins", *EVERYWHERE,
                    what="renamed everywhere"),
        50: replaced(r'rate: "15% \[5%, 35%\]', 'rate: "10% [3%, 30%]', "priors/*.yaml",
                     what="a prior changed"),
        70: replaced("The council approves the line", "The council approves the tram line",
                     "priors/*.yaml", what="a text corrected"),
        90: new_row(TOWN, "e4,TODAY,report,digging_begins,courier,on,", "a new item"),
        100: without_rows("id", "e3", TEXT, what="a row deleted"),
        120: asked("resolve", "grant_awarded", "--on", "TODAY", what="an outcome entered"),
        140: replaced(r"^  courier:.*\n", "", "priors/*.yaml",
                      what="a source removed from the network alone"),
        141: without_rows("source", "courier", TEXT, what="and its items"),
        180: lambda *_: "the clock runs 60 days ahead",
        181: lambda *_: "the clock is right again",
        185: asked("ledger", "clock", "--today", "TODAY", what=DECLARED),
        285: both(
            replaced(r"^horizon: .*", "horizon: 2028-12-31", "priors/*.yaml", what=""),
            replaced(r'"2027-09-30"\]', '"2027-09-30", "2028-06-30"]', "forecast.toml",
                     what="the horizon put off, and a deadline added"),
        ),
    },
    wrong=frozenset({30, 140}),
    jumps={180: 60},
)  # fmt: skip
FIRST = Plan(
    title="the workspace of this repository, with a page every 50th night",
    begin=date(2024, 7, 1),
    start=_shipped,
    edits={
        20: renamed("rok_arms_se_asia", "rok_arms_asean", "priors/*.yaml",
                    what="an event without evidence renamed"),
        35: renamed("dprk_troops_kursk", "dprk_troops_in_kursk", "priors/*.yaml",
                    what="an event renamed in the network alone"),
        36: renamed("dprk_troops_kursk", "dprk_troops_in_kursk", *EVERYWHERE,
                    what="renamed everywhere"),
        60: replaced(r'rate: "12% \[4%, 30%\] within 6', 'rate: "10% [4%, 30%] within 6',
                     "priors/*.yaml", what="a prior changed"),
        75: replaced("China's foreign ministry opposes NATO using",
                     "China's Foreign Ministry opposes NATO's using", TEXT,
                     what="a text corrected"),
        100: without_rows("id", "ev033", TEXT, what="a row deleted"),
        120: replaced(r"^  daily_mail:.*\n(?:   .*\n)*", "", "priors/*.yaml",
                      what="a source removed from the network alone"),
        121: without_rows("source", "daily_mail", TEXT, what="and its items"),
        150: lambda *_: "the clock runs 60 days ahead",
        151: lambda *_: "the clock is right again",
        155: asked("ledger", "clock", "--today", "TODAY", what=DECLARED),
        290: both(
            replaced(r"^horizon: .*", "horizon: 2026-12-31", "priors/*.yaml", what=""),
            replaced(r'"2025-12-31"\]', '"2025-12-31", "2026-12-31"]', "forecast.toml",
                     what="the horizon put off, and a deadline added"),
        ),
    },
    wrong=frozenset({35, 120}),
    jumps={150: 60},
    page_every=50,
)  # fmt: skip
PLANS = {"small": SMALL, "shipped": FIRST}


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 3, 10, tzinfo=UTC)


def size_of(folder: Path, *globs: str) -> int:
    """Return the bytes of files."""
    return sum(file.stat().st_size for file in _files(folder, *globs))


def ledger_rows(folder: Path) -> int:
    """Return the rows of all tables of a ledger."""
    file = folder / "ledger.sqlite3"
    if not file.exists():
        return 0
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        tables = database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'alembic%'"
        ).fetchall()
        counts = [database.execute(f'SELECT count(*) FROM "{name}"') for (name,) in tables]  # noqa: S608
        return sum(count.fetchone()[0] for count in counts)


def night(folder: Path, plan: Plan, number: int, day: date) -> dict[str, Any]:
    """Do one night; return its row."""
    what = plan.edits[number](folder, day) if number in plan.edits else ""
    says = _noon(day) + timedelta(days=plan.jumps.get(number, 0))
    begin, busy = time.perf_counter(), time.process_time()
    with clock(says):
        code, said = command(
            "update", "--jobs", "1", "--workspace", str(folder), "--log", str(folder / LOG)
        )
    took, used = time.perf_counter() - begin, time.process_time() - busy
    if plan.page_every and number % plan.page_every == 0:
        with clock(says):
            command("report", "--workspace", str(folder))
    checked = number % CHECKED_EVERY == CHECKED_EVERY - 1
    _, found = command("ledger", "verify", "--workspace", str(folder)) if checked else (0, "")
    found, said = (words.replace(f"{folder}/", "") for words in (found, said))
    last = json.loads((folder / LOG).read_text(encoding="utf-8").splitlines()[-1])
    return {
        "commit": commit(),
        "night": number,
        "date": day.isoformat(),
        "edit": what,
        "code": code,
        "seconds": f"{took:.2f}",
        "cpu": f"{used:.2f}",
        "bytes": size_of(folder, "**/*"),
        "draws": len(_files(folder, "posteriors/*/*.nc")),
        "page": size_of(folder, "report.html"),
        "rows": ledger_rows(folder),
        "ledger": size_of(folder, "ledger.sqlite3*"),
        "alerts": said.count('"alert": "'),
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "verified": found.strip().splitlines()[-1][:60] if found else "",
        "verdict": "ok"
        if last["ok"]
        else last["error"].replace(f"{folder}/", "").splitlines()[0][:200],
        "said": "; ".join(
            line[:160] for line in said.splitlines() if line.startswith(("note:", "error:"))
        ),
    }


def days_of(plan: Plan, nights: int = NIGHTS) -> list[date]:
    """Return the dates of the nights: over two years."""
    return [plan.begin + timedelta(days=round(n * SPAN / nights)) for n in range(nights)]


def run(plan: Plan, folder: Path, days: Sequence[date]) -> list[dict[str, Any]]:
    """Do the nights that are not done yet; return all rows."""
    workspace, kept = folder / "workspace", folder / ROWS
    if not kept.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        plan.start(workspace)
    rows: list[dict[str, Any]] = []
    if kept.exists():
        with kept.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
    for number, day in enumerate(days):
        if number < len(rows):
            continue
        rows.append(night(workspace, plan, number, day))
        with kept.open("a", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[-1]))
            if number == 0:
                writer.writeheader()
            writer.writerow(rows[-1])
        gc.collect()
    return rows


def faults_of(plan: Plan, rows: Sequence[Mapping[str, str]]) -> list[str]:
    """Return what is not as it must be: every night is to be explained by its edit."""
    found = []
    ahead = min(plan.jumps, default=len(rows))
    told = {n for n, row in enumerate(rows) if "the clock said" in row["said"]}
    declared = next((n for n, row in enumerate(rows) if row["edit"] == DECLARED), len(rows))
    untold = set(range(ahead + 1, min(declared, len(rows)))) - plan.wrong - told
    found += [f"night {n}: the clock ran back, and nobody was told" for n in sorted(untold)]
    found += [f"night {n}: an alarm about the clock" for n in sorted(told) if n >= declared]
    for n, row in enumerate(rows):
        expected = {"2"} if n in plan.wrong else {"0", "3"}
        if str(row["code"]) not in expected:
            found.append(f"night {n} ended with {row['code']}: {row['said']}")
        if (row["verdict"] == "ok") == (n in plan.wrong):
            found.append(f"night {n}: the log ends with {row['verdict']}")
        if row["verified"] and not row["verified"].startswith("ok:"):
            found.append(f"night {n}: {row['verified']}")
        if n in plan.wrong and row["rows"] != rows[n - 1]["rows"]:
            found.append(f"night {n}: rows of files with a fault")
    return found


def _figures(rows: Sequence[Mapping[str, str]], name: str) -> list[float]:
    """Return a column of the nights on which something was estimated."""
    return [float(row[name]) for before, row in pairwise(rows) if row["rows"] != before["rows"]]


def summary(plan: Plan, rows: Sequence[Mapping[str, str]]) -> str:
    """Return the section of the page on one workspace."""
    took, pages = _figures(rows, "cpu"), _figures(rows, "page")
    fifth = max(1, len(took) // 5)
    parts = {"first": slice(0, fifth), "middle": slice(2 * fifth, 3 * fifth),
             "last": slice(-fifth, None)}  # fmt: skip
    lines = [
        f"| {name} | {median(took[part]):.2f} | {max(took[part]):.2f} | "
        f"{median(pages[part]) / 1000:,.0f} |"
        for name, part in parts.items()
    ]
    first, last = rows[len(rows) // 5], rows[-1]
    days = (date.fromisoformat(last["date"]) - date.fromisoformat(first["date"])).days
    nights = len(rows) - 1 - len(rows) // 5
    grown = (int(last["bytes"]) - int(first["bytes"])) / nights
    marked = [
        f"| {row['night']} | {row['date']} | {row['edit']} | {row['code']} | {row['cpu']} | "
        f"{int(row['bytes']) / 1e6:,.1f} | {row['draws']} | {int(row['rows']):,} | "
        f"{row['alerts']} | {row['verified'] or row['verdict'][:90]} |"
        for row in rows
        if row["edit"] or row["verified"] or row["verdict"] != "ok" or row["alerts"] != "0"
    ]
    codes = Counter(row["code"] for row in rows)
    faults = faults_of(plan, rows)
    left = f" of {NIGHTS} (the others are still to be done)" if len(rows) < NIGHTS else ""
    return f"""\
## {plan.title[0].upper()}{plan.title[1:]}

Code of commit {" and ".join(dict.fromkeys(row["commit"] for row in rows))}.
{len(rows)} nights{left}, from {rows[0]["date"]} to {last["date"]}; exit codes
{", ".join(f"{code}: {count}" for code, count in sorted(codes.items()))}. The workspace ends with
{int(last["bytes"]) / 1e6:,.1f} MB, {int(last["ledger"]) / 1e6:,.1f} MB of it the ledger
({int(last["rows"]):,} rows), and draws of {last["draws"]} nights. Over the last {days} days it grew
by {grown / 1000:,.0f} kB a night: {int(last["bytes"]) / 1e6 + 365 * grown / 1e6:,.0f} MB after a
year of nights more. The most memory was {max(int(row["memory"]) for row in rows)} MB.

| nights with an estimate | processors, s (median) | most | page, kB |
|---|---:|---:|---:|
{chr(10).join(lines)}

{"Nothing is left to explain." if not faults else chr(10).join(f"- {each}" for each in faults)}

| night | date | edit | code | processors, s | MB | draws | rows | alerts | verdict |
|---:|---|---|---:|---:|---:|---:|---:|---:|---|
{chr(10).join(marked)}
"""


def main(names: Sequence[str]) -> None:
    """Do the nights of the plans named, or of all, and write the page."""
    for name in names or PLANS:
        run(PLANS[name], Path(gettempdir()) / f"nights-{name}", days_of(PLANS[name]))
    write_page()


def write_page() -> None:
    """Write what came of all nights that were begun, whether or not they are done."""
    sections = []
    for name, plan in PLANS.items():
        kept, file = Path(gettempdir()) / f"nights-{name}" / ROWS, HERE / f"nights-{name}.csv"
        if kept.exists():
            file.write_bytes(kept.read_bytes())
        if file.exists():
            with file.open(encoding="utf-8", newline="") as stream:
                sections.append(summary(plan, list(csv.DictReader(stream))))
    head = f"""\
# Three hundred nights

eventcast {version("eventcast")}, {platform.platform()}, {datetime.now(UTC).date()}.
Made by `python -m benchmarks.nights`: one `forecast update` a night, every
second or third day of two calendar years, with edits in between. All nights are in
`nights-NAME.csv`; here are those with an edit, an alert or a verification.
"""
    (HERE / "nights.md").write_text("\n".join([head, *sections]), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
