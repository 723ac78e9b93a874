"""Waiting drafts as a table for a spreadsheet, and the decisions that somebody wrote into it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from forecast.errors import Fault, InputError, did_you_mean
from forecast.evidence import Place
from forecast.evidence._fields import COLUMNS
from forecast.files._asked_rows import placed_at
from forecast.files._evidence_file import LAYOUT
from forecast.files._safe_text import sanitize, written
from forecast.files._table_file import Layout, Row, read_table
from forecast.files._table_writer import csv_of
from forecast.inbox._prefill import proposed_text
from forecast.time import day_words
from forecast.workspace._choices import Choice, Filing, Merge, Skip
from forecast.workspace._filed import by_draft, inbox_of, on_file, whole
from forecast.workspace._filing import OWN
from forecast.workspace._waiting import Waiting

DECISIONS = ("accept", "skip", "merge")
ITEM = tuple(name for name in COLUMNS if name not in OWN)
"""The columns of an item that a person may fill in."""
ASKED = ("published", "event", "source", "claim", "speaks_of", "derived_from", "origin")
SHOWN = ("outlet", "beginning", "reasons", "copies", "missing", "proposed")
"""What is there to be read, and is not taken back."""
HANDED_OUT = (
    "draft",
    "decision",
    "copy_of",
    "text",
    "outlet",
    *ASKED,
    "missing",
    "reasons",
    "copies",
    "beginning",
    "citation",
    "kind",
    "notes",
    "proposed",
)
READ = Layout(("draft", "decision", "copy_of", *ITEM, *SHOWN), ("draft", "decision"), LAYOUT.forms)
BEGINNING = 280
"""Characters of a draft's text that are shown."""


@dataclass(frozen=True)
class Sheet:
    """The decisions in a table.

    Parameters
    ----------
    choices
        What is to be decided.
    blank
        How many drafts were left without a decision; they wait on.
    notes
        Which rows were left aside, since their draft has been decided on meanwhile, and what was
        read otherwise than it is written.
    """

    choices: tuple[Choice, ...]
    blank: int
    notes: tuple[str, ...]


def sheet_of(waiting: Iterable[Waiting]) -> str:
    """Return waiting drafts as CSV, a row for each item; no cell of it is a formula."""
    rows = [cells for each in waiting for cells in cells_of(each)]
    used = {name for row in rows for name in row}
    further = (name for name in ITEM if name in used and name not in HANDED_OUT)
    return csv_of((*HANDED_OUT, *further), rows, spreadsheet=True)


def cells_of(each: Waiting) -> list[dict[str, str]]:
    """Return a waiting draft as rows, one for each item: cells by column, empty ones left out."""
    draft, proposal = each.draft, each.proposal
    guesses = {
        "event": proposal.events,
        "source": proposal.sources,
        "claim": proposal.claims,
        "speaks_of": proposal.days,
    }
    reasons = [
        f"{name} {guess.value}: {guess.reason}"
        for name, some in guesses.items()
        for guess in some[:2]
    ]
    if each.suggested is not None:
        reasons.insert(0, " ".join(f"proposed by {each.suggested.by} {each.suggested.why}".split()))
    copies = [f"{kin.value} ({kin.relation}): {kin.reason}" for kin in proposal.kin]
    twin = next((kin.value for kin in proposal.kin if kin.relation == "duplicate"), "")
    shown = {
        "draft": draft.id,
        "copy_of": twin,
        "outlet": draft.outlet,
        "missing": ", ".join(each.prefilled.missing),
        "reasons": "; ".join(reasons),
        "copies": "; ".join(copies),
        "beginning": draft.text[:BEGINNING],
        "proposed": proposed_text(each.prefilled.proposed),
    }
    rows = ({**row, **shown} for row in each.prefilled.rows)
    return [
        {name: " ".join(sanitize(cell).split()) for name, cell in row.items() if cell}
        for row in rows
    ]


def read_sheet(folder: Path, file: Path) -> Sheet:
    """Return the decisions that a table holds, each with its line.

    Rows without a decision are left; a draft may have several rows, which become an item each.

    Raises
    ------
    InputError
        With every fault of the table's form, and every decision that is none.
    """
    table = read_table(file, READ)
    rows, faults = table.rows, list(table.faults)
    decided = _decided(folder)
    accepted: dict[str, list[Row]] = {}
    others: list[Choice] = []
    notes: dict[str, None] = dict.fromkeys(str(each) for each in table.told)
    names = {row.cells.get("draft", "").strip() for row in rows}
    for row in rows:
        name = row.cells.get("draft", "").strip()
        decision = row.cells.get("decision", "").strip().lower()
        place = Place(row.file, row.line)
        if not decision:
            continue
        named = f"draft {name[:16]}" if name else "draft without id"
        faults += (placed_at(fault, place, named) for fault in row.faults)
        faults += _row_faults(row, place, name, decision)
        if name in decided:
            notes[f"{place}: draft {name} {decided[name]}; the row was left aside"] = None
        elif decision == "accept":
            accepted.setdefault(name, []).append(row)
        elif decision == "skip":
            why = written(row.cells.get("notes", ""))
            others.append(Skip(draft=name, why=why, place=place, proposed=_proposed([row])))
        elif decision == "merge":
            item = row.cells.get("copy_of", "").strip()
            others.append(Merge(draft=name, item=item, place=place, proposed=_proposed([row])))
    if faults:
        raise InputError(sorted(faults, key=lambda fault: fault.line))
    choices = (*_filings(accepted), *others)
    left = names - {choice.draft for choice in choices} - decided.keys()
    return Sheet(choices, len(left), tuple(notes))


def _row_faults(row: Row, place: Place, name: str, decision: str) -> Iterator[Fault]:
    if not name:
        remedy = "Take the row from the table as it was handed out, or remove it."
        yield Fault("names no draft", remedy, place.file, place.line, "draft")
    if decision not in DECISIONS:
        remedy = f"{did_you_mean(decision, DECISIONS)} Leave it empty to decide later."
        yield Fault("is no decision", remedy, place.file, place.line, "decision", decision)
    if decision == "merge" and not row.cells.get("copy_of", "").strip():
        remedy = "Write in copy_of the id of the item, or of the draft, that it is a copy of."
        yield Fault("names nothing to be merged with", remedy, place.file, place.line, "copy_of")


def _filings(accepted: Mapping[str, Sequence[Row]]) -> Iterator[Filing]:
    for name, rows in accepted.items():
        cells = [
            {column: written(cell) for column, cell in row.cells.items() if column in ITEM}
            for row in rows
        ]
        places = tuple(Place(row.file, row.line) for row in rows)
        proposed = _proposed(rows)
        yield Filing(
            draft=name, rows=tuple(cells), places=places, place=places[0], proposed=proposed
        )


def _proposed(rows: Sequence[Row]) -> dict[str, str]:
    """Return what was proposed, from the cell that told it."""
    parts = written(rows[0].cells.get("proposed", "")).split("; ")
    pairs = (part.split("=", 1) for part in parts if "=" in part)
    return {name.strip(): value.strip() for name, value in pairs}


def _decided(folder: Path) -> dict[str, str]:
    """Return what was decided on drafts on which something stands, in words, by the draft's id."""
    contents, _ = whole(folder)
    filed = by_draft(item for item, _ in on_file(contents).values())
    found = {
        name: f"was {each.outcome} by {each.by} on {day_words(each.at)}"
        for name, each in inbox_of(folder).standing().items()
    }
    for name, items in filed.items():
        found.setdefault(name, f"is on file as {', '.join(item.id for item in items)}")
    return found
