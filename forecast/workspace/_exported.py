"""What leaves a workspace for a tournament or a spreadsheet: questions, forecasts, evidence.

Forecasts come from the ledger, which is only read: those of each network's latest run, or of one
that is named. A question's forecast is that of its event by its deadline.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast.errors import Fault, InputError
from forecast.evidence import Question, Questions
from forecast.evidence._fields import COLUMNS as ITEM_COLUMNS
from forecast.files._questions_file import COLUMNS as QUESTION_COLUMNS
from forecast.files._table_writer import csv_of, item_row, moment_text, plain_number, question_row
from forecast.files.platforms._entry import Entry, Faults, load_json
from forecast.files.platforms._forecastbench import NAME as FORECASTBENCH
from forecast.files.platforms._forecastbench import asked_days, key_of
from forecast.files.platforms._stated import LONGEST_QUESTION, Document, name_of
from forecast.ledger import Said, latest_run, run_heads, run_said
from forecast.time import FIRST, day_label
from forecast.visible import visible
from forecast.workspace._by_name import removed
from forecast.workspace._contents import read_contents, scan_asked
from forecast.workspace._history import named_run, open_kept
from forecast.workspace._scores import settled

if TYPE_CHECKING:
    from datetime import datetime

FORECAST_COLUMNS = (
    "question", "event", "deadline", "probability", "lower", "upper", "level", "mcse", "prior",
    "as_of", "made_at", "network", "run", "forced", "open", "wording", "url",
)  # fmt: skip
LEVEL = 0.9
"""Of the interval from `lower` to `upper`: the central one."""


@dataclass(frozen=True)
class Table:
    """Rows to hand out; empty values are None, or absent.

    Parameters
    ----------
    name
        What they are.
    columns, rows
        For CSV, in this order.
    objects
        The same for JSON, in the types of its fields.
    notes
        What is not among them, and why.
    """

    name: str
    columns: Sequence[str]
    rows: Sequence[Mapping[str, Any]]
    objects: Sequence[Mapping[str, Any]]
    notes: tuple[str, ...] = field(default=())

    def csv(self, *, spreadsheet: bool) -> str:
        """Return them as CSV; for a `spreadsheet` with no cell that it takes for a formula."""
        cells = [{name: _cell(row.get(name)) for name in self.columns} for row in self.rows]
        if spreadsheet:  # else the text is as it is on file, for what reads it again
            cells = [
                {name: visible(cell, lines=True) for name, cell in row.items()} for row in cells
            ]
        return csv_of(self.columns, cells, spreadsheet=spreadsheet)

    def document(self) -> dict[str, Any]:
        """Return them as one JSON document."""
        return {self.name: [dict(each) for each in self.objects], "notes": list(self.notes)}


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return plain_number(value) if isinstance(value, float) else str(value)


def export_questions(folder: Path) -> Table:
    """Return the questions of a workspace, under the columns of ``questions.csv``."""
    questions = list(_questions(folder))
    rows = [question_row(each) for each in questions]
    objects = [each.model_dump(mode="json", exclude_defaults=True) for each in questions]
    return Table("questions", QUESTION_COLUMNS, rows, objects)


def export_evidence(folder: Path) -> Table:
    """Return the items of evidence on the events of a workspace's networks, by publication."""
    contents = read_contents(folder)
    items = {item.id: item for each in contents.inputs for item in each.evidence}
    ordered = sorted(items.values(), key=lambda item: (item.published_instant, item.id))
    objects = [
        {"kind": item.kind, **item.model_dump(mode="json", exclude_defaults=True)}
        for item in ordered
    ]
    return Table("evidence", ITEM_COLUMNS, [item_row(item) for item in ordered], objects)


