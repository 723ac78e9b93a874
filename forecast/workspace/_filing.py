"""What a person decides on drafts, put on file: the whole workspace is checked first.

The one way from a draft to evidence. All that is decided at once is checked together with all that
is on file, and then written in one atomic step, or not at all. Each item carries the id of its
draft, so a crash before the decision itself is noted loses nothing: the item says that it was made.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from forecast.errors import Fault, InputError, did_you_mean
from forecast.evidence import Item, Place
from forecast.evidence._fields import COLUMNS, FREE_TEXT, LISTS
from forecast.files._evidence_file import cell_of, item_of_cells
from forecast.files._safe_text import inert, sanitize
from forecast.files._table_writer import appended
from forecast.inbox._draft import Draft
from forecast.inbox._prefill import instant_cell, item_id, proposed_text
from forecast.inbox._store import Decision
from forecast.time import day_words, parse_day, parse_instant
from forecast.workspace._choices import Choice, Filing, Merge, fault_at, place_of, repeated
from forecast.workspace._contents import Contents
from forecast.workspace._filed import (
    by_draft,
    evidence_file,
    held,
    inbox_of,
    named,
    note,
    on_file,
    whole,
    write_whole,
)

OWN = ("recorded", "draft", "accepted_by", "proposed")
"""What accepting itself writes of an item."""


@dataclass(frozen=True)
class Checked:
    """What would come of choices.

    Parameters
    ----------
    faults
        Why they cannot be put on file, all of them; empty where they can.
    warnings
        What of the workspace is, with them, legal but probably not meant, and was not so before.
    items
        The items that drafts would become, by the draft's id.
    """

    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    items: Mapping[str, tuple[Item, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Filed:
    """What was put on file.

    Parameters
    ----------
    items
        The ids of the items that drafts became, by the draft's id.
    file
        The file that they were added to; None where there are none.
    warnings
        As of `Checked`.
    decisions
        What was noted of each draft.
    """

    items: Mapping[str, tuple[str, ...]]
    file: Path | None
    warnings: tuple[Fault, ...]
    decisions: tuple[Decision, ...]


def checked(folder: Path, choices: Sequence[Choice], *, drafts: Iterable[Draft] = ()) -> Checked:
    """Return what would come of choices; nothing is written.

    Parameters
    ----------
    folder
        The workspace.
    choices
        What is to be decided on drafts, a `Filing`, `Skip` or `Merge` each.
    drafts
        Drafts that are not in the inbox, and are taken to be.

    Raises
    ------
    InputError
        If the workspace itself has faults, or its inbox cannot be read.
    """
    desk = _Desk.of(folder, "", datetime.now(UTC))
    desk = replace(desk, drafts={**desk.drafts, **{draft.id: draft for draft in drafts}})
    try:
        made, warnings = desk.weigh(choices)
    except InputError as error:
        return Checked(faults=error.faults)
    items: dict[str, tuple[Item, ...]] = {}
    for each in made:
        items[each.draft] = (*items.get(each.draft, ()), each.item)
    return Checked(warnings=warnings, items=items)


def accept(folder: Path, filings: Sequence[Filing], *, by: str) -> Filed:
    """Put drafts on file as items of evidence; see `decide`."""
    return decide(folder, filings, by=by)


def decide(folder: Path, choices: Sequence[Choice], *, by: str) -> Filed:
    """Put decisions on file, all or none: the evidence in one atomic step, then the decisions.

    Parameters
    ----------
    folder
        The workspace.
    choices
        What is decided on drafts, a `Filing`, `Skip` or `Merge` each.
    by
        Who decides; kept with each item.

    Raises
    ------
    InputError
        With every fault of every choice, each with its draft and field; nothing is written then.
    ForecastError
        If a file cannot be written.
    """
    by = named(by)
    inbox = inbox_of(folder)
    with held(inbox):
        now = datetime.now(UTC)
        desk = _Desk.of(folder, by, now)
        made, warnings = desk.weigh(choices)
        ids: dict[str, tuple[str, ...]] = {}
        for each in made:
            ids[each.draft] = (*ids.get(each.draft, ()), each.item.id)
        targets = desk.targets(choices, ids)
        decisions = tuple(desk.decision(choice, {**targets, **ids}) for choice in choices)
        file = evidence_file(desk.contents) if made else None
        if file is not None:
            text = appended(file, COLUMNS, [each.cells for each in made])
            write_whole(file, text)
        note(inbox, [*desk.unnoted(), *decisions])
    return Filed(ids, file, warnings, decisions)


@dataclass(frozen=True)
class _Made:
    """An item that a draft is to become, with its cells and where messages say that it stands."""

    draft: str
    item: Item
    cells: Mapping[str, str]
    place: Place


@dataclass(frozen=True)
class _Row:
    """A row as it is to be written, before it is an item."""

    draft: str
    cells: Mapping[str, str]
    place: Place
    undated: Fault | None


@dataclass(frozen=True)
class _Desk:
    """A workspace with its inbox, and who decides when."""

    folder: Path
    contents: Contents
    warnings: tuple[Fault, ...]
    items: Mapping[str, tuple[Item, Place]]
    filed: Mapping[str, tuple[Item, ...]]
    drafts: Mapping[str, Draft]
    decisions: Mapping[str, Decision]
    by: str
    now: datetime

    @classmethod
    def of(cls, folder: Path, by: str, now: datetime) -> "_Desk":
        contents, warnings = whole(folder)
        inbox = inbox_of(folder)
        items = on_file(contents)
        return cls(
            folder=folder,
            contents=contents,
            warnings=warnings,
            items=items,
            filed=by_draft(item for item, _ in items.values()),
            drafts={draft.id: draft for draft in inbox.drafts()},
            decisions=inbox.standing(),
            by=by,
            now=now,
        )

    def weigh(self, choices: Sequence[Choice]) -> tuple[list[_Made], tuple[Fault, ...]]:
        """Return the items that would be made, and new warnings; refuse with every fault."""
        faults = [fault for choice in choices for fault in self._choice_faults(choice)]
        faults += [*self._merge_faults(choices), *repeated(choices)]
        rows = self._rows([each for each in choices if each.draft in self.drafts])
        faults += [fault for row in rows for fault in self._waiting_faults(row)]
        made: list[_Made] = []
        supposed: set[str] = set()  # how the faults of a day begin that nobody stated
        for row in rows:
            item, wrong = item_of_cells(self._without_waiting(row.cells), row.place)
            if row.undated is not None:
                faults.append(row.undated)
                supposed.add(f"item '{row.cells['id']}': published")
            faults += wrong
            if item is not None:
                made.append(_Made(row.draft, item, row.cells, row.place))
        warnings: tuple[Fault, ...] = ()
        try:
            _, warnings = whole(self.folder, [(each.item, each.place) for each in made])
        except InputError as error:
            faults += (fault for fault in error.faults if fault.field not in supposed)
        if faults:
            raise InputError(list(dict.fromkeys(faults)))
        before = set(self.warnings)
        return made, tuple(each for each in warnings if each not in before)

    def _choice_faults(self, choice: Choice) -> Iterator[Fault]:
        """Yield why nothing can be decided on a draft, or not this."""
        place = place_of(choice)
        if choice.draft not in self.drafts:
            remedy = did_you_mean(choice.draft, self.drafts) if self.drafts else "It is empty."
            yield fault_at(place, "the inbox has no such draft", remedy, "draft", choice.draft)
            return
        filed, last = self.filed.get(choice.draft, ()), self.decisions.get(choice.draft)
        again = f"To decide anew, reopen it first: forecast inbox undo {choice.draft}"
        if filed:
            named = ", ".join(self._named(item) for item in filed)
            yield fault_at(place, f"the draft is on file already as {named}", again)
        elif last is not None:
            when = day_words(last.at)
            problem = f"the draft was {last.outcome} already, by {last.by} on {when}"
            yield fault_at(place, problem, again)
        if isinstance(choice, Filing):
            if not choice.rows:
                yield fault_at(
                    place, "an accepted draft becomes at least one item", "Give its row."
                )
            for name in dict.fromkeys(name for row in choice.rows for name in row if name in OWN):
                yield fault_at(place, "is written by accepting, as it is", "Leave it out.", name)

    def _merge_faults(self, choices: Sequence[Choice]) -> Iterator[Fault]:
        """Yield each merge with what is neither on file nor accepted in the same step."""
        accepted = {each.draft: (each.draft,) for each in choices if isinstance(each, Filing)}
        targets = self.targets(choices, accepted)
        for each in choices:
            if not isinstance(each, Merge) or each.draft not in self.drafts or targets[each.draft]:
                continue
            if each.item == each.draft:
                problem = "names the draft itself"
                remedy = "Write the id of the item or draft that it is a copy of."
            elif each.item in self.drafts:
                problem = "names a draft that is not on file"
                remedy = "Accept that draft first, or together with this; or skip this one."
            else:
                problem = "no item on file has this id, so the draft cannot be a copy of it"
                remedy = did_you_mean(each.item, [*self.items, *self.filed])
            yield fault_at(place_of(each), problem, remedy, "merge", each.item)

    def _named(self, item: Item) -> str:
        return f"item '{item.id}' ({self.items[item.id][1]})"

    def targets(
        self, choices: Sequence[Choice], made: Mapping[str, tuple[str, ...]]
    ) -> dict[str, tuple[str, ...]]:
        """Return the items that each merged draft is merged with; `made` are those of this step.

        A copy of a copy is merged with what the first of them is.
        """
        merges = {each.draft: each.item for each in choices if isinstance(each, Merge)}
        known = {name: each.items for name, each in self.decisions.items()}
        known = {name: ids for name, ids in known.items() if {*ids} <= self.items.keys()}
        known |= {name: tuple(item.id for item in items) for name, items in self.filed.items()}
        known |= {**made, **{name: (name,) for name in self.items}}
        found = {}
        for draft, item in merges.items():
            name, seen = item, {draft}
            while name in merges and name not in seen:
                seen.add(name)
                name = merges[name]
            found[draft] = known.get(name, ())
        return found

    def _rows(self, choices: Sequence[Choice]) -> list[_Row]:
        """Return the rows to be written: each with an id, and drafts' ids in them resolved."""
        taken = set(self.items)
        rows: list[_Row] = []
        for choice in choices:
            if not isinstance(choice, Filing):
                continue
            places = [*choice.places, *[place_of(choice)] * len(choice.rows)]
            for stated, place in zip(choice.rows, places, strict=False):
                row = self._row(choice.draft, stated, place, choice.proposed)
                name = row.cells.get("id") or item_id(row.cells, row.draft, taken)
                taken.add(name)
                rows.append(replace(row, cells={**row.cells, "id": name}))
        became: dict[str, list[tuple[str, str]]] = {
            draft: [(item.id, item.event) for item in items] for draft, items in self.filed.items()
        }
        for row in rows:
            told = row.cells["id"], row.cells.get("event", "")
            became.setdefault(row.draft, []).append(told)
        return [replace(row, cells=self._resolved(row.cells, became)) for row in rows]

    def _row(
        self, name: str, stated: Mapping[str, str], place: Place, proposed: Mapping[str, str]
    ) -> _Row:
        """Return a row with what a person need not write."""
        draft = self.drafts[name]
        given = {name: sanitize(cell_of(name, cell), lines=True) for name, cell in stated.items()}
        cells = {name: cell for name, cell in given.items() if cell.strip()}
        cells = {"kind": "report"} | {name: c for name, c in cells.items() if name not in OWN}
        undated = None
        if "published" not in cells and draft.published is not None:
            cells["published"] = instant_cell(draft.published)
        elif "published" not in cells:
            written = f", but '{draft.published_as[:40]}'" if draft.published_as else ""
            undated = fault_at(
                place,
                f"the draft does not say on which day it was published{written}",
                "Write the day or the time when it could first be read, such as 2024-07-01.",
                "published",
            )
        elif self._is_ahead(cells["published"]):
            undated = fault_at(
                place,
                "is in the future: nothing can be on file before it could be read",
                "Write when it was published; a coming day that it tells of is its speaks_of.",
                "published",
                cells["published"],
            )
        if undated is not None:
            cells["published"] = instant_cell(min(draft.received, self.now))  # for other faults
        cells |= {
            "recorded": instant_cell(self.now.replace(microsecond=0)),
            "draft": draft.id,
            "accepted_by": self.by,
            "proposed": proposed_text(proposed),
        }
        safe = {
            col: inert(cell) if col in FREE_TEXT else cell for col, cell in cells.items() if cell
        }
        return _Row(draft.id, safe, place, undated)

    def _is_ahead(self, published: str) -> bool:
        """Return whether a cell names a day or a time that is still to come."""
        with suppress(InputError, ValueError):
            return parse_instant(parse_day(published), edge="start") > self.now
        return False

    def _resolved(
        self, cells: Mapping[str, str], became: Mapping[str, Sequence[tuple[str, str]]]
    ) -> dict[str, str]:
        """Return cells in which an item is named where a draft was."""
        found = dict(cells)
        for name in LISTS:
            if name in found:
                parts = [part.strip() for part in found[name].split(";")]
                meant = [self._items_meant(part, cells, became) for part in parts if part]
                found[name] = "; ".join(dict.fromkeys(one for some in meant for one in some))
        return found

    def _waiting_faults(self, row: _Row) -> Iterator[Fault]:
        """Yield each draft that a row names where an item is meant, and that is none yet."""
        for name in LISTS:
            for part in self._waiting_in(row.cells.get(name, "")):
                yield fault_at(
                    row.place,
                    "names a draft that is not on file",
                    "Accept that one first, or together with this; or leave it out here.",
                    f"item '{row.cells['id']}': {name}",
                    part,
                )

    def _waiting_in(self, cell: str) -> list[str]:
        parts = [part.strip() for part in cell.split(";")]
        return [part for part in parts if part in self.drafts and part not in self.items]

    def _without_waiting(self, cells: Mapping[str, str]) -> dict[str, str]:
        """Return cells without the drafts that have a fault of their own already."""
        found = dict(cells)
        for name in LISTS:
            wait = self._waiting_in(found.get(name, ""))
            parts = [part.strip() for part in found.get(name, "").split(";")]
            left = [part for part in parts if part and part not in wait]
            found.pop(name, None)
            if left:
                found[name] = "; ".join(left)
        return found

    def _items_meant(
        self,
        name: str,
        cells: Mapping[str, str],
        became: Mapping[str, Sequence[tuple[str, str]]],
    ) -> list[str]:
        """Return the items that a draft became: those on the same event, or else all."""
        if name in self.items or name not in became:
            return [name]
        same = [item for item, event in became[name] if event == cells.get("event")]
        return same or [item for item, _ in became[name]]

    def decision(self, choice: Choice, ids: Mapping[str, tuple[str, ...]]) -> Decision:
        """Return what is noted of a draft."""
        told: dict[str, Any] = {"proposed": dict(choice.proposed) or None, "why": choice.why}
        match choice:
            case Filing():
                told |= {"outcome": "accepted", "items": ids.get(choice.draft, ())}
            case Merge():
                told |= {"outcome": "merged", "items": ids[choice.draft]}
            case _:
                told |= {"outcome": "skipped"}
        return Decision(draft=choice.draft, by=self.by, at=self.now, **told)

    def unnoted(self) -> list[Decision]:
        """Return the decisions that items on file speak of, and that a crash left unnoted."""
        found = []
        for draft, items in self.filed.items():
            last = self.decisions.get(draft)
            if draft not in self.drafts or (last is not None and last.outcome == "accepted"):
                continue
            first = items[0]
            ids = tuple(item.id for item in items)
            who = first.accepted_by or self.by
            found.append(Decision(draft, "accepted", who, first.recorded_instant, ids))
        return found
