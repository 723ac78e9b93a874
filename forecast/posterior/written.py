"""Conditions as people write them on a line: ``troops``, ``not:troops``, ``troops=2024-10-01``."""

from collections.abc import Iterable

from forecast.errors import QueryError
from forecast.posterior.conditions import Condition
from forecast.time import DayError, parse_instant

__all__ = ["FORMS", "read_conditions", "write_condition"]

FORMS = (
    "Write 'event' (on at the deadline), 'not:event' (off at the deadline), 'event=2024-10-01' "
    "(its onset is on that day) or 'event=off@2024-10-01' (off at the end of that day)"
)
NOT = "not:"


def read_conditions(texts: Iterable[str]) -> dict[str, Condition]:
    """Return conditions by event.

    Parameters
    ----------
    texts
        One condition each, or several with commas between them: ``event`` or ``event=on``,
        ``not:event`` or ``event=off``, ``event=DATE`` or ``event@DATE``, ``event=on@DATE``,
        ``event=off@DATE`` or ``not:event@DATE``.

    Raises
    ------
    QueryError
        If one is of another form, or an event stands twice. Whether there is such an event, and
        whether the date can be asked for, is checked where the question is put.

    Examples
    --------
    >>> read_conditions(["troops=2024-10-01, not:pact", "office=off@2024-09-30"])
    {'troops': '2024-10-01', 'pact': 'off', 'office': ('off', '2024-09-30')}
    """
    found: dict[str, Condition] = {}
    for text in (part.strip() for whole in texts for part in whole.split(",")):
        event, condition = _read(text)
        if event in found:
            msg = f"'{event}' is supposed twice: give one condition for each event"
            raise QueryError(msg)
        found[event] = condition
    return found


def write_condition(event: str, condition: object) -> str:
    """Return a condition as text that `read_conditions` takes.

    Examples
    --------
    >>> write_condition("troops", "off"), write_condition("troops", ("on", "2024-10-01"))
    ('not:troops', 'troops=on@2024-10-01')
    """
    if isinstance(condition, tuple):
        return f"{event}={condition[0]}@{condition[1]}"
    return {"on": event, "off": NOT + event}.get(str(condition), f"{event}={condition}")


def _read(text: str) -> tuple[str, Condition]:
    negated = text.startswith(NOT)
    body = text.removeprefix(NOT).strip()
    place = min((body.find(mark) for mark in "=@" if mark in body), default=len(body))
    event, mark, what = body[:place].strip(), body[place : place + 1], body[place + 1 :].strip()
    if not event or (mark and not what):
        raise _unreadable(text)
    if not mark:
        return event, "off" if negated else "on"
    state, at, day = what.partition("@") if mark == "=" else ("", "@", what)
    if state in {"on", "off"}:
        if negated:
            raise _unreadable(text)
        return event, (state, _day(day, text)) if at else state  # type: ignore[return-value]
    if mark == "=" and at:
        raise _unreadable(text)
    day = _day(day if mark == "@" else state, text)
    return event, ("off", day) if negated else day


def _day(text: str, whole: str) -> str:
    try:
        parse_instant(text.strip())
    except DayError:
        raise _unreadable(whole) from None
    return text.strip()


def _unreadable(text: str) -> QueryError:
    return QueryError(f"'{text[:80]}' is no condition. {FORMS}")
