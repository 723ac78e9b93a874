"""The limits of what is read, in one table; `docs/limits.md` shows it, and readers take theirs.

They are set so that any 1 MB of input is answered in two seconds of the processor and 200 MB of
memory, whatever is in it, and so that no honest file that we know of comes near.
"""

from collections.abc import Collection
from typing import NamedTuple

from forecast.errors import Fault


class Limit(NamedTuple):
    """The most that one thing may have of another.

    Parameters
    ----------
    what, unit
        Of what, and counted in what.
    most
        How many.
    why
        What sets it, or what it is for; one sentence without a full stop.
    """

    what: str
    unit: str
    most: int
    why: str


LIMITS = (
    Limit("YAML file", "bytes", 1_000_000, "networks, sources, evidence, questions, answers"),
    Limit("YAML file", "levels", 32, "five are in use"),
    Limit("YAML file", "values", 40_000, "some 6,000 events; anchors, aliases and tags are none"),
    Limit("forecast.toml", "characters", 100_000, "a page is 3,000"),
    Limit("forecast.toml", "dots in a key", 16, "two are in use; time grows with their square"),
    Limit("forecast.toml", "files", 1_000, "networks, or places of evidence, that it names"),
    Limit("forecast.toml", "rules of counts", 200, ""),
    Limit("table", "bytes", 10_000_000, "CSV, TSV, XLSX, ODS"),
    Limit("table", "rows", 100_000, "of one file, or of one sheet"),
    Limit("table", "columns", 200, "29 are in use"),
    Limit("evidence", "bytes", 20_000_000, "of all its files together"),
    Limit("evidence", "items looked ahead on", 5_000, "of a network, by forecast check"),
    Limit("workbook", "bytes unpacked", 50_000_000, "it is an archive"),
    Limit("workbook", "times its size", 30, "unpacked, or shown by its cells; 4 MB are free"),
    Limit("workbook", "cells", 5_000_000, "from the first to the last that is filled"),
    Limit("workbook", "cells for ten bytes", 10, "of the same; 300,000 are free"),
    Limit("workbook", "elements for ten bytes", 7, "a filled cell is two; 300,000 are free"),
    Limit("workbook", "sheets", 100, "the others are not read"),
    Limit("faults of one file", "faults", 2_000, "what comes after them is not judged"),
    Limit("faults of a command", "lines", 200, "the others are counted"),
    Limit("warnings of a command", "lines", 200, "the others are counted; --json has them"),
    Limit("calendar", "bytes", 10_000_000, "iCalendar"),
    Limit("calendar", "entries", 3_000, ""),
    Limit("calendar", "times of an entry", 1_000, "the others are told"),
    Limit("calendar", "entries that repeat", 150, "the others are kept aside"),
    Limit("calendar", "times of all entries", 50_000, "the others are kept aside"),
    Limit(
        "calendar",
        "days of rules with filters",
        200_000,
        "on which they are followed; a quarter of yearly ones",
    ),
    Limit("calendar", "days of a rule", 200_000, "from its beginning to the end of the networks"),
    Limit("Bayesian network of another program", "bytes", 16_000_000, "BIF, XDSL"),
    Limit("Bayesian network of another program", "variables", 2_000, ""),
    Limit("Bayesian network of another program", "chances", 100_000, "of all its tables"),
    Limit("platform's file", "bytes", 100_000_000, "JSON, CSV"),
    Limit("platform's file", "objects for 1,000 bytes", 50, "of JSON; 20,000 are free"),
    Limit("platform's file", "faults", 50, "the others are counted"),
    Limit("news", "bytes", 32_000_000, "a file or an answer"),
    Limit("news", "bytes unpacked", 96_000_000, "gzip, or a zip of one file"),
    Limit("news", "entries", 20_000, "of one file or answer"),
    Limit("feed", "characters", 10_000_000, "RSS, RDF, Atom"),
    Limit("feed", "tags", 60_000, "what is escaped, or in CDATA, is none"),
    Limit("feed", "characters of a tag", 20_000, ""),
    Limit("inbox", "bytes of a file", 1_000_000_000, "its drafts, decisions, proposals"),
    Limit("saved posterior", "bytes", 4_000_000_000, "netCDF"),
    Limit("saved draws", "times their size", 100, "in memory; 64 MB are free"),
    Limit("saved draws", "groups and variables", 10_000, "some hundreds are in use"),
    Limit("saved draws", "levels", 8, "two are in use"),
)
"""Every limit of every reader."""

_MOST = {(each.what, each.unit): each.most for each in LIMITS}


def most(what: str, unit: str) -> int:
    """Return a limit.

    Examples
    --------
    >>> most("YAML file", "levels")
    32
    """
    return _MOST[what, unit]


MOST_FAULTS = most("faults of one file", "faults")


def too_many(faults: Collection[object]) -> bool:
    """Return whether a file has so many faults that the rest of it is not judged."""
    return len(faults) >= MOST_FAULTS


def unjudged(file: str, line: int) -> Fault:
    """Return the fault that says that a file was judged up to a line."""
    problem = f"from here on nothing was judged, since more than {MOST_FAULTS:,} faults come before"
    return Fault(problem, "Mend those first, and check again.", file, line)
