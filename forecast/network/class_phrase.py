"""A reference class by name, as a belief says it: which counts, since when, at what weight.

``class troop_entry/interstate since 1990, half-life 20 years, weight 50%: 12 onsets in 143 years``.
What follows the colon is filled in by the reader of the file, from the class's counts; where a
person writes it, it is held against them.
"""

import re
from dataclasses import dataclass, replace

from forecast.network.fault import BadValueError, bad
from forecast.network.phrase import NUMBER, chance, number, period, tidy

__all__ = ["ClassPhrase", "is_class", "read_class"]

EXAMPLE = "'class troop_entry/interstate since 1990, weight 50%'"
WHOLE = 1.0

_NAME = r"[a-z_][a-z0-9_]{0,63}"
_PHRASE = re.compile(
    rf"class ({_NAME})(?:/({_NAME}))?(?: since ([0-9]{{4}}))?"
    rf"(?:,? half-life ([^,:]+?))?(?:,? weight ([^,:]+?))?(?: ?: ?(.+))?"
)
_COUNTED = re.compile(rf"({NUMBER}) onsets? in ({NUMBER}) ([a-z-]+)")


@dataclass(frozen=True)
class ClassPhrase:
    """Which counts of which class.

    Parameters
    ----------
    name
        The class.
    subclass
        One of its subclasses; empty for all of them together.
    since
        The first year that counts; None for all.
    half_life
        Years after which a count weighs half; None where old ones weigh as much as new ones.
    weight
        How much one onset of the class tells of the case at hand, above 0 and up to 1.
    counted
        Onsets and exposure, discounted but not yet weighed; None where nobody has looked them up.
    unit
        What the exposure is counted in.
    """

    name: str
    subclass: str = ""
    since: int | None = None
    half_life: float | None = None
    weight: float = WHOLE
    counted: tuple[float, float] | None = None
    unit: str = "years"
    said: str = ""

    def resolved(self, onsets: float, exposure: float, unit: str) -> "ClassPhrase":
        """Return the phrase with the counts filled in, to six digits as it will be written."""
        counted = float(f"{onsets:.6g}"), float(f"{exposure:.6g}")
        head = self.said.split(":", maxsplit=1)[0].rstrip()
        onset = "onset" if counted[0] == 1 else "onsets"
        said = f"{head}: {counted[0]:.6g} {onset} in {counted[1]:.6g} {unit}"
        return replace(self, counted=counted, unit=unit, said=said)


def is_class(source: object) -> bool:
    """Return whether a belief speaks of a reference class."""
    if isinstance(source, str):
        return source.strip().lower().startswith("class ")
    return isinstance(source, dict) and "class" in source


def read_class(text: str) -> ClassPhrase:
    """Return the phrase that a text states.

    Raises
    ------
    BadValueError
        If it states none.

    Examples
    --------
    >>> phrase = read_class("class troop_entry/interstate since 1990, weight 50%")
    >>> phrase.name, phrase.subclass, phrase.since, phrase.weight
    ('troop_entry', 'interstate', 1990, 0.5)
    """
    text = tidy(text).lower()
    found = _PHRASE.fullmatch(text)
    if found is None:
        if "[" in text:
            raise bad(
                "counts carry their own uncertainty, so they take no interval",
                "Leave the interval out; a weight below 100% widens them.",
            )
        raise bad("does not name a reference class in a way that can be read", f"Write {EXAMPLE}.")
    name, subclass, since, half_life, weight, counts = found.groups()
    counted, unit = _counts(counts) if counts else (None, "years")
    return ClassPhrase(
        name=name,
        subclass=subclass or "",
        since=int(since) if since else None,
        half_life=period(half_life) if half_life else None,
        weight=_weight(weight) if weight else WHOLE,
        counted=counted,
        unit=unit,
        said=text,
    )


def _weight(text: str) -> float:
    try:
        return WHOLE if text.strip() in ("100%", "1") else chance(text)
    except BadValueError as error:
        raise bad(
            f"the weight '{text.strip()}' of a class lies between 0 and 100%",
            "Write 100% for a class that fits the case as well as its own members, less otherwise; "
            "a class that says nothing of the case is left out.",
        ) from error


def _counts(text: str) -> tuple[tuple[float, float], str]:
    found = _COUNTED.fullmatch(text)
    if found is None:
        raise bad(
            f"'{text}' are no counts",
            "Write ': 12 onsets in 143 years', or leave them to the file.",
        )
    return (float(found[1]), number(found[2], "exposure")), found[3]
