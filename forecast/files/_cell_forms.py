"""Cells as spreadsheets write them, read as the formats have them; what could be two is a fault.

A form takes the text of a cell, and whether the file may have decimal commas (its cells are
separated by semicolons or tabs), and returns what the cell is read as. What a form does not know
is returned as it is, for the format itself to judge.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, timedelta

from forecast.errors import Fault, InputError
from forecast.time import year_last

type Form = Callable[[str, bool], str]

_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})([T ].*)?")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})([T ].*)?")
_SERIAL = re.compile(r"[1-9]\d{4}(\.\d+)?")
_SERIAL_BEGIN = date(1899, 12, 30)
"""Day 0 of spreadsheets: 1 January 1900 is day 2 by their count, but for days before March 1900."""

_WHOLE_ZEROS = re.compile(r"(\d{1,15})([.,])(0+)")
_THOUSANDS = re.compile(r"\d{1,3}([.,' \u00a0\u202f\u2019]\d{3})+")
_THREE = 3
_SHARE = re.compile(r"(\d*,\d+|\d+|\d*\.\d+)[ \u00a0\u202f]*(%?)")
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")
_RANGE = re.compile(r"\[([^\[\]]*)\]")

TRUE = ("true", "wahr", "vrai", "verdadero", "vero", "waar", "prawda")
FALSE = ("false", "falsch", "faux", "falso", "onwaar", "fałsz")
"""What spreadsheets write for a truth value, in some of their languages."""


def day(cell: str, comma: bool) -> str:  # noqa: FBT001, ARG001 - a form
    """Return a day, or a time, in ISO 8601.

    Examples
    --------
    >>> day("2025-2-3", False)
    '2025-02-03'
    """
    text = cell.strip()
    if found := _YEAR_FIRST.fullmatch(text):
        year, _, month, day_, rest = found.groups(default="")
        with suppress(ValueError):
            return date(int(year), int(month), int(day_)).isoformat() + rest
    if found := _YEAR_LAST.fullmatch(text):
        raise InputError(Fault(*year_last(int(found[1]), int(found[3]), found[4])))
    if _SERIAL.fullmatch(text):
        meant = _SERIAL_BEGIN + timedelta(days=int(float(text)))
        remedy = f"Format the column as dates and save it again; as a day it may be {meant}."
        raise InputError(Fault("is a number of days, as spreadsheets keep dates", remedy))
    return cell


def whole(cell: str, comma: bool) -> str:  # noqa: FBT001 - a form
    """Return a whole number; one that may be thousands is refused.

    Examples
    --------
    >>> whole("12.0", False), whole("12,0", True)
    ('12', '12')
    """
    text = cell.strip()
    zeros = _WHOLE_ZEROS.fullmatch(text)
    if zeros and (zeros[2] == "." or comma):
        if comma and len(zeros[3]) == _THREE:
            few, many = int(zeros[1]), int(zeros[1] + zeros[3])
            raise InputError(Fault(f"may be {few} or {many}", "Write it without a mark."))
        return str(int(zeros[1]))
    if _THOUSANDS.fullmatch(text):
        digits = re.sub(r"\D", "", text)
        remedy = f"Write {digits}, if it means that."
        raise InputError(Fault("has a mark between its digits", remedy))
    return cell


def share(cell: str, comma: bool) -> str:  # noqa: FBT001 - a form
    """Return a number or a percentage with a decimal point.

    Examples
    --------
    >>> share("0,8", True), share("35,5 %", True)
    ('0.8', '35.5%')
    """
    found = _SHARE.fullmatch(cell.strip())
    if found is None or ("," in found[1] and not comma):
        return cell
    return found[1].replace(",", ".") + found[2]


def stated(cell: str, comma: bool) -> str:  # noqa: FBT001 - a form
    """Return a number with its range, such as ``x1.5 [1.2, 4]``, with decimal points.

    In a range, a comma between two digits is a decimal comma where something else parts the ends: a
    semicolon, or a comma and a blank.

    Examples
    --------
    >>> stated("x1,5 [1,2; 4]", True), stated("x2 [1,2, 4]", True), stated("x2 [1, 4]", True)
    ('x1.5 [1.2, 4]', 'x2 [1.2, 4]', 'x2 [1, 4]')
    """
    if not comma or "," not in cell:
        return cell
    pieces = _RANGE.split(cell)
    outside = [_DECIMAL_COMMA.sub(".", piece) for piece in pieces[::2]]
    inside = [f"[{_ends(piece)}]" for piece in pieces[1::2]]
    return outside[0] + "".join(a + b for a, b in zip(inside, outside[1:], strict=True))


def _ends(text: str) -> str:
    for mark in (";", ", "):
        if text.count(mark) == 1:
            return ", ".join(_DECIMAL_COMMA.sub(".", end.strip()) for end in text.split(mark))
    return text


def one_of(words: Mapping[str, str]) -> Form:
    """Return the form of a cell that holds one of some words, however it is capitalised.

    Examples
    --------
    >>> one_of(ON_OFF)("TRUE", False), one_of(ON_OFF)("On", False)
    ('on', 'on')
    """

    def read(cell: str, comma: bool) -> str:  # noqa: FBT001, ARG001 - a form
        return words.get(cell.strip().lower(), cell)

    return read


def _answers(yes: str, no: str, *others: str) -> dict[str, str]:
    same = {word: word for word in (yes, no, *others)}
    return same | dict.fromkeys(TRUE, yes) | dict.fromkeys(FALSE, no)


ON_OFF = _answers("on", "off")
YES_NO = _answers("yes", "no", "annulled")


def answer(cell: str, comma: bool) -> str:  # noqa: FBT001 - a form
    """Return the answer to a question: a word, or a share."""
    return share(one_of(YES_NO)(cell, comma), comma)
