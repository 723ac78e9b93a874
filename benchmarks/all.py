"""Run every comparison and write its tables and plots: ``python -m benchmarks.all [PART]...``.

``truth`` reads data that are not part of this repository: it wants ``--data DIR``, and is left out
of a run of all parts without.

Each part keeps its figures in ``benchmarks/results/PART.json`` with the machine, the versions and
the date; ``benchmarks/results/README.md`` and the plots are made from those files, whichever parts
ran this time. ``python -m benchmarks.all pages`` makes these alone.
"""

import sys
from argparse import ArgumentParser
from importlib import import_module
from pathlib import Path

PARTS = {  # some hours in all; most parts take minutes
    "engine": ("benchmarks.run", "run"),
    "paths": ("benchmarks.paths", "run"),
    "sweeps": ("benchmarks.sweeps", "run"),
    "mixing": ("benchmarks.mixing", "run"),
    "costs": ("benchmarks.costs", "run"),
    "limit": ("benchmarks.limit", "run"),
    "growth": ("benchmarks.growth", "run"),
    "nearest": ("benchmarks.nearest", "run"),
    "peers": ("benchmarks.compare", "run"),
    "workspace": ("benchmarks.scale", "run"),
    "ledger": ("benchmarks.ledger", "run"),
    "learn": ("benchmarks.learn", "run"),
    "scores": ("benchmarks.corp", "main"),  # these four write a page of their own
    "intervals": ("benchmarks.intervals", "main"),
    "crowd": ("benchmarks.crowd", "main"),
    "replay": ("benchmarks.replay", "main"),
    "truth": ("benchmarks.truth", "run"),
}
WITH_DATA = "truth"
PAGES = "pages"


def main(arguments: list[str]) -> None:
    """Run the parts asked for, all of them where none is."""
    parser = ArgumentParser(prog="python -m benchmarks.all")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}, {PAGES}")
    parser.add_argument("--data", type=Path, help=f"the folder with the data of {WITH_DATA}")
    given = parser.parse_args(arguments)
    unknown = [part for part in given.parts if part not in PARTS and part != PAGES]
    if unknown:
        sys.exit(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}, and {PAGES}")
    if WITH_DATA in given.parts and given.data is None:
        sys.exit(f"{WITH_DATA} reads data that are not part of this repository: add --data DIR")
    for part in given.parts or PARTS:
        if part == PAGES or (part == WITH_DATA and given.data is None):
            continue
        print(f"running {part}", flush=True)
        module, name = PARTS[part]
        wanted = [given.data] if part == WITH_DATA else []
        getattr(import_module(module), name)(*wanted)
    from benchmarks.results_page import write_pages  # noqa: PLC0415  Matplotlib takes a second

    write_pages()


if __name__ == "__main__":
    main(sys.argv[1:])
