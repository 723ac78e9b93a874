"""The way out of what the ledger makes impossible: an entry stays, and a later one counts."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from forecast.errors import Fault, InputError
from forecast.evidence import Item
from forecast.workspace._contents import Inputs
from forecast.workspace._told import THE_LEDGER, citation_of

_NO_FILE = re.compile(r"^Correct the item or the observations of '[^']*', or leave out")


def with_way_back(fault: Fault, inputs: Inputs) -> Fault:
    """Return a fault with the commands that take back those of its items that the ledger told."""
    places, text = inputs.evidence.places, f"{fault.field} {fault.problem}"
    told = [
        item
        for item in inputs.evidence
        if item.id in places
        and places[item.id].file == THE_LEDGER
        and (f"'{item.id}'" in text or f"'{item.event}'" in text)
    ]
    if not told:
        return fault
    names = dict.fromkeys(_name(item, inputs) for item in told)
    commands = " or ".join(f"'forecast resolve {name} --reopen'" for name in names)
    back = f"An entry in the ledger stays, and a later one counts: {commands} takes back"
    remedy = fault.remedy
    if fault.file == THE_LEDGER:
        remedy = _NO_FILE.sub("Or leave out", remedy)
    return replace(fault, remedy=f"{back} what is wrong. {remedy}".rstrip())


@contextmanager
def way_back(inputs: Inputs) -> Iterator[None]:
    """Name the way back in what is refused of a network's evidence."""
    try:
        yield
    except InputError as error:
        raise type(error)(tuple(with_way_back(each, inputs) for each in error.faults)) from error


def _name(item: Item, inputs: Inputs) -> str:
    """Return under which name the ledger has what an item says: its event's or a question's."""
    asked = (each.id for each in inputs.questions if item.citation == citation_of(each.id))
    return next(asked, item.event)
