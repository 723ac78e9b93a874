"""What a workspace implies that was probably not meant, with file and line."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from forecast.errors import Fault, InputError
from forecast.evidence._all_remarks import remarks
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
    return tuple(dict.fromkeys([*told, *unanswered(contents)]))


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
