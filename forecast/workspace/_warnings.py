"""What a workspace implies that was probably not meant, with file and line."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from forecast.errors import Fault, InputError
from forecast.evidence._all_remarks import remarks
from forecast.evidence._placed import remark_on
from forecast.files._network_file import placed_in
from forecast.network._units import shared_name
from forecast.workspace._contents import Contents
from forecast.workspace._counts import count_remarks
from forecast.workspace._followed import unanswered
from forecast.workspace._taken_back import with_way_back


def warnings_of(
    contents: Contents, as_of: datetime, networks: Collection[str] = ()
) -> tuple[Fault, ...]:
    """Return the remarks on a workspace, each once; those on a network come before its items'.

    Parameters
    ----------
    contents
        The workspace.
    as_of
        The cut-off.
    networks
        Names of the networks that are looked at; all, where there are none.
    """
    told: list[Fault] = [*contents.told, *count_remarks(contents)]
    workspace = contents.workspace
    for path, inputs in zip(workspace.networks, contents.inputs, strict=True):
        if not networks or inputs.network.name in networks:
            file = workspace.folder / path
            remarked = remarks(inputs.network, inputs.evidence, as_of=as_of)
            remarked = tuple(with_way_back(each, inputs) for each in remarked)
            if inputs.network.units:
                remarked = tuple(dict.fromkeys(map(_told_once, remarked)))
            found = placed_in(file, remarked)
            here = [fault for fault in found if fault.file == str(file)]
            told += sorted(here, key=lambda fault: fault.line)
            told += (fault for fault in found if fault.file != str(file))
    return tuple(dict.fromkeys([*told, *_ahead(contents), *unanswered(contents)]))


def _ahead(contents: Contents) -> Iterator[Fault]:
    """Yield the items that are published later than today: no cut-off up to now sees them."""
    until = datetime.now(UTC) + timedelta(days=2)  # tomorrow, as it is further east
    for inputs in contents.inputs:
        for item in inputs.evidence:
            if item.published_instant > until:
                yield remark_on(
                    item,
                    inputs.evidence.places,
                    "published",
                    "lies in the future, so that no forecast of today sees the item",
                    "Correct the year, or take the item out until it is published.",
                    str(item.published),
                )


def _told_once(remark: Fault) -> Fault:
    """Return a remark on a panel's network without its unit: it is the same in each of them."""
    if remark.file:
        return remark
    said = (remark.problem, remark.remedy, remark.field, remark.value)
    problem, remedy, field, value = map(shared_name, said)
    return replace(remark, problem=problem, remedy=remedy, field=field, value=value)


def refuse_if_strict(warnings: Collection[Fault], *, strict: bool) -> None:
    """Raise warnings as faults, where there are any and they are not to be passed over."""
    if strict and warnings:
        raise InputError(tuple(warnings))
