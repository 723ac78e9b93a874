"""The days that a draft speaks of: dates in its text, read strictly, and days of the week."""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

from forecast.inbox._proposal import Guess
from forecast.inbox._reading import FIRST_YEAR, LAST_YEAR, Reading
from forecast.inbox._words import quoted, small

READ = 3_000
MOST = 4
FAR = 366 * 3
"""Days from publication beyond which a date is history or a plan of decades, and no claim's day."""
type _Found = tuple[date, float, re.Match[str]]

MONTHS = {
    1: "january jan januar jänner січня января",
    2: "february feb februar лютого февраля",
    3: "march mar märz березня марта",
    4: "april apr квітня апреля",
    5: "may mai травня мая",
    6: "june jun juni червня июня",
    7: "july jul juli липня июля",
    8: "august aug серпня августа",
    9: "september sept sep вересня сентября",
    10: "october oct oktober жовтня октября",
    11: "november nov листопада ноября",
    12: "december dec dezember грудня декабря",
}
MONTH_OF = {word: month for month, words in MONTHS.items() for word in words.split()}
WEEKDAYS = (
    "monday montag понеділок понедельник 월요일",
    "tuesday dienstag вівторок вторник 화요일",
    "wednesday mittwoch середу среду 수요일",
    "thursday donnerstag четвер четверг 목요일",
    "friday freitag п'ятницю пятницу 금요일",
    "saturday samstag sonnabend суботу субботу 토요일",
    "sunday sonntag неділю воскресенье 일요일",
)
WEEKDAY_OF = {word: day for day, words in enumerate(WEEKDAYS) for word in words.split()}

_MONTH = "|".join(sorted(MONTH_OF, key=len, reverse=True))
_WEEKDAY = "|".join(sorted(WEEKDAY_OF, key=len, reverse=True))
ISO = re.compile(r"(?<![\d-])(\d{4})-(\d{2})-(\d{2})(?![\d-])")
DAY_MONTH = re.compile(
    rf"(?<![\d.,])(\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:of\s+)?({_MONTH})\b\.?(?:,?\s+(\d{{4}}))?",
)
MONTH_DAY = re.compile(
    rf"\b({_MONTH})\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?(?![\d:])(?:,?\s+(\d{{4}}))?"
)
KOREAN = re.compile(r"(?:(\d{4})년\s*)?(\d{1,2})월\s*(\d{1,2})일")
END_OF_YEAR = re.compile(
    r"(?:by|before|until|till) (?:the )?(?:end of (?:the|this) year|year'?s? end|end of (\d{4}))"
    r"|bis (?:zum )?(?:jahresende|ende (?:des jahres|(\d{4})))"
    r"|до кінця року|до конца года|연말까지",
)
BY_MONTH = re.compile(
    rf"\b(?:by|before|until|in|im|bis) (?:(?:the )?(?:end of|late) )?({_MONTH})\b"
    r"(?!\.?\s+\d{1,2}\b)(?:,?\s+(\d{4}))?",
)
WEEKDAY = re.compile(rf"(?<!\w)(next |last |past |coming )?({_WEEKDAY})(?!\w)")
PLAIN = {"today": 0, "yesterday": -1, "tomorrow": 1, "heute": 0, "gestern": -1, "morgen": 1,
         "сьогодні": 0, "вчора": -1, "завтра": 1, "сегодня": 0, "вчера": -1}  # fmt: skip
PLAIN_DAY = re.compile(rf"(?<!\w)({'|'.join(PLAIN)})(?!\w)")
AHEAD = re.compile(
    r"\b(?:will|plans? to|is to|are to|due|scheduled|expected|ready|from|wird|werden|soll)\b"
    r"|буд|пройд|предстоит",
)
WINDOW = 60
"""Characters before a day in which such words are looked for."""
HALF = 6
EXACT, MONTH_ALONE, NAMED_DAY = 0.8, 0.6, 0.5


