"""Fatebook: its export of forecasts as CSV, and questions of its API."""

import hashlib
import re
from collections.abc import Sequence
from typing import Any

from forecast.errors import Fault
from forecast.files.platforms._entry import Entry, as_deadline
from forecast.files.platforms._stated import Asked, Document, Found, answer, name_of

NAME = "fatebook"
TITLE, WHO, CHANCE = "Question title", "Forecast created by", "Forecast (scale = 0-1)"


def read(documents: Sequence[Document], found: Found) -> None:
    """Read rows of the export, and questions of the API."""
    seen: set[str] = set()
    for each in documents:
        if each.rows is None:
            for entry in each.objects("items", "questions"):
                _question(entry, found)
            continue
        for number, row in enumerate(each.rows):
            if number == 0 and not row.has(TITLE, CHANCE):
                problem = "is no export of Fatebook"
                remedy = f"Give the file with the columns '{TITLE}', '{CHANCE}' and the others."
                found.faults.add(Fault(problem, remedy, each.file, 1))
                break
            _row(row, found, seen)


def _source(who: str) -> str:
    """Return the source of a forecaster's forecasts: each is one by themselves."""
    return name_of(NAME, who, longest=40) if who else NAME


def _row(row: Entry, found: Found, seen: set[str]) -> None:
    """Take a forecast, and its question with the first of them; the export has no ids."""
    title, created = row.needed(TITLE), row.moment("Question created at")
    digest = hashlib.sha256(f"{title}\0{created}".encode()).hexdigest()[:8]
    option = row.text("Multiple choice option")
    words = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")[:16].strip("_")
    own = f"{words or 'q'}-{digest}"
    key = f"{own}/{option}" if option else own
    if key not in seen:
        seen.add(key)
        outcome, known = answer(
            found, row, row.text("Resolution", "Question resolution"),
            row.moment("Resolved at", "Question resolved at"),
        )  # fmt: skip
        found.ask(
            Asked(
                key=key,
                platform=NAME,
                title=title,
                opened=created,
                deadline=as_deadline(row.moment("Question resolve by")),
                criteria=row.text("Question notes"),
                outcome=outcome,
                resolved=known,
                group=own if option else "",
                option=option,
                kind="decision" if option else "onset",
                place=row.place,
            ),
            _question_part(row),
        )
    at = row.instant("Forecast created at")
    found.price(key, _source(row.text(WHO)), at, row.share(CHANCE))


def _question_part(row: Entry) -> Entry:
    """Return a row without what belongs to one forecast."""
    own = {WHO, CHANCE, "Forecast created at"}
    fields = {name: value for name, value in row.fields.items() if name not in own}
    return Entry(fields, row.file, row.faults, row.path, row.line, row.read)


def _question(entry: Entry, found: Found) -> None:
    own, kind = entry.needed("id"), entry.text("type") or "BINARY"
    same: dict[str, Any] = {
        "platform": NAME,
        "title": entry.text("title"),
        "url": entry.text("url"),
        "criteria": entry.text("notes"),
        "opened": entry.moment("createdAt"),
        "deadline": as_deadline(entry.moment("resolveBy")),
        "place": entry.place,
    }
    options = entry.entries("options")
    if kind == "BINARY":
        outcome, known = answer(found, entry, entry.text("resolution"), entry.moment("resolvedAt"))
        asked = Asked(key=own, outcome=outcome, resolved=known, **same)
        forecasts = entry.entries("forecasts")
        found.ask(asked, entry)
        for each in forecasts:
            _forecast(each, found, own)
    elif kind == "MULTIPLE_CHOICE" and options:
        names = {each.text("id"): each.text("text") for each in options}
        forecasts = entry.entries("forecasts")
        for each in options:
            outcome, known = answer(found, each, each.text("resolution"), each.moment("resolvedAt"))
            option = each.text("text")
            found.ask(
                Asked(
                    key=f"{own}/{option}",
                    outcome=outcome,
                    resolved=known,
                    group=own,
                    option=option,
                    kind="decision",
                    **same,
                ),
                entry,
            )
            entry.read |= set(entry.fields)
            for forecast in each.entries("forecasts"):
                _forecast(forecast, found, f"{own}/{option}")
        for forecast in forecasts:
            chosen = names.get(forecast.text("optionId"))
            if chosen is not None:
                _forecast(forecast, found, f"{own}/{chosen}")
    else:
        found.set_aside(entry, f"a question of type '{kind}' has no probability of yes")


def _forecast(entry: Entry, found: Found, key: str) -> None:
    user = entry.entry("user")
    who = (user.text("name") if user is not None else "") or entry.text("userId")
    found.price(key, _source(who), entry.instant("createdAt"), entry.share("forecast"))
