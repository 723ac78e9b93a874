"""What somebody may decide on a draft, and what is wrong with such choices among themselves."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from forecast.errors import Fault
from forecast.evidence import Place


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What somebody wants to decide on one draft; one of the classes below.

    Parameters
    ----------
    draft
        The draft's id.
    proposed
        What the machine had proposed, by column, as the person saw it.
    why
        A remark, kept with the decision.
    place
        Where it is written, for messages; empty where nowhere.
    """

    draft: str
    proposed: Mapping[str, str] = field(default_factory=dict)
    why: str = ""
    place: Place = Place()  # noqa: RUF009  immutable


@dataclass(frozen=True, kw_only=True)
class Filing(Choice):
    """A draft becomes one item of evidence, or several: one text may say several things.

    Parameters
    ----------
    rows
        The items, each by the columns of a file of evidence. What is left out is filled in: `id`,
        `kind` (``report``), and `published` from the draft. `recorded` and who accepted it are
        written by accepting, and cannot be given. Where an item's id is asked for (`derived_from`,
        `retracts`), the id of a draft means the item that it became, or becomes at the same time.
    places
        Where each row stands, for messages; the place of the filing for those left out.

    Examples
    --------
    >>> from forecast.workspace._choices import Filing
    >>> row = {"event": "pact", "source": "gazette", "claim": "on", "text": "Talks begin"}
    >>> Filing(draft="d0123456789ab", rows=(row,)).rows[0]["event"]
    'pact'
    """

    rows: tuple[Mapping[str, str], ...]
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Skip(Choice):
    """A draft is left out of the evidence."""


@dataclass(frozen=True, kw_only=True)
class Merge(Choice):
    """A draft is an entry again that is on file: it adds nothing.

    Parameters
    ----------
    item
        The id of that item, or of the draft that it was.
    """

    item: str


def place_of(choice: Choice) -> Place:
    """Return where messages say that a choice stands."""
    return choice.place if choice.place.file else Place(f"draft {choice.draft[:16]}", 0)


def fault_at(place: Place, problem: str, remedy: str, column: str = "", value: str = "") -> Fault:
    """Return a fault of a choice, at its place."""
    return Fault(problem, remedy, place.file, place.line, column, value)


def repeated(choices: Sequence[Choice]) -> Iterator[Fault]:
    """Yield what is decided twice: a draft, or an item of one draft."""
    seen: set[str] = set()
    for choice in choices:
        if isinstance(choice, Filing):
            yield from _same_rows(choice)
        if choice.draft in seen:
            yield fault_at(
                place_of(choice),
                "two decisions on one draft",
                "Leave one of them out; a draft that becomes several items is one decision.",
                "draft",
                choice.draft,
            )
        seen.add(choice.draft)


def _same_rows(filing: Filing) -> Iterator[Fault]:
    """Yield each row that says word for word what another says: it would count twice."""
    places = [*filing.places, *[Place()] * len(filing.rows)]
    rows = [{name: cell for name, cell in row.items() if str(cell).strip()} for row in filing.rows]
    for at, row in enumerate(rows):
        first = rows.index(row)
        if first < at:
            line, name = places[first].line, places[first].file
            same = f"line {line}" if line else name or f"row {first + 1}"
            place = places[at] if places[at].file else place_of(filing)
            yield fault_at(place, f"the same as {same}, and would count twice", "Remove one.")
