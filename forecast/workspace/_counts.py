"""Counts by the rules of ``forecast.toml``, written into the evidence and never changed there.

A forecast is a function of the evidence on file, so that a table does not speak to it directly:
`count_up` writes what the rules say now as items, each recorded now. A value that is revised is a
new item, published now, that retracts the old one: as of any earlier date the old one still counts.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from forecast.errors import Fault, InputError
from forecast.evidence import Count, Evidence, Item, Retraction
from forecast.evidence._faults import item_faults
from forecast.evidence._fields import COLUMNS
from forecast.evidence._retraction import withdrawn
from forecast.files._count_rules import COUNTS, CountRule
from forecast.files._counted_file import Counted, counted
from forecast.files._evidence_file import scan_evidence
from forecast.files._table_writer import appended, item_row
from forecast.files._text_file import replacing
from forecast.workspace._contents import Contents, read_contents

SHOWN = 12
_REVISION = re.compile(r"(.+?)(?:_r(\d+))?")


@dataclass(frozen=True)
class Tallied:
    """What one rule adds to the evidence.

    Parameters
    ----------
    rule
        Its id.
    file
        Where its items are kept.
    new, revised, withdrawn
        The items that it adds, by what they are.
    standing
        How many of its counts stand after that.
    by_hand
        Counts that somebody has retracted in another file, and that stay so.
    told
        What was read otherwise than it is written.
    """

    rule: str
    file: Path
    new: tuple[Item, ...]
    revised: tuple[Item, ...]
    withdrawn: tuple[Item, ...]
    standing: int
    by_hand: tuple[str, ...] = ()
    told: tuple[Fault, ...] = ()

    @property
    def added(self) -> tuple[Item, ...]:
        """All that is added."""
        return (*self.new, *self.revised, *self.withdrawn)


def count_up(folder: Path, now: datetime, *, withdraw: bool = False) -> tuple[Tallied, ...]:
    """Bring the evidence up to what the rules of a workspace say now; write all, or nothing.

    Parameters
    ----------
    folder
        The workspace.
    now
        The time of recording.
    withdraw
        Retract counts that a rule gives no longer, such as those of other periods; else they are a
        fault, since a table may have been cut off by mistake.

    Raises
    ------
    InputError
        With the faults of the workspace, of every rule, and of every table.
    """
    contents = read_contents(folder)
    if not contents.workspace.counts:
        remedy = "Write one below [[counts]], with file, date, per, event, source and from."
        raise InputError(Fault("there is no rule of counts", remedy, file=str(contents.file)))
    tallies, faults = tallied(contents, now, withdraw=withdraw)
    faults += _unfit(contents, tallies)
    if faults:
        raise InputError(faults)
    texts = {
        each.file: appended(each.file, COLUMNS, [item_row(item) for item in each.added])
        for each in tallies
        if each.added
    }
    for path, text in texts.items():
        with replacing(path) as temporary:
            temporary.write_text(text, encoding="utf-8", newline="")
    return tuple(tallies)


def tallied(
    contents: Contents, now: datetime, *, withdraw: bool = True
) -> tuple[list[Tallied], list[Fault]]:
    """Return what each rule adds to the evidence on file, and the faults of rules and tables."""
    home = next((path for path in contents.workspace.evidence_paths if path.is_dir()), None)
    if home is None:
        remedy = "Name a folder in workspace.evidence, such as 'evidence'."
        problem = "there is no folder of evidence to keep counts in"
        return [], [Fault(problem, remedy, file=str(contents.file))]
    everything, faults, *_ = scan_evidence(contents.workspace.evidence_paths)
    found, wrong = [], list(faults)
    for position, rule in enumerate(contents.workspace.counts):
        file = home / f"{COUNTS}-{rule.id}.csv"
        try:
            table = counted(rule, contents.workspace.folder, now.date())
        except InputError as error:
            wrong += error.faults
            continue
        one = _compared(rule, table.values, everything, file, now)
        line = contents.lines.get(f"{COUNTS}.{position}.where", 0)
        line = line or contents.lines.get(f"{COUNTS}.{position}", 0)
        field = f"{COUNTS}: {rule.id}.where"
        lacking = [
            replace(fault, file=str(contents.file), line=line, field=field)
            for fault in table.lacking
        ]
        faulty = not rule.none_yet and _none_or_fewer(one, table.values, everything)
        wrong += lacking if faulty else []
        if one.withdrawn and not withdraw:
            names = ", ".join(
                f"'{name}'" for item in one.withdrawn for name in item.retracts[:SHOWN]
            )
            line = contents.lines.get(f"{COUNTS}.{position}", 0)
            problem = f"the rule no longer gives counts that are on file: {names}"
            remedy = "Put the rows back, or say --withdraw to retract them from now on."
            wrong.append(Fault(problem, remedy, str(contents.file), line, f"{COUNTS}: {rule.id}"))
        elif not (lacking and faulty):
            found.append(replace(one, told=(*table.told, *(() if rule.none_yet else lacking))))
    return found, wrong


def _none_or_fewer(one: Tallied, values: Sequence[Counted], everything: Evidence) -> bool:
    """Return whether all counts would be 0, or one on file would fall."""
    on_file = {item.id: item.counted for item in everything if isinstance(item, Count)}
    fewer = any(
        isinstance(item, Count) and item.counted < on_file[name]
        for item in one.revised
        for name in item.retracts
    )
    return fewer or (bool(values) and not any(value.number for value in values))


def _compared(
    rule: CountRule, values: Sequence[Counted], everything: Evidence, file: Path, now: datetime
) -> Tallied:
    """Return what is to be added so that the counts of a rule stand as they are now."""
    mine = _by_period(rule, everything, file)
    fallen = withdrawn(tuple(everything))  # by what is published today as well
    standing = {item.id for item in everything if item.id not in fallen}
    own = {name for item in everything if _home(everything, item, file) for name in item.retracts}
    new, revised, by_hand = list[Item](), list[Item](), list[str]()
    stand = 0
    for each in values:
        before = mine.pop(each.period, [])
        last = before[-1] if before else None
        if last is None:
            new.append(_item(rule, each, now))
        elif _says(last) == (rule.event, rule.source, each.first, each.last, each.number):
            if last.id not in standing and last.id not in own:
                by_hand.append(last.id)
                continue
            if last.id not in standing:
                new.append(_again(rule, each, now, before))
        else:
            one = _again(rule, each, now, before)
            named = (last.id,) if last.id in standing else ()
            revised.append(one.model_copy(update={"retracts": named}))
        stand += 1
    old = [items[-1] for items in mine.values()]
    new, revised = ([_behind(item, old, now) for item in items] for items in (new, revised))
    gone = [item for item in old if item.id in standing]
    taken_back = tuple(
        Retraction(
            id=f"{item.id}_off",
            event=item.event,
            published=_after(item, now),
            recorded=now,
            retracts=(item.id,),
            notes=f"the rule '{rule.id}' of forecast.toml gives it no longer",
        )
        for item in gone
    )
    return Tallied(rule.id, file, tuple(new), tuple(revised), taken_back, stand, tuple(by_hand))


def _home(everything: Evidence, item: Item, file: Path) -> bool:
    place = everything.places.get(item.id)
    return place is not None and place.file == str(file)


def _by_period(rule: CountRule, everything: Evidence, file: Path) -> dict[str, list[Count]]:
    """Return the counts of a rule that are on file, by period, in order of revision."""
    found: dict[str, list[tuple[int, Count]]] = {}
    for item in everything:
        if isinstance(item, Count) and _home(everything, item, file):
            match = _REVISION.fullmatch(item.id.removeprefix(f"{rule.id}_"))
            if match is not None:
                found.setdefault(match[1], []).append((int(match[2] or 1), item))
    return {
        period: [item for _, item in sorted(items, key=lambda pair: pair[0])]
        for period, items in found.items()
    }


def _says(item: Count) -> tuple[object, ...]:
    return item.event, item.source, item.watched_from, item.watched_to, item.counted


def _item(rule: CountRule, value: Counted, now: datetime) -> Count:
    """Return the first item of a count, published as the rule says."""
    return Count(
        id=f"{rule.id}_{value.period}",
        event=rule.event,
        source=rule.source,
        published=value.published,
        recorded=now,
        watched_from=value.first,
        watched_to=value.last,
        counted=value.number,
        citation=rule.citation or rule.file.as_posix(),
        notes=f"by the rule '{rule.id}' of forecast.toml",
    )


def _again(rule: CountRule, value: Counted, now: datetime, before: Sequence[Count]) -> Count:
    """Return a later item of a count: it was not known before now."""
    first = _item(rule, value, now)
    named = {"id": f"{first.id}_r{len(before) + 1}", "published": _after(before[-1], now)}
    return first.model_copy(update=named)


def _after(item: Item, now: datetime) -> date:
    """Return now, or the day of an item's publication where that is still under way."""
    return now if item.published_instant <= now else item.published


