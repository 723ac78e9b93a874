"""Run every comparison and write its tables and plots: ``python -m benchmarks.all [PART]...``.

Each part keeps its figures in ``benchmarks/results/PART.json`` with the machine, the versions and
the date; ``benchmarks/results/README.md`` and the plots are made from those files, whichever parts
ran this time. ``python -m benchmarks.all pages`` makes these alone.
"""

import sys
from importlib import import_module

PARTS = {  # some hours in all; most parts take minutes
    "engine": ("benchmarks.run", "run"),
    "paths": ("benchmarks.paths", "run"),
    "sweeps": ("benchmarks.sweeps", "run"),
    "mixing": ("benchmarks.mixing", "run"),
    "costs": ("benchmarks.costs", "run"),
    "limit": ("benchmarks.limit", "run"),
    "growth": ("benchmarks.growth", "run"),
    "peers": ("benchmarks.compare", "run"),
    "workspace": ("benchmarks.scale", "run"),
    "ledger": ("benchmarks.ledger", "run"),
    "learn": ("benchmarks.learn", "run"),
    "scores": ("benchmarks.corp", "main"),  # these four write a page of their own
    "intervals": ("benchmarks.intervals", "main"),
    "crowd": ("benchmarks.crowd", "main"),
    "replay": ("benchmarks.replay", "main"),
}
PAGES = "pages"


def main(asked: list[str]) -> None:
    """Run the parts asked for, all of them where none is."""
    unknown = [part for part in asked if part not in PARTS and part != PAGES]
    if unknown:
        sys.exit(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}, and {PAGES}")
    for part in asked or PARTS:
        if part != PAGES:
            print(f"running {part}", flush=True)
            module, name = PARTS[part]
            getattr(import_module(module), name)()
    from benchmarks.results_page import write_pages  # noqa: PLC0415  Matplotlib takes a second

    write_pages()


if __name__ == "__main__":
    main(sys.argv[1:])
