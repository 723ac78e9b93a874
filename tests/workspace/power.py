"""A disk that loses power: from the calls of a job, the states that may be found afterwards.

`recorded` runs a stage under ``disk_io.c``, which writes down each call. A `Disk` takes these, and
knows at each moment what is forced to disk and what is not. Anything that is not may be there or
not, each piece by itself and whatever their order: written blocks of a file (whole, or to a half),
names in a folder. That is what POSIX leaves open; most file systems lose less.

The model: a file's data are safe once the file was forced to disk, and a name (made, renamed or
removed) once its folder was. A new folder's own name is one in the folder above it.
"""

import ctypes
import os
import struct
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from tests.workspace.disk import watching
from tests.workspace.stages import STAGES, made_up

HEADER = struct.Struct("<cIIqI")
UNKEPT = ("-shm", ".lock")
"""Files whose content says nothing to a machine that starts: shared memory, and locks."""

FOLDER = -1
"""In the place of a file's number: the name is that of a folder."""


type Piece = tuple[str | int, int]
"""What may be lost by itself: the n-th name of a path, or the n-th write to a file."""


@dataclass(frozen=True)
class Call:
    """One call: its kind, its path and another, an offset or size, and its data."""

    kind: str
    path: str
    to: str = ""
    offset: int = 0
    data: bytes = b""


def calls_of(log: Path) -> list[Call]:
    """Return the calls that a log holds."""
    raw, at, found = log.read_bytes(), 0, []
    while at < len(raw):
        kind, one, two, offset, size = HEADER.unpack_from(raw, at)
        at += HEADER.size
        path, to = raw[at : at + one], raw[at + one : at + one + two]
        at += one + two
        found.append(
            Call(kind.decode(), os.fsdecode(path), os.fsdecode(to), offset, raw[at : at + size])
        )
        at += size
    return found


def recorded(library: Path, stage: str, folder: Path) -> list[Call]:
    """Run a stage in a workspace, in a process of its own; return its calls."""
    log = folder.with_name(f"{folder.name}.calls")
    command = [sys.executable, "-m", "tests.workspace.power", stage, folder, log]
    subprocess.run(command, check=True, env=watching(library))  # noqa: S603
    return calls_of(log)


@dataclass
class File:
    """The data of a file: what is on disk, and what was written or cut since."""

    safe: bytes = b""
    since: list[Call] = field(default_factory=list)

    def after(self, taken: list[Call]) -> bytes:
        data = bytearray(self.safe)
        for call in taken:
            size = call.offset + len(call.data)
            if call.kind == "t":
                del data[call.offset :]
                size = call.offset
            data.extend(bytes(max(size - len(data), 0)))
            data[call.offset : call.offset + len(call.data)] = call.data
        return bytes(data)


@dataclass
class Disk:
    """A folder on a disk, call by call.

    Parameters
    ----------
    root
        The folder, whose content is safe when the first call comes.
    files
        By number.
    names
        For each path the number of its file that is on disk, and then those that it had since; None
        where there was none.
    """

    root: Path
    files: list[File] = field(default_factory=list)
    names: dict[str, list[int | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for path in sorted(self.root.rglob("*")):
            if path.is_dir():
                self.names[str(path)] = [FOLDER]
            else:
                self.names[str(path)] = [len(self.files)]
                self.files.append(File(path.read_bytes()))

    def now(self, path: str) -> int | None:
        return self.names.get(path, [None])[-1]

    def name(self, path: str, number: int | None) -> None:
        self.names.setdefault(path, [None]).append(number)

    def take(self, call: Call) -> None:
        """Have a call done."""
        if call.path.endswith(UNKEPT):
            return
        if call.kind == "c":
            self.files.append(File())
            self.name(call.path, len(self.files) - 1)
        elif call.kind == "m":
            self.name(call.path, FOLDER)
        elif call.kind == "u":
            self.name(call.path, None)
        elif call.kind == "r":
            self.name(call.to, self.now(call.path))
            self.name(call.path, None)
        elif call.kind in "wt":
            number = self.now(call.path)
            if number is not None:  # else of a file whose name is gone
                self.files[number].since.append(call)
        elif call.kind == "s":
            self._force(call.path)

    def _force(self, path: str) -> None:
        number = self.now(path)
        if path == str(self.root) or number == FOLDER:
            for name, had in self.names.items():
                if os.path.dirname(name) == path:  # noqa: PTH120  millions of them
                    self.names[name] = had[-1:]
        elif number is not None:
            file = self.files[number]
            file.safe, file.since = file.after(file.since), []

    def states(self, rng: np.random.Generator, some: int) -> Iterator[dict[str, bytes | None]]:
        """Yield states that may be found now, as content by path: None for a folder.

        First nothing of what is unsafe, then all of it, then all but one piece and one piece alone,
        then `some` picked at random.
        """
        loose = [(name, k) for name, had in self.names.items() for k in range(1, len(had))]
        used = sorted({n for had in self.names.values() for n in had if n is not None and n >= 0})
        pieces: list[Piece] = [
            *loose,
            *((number, k) for number in used for k in range(len(self.files[number].since))),
        ]
        every = frozenset(pieces)
        yield self._found(frozenset())
        yield self._found(every)
        for piece in pieces:
            yield self._found(every - {piece})
            yield self._found(frozenset({piece}))
        for _ in range(some if pieces else 0):
            share = rng.random()
            taken = frozenset(piece for piece in pieces if rng.random() < share)
            torn = pieces[int(rng.integers(len(pieces)))]
            yield self._found(taken | {torn}, torn=torn, first=bool(rng.integers(2)))

    def _found(
        self,
        taken: frozenset[Piece],
        *,
        torn: Piece | None = None,
        first: bool = True,
    ) -> dict[str, bytes | None]:
        found: dict[str, bytes | None] = {}
        for name in sorted(self.names):
            had = self.names[name]
            last = max((k for k in range(1, len(had)) if (name, k) in taken), default=0)
            number = had[last]
            above = os.path.dirname(name)  # noqa: PTH120
            if number is None or (above != str(self.root) and above not in found):
                continue  # lost, or in a folder that is
            if number == FOLDER:
                found[name] = None
                continue
            since = self.files[number].since
            written = [
                _half(call, first=first) if (number, k) == torn else call
                for k, call in enumerate(since)
                if (number, k) in taken
            ]
            found[name] = self.files[number].after(written)
        return found


def _half(call: Call, *, first: bool) -> Call:
    """Return a write of which one half is lost; what comes before the other is then zeros."""
    half = len(call.data) // 2
    at = 0 if first else half
    return replace(call, offset=call.offset + at, data=call.data[at : at + half])


def write_state(state: Mapping[str, bytes | None], root: Path, folder: Path) -> Path:
    """Write a state of the disk `root` into a new folder."""
    folder.mkdir()
    for name, data in state.items():
        path = folder / Path(name).relative_to(root)
        if data is None:
            path.mkdir()
        elif not name.endswith(UNKEPT):
            path.write_bytes(data)
    return folder


def main(stage: str, folder: Path, log: Path) -> None:
    """Do a stage, with its calls recorded."""
    made_up()
    disk = ctypes.CDLL(None)
    descriptor = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
    disk.disk_record(descriptor, os.fsencode(folder))
    words = STAGES[stage].act(folder)
    disk.disk_mark(words.encode())


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
