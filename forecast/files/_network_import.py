"""Static Bayesian networks of other programs, as networks of facts."""

from dataclasses import replace
from pathlib import Path

from forecast.errors import Fault, InputError
from forecast.files._bayes_net import network_from, unique_ids
from forecast.files._bif_file import read_bif
from forecast.files._limits import most
from forecast.files._text_file import plain_text
from forecast.files._xdsl_file import read_xdsl
from forecast.network._base import is_id
from forecast.network._network import Network

READERS = {".bif": read_bif, ".xdsl": read_xdsl}
UNNAMED = ("unknown", "unnamed")
LARGEST = most("Bayesian network of another program", "bytes")


def import_network(path: str | Path, name: str | None = None) -> Network:
    """Return the network of facts that a file of another program states.

    Notes
    -----
    Read are the Interchange Format (``.bif``) of the usual collections of networks, and GeNIe's
    ``.xdsl`` with tables of chances and deterministic nodes. Every variable becomes a fact: one
    with the values yes and no, true and false, or on and off is true or false, any other has
    `outcomes`. Chances become tables of known numbers. Names become ids, and the name in the file
    the title. Facts do not change, so the network's period is a wide one, 2000 to 2100: any cut-off
    serves.

    Parameters
    ----------
    path
        The file.
    name
        Of the network; by default the file's, made into an id.

    Raises
    ------
    InputError
        With the faults of the file, each with its line.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> text = '''
    ... network rain { }
    ... variable Rain { type discrete [ 2 ] { yes, no }; }
    ... variable Grass { type discrete [ 2 ] { wet, dry }; }
    ... probability ( Rain ) { table 0.2, 0.8; }
    ... probability ( Grass | Rain ) { (yes) 0.9, 0.1; (no) 0.2, 0.8; }
    ... '''
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder) / "rain.bif"
    ...     _ = file.write_text(text)
    ...     network = import_network(file)
    >>> [node.id for node in network.nodes]
    ['rain', 'grass.wet', 'grass.dry']
    """
    file = Path(path)
    if name is not None and not is_id(name):
        problem = "is no name for a network"
        remedy = f"Write for example '{unique_ids([str(name)])[0]}'."
        raise InputError(Fault(problem, remedy, field="name", value=str(name)))
    reader = READERS.get(file.suffix.lower())
    if reader is None:
        raise InputError(
            Fault(
                "is of no kind that can be imported",
                f"Give a file that ends in {' or '.join(READERS)}.",
                file=str(file),
            )
        )
    stated = reader(plain_text(file, LARGEST), str(file))
    if stated.title.lower() in UNNAMED:
        stated = replace(stated, title="")
    return network_from(
        stated, name=name or unique_ids([file.stem])[0], origin=file.name, file=str(file)
    )
