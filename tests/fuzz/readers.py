"""Fuzzes readers: ``python -m tests.fuzz.readers READER[,READER …] FOLDER [libFuzzer's options]``.

Any bytes must end in what the reader returns or in an error of ours; all else is a crash. Each
reader has a folder of its own in the one given, with its ``corpus``; there go what was ``told``,
the exit ``code``, and as ``worst`` the input that took the longest.
"""

import hashlib
import os
import signal
import sys
import time
import warnings
import zipfile
from collections.abc import Callable
from contextlib import nullcontext, suppress
from datetime import UTC, date, datetime
from functools import partial
from io import BytesIO
from pathlib import Path

import atheris

INSTRUMENTED = ["forecast.files", "forecast.network", "forecast.ledger", "forecast.inbox"]

# What is measured is not instrumented, and neither are the tests that take this table.
with atheris.instrument_imports(INSTRUMENTED) if __name__ == "__main__" else nullcontext():
    from forecast.errors import ForecastError, InputError, LedgerError
    from forecast.files._calendar_file import read_calendar
    from forecast.files._count_rules import CountRule
    from forecast.files._counted_file import counted
    from forecast.files._elicitation_files import read_answers
    from forecast.files._evidence_file import read_evidence
    from forecast.files._network_file import read_network
    from forecast.files._network_import import import_network
    from forecast.files._questions_file import read_questions
    from forecast.files._reference_class_file import read_reference_class
    from forecast.files._workspace_file import read_workspace
    from forecast.files.platforms._import import READERS as PLATFORMS
    from forecast.files.platforms._import import import_questions
    from forecast.inbox._fetched import FETCHED, read_fetched
    from forecast.inbox._store import DRAFTS, Inbox
    from forecast.inbox.readers import Origin, read_entries
    from forecast.ledger import ledger_address, open_ledger, restore, verify
    from forecast.posterior._file import read_posterior
    from forecast.posterior._kept import MARK
    from forecast.workspace._run import read_manifest

RECEIVED = datetime(2024, 12, 1, tzinfo=UTC)
BEGIN, END = date(2024, 1, 1), date(2025, 12, 31)
RULE = CountRule(
    id="seep",
    file="rows.csv",
    source="gazette",
    event="troops",
    date="day",
    per="month",
    published_column="seen",
    added="number",
    where={"what": "seep"},  # type: ignore[dict-item]  # as a file has it
    begins=BEGIN,
)
CPU_SECONDS = 10.0
"""Of one input, instrumented; the clock on the wall depends on what else the machine does."""
SHEET = "xl/worksheets/sheet1.xml"

type Reader = Callable[[Path, bytes], object]


def _read(name: str, read: Callable[[Path], object], folder: Path, data: bytes) -> None:
    read(_written(folder / name, data))


def workspace(folder: Path, data: bytes) -> None:
    """Read a workspace file, and the address of the ledger in it."""
    stated = read_workspace(_written(folder / "forecast.toml", data)).ledger
    if stated is not None:
        ledger_address(stated, folder, {})


def counts(folder: Path, data: bytes) -> None:
    """Count the rows of a table."""
    _written(folder / "rows.csv", data)
    counted(RULE, folder, END)


