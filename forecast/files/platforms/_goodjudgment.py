"""Good Judgment Open, INFER and their kin: the Cultivate platform's API, and tables of its data.

A row or a prediction set has what one forecaster said and what the crowd's consensus was then
(`final_probability`). The consensus is taken.
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from forecast.errors import Fault
from forecast.files.platforms._entry import Entry, as_deadline
from forecast.files.platforms._stated import Asked, Document, Found, dated

NAME = "goodjudgment"
YES_NO = {"yes", "no"}
ALONE = (
    "forecasts of single forecasters are left out: put them together with fc.pool, or give the "
    "crowd's as 'final_probability'"
)

_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{2}|\d{4})( .*)?")


def read(documents: Sequence[Document], found: Found) -> None:
    """Read questions and prediction sets, each as JSON or as a table."""
    sets: list[Entry] = []
    answers: dict[str, list[Entry]] = {}
    for each in documents:
        if each.rows is not None:
            _table(each, found, sets, answers)
            continue
        for entry in each.objects("questions", "prediction_sets"):
            if entry.has("predictions"):
                sets.append(entry)
            else:
                _question(entry, found)
    for own, rows in answers.items():
        _answer_rows(own, rows, found)
    plain = {asked.key for asked in found.questions}
    for entry in sets:
        _prediction_set(entry, found, plain)


def _table(
    each: Document, found: Found, sets: list[Entry], answers: dict[str, list[Entry]]
) -> None:
    """Read a table of problems, or sort the rows of another one for later."""
    rows = list(each.rows or ())
    if not rows:
        return
    if rows[0].has("ifp_id", "q_text"):
        for row in rows:
            _problem(row, found)
    elif _has_forecasts(rows[0]):
        sets += rows
    elif _has_question(rows[0]) and rows[0].has("answer_name"):
        for row in rows:
            answers.setdefault(_own(row), []).append(row)
    else:
        problem = "is neither a table of questions and answers nor one of prediction sets"
        remedy = (
            "Give one with the columns question_id, question_name, answer_name; or question_id,"
            " answer_name, final_probability, created_at; or ifp_id, q_text."
        )
        found.faults.add(Fault(problem, remedy, each.file, 1))


def _has_question(row: Entry) -> bool:
    return row.has("question_id") or row.has("discover_question_id")


def _has_forecasts(row: Entry) -> bool:
    told = row.has("forecasted_probability") or row.has("final_probability")
    return told and _has_question(row) and row.has("answer_name")


def _own(row: Entry) -> str:
    return row.text("discover_question_id", "question_id") or row.needed("question_id")


def _question(entry: Entry, found: Found) -> None:
    """Take a question of the API."""
    own, title = entry.needed("id"), entry.text("name")
    answers = entry.entries("answers")
    same: dict[str, Any] = {
        "platform": NAME,
        "title": title,
        "url": entry.text("url"),
        "opened": entry.moment("starts_at", "published_at"),
        "deadline": as_deadline(entry.moment("ends_at", "scoring_end_time")),
        "place": entry.place,
    }
    voided = entry.moment("voided_at")
    known = voided or entry.moment("resolved_at", "closed_at")
    names = [each.text("name", "answer_name") for each in answers]
    settled = entry.flag("resolved?") or voided is not None
    shares = [each.share("resolved_probability") if settled else None for each in answers]
    if settled and voided is None and all(share is None for share in shares):
        found.tell("questions are resolved, and the file does not say how; they stay open")
    _take(found, entry, own, names, shares, known, same, annulled=voided is not None)


def _answer_rows(own: str, rows: list[Entry], found: Found) -> None:
    """Take a question from the rows of its answers."""
    first = rows[0]
    voided = first.moment("question_voided_at", "voided_at")
    known = voided or first.moment("question_resolved_at", "resolved_at")
    same: dict[str, Any] = {
        "platform": NAME,
        "title": first.text("question_name"),
        "url": first.text("question_url", "url"),
        "opened": first.moment("question_starts_at", "starts_at", "question_published_at"),
        "deadline": as_deadline(first.moment("question_ends_at", "ends_at")),
        "place": first.place,
    }
    names = [row.text("answer_name") for row in rows]
    shares = [row.share("answer_resolved_probability") for row in rows]
    _take(found, first, own, names, shares, known, same, annulled=voided is not None)


def _take(  # noqa: PLR0913, PLR0917  # three calls
    found: Found,
    entry: Entry,
    own: str,
    names: list[str],
    shares: Sequence[float | None],
    known: Any,
    same: dict[str, Any],
    *,
    annulled: bool,
) -> None:
    """Take a question with its answers: yes and no, or each of several."""
    if {name.lower() for name in names} <= YES_NO:
        yes = next((s for n, s in zip(names, shares, strict=True) if n.lower() == "yes"), None)
        result, day = dated(found, _word(yes, annulled=annulled), known)
        asked = Asked(key=own, outcome=result, resolved=day if result else None, **same)
        found.ask(asked, entry)
        return
    if len(set(names)) < len(names):
        entry.wrong("answer_name", "is the name of two answers", "Name each answer once.")
        return
    for name, share in zip(names, shares, strict=True):
        result, day = dated(found, _word(share, annulled=annulled), known)
        found.ask(
            Asked(
                key=f"{own}/{name}",
                outcome=result,
                resolved=day if result is not None else None,
                group=own,
                option=name,
                kind="decision",
                **same,
            ),
            entry,
        )
        entry.read |= set(entry.fields)


def _word(share: float | None, *, annulled: bool) -> Any:
    if annulled:
        return "annulled"
    return share if share is None else {0.0: "no", 1.0: "yes"}.get(share, share)


def _prediction_set(entry: Entry, found: Found, plain: set[str]) -> None:
    """Take the consensus after a forecast."""
    own = _own(entry)
    at = entry.instant("updated_at", "created_at") if entry.line else entry.instant("created_at")
    for each in [entry] if entry.line else entry.entries("predictions"):
        name, chance = each.text("answer_name"), each.share("final_probability")
        if not name:
            found.tell("predictions without the name of their answer are left out")
        elif chance is None:
            found.tell(ALONE)
        elif own not in plain and f"{own}/{name}" in plain:
            found.price(f"{own}/{name}", NAME, at, chance)
        elif name.lower() == "yes":
            found.price(own, NAME, at, chance)


def _problem(row: Entry, found: Found) -> None:
    """Take a forecasting problem of the Good Judgment Project; its dates are month/day/year."""
    own = row.needed("ifp_id")
    options = [part for part in re.split(r",?\s*\(([a-z])\)\s*", row.text("options")) if part]
    named = dict(zip(options[::2], options[1::2], strict=False))
    outcome = row.text("outcome")
    known = _american(row, "date_closed")
    same: dict[str, Any] = {
        "platform": NAME,
        "title": row.text("q_text"),
        "criteria": row.text("q_desc"),
        "opened": _american(row, "date_start"),
        "deadline": _american(row, "date_to_close"),
        "place": row.place,
    }
    names = list(named.values())
    if len(names) < 2:  # noqa: PLR2004
        found.set_aside(row, "a problem whose options cannot be told apart")
        return
    voided = row.text("q_status").lower() == "voided"
    shares = [None if outcome not in named else float(key == outcome) for key in named]
    _take(found, row, own, names, shares, known, same, annulled=voided)


def _american(row: Entry, name: str) -> date | None:
    text = row.text(name)
    match = _AMERICAN.fullmatch(text)
    if not text or (match is None and row.moment(name) is not None):
        return row.moment(name)
    try:
        if match is None:
            return None
        month, day, year = (int(match[part]) for part in (1, 2, 3))
        return date(year + (2000 if year < 100 else 0), month, day)  # noqa: PLR2004
    except ValueError:
        row.wrong(name, "is not a day of the calendar", "Write month/day/year, such as 7/1/2024.")
        return None
