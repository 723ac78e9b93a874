"""The parts of a network file: its objects made one by one, with every fault noted by line."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from forecast.errors import Fault, InputError, did_you_mean
from forecast.files.yaml_reader import Located
from forecast.network.base import Model, inside, to_day, value_text
from forecast.network.draft import Arrow, arrow_of
from forecast.network.link import Link

__all__ = ["Parts"]


class Parts:
    """The blocks of one file; making objects of them collects faults instead of raising.

    Parameters
    ----------
    located
        The file as read.

    Attributes
    ----------
    faults : list of Fault
        Everything wrong so far, with file, line and field.

    Raises
    ------
    InputError
        If the file as a whole is not a mapping.
    """

    def __init__(self, located: Located) -> None:
        if not isinstance(located.value, dict):
            raise InputError(
                [
                    *located.faults,
                    Fault(
                        "must hold 'key: value' lines at its top level",
                        "Begin with 'name: …'.",
                        file=located.file,
                        line=1,
                    ),
                ]
            )
        self.located = located
        self.top: dict[str, Any] = located.value
        self._faults = dict.fromkeys(located.faults)  # each once, in order
        self._places: dict[str, str] = {}

    def note(self, fault: Fault) -> None:
        """Add a fault, given by the path of its field, with its file and line."""
        steps = fault.field.split(".")
        place = self._places.get(".".join(steps[:2]), "")
        path = ".".join([place, *steps[2:]]) if place else fault.field
        line = self.located.line_of(path)
        noted = replace(fault, file=self.located.file, line=line)
        self._faults.setdefault(noted)

    @property
    def faults(self) -> list[Fault]:
        """Everything wrong so far."""
        return list(self._faults)

    def check_keys(self, known: Sequence[str], required: Mapping[str, str]) -> None:
        """Note the keys that should not be there, and those that should.

        Parameters
        ----------
        known
            The keys that the file may have.
        required
            The keys that it must have, each with an example.
        """
        for key in self.top:
            if key not in known:
                self.note(Fault("is not a key of this file", did_you_mean(key, known), field=key))
        for key, example in required.items():
            if key not in self.top:
                self.note(Fault("is missing", f"Write for example '{example}'.", field=key))

    def fields(self, kind: type[Model], names: Sequence[str]) -> dict[str, Any]:
        """Return some of the top-level fields; note what the class `kind` would refuse of them."""
        given = {name: self.top[name] for name in names if name in self.top}
        try:
            kind(**given)
        except InputError as error:
            for fault in error.faults:
                if fault.field in given:
                    self.note(fault)
        return given

    def day(self, name: str) -> date | None:
        """Return a top-level day; None where it is missing or broken."""
        try:
            return to_day(self.top.get(name))
        except InputError:
            return None

    def objects[M: Model](self, block: str, kind: type[M]) -> dict[str, M | None]:
        """Return the objects of a block by name, None for a broken one, and note its faults."""
        found = self.top.get(block)
        if found is None:
            return {}
        if not isinstance(found, dict):
            self._misshapen(block, found, "a mapping from names to fields", "embargo_lifted:")
            return {}
        return {name: self._object(block, name, entry, kind) for name, entry in found.items()}

    def _object[M: Model](self, block: str, name: str, entry: object, kind: type[M]) -> M | None:
        path = f"{block}.{name}"
        if not isinstance(entry, dict):
            self._misshapen(path, entry, "a mapping of fields", "kind: onset")
            return None
        if "id" in entry:
            self.note(Fault("is given by the key above already", "Remove it.", field=f"{path}.id"))
            entry = {key: value for key, value in entry.items() if key != "id"}
        try:
            return kind(id=name, **entry)
        except InputError as error:
            for fault in inside(path, error.faults):
                self.note(replace(fault, field=fault.field.removesuffix(".id")))
            return None

    def links(self) -> tuple[Arrow, ...]:
        """Return the links, sound or broken, and note the faults of each."""
        found = self.top.get("links")
        if found is None:
            return ()
        if not isinstance(found, list):
            self._misshapen("links", found, "a list", "- {parent: …, child: …, kind: …}")
            return ()
        return tuple(self._link(entry, place) for place, entry in enumerate(found))

    def _link(self, entry: object, place: int) -> Arrow:
        if not isinstance(entry, dict):
            self._misshapen(f"links.{place}", entry, "a mapping of fields", "parent: pact_signed")
            return Arrow(str(place), "", "", "")
        broken = arrow_of(entry, place)
        self._places[f"links.{broken.id}"] = f"links.{place}"
        try:
            return arrow_of(Link(**entry))
        except InputError as error:
            for fault in inside(f"links.{broken.id}", error.faults):
                self.note(fault)
            return broken

    def _misshapen(self, path: str, found: object, shape: str, example: str) -> None:
        self.note(
            Fault(
                f"must be {shape}",
                f"Write the entries below it, indented, as in '{example}'.",
                field=path,
                value=value_text(found),
            )
        )
