"""ForecastBench: question sets and resolution sets.

A question that a set took from a market carries the crowd's number as of the freeze, and that crowd
is its source. One that was made from a series of data is asked for several days.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from forecast.files.platforms._entry import Entry, as_deadline
from forecast.files.platforms._stated import Asked, Document, Found, dated, name_of

NAME = "forecastbench"
NONE = "N/A"


def read(documents: Sequence[Document], found: Found) -> None:
    """Read sets of questions, and the answers of sets of resolutions."""
    answers: dict[str, tuple[float, date]] = {}
    questions: list[tuple[Entry, str]] = []
    for each in documents:
        due = str(each.data.get("forecast_due_date", "")) if isinstance(each.data, dict) else ""
        for entry in each.objects("questions", "resolutions"):
            if entry.has("resolved_to"):
                _resolution(entry, found, answers)
            else:
                questions.append((entry, due))
    for entry, due in questions:
        _question(entry, found, due, answers)
    if answers and not questions:
        found.tell("answers are of questions that no file states: give the question set too")


def key_of(source: str, own: str, day: str = "") -> str:
    """Return the key of a question of a set, on a day where it is asked for several."""
    return "/".join(part for part in (source, own, day) if part)


def asked_days(entry: Entry) -> list[str]:
    """Return the days for which a question is asked; none of one from a market."""
    days = entry.raw("resolution_dates")
    if days is None or days == NONE:
        return []
    return [str(day) for day in entry.listed("resolution_dates")]


def _resolution(entry: Entry, found: Found, answers: dict[str, tuple[float, date]]) -> None:
    if isinstance(entry.raw("id"), list):
        found.tell("answers of combinations of questions are left out")
        return
    source, own = entry.needed("source"), entry.needed("id")
    share, day = entry.share("resolved_to"), entry.moment("resolution_date")
    if entry.flag("resolved") and share is not None and day is not None:
        answers[key_of(source, own, day.isoformat())] = (share, day)
        answers[key_of(source, own)] = (share, day)


def _question(entry: Entry, found: Found, due: str, answers: dict[str, tuple[float, date]]) -> None:
    if isinstance(entry.raw("id"), list):
        found.set_aside(entry, "a combination of questions is not one question")
        return
    own, source = entry.needed("id"), entry.needed("source")
    title, days = entry.text("question"), asked_days(entry)
    closes = None if _none(entry, "market_info_close_datetime") else entry.moment(
        "market_info_close_datetime"
    )  # fmt: skip
    opened = None if _none(entry, "market_info_open_datetime") else entry.moment(
        "market_info_open_datetime"
    )  # fmt: skip
    same: dict[str, Any] = {
        "platform": NAME,
        "url": "" if _none(entry, "url") else entry.text("url"),
        "criteria": entry.text("resolution_criteria"),
        "place": entry.place,
    }
    if days:
        for day in days:
            one = Entry({"day": day}, entry.file, entry.faults, entry.at("resolution_dates"))
            key = key_of(source, own, day)
            outcome, known = _answered(found, answers.get(key))
            words = title.replace("{resolution_date}", day).replace("{forecast_due_date}", due)
            found.ask(
                Asked(
                    key=key,
                    title=words,
                    deadline=one.moment("day"),
                    outcome=outcome,
                    resolved=known,
                    kind="state",
                    event_key=key_of(source, own),
                    **same,
                ),
                entry,
            )
            entry.read |= set(entry.fields)
        return
    key = key_of(source, own)
    outcome, known = _answered(found, answers.get(key))
    asked = Asked(
        key=key,
        title=title,
        opened=opened,
        deadline=as_deadline(closes),
        outcome=outcome,
        resolved=known,
        **same,
    )
    told = not _none(entry, "freeze_datetime_value")
    chance = entry.share("freeze_datetime_value") if told else None
    at = entry.instant("freeze_datetime")
    found.ask(asked, entry)
    found.price(key, name_of(source), at, chance)


def _none(entry: Entry, name: str) -> bool:
    return entry.raw(name) in (None, NONE)


def _answered(found: Found, answer: tuple[float, date] | None) -> tuple[Any, date | None]:
    if answer is None:
        return None, None
    share, day = answer
    return dated(found, {0.0: "no", 1.0: "yes"}.get(share, share), day)