def guess_days(reading: Reading) -> tuple[Guess, ...]:
    """Return the days that a draft speaks of, best first, each as ``YYYY-MM-DD``.

    Parameters
    ----------
    reading
        The draft. Days without a year are those nearest its publication; days of the week are the
        last before it, or the next after it beside words such as "will".
    """
    published = reading.at.date()
    text = f"{reading.title}\n{reading.body[:READ]}"
    best: dict[date, Guess] = {}
    for day, score, found in _days(text, published):
        known = best.get(day)
        if abs((day - published).days) <= FAR and (known is None or score > known.score):
            words = quoted(text[found.start() : found.end()].rstrip(". "))
            best[day] = Guess(day.isoformat(), score, f"{words} in the text")
    return tuple(sorted(best.values(), key=lambda g: (-g.score, g.value))[:MOST])


def _days(text: str, published: date) -> Iterator[_Found]:
    lower = small(text)
    for found in ISO.finditer(lower):
        yield from _one(int(found[1]), int(found[2]), int(found[3]), found)
    for pattern, day, month in ((DAY_MONTH, 1, 2), (MONTH_DAY, 2, 1)):
        for found in pattern.finditer(lower):
            if _is_month(text, found.start(month)):
                yield from _near(
                    found[3], MONTH_OF[found[month]], int(found[day]), published, found
                )
    for found in KOREAN.finditer(lower):
        yield from _near(found[1], int(found[2]), int(found[3]), published, found)
    for found in END_OF_YEAR.finditer(lower):
        year = next((int(g) for g in found.groups() if g), published.year)
        yield from _one(year, 12, 31, found)
    for found in BY_MONTH.finditer(lower):
        if _is_month(text, found.start(1)):
            yield from _month(found, lower, published)
    for found in WEEKDAY.finditer(lower):
        yield _weekday(found, lower, published)
    for found in PLAIN_DAY.finditer(lower):
        yield published + timedelta(days=PLAIN[found[1]]), NAMED_DAY, found


def _is_month(text: str, place: int) -> bool:
    """Return whether a word may be a month's name: "may" and "march" are words in small letters."""
    return not "a" <= text[place] <= "z"


def _one(year: int, month: int, day: int, found: re.Match[str]) -> Iterator[_Found]:
    try:
        yield date(year, month, day), EXACT, found
    except ValueError:
        return  # no day of the calendar


def _near(
    year: str | None, month: int, day: int, published: date, found: re.Match[str]
) -> Iterator[_Found]:
    """Yield a day, of the year that puts it nearest to publication if none is stated."""
    if year:
        yield from _one(int(year), month, day, found)
        return
    years = (published.year - 1, published.year, published.year + 1)
    days = [each for one in years for each in _one(one, month, day, found)]
    if days:
        yield min(days, key=lambda each: (abs((each[0] - published).days), each[0]))


def _month(found: re.Match[str], lower: str, published: date) -> Iterator[_Found]:
    """Yield the last day that "by July" or "in July" allows."""
    month = MONTH_OF[found[1]]
    year = int(found[2]) if found[2] else published.year
    until = found[0].startswith(("by", "before", "until", "bis"))
    if not found[2] and month < published.month and (until or _ahead(lower, found.start())):
        year += 1
    elif not found[2] and not until and month - published.month > HALF:
        year -= 1
    if FIRST_YEAR <= year <= LAST_YEAR:
        yield date(year, month, monthrange(year, month)[1]), MONTH_ALONE, found


def _weekday(found: re.Match[str], lower: str, published: date) -> _Found:
    wanted, which = WEEKDAY_OF[found[2]], (found[1] or "").strip()
    ahead = which not in ("last", "past") and _ahead(lower, found.start())
    if ahead or which in ("next", "coming"):
        days = (wanted - published.weekday()) % 7 or (7 if which == "next" else 0)
        return published + timedelta(days=days), NAMED_DAY, found
    back = (published.weekday() - wanted) % 7 or (7 if which == "last" else 0)
    return published - timedelta(days=back), NAMED_DAY, found


def _ahead(lower: str, place: int) -> bool:
    """Return whether the words before a day say that it is still to come."""
    before = lower[max(0, place - WINDOW) : place].rsplit(".", 1)[-1]
    return AHEAD.search(before) is not None
