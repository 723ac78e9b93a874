"""A posterior in one file, and the same posterior again from that.

The file is netCDF, as runs of a workspace save it, with the network, the evidence that was seen and
the settings in it; after its end stands a line with its SHA-256, which programs that read netCDF
pass over. Nothing in it is code.
"""

import hashlib
import json
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from forecast.errors import Fault, InputError
from forecast.estimate._groups import Group, Groups, Variable
from forecast.estimate._netcdf import as_netcdf
from forecast.estimate._result import Fit
from forecast.files._text_file import replacing

FORM = 1
STATED = "stated"
MARK = b"\neventcast posterior, SHA-256 of what stands before this line: "
TAIL = len(MARK) + 64 + 1


def keep(fitted: Fit, groups: Groups, before: Fit | None, path: str | Path) -> None:
    """Write a posterior to a file; see `Posterior.save`.

    Parameters
    ----------
    fitted, groups
        Its fit, and what is saved of that.
    before
        The fit of the prior that it is compared with.
    path
        The file.
    """
    file = Path(path)
    data = as_netcdf(_with(groups, _stated(fitted, before, file)))
    try:
        with replacing(file) as new:
            new.write_bytes(data + MARK + hashlib.sha256(data).hexdigest().encode() + b"\n")
    except OSError as error:
        reason = error.strerror or str(error)
        remedy = "Check the folder and its permissions."
        raise InputError(Fault(f"cannot be written: {reason}", remedy, str(file))) from error


def _with(saved: Groups, stated: dict[str, Any]) -> Groups:
    told = np.frombuffer(json.dumps(stated).encode(), dtype=np.uint8)
    return {**saved, "/": Group({STATED: Variable(("byte",), told)}, saved["/"].attrs)}


def _stated(fitted: Fit, before: Fit | None, file: Path) -> dict[str, Any]:
    """Return all but the draws, as JSON has it."""
    lowered, seen = fitted.lowered, fitted.lowered.evidence
    if before is not None and (before.method != "importance" or len(before.lowered.evidence)):
        problem = "its reference is no prior of the network, and is not kept"
        remedy = "Save it without: dataclasses.replace(post, reference=None)."
        raise InputError(Fault(problem, remedy, file=str(file)))
    return {
        "form": FORM,
        "version": version("eventcast"),
        "network": lowered.network.model_dump_json(),
        "items": [
            [item.kind, item.model_dump_json()]
            for item in (*seen.items, *seen.retracted, *seen.replaced)
        ],
        "aside": sorted(seen.aside),
        "as_of": lowered.as_of.isoformat(),
        "method": fitted.method,
        "settings": asdict(fitted.settings),
        "gate": [asdict(check) for check in fitted.gate.checks],
        "note": fitted.note,
        "reference": None
        if before is None
        else {"draws": before.settings.draws, "seed": before.settings.seed},
    }
