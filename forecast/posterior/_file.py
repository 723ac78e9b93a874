"""A posterior from the file that keeps it: the same answers, to the last bit."""

import hashlib
import io
import json
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast.errors import Fault, InputError
from forecast.estimate._result import Settings
from forecast.evidence import KINDS, Evidence
from forecast.files._limits import most
from forecast.files._run_rules import MOST_DRAWS
from forecast.files._text_file import file_bytes
from forecast.gate import Check, Gate
from forecast.model._lower import lower
from forecast.network._json import network_from_json
from forecast.posterior._kept import FORM, MARK, STATED, TAIL
from forecast.posterior._posterior import Posterior
from forecast.posterior._update import prior
from forecast.time import parse_instant

if TYPE_CHECKING:
    import xarray as xr

LARGEST = most("saved posterior", "bytes")
"""Bytes."""


def read_posterior(path: str | Path) -> Posterior:
    """Return the posterior that `Posterior.save` wrote: the same answers, to the last bit.

    Notes
    -----
    The draws are checked: draws of importance sampling are drawn again from their seed, and must
    come out as they were, which another version of a numerical library may not let them.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    InputError
        If it is no saved posterior, is damaged or cut off, was written by a later version, or its
        draws do not come out again here.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import forecast as fc
    >>> pact = fc.Event(id="pact", kind="onset", rate="20% [10%, 35%] within 1 year")
    >>> network = fc.Network(name="demo", start="2024-01-01", horizon="2024-12-31", events=[pact])
    >>> post = fc.prior(network, draws=64)
    >>> with TemporaryDirectory() as folder:
    ...     post.save(Path(folder) / "pact.nc")
    ...     again = fc.read_posterior(Path(folder) / "pact.nc")
    >>> by = "2024-06-30"
    >>> again.probability("pact", by=by).mean == post.probability("pact", by=by).mean
    True
    """
    from forecast.estimate._netcdf import read_tree  # noqa: PLC0415 - slow to import

    file = Path(path)
    data = file_bytes(file, LARGEST)
    body, tail = data[:-TAIL], data[-TAIL:]
    if not tail.startswith(MARK):
        remedy = "Name a file that Posterior.save wrote, whole."
        raise InputError(Fault("is no saved posterior, or is cut off", remedy, str(file)))
    if hashlib.sha256(body).hexdigest().encode() != tail[len(MARK) : -1]:
        problem = "the file is damaged: its SHA-256 is not the one that it ends with"
        raise InputError(Fault(problem, "Put it back from a copy, or estimate anew.", str(file)))
    try:
        tree = read_tree(io.BytesIO(body))
        told = json.loads(tree[STATED].to_numpy().tobytes())
        later = told["form"] > FORM
    except Exception as error:  # whatever the libraries raise on a file that is none
        problem = f"holds no saved posterior: {error}"
        raise InputError(
            Fault(problem, "Name a file that Posterior.save wrote.", str(file))
        ) from error
    if later:
        problem = f"was saved by a later version ({told['version']})"
        raise InputError(Fault(problem, "Read it with that version, or later.", str(file)))
    try:
        return _again(told, tree)
    except Exception as error:  # a seal says nothing of who made it, nor of what is in it
        mine = version("eventcast")
        problem = (
            f"cannot be had again (saved by version {told['version']}, this is {mine}): {error}"
        )
        remedy = "Estimate it anew, with forecast.update."
        raise InputError(Fault(problem, remedy, str(file))) from error


def _again(told: dict[str, Any], tree: "xr.DataTree") -> Posterior:
    from forecast.estimate._saved import restored  # noqa: PLC0415

    network = network_from_json(told["network"])
    items = (KINDS[kind].model_validate_json(body) for kind, body in told["items"])
    evidence = Evidence(items).without(told["aside"])
    settings = Settings(**told["settings"])
    before = told["reference"]
    for draws in (settings.draws, *(() if before is None else (before["draws"],))):
        if not 0 < draws <= MOST_DRAWS:
            raise InputError(f"has {draws:,} draws, more than {MOST_DRAWS:,}")
    gate = Gate(tuple(Check(**check) for check in told["gate"]))
    lowered = lower(network, evidence, parse_instant(told["as_of"]))
    fitted = restored(lowered, settings, told["method"], gate, tree)
    reference = None if before is None else prior(network, **before)
    return Posterior(replace(fitted, note=told["note"]), reference)
