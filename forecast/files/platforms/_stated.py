"""What platforms state, in one form: questions, prices, and what does not fit."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from forecast.errors import Fault
from forecast.files.platforms._entry import Entry, Faults

LONGEST_ID = 64
_STAMP = len("_20240701t123000")
LONGEST_QUESTION = LONGEST_ID - _STAMP

type Answer = str | float | None


@dataclass(frozen=True)
class Asked:
    """A question with the answers yes and no, as a platform states it.

    Parameters
    ----------
    key
        The platform's own name of it; with the option after a slash where it is one of several.
    platform
        Whose question it is.
    title, url, criteria
        Its words, its page, and how it is resolved.
    opened, deadline
        When it opened, and by when; None where the file does not say.
    outcome, resolved
        As those of `forecast.evidence.Question`; None while it is open.
    group
        The key of the question that it is an option of; empty where it is none.
    option
        The option, in words.
    kind
        What an event of it would be: an onset, a decision for the options of a group, or a state.
    event_key
        What names its event, where several questions are about one; `key` unless given.
    place
        Where it stands.
    """

    key: str
    platform: str
    title: str
    url: str = ""
    criteria: str = ""
    opened: date | None = None
    deadline: date | None = None
    outcome: Answer = None
    resolved: date | None = None
    group: str = ""
    option: str = ""
    kind: str = "onset"
    event_key: str = ""
    place: str = ""

    @property
    def id(self) -> str:
        """Its name in ``questions.csv``."""
        return name_of(self.platform, self.key, longest=LONGEST_QUESTION)


@dataclass(frozen=True, slots=True)
class Price:
    """What a crowd or a forecaster said at a time: the probability of yes.

    Parameters
    ----------
    key
        The question's.
    source
        Who said so.
    at
        When.
    probability
        From 0 to 1.
    """

    key: str
    source: str
    at: datetime
    probability: float


@dataclass(frozen=True)
class Aside:
    """Something of a file that did not become anything, kept.

    Parameters
    ----------
    place
        Where it stands: the file, and the line or the path in it.
    why
        Why it is not taken.
    fields
        What it is.
    """

    place: str
    why: str
    fields: dict[str, Any]


@dataclass
class Found:
    """What the files of one platform hold, as it is found."""

    platform: str
    faults: Faults
    questions: list[Asked] = field(default_factory=list)
    prices: list[Price] = field(default_factory=list)
    aside: list[Aside] = field(default_factory=list)
    told: dict[str, int] = field(default_factory=dict)
    unplaced: dict[str, None] = field(default_factory=dict)

    def tell(self, words: str, count: int = 1) -> None:
        """Note what was not taken as it is, and count how often."""
        self.told[words] = self.told.get(words, 0) + count

    def set_aside(self, entry: Entry, why: str) -> None:
        """Keep an entry that does not fit, and say so."""
        self.tell(f"put aside: {why}")
        self.aside.append(Aside(entry.place, why, dict(entry.fields)))

    def ask(self, asked: Asked, entry: Entry) -> None:
        """Take a question; what its entry says besides is kept."""
        self.questions.append(asked)
        if entry.unread:
            why = f"fields of question '{asked.id}' without a place here"
            self.aside.append(Aside(entry.place, why, entry.unread))
            self.unplaced |= dict.fromkeys(entry.unread)

    def price(self, key: str, source: str, at: datetime | None, chance: float | None) -> None:
        """Take a price; one without a time or a number is counted."""
        if chance is None:
            self.tell("prices without a number are left out")
        elif at is None:
            self.tell("prices without a time are left out")
        else:
            self.prices.append(Price(key, source, at, chance))


@dataclass(frozen=True)
class Document:
    """A file as it was loaded: a JSON document, or the rows of a table."""

    file: str
    data: Any
    rows: Sequence[Entry] | None
    faults: Faults

    def objects(self, *names: str) -> list[Entry]:
        """Return the objects of a document: those in a list under one of these names, or itself."""
        top: Any = self.data
        path = ""
        if isinstance(top, dict):
            path = next((name for name in names if isinstance(top.get(name), list)), "")
            top = top[path] if path else [top]
        if not isinstance(top, list):
            remedy = "Save the platform's answer as it comes: an object, or a list of objects."
            self.faults.add(Fault("holds no objects", remedy, self.file))
            return []
        found = Entry({path: top}, self.file, self.faults).entries(path)
        if top is not self.data and not path:  # one object by itself
            found[0].path = ""
        return found


def name_of(*parts: str, longest: int = LONGEST_ID) -> str:
    """Return a name from parts: lower case, digits, underscores, the same for the same parts.

    Parts with other characters, or too long, end with a digest of all, so that different ones stay
    different. A slash separates, too.

    Examples
    --------
    >>> name_of("metaculus", "40348")
    'metaculus_40348'
    >>> name_of("manifold", "a/B c")
    'manifold_a_b_c_734a91'
    """
    plain = [re.sub(r"[^a-z0-9]+", "_", part.lower()).strip("_") for part in parts]
    name = "_".join(part for part in plain if part)
    whole = all(re.fullmatch(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*", part) for part in parts)
    if not re.match(r"[a-z_]", name):
        name = f"_{name}"
    if whole and len(name) <= longest:
        return name
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:6]
    return f"{name[: longest - 7].rstrip('_')}_{digest}"


def answer(found: Found, entry: Entry, said: str, known: date | None) -> tuple[Answer, date | None]:
    """Return yes, no or annulled, and the day on which it was known, from a platform's word."""
    words = {
        "yes": "yes", "no": "no", "annulled": "annulled", "ambiguous": "annulled",
        "cancel": "annulled", "n/a": "annulled", "na": "annulled", "void": "annulled",
    }  # fmt: skip
    if not said:
        return None, None
    outcome = words.get(said.lower())
    if outcome is None:
        found.set_aside(entry, f"its resolution '{said[:80]}' is neither yes, no nor annulled")
        found.tell("resolutions are neither yes, no nor annulled; these questions stay open")
        return None, None
    return dated(found, outcome, known)


def dated(found: Found, outcome: Answer, known: date | None) -> tuple[Answer, date | None]:
    """Return an answer with its day; a yes or a share without a day leaves the question open."""
    if known is None and outcome not in (None, "no", "annulled"):
        found.tell("answers without the day on which they were known are left out")
        return None, None
    return outcome, known
