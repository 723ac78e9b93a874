"""Metaculus: posts of its API with their aggregation history, and the tables of its data export."""

import ast
from collections.abc import Sequence
from typing import Any

from forecast.errors import Fault
from forecast.files.platforms._entry import Entry, as_deadline, clean
from forecast.files.platforms._stated import Asked, Document, Found, answer, dated

NAME = "metaculus"
CROWD = "recency_weighted"
CROWDS = (CROWD, "unweighted", "single_aggregation", "metaculus_prediction", "geometric_mean")
LONGEST_LIST = 20_000

QUESTION_COLUMNS = ("Question ID", "Question Title", "Question Type")
FORECAST_COLUMNS = ("Question ID", "Start Time", "Probability Yes")


def read(documents: Sequence[Document], found: Found) -> None:
    """Read posts, questions, and both tables of a data export."""
    tables: list[Document] = []
    for each in documents:
        if each.rows is not None:
            tables.append(each)
            continue
        for post in each.objects("results"):
            _post(post, found)
    options: dict[str, list[str]] = {}
    forecasts: list[Document] = []
    for each in tables:
        rows = each.rows or ()
        if not rows or rows[0].has(*QUESTION_COLUMNS):
            for row in rows:
                _question_row(row, found, options)
        elif rows[0].has(*FORECAST_COLUMNS):
            forecasts.append(each)
        else:
            problem = "is neither a table of questions nor one of forecasts"
            columns = f"{', '.join(QUESTION_COLUMNS)}; or {', '.join(FORECAST_COLUMNS)}"
            remedy = f"Give question_data.csv or forecast_data.csv, with the columns {columns}."
            found.faults.add(Fault(problem, remedy, each.file, 1))
    for each in forecasts:
        for row in each.rows or ():
            _forecast_row(row, found, options)


def _post(post: Entry, found: Found) -> None:
    group = post.entry("group_of_questions")
    if group is not None:
        for each in group.entries("questions"):
            label = each.text("label")
            title = post.text("title")
            _question(each, found, post, f"{title} ({label})" if label else "")
    elif post.raw("question") is not None:
        inner = post.entry("question")
        if inner is not None:
            _question(inner, found, post, "")
    elif post.raw("conditional") is not None or post.raw("notebook") is not None:
        found.set_aside(post, "a conditional pair or a notebook is not one question")
    else:  # a question by itself
        _question(post, found, post, "")


def _question(entry: Entry, found: Found, post: Entry, title: str) -> None:
    own, kind = entry.needed("id"), entry.text("type") or "binary"
    same: dict[str, Any] = {
        "platform": NAME,
        "title": title or entry.text("title") or post.text("title"),
        "url": post.text("url", "page_url") or _page(post.text("id")),
        "criteria": entry.text("resolution_criteria"),
        "opened": entry.moment("open_time"),
        "deadline": as_deadline(entry.moment("scheduled_close_time", "scheduled_resolve_time")),
        "place": entry.place,
    }
    said = entry.text("resolution")
    known = entry.moment("resolution_known_time", "actual_close_time", "actual_resolve_time")
    history = _history(entry)
    if kind == "binary":
        outcome, resolved = answer(found, entry, said, known)
        found.ask(Asked(key=own, outcome=outcome, resolved=resolved, **same), entry)
        for point in history:
            _center(point, found, own, 0, 1)
    elif kind == "multiple_choice":
        options = [clean(option) for option in entry.listed("options")]
        found_options = _options(found, entry, own, options, said, known, same)
        for point in history:
            for position, key in enumerate(found_options):
                _center(point, found, key, position, len(options))
    else:
        found.set_aside(entry, f"a question of type '{kind}' asks for a number or a date")


def _page(post: str) -> str:
    return f"https://www.metaculus.com/questions/{post}/" if post else ""


