"""The HTML report of a workspace, from its ledger."""

from dataclasses import replace
from pathlib import Path

from forecast.errors import Fault, ForecastError, InputError
from forecast.files._text_file import replacing
from forecast.ledger import RunHead, run_heads, said, standing
from forecast.report import page
from forecast.report._content import PageContent
from forecast.workspace._contents import scan_asked
from forecast.workspace._history import Kept, open_kept
from forecast.workspace._places import PAGE, require_own
from forecast.workspace._report_data import network_part
from forecast.workspace._scores import score_workspace
from forecast.workspace._work import Step, Tell

REPORT_FILE = "report.html"


def write_report(folder: Path, output: Path | None = None, *, tell: Tell = lambda _: None) -> Path:
    """Write the page; return where it stands.

    The file is `output`, else what forecast.toml names, else ``report.html`` in the workspace. One
    that is there is replaced, whole. Where there is no run, or no file can be made, it is an
    `InputError`; where the draws of a run are here and damaged, a `ForecastError`.
    """
    with open_kept(folder) as kept:
        file = _file(kept, folder, output)
        require_own(file, PAGE, field="report.file" if output is None else "--output")
        content = _content(kept, folder, tell)
    tell(Step(1, 1, "writing the report"))
    text = page(content)
    try:
        with replacing(file) as temporary:
            temporary.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        msg = f"{file}: the report cannot be written: {error.strerror or error}"
        raise ForecastError(msg) from error
    return file


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
    last: dict[str, RunHead] = {}
    for head in sorted(run_heads(kept.ledger), key=lambda head: (head.as_of, head.entry)):
        last[head.network] = head
    if not last:
        raise InputError(Fault("the ledger has no run yet", "'forecast update' makes one."))
    everything, words = said(kept.ledger), standing(kept.ledger)
    questions, faults, _ = scan_asked(folder)
    if faults:
        raise InputError(faults)
    wordings = {(each.event, each.by): each.wording or each.id for each in questions}
    parts = tuple(
        replace(
            network_part(
                kept, head, [each for each in everything if each.network == name], words, tell
            ),
            wordings=wordings,
        )
        for name, head in last.items()
    )
    return PageContent(parts, score_workspace(folder))
