"""The form of a class's CSV file: a head of words, then one count a row."""

import io
import textwrap
from collections.abc import Mapping

import pandas as pd

__all__ = ["class_text"]

WIDTH = 116
COLUMNS = ["subclass", "first", "last", "exposure", "onsets", "entrants", "note"]


def class_text(head: Mapping[str, str], counts: pd.DataFrame) -> str:
    """Return the text of a class's file.

    Parameters
    ----------
    head
        Title, definition, population, unit, source, licence, script.
    counts
        One row a count, with some of the columns of the file.
    """
    lines = []
    for key, words in head.items():
        lines += textwrap.wrap(
            f"# {key}: {' '.join(words.split())}", WIDTH, subsequent_indent="#   "
        )
    columns = [name for name in COLUMNS if name in counts.columns]
    table = io.StringIO()
    counts[columns].sort_values(["subclass", "first"]).to_csv(
        table, index=False, lineterminator="\n"
    )
    return "\n".join(lines) + "\n" + table.getvalue()
