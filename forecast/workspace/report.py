"""The HTML report of a workspace, from its ledger."""

from collections.abc import Callable
from pathlib import Path

from forecast.errors import Fault, ForecastError, InputError
from forecast.files.text_file import replacing
from forecast.ledger import RunHead, run_heads, said, standing
from forecast.report import page
from forecast.report.content import Calibration, PageContent, Scored
from forecast.time import parse_instant
from forecast.workspace.gathered import network_part
from forecast.workspace.kept import Kept, open_kept
from forecast.workspace.outcome import Step
from forecast.workspace.scores import Scores, score_workspace

__all__ = ["REPORT_FILE", "write_report"]

REPORT_FILE = "report.html"

type Tell = Callable[[Step], None]


def write_report(folder: Path, output: Path | None = None, *, tell: Tell = lambda _: None) -> Path:
    """Write the page; return where it stands.

    Parameters
    ----------
    folder
        The workspace.
    output
        The file; what forecast.toml names, else ``report.html`` in the workspace, unless given. One
        that is there is replaced, whole.
    tell
        Told what is being worked out.

    Raises
    ------
    InputError
        If there is no workspace, no ledger, or no run in it, or `output` cannot be a file.
    LedgerError
        If the ledger cannot be read.
    ForecastError
        If the draws of a run are here and damaged, or the page cannot be written.
    """
    with open_kept(folder) as kept:
        file = _file(kept, folder, output)
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
    parts = tuple(
        network_part(kept, head, [each for each in everything if each.network == name], words, tell)
        for name, head in last.items()
    )
    titles = {event.id: event.title or event.id for part in parts for event in part.events}
    return PageContent(parts, _calibration(score_workspace(folder), titles))


def _calibration(scores: Scores, titles: dict[str, str]) -> Calibration:
    return Calibration(
        questions=tuple(
            Scored(
                event=titles.get(each.event, each.event),
                by=parse_instant(each.by),
                outcome=bool(each.outcome),
                first=each.first,
                last=each.last,
                gain=each.gain,
            )
            for each in scores.questions
        ),
        brier=scores.brier,
        log=scores.log,
        gain=scores.gain,
        miscalibration=scores.miscalibration,
        discrimination=scores.discrimination,
        uncertainty=scores.uncertainty,
        open=scores.open,
        annulled=scores.annulled,
        late=scores.late,
    )
