"""Fuzzes one reader: ``python -m tests.fuzz.readers READER FOLDER [libFuzzer's options]``.

Any bytes must end in what the reader returns or in an `InputError`; all else is a crash.
"""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import atheris

with atheris.instrument_imports(
    include=["forecast.files", "forecast.network", "forecast.ledger", "forecast.inbox"]
):
    from forecast.errors import InputError, LedgerError
    from forecast.files._elicitation_files import read_answers
    from forecast.files._evidence_file import read_evidence
    from forecast.files._network_file import read_network
    from forecast.files._reference_class_file import read_reference_class
    from forecast.files._workspace_file import read_workspace
    from forecast.inbox.readers import Origin, read_entries
    from forecast.ledger import ledger_address, open_ledger, restore

RECEIVED = datetime(2024, 12, 1, tzinfo=UTC)

type Reader = Callable[[Path, bytes], None]


def network(folder: Path, data: bytes) -> None:
    """Read a network file."""
    read_network(_written(folder / "network.yaml", data))


def items(folder: Path, data: bytes) -> None:
    """Read evidence in CSV."""
    read_evidence(_written(folder / "items.csv", data))


def listed_items(folder: Path, data: bytes) -> None:
    """Read evidence in YAML."""
    read_evidence(_written(folder / "items.yaml", data))


def workspace(folder: Path, data: bytes) -> None:
    """Read a workspace file, and the address of the ledger in it."""
    stated = read_workspace(_written(folder / "forecast.toml", data)).ledger
    if stated is not None:
        ledger_address(stated, folder, {})


def classes(folder: Path, data: bytes) -> None:
    """Read a reference class."""
    read_reference_class(_written(folder / "class.csv", data))


def answers(folder: Path, data: bytes) -> None:
    """Read the answers of an elicitation."""
    read_answers(_written(folder / "answers.yaml", data))


def news(folder: Path, data: bytes) -> None:  # noqa: ARG001  a reader's form
    """Read news of any layout."""
    read_entries(data, Origin("fuzzed"), RECEIVED)


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
    reader.__name__: reader
    for reader in (network, items, listed_items, workspace, classes, answers, news, exported)
}


def _written(file: Path, data: bytes) -> Path:
    file.write_bytes(data)
    return file


def main() -> None:
    """Fuzz until libFuzzer's time is over."""
    _, name, folder, *options = sys.argv
    reader, place = READERS[name], Path(folder)

    def one_input(data: bytes) -> None:
        try:
            reader(place, data)
        except InputError as error:
            str(error)

    atheris.Setup([sys.argv[0], *options], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
