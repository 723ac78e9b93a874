"""Forecasts of what has come about, on open data: ``python -m benchmarks.truth --data DIR``.

The data are not part of this repository, since not all of them may be passed on. `DIR` holds a
folder for each part, in the layout that the part's ``data`` module describes. Kept in
``benchmarks/results`` are scores over many rows, and no row.
"""

import sys
from argparse import ArgumentParser
from importlib import import_module
from pathlib import Path

from forecast.errors import InputError

PARTS = {"political": "benchmarks.political", "marrow": "benchmarks.marrow"}
"""Where each part's ``run`` and ``page`` are."""


def run(data: Path, asked: list[str] | None = None) -> None:
    """Run the parts asked for, all of them where none is."""
    for part in asked or PARTS:
        print(f"running {part}", flush=True)
        try:
            import_module(f"{PARTS[part]}.run").run(data)
        except InputError as error:
            sys.exit(f"{part}: {error}")


def page() -> str:
    """Return the tables of what was kept."""
    found = [import_module(f"{module}.page").section() for module in PARTS.values()]
    return "\n".join(["## Open data\n", *found]) if any(found) else ""


def main(arguments: list[str]) -> None:
    """Run as a command."""
    parser = ArgumentParser(prog="python -m benchmarks.truth", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="all, unless some are named")
    parser.add_argument("--data", type=Path, required=True, help="the folder with the data")
    given = parser.parse_args(arguments)
    run(given.data, given.parts)
    from benchmarks.results_page import write_pages  # noqa: PLC0415  Matplotlib takes a second

    write_pages()


if __name__ == "__main__":
    main(sys.argv[1:])