def _behind(item: Item, old: Sequence[Count], now: datetime) -> Item:
    """Return a count, published no sooner than those of other periods that it overlaps are gone.

    A day in two counts of a series would count twice: so the old ones stand until now, and the new
    one from now on.
    """
    if not isinstance(item, Count):
        return item
    begin, end = item.window
    later = [
        item.model_copy(update={"published": _after(each, now)})
        for each in old
        if (each.event, each.source) == (item.event, item.source)
        and each.window[0] < end
        and begin < each.window[1]
    ]
    return max([item, *later], key=lambda one: one.published_instant)


def _unfit(contents: Contents, tallies: Sequence[Tallied]) -> list[Fault]:
    """Return what the networks have against the items that would be added."""
    faults: list[Fault] = []
    events = {node.id for each in contents.inputs for node in each.network.nodes}
    for position, rule in enumerate(contents.workspace.counts):
        line = contents.lines.get(f"{COUNTS}.{position}", 0)
        where = (str(contents.file), line)
        if rule.event not in events:
            problem, remedy = "no network has this event", "Name one that a network has."
            faults.append(Fault(problem, remedy, *where, f"{COUNTS}: {rule.id}.event", rule.event))
            continue
        added = [item for each in tallies if each.rule == rule.id for item in each.added]
        for inputs in contents.inputs:
            if rule.event not in {node.id for node in inputs.network.nodes}:
                continue
            known = {item.id: item for item in inputs.evidence}
            whole = [*known.values(), *(item for item in added if item.id not in known)]
            found = item_faults(inputs.network, whole, inputs.evidence.places)
            for item in added:
                faults += (
                    Fault(f.problem, f.remedy, *where, f"{COUNTS}: {rule.id}: {item.id}", f.value)
                    for f in found.get(item.id, [])
                )
    return faults[:SHOWN]


def count_remarks(contents: Contents, now: datetime | None = None) -> list[Fault]:
    """Return what the rules would add or change, and those that cannot be followed."""
    if not contents.workspace.counts:
        return []
    found, faults = tallied(contents, now or datetime.now(UTC))
    lines = {
        rule.id: contents.lines.get(f"{COUNTS}.{position}", 0)
        for position, rule in enumerate(contents.workspace.counts)
    }
    told = [
        Fault(
            f"the table says otherwise than the evidence, in counts: {len(each.new)} new, "
            f"{len(each.revised)} revised, {len(each.withdrawn)} gone",
            "Run 'forecast counts' to record that.",
            str(contents.file),
            lines[each.rule],
            f"{COUNTS}: {each.rule}",
        )
        for each in found
        if each.added
    ]
    if faults:
        first = faults[0]
        rest = f"; and {len(faults) - 1} more faults" if len(faults) > 1 else ""
        problem = f"counts cannot be made: {first.problem}{rest}"
        told.append(replace(first, problem=problem, remedy="'forecast counts' names them all."))
    return told