def _options(  # noqa: PLR0917  # one call for each form of file
    found: Found,
    entry: Entry,
    own: str,
    options: list[str],
    said: str,
    known: Any,
    same: dict[str, Any],
) -> list[str]:
    """Take each option of a question as a question of its own; return their keys."""
    if len(set(options)) < max(len(options), 2):
        entry.wrong("options", "does not name two or more different options", "Name each once.")
        return []
    keys = []
    for option in options:
        key = f"{own}/{option}"
        outcome: Any = None
        if said.lower() in {"annulled", "ambiguous"}:
            outcome = "annulled"
        elif said in options:
            outcome = "yes" if option == said else "no"
        result, resolved = dated(found, outcome, known if outcome else None)
        found.ask(
            Asked(
                key=key,
                outcome=result,
                resolved=resolved,
                group=own,
                option=option,
                kind="decision",
                **same,
            ),
            entry,
        )
        entry.read |= set(entry.fields)  # told once, with the first of them
        keys.append(key)
    if said and said not in options and said.lower() not in {"annulled", "ambiguous"}:
        found.tell("resolutions name none of the options; these questions stay open")
    return keys


def _history(entry: Entry) -> list[Entry]:
    """Return the points of the crowd's history; its latest one where there is no history."""
    aggregations = entry.entry("aggregations")
    crowd = None if aggregations is None else aggregations.entry(CROWD)
    if crowd is None:
        return []
    latest = crowd.entry("latest")
    points = crowd.entries("history")
    return points or ([latest] if latest is not None else [])


def _center(point: Entry, found: Found, key: str, position: int, count: int) -> None:
    centers = point.listed("centers")
    if not centers:
        centers = point.listed("forecast_values")
        if count == 1 and len(centers) == 2:  # noqa: PLR2004  # of no, then of yes
            centers = centers[1:]
    at = point.instant("start_time")
    if len(centers) != count or centers[position] is None:
        found.tell("points of a history without a number for each option are left out")
        return
    one = Entry({f"centers[{position}]": centers[position]}, point.file, point.faults, point.path)
    found.price(key, NAME, at, one.share(f"centers[{position}]"))


def _question_row(row: Entry, found: Found, options: dict[str, list[str]]) -> None:
    own, kind = row.needed("Question ID"), row.text("Question Type").lower().replace(" ", "_")
    title, label = row.text("Question Title"), row.text("Label")
    same: dict[str, Any] = {
        "platform": NAME,
        "title": f"{title} ({label})" if label and label not in title else title,
        "url": row.text("Question URL"),
        "opened": row.moment("Open Time"),
        "deadline": as_deadline(row.moment("Scheduled Close Time")),
        "place": row.place,
    }
    said = row.text("Resolution")
    known = row.moment("Resolution Known Time", "Actual Close Time")
    if kind == "binary":
        outcome, resolved = answer(found, row, said, known)
        found.ask(Asked(key=own, outcome=outcome, resolved=resolved, **same), row)
    elif kind == "multiple_choice":
        options[own] = [clean(each) for each in literal(row, "MC Options (All)")]
        _options(found, row, own, options[own], said, known, same)
    else:
        found.set_aside(row, f"a question of type '{kind}' asks for a number or a date")


def _forecast_row(row: Entry, found: Found, options: dict[str, list[str]]) -> None:
    own, who = row.needed("Question ID"), row.text("Forecaster Username")
    if who != CROWD:
        other = "other aggregates" if who in CROWDS else "single forecasters"
        found.tell(f"forecasts of {other} are left out: the crowd's are those of '{CROWD}'")
        return
    at = row.instant("Start Time")
    listed = options.get(own)
    if listed is None:
        chance = row.share("Probability Yes")
        if chance is None and row.raw("Continuous CDF") is not None:
            found.tell("forecasts of numbers and dates are left out")
            return
        found.price(own, NAME, at, chance)
        return
    chances = literal(row, "Probability Yes Per Category")
    if len(chances) != len(listed):
        found.tell("points of a history without a number for each option are left out")
        return
    for option, value in zip(listed, chances, strict=True):
        one = Entry({"Probability Yes Per Category": value}, row.file, row.faults, line=row.line)
        found.price(f"{own}/{option}", NAME, at, one.share("Probability Yes Per Category"))


def literal(row: Entry, name: str) -> list[Any]:
    """Return a list that is written as Python writes one; only plain values are taken."""
    text = row.raw(name)
    if text is None:
        return []
    value: Any = None
    if isinstance(text, str) and len(text) <= LONGEST_LIST:
        try:
            value = ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            value = None
    if not isinstance(value, list | tuple):
        row.wrong(name, "is not a list", "Write a list such as ['A', 'B'].")
        return []
    return list(value)
