"""The HTML report of a workspace, from its ledger.

A page in the workspace is entered in the ledger, by its digest, before it is written: what somebody
changed in it is found by verification, and what `forecast report` wrote is not taken for that.
"""

import hashlib
from dataclasses import replace
from pathlib import Path

from forecast.errors import Fault, ForecastError, InputError, LedgerError
from forecast.files._text_file import replacing
from forecast.ledger import (
    ArtifactRecord,
    enter_page,
    pages_written,
    run_heads,
    said,
    standing,
)
from forecast.report import page
from forecast.report._content import PageContent
from forecast.workspace._by_name import removed
from forecast.workspace._contents import scan_asked
from forecast.workspace._head import note_head
from forecast.workspace._history import Kept, last_runs, open_kept
from forecast.workspace._places import PAGE, require_own
from forecast.workspace._report_data import network_part
from forecast.workspace._scores import score_workspace
from forecast.workspace._work import Step, Tell

REPORT_FILE = "report.html"


def write_report(folder: Path, output: Path | None = None, *, tell: Tell = lambda _: None) -> Path:
    """Write the page; return where it stands.

    The file is `output`, else what forecast.toml names, else ``report.html`` in the workspace. One
    that is there is replaced, whole. Where there is no run, or no file can be made, it is an
    `InputError`; where the draws of a run are here and damaged, a `ForecastError`; where the page
    is to stand in the workspace and the ledger cannot be written, a `LedgerError`.
    """
    with open_kept(folder) as kept:
        file = _file(kept, folder, output)
        require_own(file, PAGE, field="report.file" if output is None else "--output")
        _require_provable(kept, folder, file)
        content = _content(kept, folder, tell)
        tell(Step(1, 1, "writing the report"))
        data = page(content).encode()
        _enter(kept, folder, file, data)
    try:
        with replacing(file) as temporary:
            temporary.write_bytes(data)
    except OSError as error:
        msg = f"{file}: the report cannot be written: {error.strerror or error}"
        raise ForecastError(msg) from error
    return file


def _in_workspace(folder: Path, file: Path) -> str:
    """Return a page's path in the workspace; empty where it is to stand elsewhere."""
    place, base = file.parent.resolve() / file.name, folder.resolve()
    return place.relative_to(base).as_posix() if place.is_relative_to(base) else ""


def _require_provable(kept: Kept, folder: Path, file: Path) -> None:
    if kept.ledger.readable_only and _in_workspace(folder, file):
        msg = (
            f"{kept.ledger.address}: the ledger cannot be written, so that nothing would tell "
            f"whether {file} is changed later: name a file outside the workspace with --output"
        )
        raise LedgerError(msg)


def _enter(kept: Kept, folder: Path, file: Path, data: bytes) -> None:
    """Enter a page of the workspace in the ledger, unless the last one there is the same."""
    name, digest = _in_workspace(folder, file), hashlib.sha256(data).hexdigest()
    if name and pages_written(kept.ledger).get(name, [""])[-1] != digest:
        enter_page(kept.ledger, ArtifactRecord(name, digest, len(data)))
        note_head(kept.workspace, kept.ledger)


def _file(kept: Kept, folder: Path, output: Path | None) -> Path:
    if output is None:
        return folder / (kept.workspace.report or REPORT_FILE)
    if output.is_dir():
        remedy = f"Name a file in it: --output {output / REPORT_FILE}."
        raise InputError(Fault("is a folder", remedy, field="--output", value=str(output)))
    if not output.parent.is_dir():
        fault = Fault("its folder is not there", "Make it first.", field="--output")
        raise InputError(Fault(fault.problem, fault.remedy, field="--output", value=str(output)))
    return output


def _content(kept: Kept, folder: Path, tell: Tell) -> PageContent:
    last = last_runs(run_heads(kept.ledger))
    if not last:
        raise InputError(Fault("the ledger has no run yet", "'forecast update' makes one."))
    gone = removed(last, folder)
    everything, words = said(kept.ledger), standing(kept.ledger)
    questions, faults, _ = scan_asked(folder)
    if faults:
        raise InputError(faults)
    wordings = {(each.event, each.by): each.wording for each in questions if each.wording}
    parts = tuple(
        replace(
            network_part(
                kept, head, [each for each in everything if each.network == name], words, tell
            ),
            wordings=wordings,
        )
        for name, head in last.items()
        if name not in gone
    )
    return PageContent(parts, score_workspace(folder), gone)
