"""What is about to be recorded, held against the evidence on file and the networks."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from forecast.errors import Fault, InputError
from forecast.evidence._critic import shut_out
from forecast.evidence._retraction import withdrawn
from forecast.evidence._shut import Shut
from forecast.ledger import ResolutionRecord, Standing
from forecast.time import day_label
from forecast.workspace._contents import Contents, Inputs
from forecast.workspace._followed import follow
from forecast.workspace._told import NOT_YET, PENDING, Words


def require_possible(contents: Contents, words: Words, new: Sequence[ResolutionRecord]) -> None:
    """Refuse words that contradict an observation on file, or what a network allows.

    The ledger never forgets a slip, and the next update would refuse it. What was contradictory
    before, and is not about these words, is left to that.

    Parameters
    ----------
    contents
        The workspace, without what the ledger tells.
    words
        What the ledger has.
    new
        What is to be recorded.
    """
    now = datetime.now(UTC)
    then = {name: [*said] for name, said in words.items()}
    for record in new:
        if record.outcome == "reopened":
            then.pop(record.event, None)
        else:
            then.setdefault(record.event, []).append(Standing(PENDING, now, record))
    after, found = follow(contents, then)
    old = follow(contents, words)[1] if found else ()
    faults = [fault for fault in found if fault not in old]
    if not faults:
        faults = [fault for inputs in after.inputs for fault in _shut_faults(inputs, new)]
    if faults:
        raise InputError([_placed(fault, new[0]) for fault in faults])


def _placed(fault: Fault, record: ResolutionRecord) -> Fault:
    """Return a fault in which the word itself stands as what the command would record."""
    own = f"item '{NOT_YET}'"
    if own not in f"{fault.field} {fault.problem}":
        return fault
    told = replace(
        fault,
        problem=fault.problem.replace(own, "what would be recorded"),
        remedy=f"Record another day, if this one is wrong. {fault.remedy}",
        value="" if record.at is None else day_label(record.at),
    )
    if own in fault.field:
        return replace(told, file="", line=0, field=f"resolve {record.event}")
    return told


def _shut_faults(after: Inputs, new: Sequence[ResolutionRecord]) -> Iterator[Fault]:
    """Yield what cannot have come by what is recorded of it, or of what it requires."""
    named = {record.event for record in new if record.at is not None}
    named |= {asked.event for asked in after.questions if asked.id in named}
    fallen = withdrawn(after.evidence.items)
    items = [item for item in after.evidence if item.id not in fallen]
    for item, shut in shut_out(after.network, items):
        parent = shut.gate.parent if isinstance(shut, Shut) else ""
        if item.id != NOT_YET and parent not in named:
            continue
        unseen = isinstance(shut, Shut) and shut.silent and parent not in named
        first = f"If '{parent}' came, record that first: 'forecast resolve {parent} --on DATE'. "
        place = after.evidence.places[item.id]
        yield Fault(
            f"is impossible under network '{after.network.name}': {shut.told()}",
            (first if unseen else "") + shut.way_out(item, after.network),
            place.file,
            place.line,
            f"item '{item.id}'",
        )