def export_forecasts(folder: Path, run: str | None = None) -> Table:
    """Return the forecast of each question; of each event and deadline where there is no question.

    Parameters
    ----------
    folder
        The workspace.
    run
        The run to take them from, as commands name it; by default each network's latest.

    Raises
    ------
    InputError
        If there is no ledger, no such run, or a faulty ``questions.csv``.
    """
    questions = _questions(folder)
    said, answered, gone = _said(folder, run, questions)
    notes = [f"network '{name}' is left out: forecast.toml no longer lists it" for name in gone]
    notes += [
        f"run {each[0]} of network '{each[1]}' was kept although its gate failed"
        for each in dict.fromkeys((one.entry, one.network) for one in said if one.forced)
    ]
    if not len(questions):
        rows = [_row(each, None) for each in said]
        return Table("forecasts", FORECAST_COLUMNS, rows, rows, tuple(notes))
    by: dict[tuple[str, datetime], Said] = {}
    for each in said:
        first = by.setdefault((each.forecast.event, each.forecast.deadline), each)
        if first is not each:
            notes.append(
                f"'{first.network}' and '{each.network}' both speak of '{each.forecast.event}' by "
                f"{each.forecast.by}; the forecast of '{first.network}' is taken"
            )
    newest = max((each.as_of for each in said), default=FIRST)
    rows = []
    for question in questions:
        found = by.get((question.event, question.by))
        if found is None and (question.closed <= newest or question.id in answered):
            continue  # no run has spoken of it since, nor is to
        if found is None:
            notes.append(
                f"question '{question.id}' has no forecast: no run speaks of '{question.event}' "
                f"by {day_label(question.by)}"
            )
        else:
            rows.append(_row(found, question, answered=question.id in answered))
    return Table("forecasts", FORECAST_COLUMNS, rows, rows, tuple(notes))


def forecast_set(
    table: Table, path: Path, *, organization: str, model: str
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the forecasts on a question set of ForecastBench, in the form of its forecast sets.

    Parameters
    ----------
    table
        The forecasts of a workspace whose questions were imported from that set.
    path
        The question set.
    organization, model
        Who forecasts, and with what; `organization` stands for the model's too.

    Returns
    -------
    document
        The forecast set.
    notes
        The questions that have no forecast.
    """
    faults = Faults()
    data = load_json(path)
    document = Document(str(path), data, None, faults)
    of = {row["question"]: row["probability"] for row in table.rows}
    forecasts: list[dict[str, Any]] = []
    without: list[str] = []
    for entry in document.objects("questions"):
        if isinstance(entry.raw("id"), list):
            continue
        own, source = entry.needed("id"), entry.needed("source")
        for day in asked_days(entry) or [""]:
            key = key_of(source, own, day)
            name = name_of(FORECASTBENCH, key, longest=LONGEST_QUESTION)
            if name not in of:
                without.append(f"question '{name}' of the set has no forecast")
                continue
            forecasts.append(
                {
                    "id": own,
                    "source": source,
                    "forecast": of[name],
                    "resolution_date": day or None,
                    "reasoning": None,
                }
            )
    faults.refuse()
    named = Entry(data if isinstance(data, dict) else {}, str(path), faults)
    whole = {
        "organization": organization,
        "model": model,
        "model_organization": organization,
        "question_set": named.text("question_set") or path.name,
        "forecasts": forecasts,
    }
    return whole, tuple(without)


def _questions(folder: Path) -> Questions:
    questions, faults, _ = scan_asked(folder)
    if faults:
        raise InputError(faults)
    return questions


def _said(
    folder: Path, run: str | None, questions: Questions
) -> tuple[list[Said], set[str], tuple[str, ...]]:
    """Return the forecasts of the runs to take, but those on a condition; and what is answered.

    And the networks that are left out, since the workspace no longer lists them.
    """
    gone: tuple[str, ...] = ()
    with open_kept(folder) as kept:
        heads = run_heads(kept.ledger)
        if run is not None:
            said = run_said(kept.ledger, named_run(heads, run).entry)
        else:
            if not heads:
                raise InputError(Fault("the ledger has no run yet", "'forecast update' makes one."))
            networks = dict.fromkeys(head.network for head in heads)
            gone = removed(networks, folder)
            left = [name for name in networks if name not in gone]
            said = [each for name in left for each in latest_run(kept.ledger, name)]
        answered = settled(kept.ledger, list(questions))
    return [each for each in said if not each.forecast.condition], answered, gone


def _row(said: Said, question: Question | None, *, answered: bool = False) -> dict[str, Any]:
    told = said.forecast
    return {
        "question": None if question is None else question.id,
        "event": told.event,
        "deadline": told.by,
        "probability": told.probability,
        "lower": told.lower,
        "upper": told.upper,
        "level": None if told.lower is None else LEVEL,
        "mcse": told.mcse,
        "prior": told.prior,
        "as_of": day_label(said.as_of),
        "made_at": moment_text(said.made_at.replace(microsecond=0)),
        "network": said.network,
        "run": said.entry,
        "forced": said.forced,
        "open": question is None or (not answered and said.as_of < question.by),
        "wording": None if question is None else question.wording or None,
        "url": None if question is None else question.url or None,
    }
