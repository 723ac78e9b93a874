"""Faults of tables: every one, by table, row and column, as far as a reader wants to read on."""

from collections import Counter
from collections.abc import Hashable

from forecast.errors import Fault, InputError, did_you_mean

MOST_ALIKE = 10
"""Of one problem; how many more there are is said."""


class Faults:
    """What is wrong with two tables."""

    def __init__(self) -> None:
        self._found: list[Fault] = []
        self._alike: Counter[str] = Counter()

    def __len__(self) -> int:
        return sum(self._alike.values())

    def add(
        self, problem: str, remedy: str, where: tuple[str, Hashable, str], value: object = ""
    ) -> None:
        """Take in the fault of a cell: `where` is its table, the label of its row, its column."""
        self._alike[problem] += 1
        if self._alike[problem] <= MOST_ALIKE:
            table, row, column = where
            field = f"{table}, row {row}, {column}"
            self._found.append(Fault(problem, remedy, field=field, value=str(value)))

    def missing(self, table: str, columns: object, wanted: "list[str]") -> None:
        """Take in each wanted column that a table has not."""
        have = [str(name) for name in columns]  # type: ignore[attr-defined]
        for name in wanted:
            if name not in have:
                problem = f"the table {table} has no column '{name}'"
                self._alike[problem] += 1
                self._found.append(Fault(problem, did_you_mean(name, have), field=table))

    def raise_any(self) -> None:
        """Raise all faults so far, if there are any."""
        if not self._found:
            return
        more = [
            Fault(f"{count - MOST_ALIKE} more rows: {problem}")
            for problem, count in self._alike.items()
            if count > MOST_ALIKE
        ]
        raise InputError([*self._found, *more])