def workbook(folder: Path, data: bytes) -> None:
    """Read a workbook of evidence whose sheet is these bytes."""
    whole = BytesIO()
    with (
        zipfile.ZipFile(folder / "sample.xlsx") as sample,
        zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name in sample.namelist():
            archive.writestr(name, data if name == SHEET else sample.read(name))
    read_evidence(_written(folder / "items.xlsx", whole.getvalue()))


def platform(folder: Path, data: bytes) -> None:
    """Import a platform's file: the first byte says which platform, and whether JSON or CSV."""
    names = [*PLATFORMS]
    kind = data[0] if data else 0
    suffix = ".csv" if kind >= ord("`") else ".json"
    file = _written(folder / f"handed_out{suffix}", data[1:])
    import_questions([file], names[kind % len(names)])


def news(folder: Path, data: bytes) -> None:  # noqa: ARG001  a reader's form
    """Read news of any layout."""
    read_entries(data, Origin("fuzzed"), RECEIVED)


def inbox(folder: Path, data: bytes) -> None:
    """Read the drafts of an inbox, or what it remembers of feeds."""
    remembered = data.startswith(b'{"https:')
    _written(folder / (FETCHED if remembered else DRAFTS), data)
    _ = read_fetched(folder) if remembered else Inbox(folder).drafts()


def bayes(folder: Path, data: bytes) -> None:
    """Import a network of another program."""
    import_network(_written(folder / ("n.xdsl" if data.startswith(b"<") else "n.bif"), data))


def posterior(folder: Path, data: bytes) -> None:
    """Read a saved posterior whose seal fits it."""
    seal = MARK + hashlib.sha256(data).hexdigest().encode() + b"\n"
    read_posterior(_written(folder / "saved.nc", data + seal))


def database(folder: Path, data: bytes) -> None:
    """Open a database as the ledger, and prove it."""
    _written(folder / "given.sqlite3", data)
    address = ledger_address("sqlite:///given.sqlite3", folder, {})
    with open_ledger(address) as ledger:
        verify(ledger)


def exported(folder: Path, data: bytes) -> None:
    """Fill a ledger with an export; its first line may be right, or be fuzzed as well."""
    text = data.decode(errors="replace")
    if text.startswith("#"):
        text = (folder / "header").read_text() + text[1:]
    try:
        with open_ledger(ledger_address("sqlite:///fuzzed.sqlite3", folder, {})) as ledger:
            restore(ledger, [*text.splitlines(), "an end that undoes all"])
    except LedgerError:
        return
    raise AssertionError("an export with a broken end was taken")


READERS: dict[str, Reader] = {
    "network": partial(_read, "network.yaml", read_network),
    "items": partial(_read, "items.csv", read_evidence),
    "listed_items": partial(_read, "items.yaml", read_evidence),
    "classes": partial(_read, "class.csv", read_reference_class),
    "answers": partial(_read, "answers.yaml", read_answers),
    "questions": partial(_read, "questions.csv", read_questions),
    "calendar": partial(_read, "dates.ics", partial(read_calendar, begin=BEGIN, end=END)),
    "manifest": partial(_read, "run.json", read_manifest),
    **{each.__name__: each for each in (workspace, counts, workbook, platform, news, inbox)},
    **{each.__name__: each for each in (bayes, posterior, database, exported)},
}


def _too_long(*_: object) -> None:
    msg = f"took more than {CPU_SECONDS:.0f} s of the processor"
    raise TimeoutError(msg)


def _written(file: Path, data: bytes) -> Path:
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(data)
    return file


def fuzz_one(name: str, place: Path, options: list[str]) -> None:
    """Fuzz a reader until libFuzzer ends the process; ``place`` holds its corpus."""
    reader = READERS[name]
    allowed = ForecastError if name in {"manifest", "database"} else InputError
    warnings.simplefilter("ignore")
    worst = 0.0
    signal.signal(signal.SIGVTALRM, _too_long)

    def one_input(data: bytes) -> None:
        nonlocal worst
        begin = time.process_time()
        signal.setitimer(signal.ITIMER_VIRTUAL, CPU_SECONDS)
        try:
            reader(place, data)
        except allowed as error:
            str(error)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        took = time.process_time() - begin
        if took > worst:
            worst = took
            (place / "worst").write_bytes(data)

    for sound in sorted((place / "corpus").glob("*")):  # imports are no part of any input's time
        with suppress(allowed):
            reader(place, sound.read_bytes())
    own = [f"-artifact_prefix={place}/", str(place / "corpus")]
    atheris.Setup([sys.argv[0], *options, *own], one_input)
    atheris.Fuzz()


def main() -> None:
    """Fuzz each reader in a process of its own, which has the instruments from this one."""
    _, names, folder, *options = sys.argv
    for name in names.split(","):
        place = Path(folder) / name
        if (process := os.fork()) == 0:
            told = os.open(place / "told", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(told, 1)
            os.dup2(told, 2)
            fuzz_one(name, place, options)
        _, status = os.waitpid(process, 0)
        (place / "code").write_text(str(os.waitstatus_to_exitcode(status)))


if __name__ == "__main__":
    main()
