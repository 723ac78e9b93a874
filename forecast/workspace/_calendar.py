"""A calendar brought into a workspace: drafts of decisions and windows, for a person to copy.

What an entry means for a forecast, no calendar says: which outcomes a decision has, or for which
event its days matter. So nothing enters a network. The drafts lie in ``imported/``, which nothing
reads, and what fits no field beside them.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from forecast.errors import Fault, InputError
from forecast.files._calendar_file import Calendar, Entry, read_calendar
from forecast.files.platforms._drafts import GAP
from forecast.files.platforms._stated import name_of
from forecast.workspace._contents import read_contents
from forecast.workspace._imported import BESIDE, placed_beside, write_all

_WORDS, _KEY = 40, 20


@dataclass(frozen=True)
class BroughtCalendar:
    """What an import of a calendar did.

    Parameters
    ----------
    decisions, windows
        The names of drafts: of decisions, and of events with windows.
    outside
        How many entries lie outside the time of all networks.
    aside
        Which entries were kept aside, wholly or with some fields, by the reason.
    cut
        The names of drafts that lack some of the times of their entries.
    period
        The first and the last day of the networks.
    written
        The files.
    """

    decisions: tuple[str, ...]
    windows: tuple[str, ...]
    outside: int
    aside: dict[str, tuple[str, ...]]
    cut: tuple[str, ...]
    period: tuple[date, date]
    written: tuple[Path, ...]


def bring_calendar(folder: Path, file: Path) -> BroughtCalendar:
    """Make drafts of the entries of a calendar that lie within the time of a workspace's networks.

    Raises
    ------
    InputError
        With the faults of the workspace, or of the file; nothing is written then.
    """
    networks = [inputs.network for inputs in read_contents(folder).inputs]
    if not networks:
        raise InputError(Fault("the workspace has no network", "Name one in forecast.toml."))
    period = min(n.start for n in networks), max(n.horizon for n in networks)
    found = read_calendar(file, *period)
    single = [entry for entry in found.entries if _on_one_day(entry)]
    longer = [entry for entry in found.entries if not _on_one_day(entry)]
    names = _names(found.entries)
    texts: dict[str, str] = {}
    if found.entries:
        texts["drafts.yaml"] = _drafts(file, single, longer, names)
    if found.aside:
        told = [
            {"place": each.place, "why": each.why, "fields": each.fields} for each in found.aside
        ]
        texts["aside.json"] = json.dumps(told, indent=1, ensure_ascii=True) + "\n"
    placed = placed_beside(folder / BESIDE / f"calendar-{file.stem}", texts)
    write_all(placed)
    return BroughtCalendar(
        decisions=tuple(names[entry.uid] for entry in single),
        windows=tuple(names[entry.uid] for entry in longer),
        outside=found.outside,
        aside=_reasons(found),
        cut=tuple(names[entry.uid] for entry in found.entries if entry.cut),
        period=period,
        written=tuple(placed),
    )


def _on_one_day(entry: Entry) -> bool:
    return not entry.repeats and len(entry.spans) == 1 and entry.spans[0][0] == entry.spans[0][1]


def _reasons(found: Calendar) -> dict[str, tuple[str, ...]]:
    reasons: dict[str, tuple[str, ...]] = {}
    for each in found.aside:
        reasons[each.why] = (*reasons.get(each.why, ()), each.title or each.place)
    return reasons


def _names(entries: Sequence[Entry]) -> dict[str, str]:
    """Return the name of each draft: its title as an id, with some of its uid if that is taken."""
    names: dict[str, str] = {}
    for entry in entries:
        words = re.sub(r"[^a-z0-9]+", "_", entry.title.lower()).strip("_")[:_WORDS].strip("_")
        words = words if re.match(r"[a-z]", words) else f"e_{words}".strip("_")
        if words in names.values():
            words = f"{words}_{name_of('u', entry.uid, longest=_KEY)}"
        alike = words
        for number in range(2, len(entries) + 1):
            if words in names.values():
                words = f"{alike}_{number}"
        names[entry.uid] = words
    return names


def _drafts(
    file: Path, single: Sequence[Entry], longer: Sequence[Entry], names: dict[str, str]
) -> str:
    """Return the YAML of drafts: gaps keep it from being read as a network."""
    lines = [
        f"# Drafts from {json.dumps(file.name)}. Nothing reads this file. Days are those of UTC.",
        f"# Copy what matters into a network, and put what you know in place of each {GAP}.",
    ]
    if single:
        lines += [
            "# Each entry on one day, as a decision: exactly one of its outcomes comes on it.",
            "events:",
        ]
    for entry in single:
        day = entry.spans[0][0]
        lines += [
            f"  {names[entry.uid]}:",
            *(f"    # {note}" for note in entry.notes),
            "    kind: decision",
            f"    title: {json.dumps(entry.title, ensure_ascii=False)}",
            f"    on: {day}",
            "    outcomes:  # two to eight; together 100%; one of them may be: the rest",
            f"      yes_it_did: {GAP}",
            "      it_did_not: the rest",
            f"    # or, for another event: windows: [{_window(day, day)}]",
        ]
    if longer:
        lines += [
            "# Entries that last, or repeat, as windows: copy them into the event whose rate they",
            "# change, and give them a weight if that is not 1, and outside_windows.",
            "windows:",
        ]
    for entry in longer:
        lines += [
            f"  {names[entry.uid]}:  # {json.dumps(entry.title, ensure_ascii=False)}",
            *(f"    # {note}" for note in entry.notes),
            *(f"    - {_window(*span)}" for span in entry.spans),
        ]
    return "\n".join(lines) + "\n"


def _window(first: date, last: date) -> str:
    return f"{{start: {first}, end: {last}}}"
