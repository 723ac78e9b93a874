"""Which random networks are asked, by which method, and what came of each."""

import time
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal

import forecast as fc
from tests.reference.cases import Case, Size, random_case
from tests.reference.compare import Compared, averaged, compared, draw_by_draw

__all__ = ["GROUPS", "Group", "Outcome"]

type Method = Literal["importance", "nuts", "paths"]
type Way = Literal["fixed", "draws", "average"]


@dataclass(frozen=True)
class Group:
    """Networks of one size, all asked in one way.

    Parameters
    ----------
    size
        What is drawn.
    method
        By which it is estimated.
    way
        Numbers that are fixed, all questions; or ranged, draw by draw or on average.
    first, short, long
        The seed of the first network, and how many there are in the short form and in the long one.
    draws
        Of the estimate.
    """

    size: Size
    method: Method
    way: Way
    first: int
    short: int
    long: int
    draws: int = 512

    def outcome(self, seed: int) -> "Outcome":
        """Ask one network."""
        began = time.perf_counter()
        case = random_case(seed, self.size)
        post = fc.update(
            case.network,
            case.evidence,
            as_of=case.as_of,
            method=self.method,
            draws=self.draws,
            seed=1,
        )
        ask = {"fixed": compared, "draws": draw_by_draw, "average": averaged}[self.way]
        rows = list(ask(case, post, seed))
        return Outcome(seed, case, rows, time.perf_counter() - began)

    def seeds(self, number: int) -> range:
        """The seeds of so many networks."""
        return range(self.first, self.first + number)


@dataclass(frozen=True)
class Outcome:
    """What came of one network."""

    seed: int
    case: Case
    rows: list[Compared]
    seconds: float

    @cached_property
    def wrong(self) -> list[Compared]:
        """The probabilities that are out of bounds."""
        return [row for row in self.rows if not row.right]

    @property
    def largest(self) -> float:
        """The largest difference from the oracle."""
        return max(row.off for row in self.rows)

    @property
    def in_errors(self) -> float:
        """The same in errors stated, of those beyond the absolute bound."""
        beyond = [row.off / row.error for row in self.rows if row.off > 1e-3 and row.error > 0]
        return max(beyond, default=0.0)

    def told(self) -> dict[str, Any]:
        """What a reader needs to make it again."""
        return {"seed": self.seed, "tied": self.case.tied, "wrong": [asdict(r) for r in self.wrong]}


GROUPS = {
    "steady": Group(Size(6, 1e-3, 10), "importance", "fixed", 0, 12, 90),
    "rare": Group(Size(6, 1e-6, 1e-1), "importance", "fixed", 1000, 4, 40),
    "large": Group(Size(10, 1e-3, 5), "importance", "fixed", 2006, 4, 50),
    "fast": Group(Size(5, 1e-6, 1000), "importance", "fixed", 3000, 6, 60),
    "fastest": Group(Size(5, 10, 1000), "importance", "fixed", 3500, 4, 40),
    "one day": Group(Size(5, 30, 1500, day=True), "importance", "fixed", 3805, 4, 30),
    "paths": Group(Size(5, 1e-2, 10, counts=True), "paths", "fixed", 4000, 5, 50, draws=1024),
    "large by paths": Group(
        Size(10, 1e-2, 5, counts=True), "paths", "fixed", 4500, 0, 40, draws=1024
    ),
    "fast by paths": Group(Size(5, 1, 500, counts=True), "paths", "fixed", 4700, 0, 30, draws=1024),
    "dated": Group(Size(5, 1e-2, 10, dated=True), "importance", "fixed", 5200, 8, 60),
    "dated by paths": Group(
        Size(5, 1e-2, 10, counts=True, dated=True), "paths", "fixed", 5400, 3, 30, draws=1024
    ),
    "dated draws": Group(
        Size(4, 1e-2, 10, ranged=True, dated=True), "importance", "draws", 5600, 4, 30
    ),
    "dated average by NUTS": Group(
        Size(3, 1e-1, 5, ranged=True, dated=True), "nuts", "average", 5800, 0, 3, draws=4096
    ),
    "regimes": Group(Size(5, 1e-2, 10, bare=0, regimes=True), "importance", "fixed", 9000, 12, 60),
    "regimes by draws": Group(
        Size(4, 1e-2, 10, bare=0, ranged=True, regimes=True), "importance", "draws", 9200, 5, 30
    ),
    "regimes by paths": Group(
        Size(5, 1e-2, 10, bare=0, counts=True, regimes=True),
        "paths",
        "fixed",
        9400,
        5,
        40,
        draws=1024,
    ),
    "forms": Group(Size(9, 1e-2, 5, forms=True), "importance", "fixed", 9600, 5, 40),
    "forms by paths": Group(
        Size(9, 1e-2, 5, counts=True, forms=True), "paths", "fixed", 9700, 4, 40, draws=1024
    ),
    "forms draws": Group(
        Size(8, 1e-2, 5, ranged=True, forms=True), "importance", "draws", 9800, 4, 40
    ),
    "draws": Group(Size(5, 1e-3, 10, ranged=True), "importance", "draws", 5000, 5, 40),
    "average": Group(
        Size(3, 1e-1, 5, ranged=True), "importance", "average", 6000, 0, 16, draws=4096
    ),
    "average by paths": Group(
        Size(3, 1e-1, 5, ranged=True, counts=True), "paths", "average", 7000, 0, 8, draws=4096
    ),
    "average by NUTS": Group(
        Size(3, 1e-1, 5, ranged=True), "nuts", "average", 8000, 0, 4, draws=4096
    ),
}
