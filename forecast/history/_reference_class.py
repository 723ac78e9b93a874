"""A reference class: what was counted, over which exposure, and what it says about one more case.

With how far its counts spread beyond chance: between years, and within bursts of entrants.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import inf, isfinite
from typing import TYPE_CHECKING

from forecast.errors import Fault, InputError, did_you_mean
from forecast.network import Gamma

if TYPE_CHECKING:
    import pandas as pd

LEAST = 1.0


def of_counts(groups: Sequence[Sequence[tuple[int, float]]]) -> float:
    """Return the overdispersion of counts around one steady rate for each group.

        φ = [Σ (y − m)²/m] / (n − s) / (1 + mean((y − m)/m))

    over n counts y with expectations m in s groups: Pearson's statistic, with Fletcher's correction
    for small expectations [1]_. At least 1: less than chance is taken for chance.

    Parameters
    ----------
    groups
        Onsets and exposure of each period, by group. Groups without an onset, or of one period, say
        nothing about bursts and are left out.

    References
    ----------
    .. [1] Fletcher, D. J. (2012). Estimating overdispersion when fitting a generalized linear model
       to sparse data. Biometrika 99(1), 230-237.

    Examples
    --------
    >>> of_counts([[(0, 10.0), (8, 10.0), (0, 10.0), (0, 10.0)]])
    8.0
    """
    pearson, skew, number, used = 0.0, 0.0, 0, 0
    for group in groups:
        onsets = sum(count for count, _ in group)
        rate = onsets / sum(exposure for _, exposure in group)
        if onsets == 0 or len(group) == 1:
            continue
        used += 1
        for count, exposure in group:
            expected = rate * exposure
            pearson += (count - expected) ** 2 / expected
            skew += (count - expected) / expected
            number += 1
    if number == used:
        return LEAST
    return max(LEAST, pearson / (number - used) / (1 + skew / number))


def mean_burst_size(onsets: int, entrants: int, level: float) -> tuple[float, float, float]:
    """Return the mean number of entrants of one onset: median and central interval.

    Sizes are geometric from 1 on with stopping chance θ, θ ~ Beta(½, ½) before the counts: with n
    onsets and N entrants θ ~ Beta(n + ½, N − n + ½), and the mean is 1/θ. Bursts are far from
    geometric where a few are huge: the interval is then too narrow.

    Parameters
    ----------
    onsets, entrants
        n and N.
    level
        Of the interval.

    Examples
    --------
    >>> [round(size, 1) for size in mean_burst_size(12, 62, 0.9)]
    [5.1, 3.5, 8.2]
    """
    from scipy.special import betaincinv  # noqa: PLC0415 - takes longer than reading the class

    tail = (1 - level) / 2
    stopping = [
        float(betaincinv(onsets + 0.5, entrants - onsets + 0.5, q)) for q in (0.5, 1 - tail, tail)
    ]
    middle, low, high = (1 / chance if chance else inf for chance in stopping)
    return middle, low, high


EARLIEST, LATEST = 1000, 3000


@dataclass(frozen=True)
class Tally:
    """What was counted in one subclass over some years.

    Parameters
    ----------
    subclass
        The part of the class.
    first, last
        The years counted over, both included.
    exposure
        How much there was to see: state-years, dyad-years, conflict-years.
    onsets
        How often it began. A burst that is one decision counts once.
    entrants
        How many took part in these onsets; None if that has no meaning.
    """

    subclass: str
    first: int
    last: int
    exposure: float
    onsets: int
    entrants: int | None = None

    @property
    def middle(self) -> float:
        """The middle of its period, in years."""
        return (self.first + self.last + 1) / 2


@dataclass(frozen=True)
class Total:
    """Onsets over an exposure, discounted or not."""

    onsets: float
    exposure: float

    @property
    def rate(self) -> float:
        """Onsets per year of exposure, as counted; 0 where there were none."""
        return self.onsets / self.exposure


@dataclass(frozen=True)
class ReferenceClass:
    """Counts with exposure, by subclass and by year, and where they come from.

    Notes
    -----
    With k onsets in an exposure of E years and a weight w the rate at hand is

        λ ~ Gamma(w k + ½, w E),

    Jeffreys' prior updated by counts of weight w each (a power prior [1]_): w = 1 for a case that
    is exchangeable with those counted, less for one that the class fits badly. How large w may be
    follows from the spread between subclasses (`fit_rates`) and between years (`dispersion`). Rates
    are per unit of exposure: a class of dyad-years is about one dyad. What is counted must not be
    chosen by the outcome at hand.

    Parameters
    ----------
    name
        Lower-case letters, digits, underscores.
    tallies
        The counts, at least one, no subclass twice in one year.
    title, definition, population, unit
        What counts as an onset, among whom, and the unit of exposure.
    source, licence, script
        Where the counts come from, under which terms, and the script that derives them.

    Raises
    ------
    InputError
        With every fault: an exposure that is not positive, onsets below 0, fewer entrants than
        onsets, years out of order, counts that overlap.

    References
    ----------
    .. [1] Ibrahim, J. G. & Chen, M.-H. (2000). Power prior distributions for regression models.
       Statistical Science 15(1), 46-60.

    Examples
    --------
    >>> coups = ReferenceClass("coups", [Tally("africa", 1990, 2009, 1000, 30)], unit="state-years")
    >>> coups.total().rate
    0.03
    >>> coups.prior(weight=0.5)
    Gamma(shape=15.5, rate=500.0)
    """

    name: str
    tallies: tuple[Tally, ...]
    title: str = ""
    definition: str = ""
    population: str = ""
    unit: str = "years"
    source: str = ""
    licence: str = ""
    script: str = ""
    subclasses: tuple[str, ...] = field(init=False, compare=False)

    def __init__(  # noqa: PLR0913 - one keyword a line of the file's head
        self,
        name: str,
        tallies: Iterable[Tally],
        *,
        title: str = "",
        definition: str = "",
        population: str = "",
        unit: str = "years",
        source: str = "",
        licence: str = "",
        script: str = "",
    ) -> None:
        given = {"title": title, "definition": definition, "population": population}
        given |= {"unit": unit, "source": source, "licence": licence, "script": script}
        for key, value in {"name": name, "tallies": tuple(tallies), **given}.items():
            object.__setattr__(self, key, value)
        faults = list(tally_faults(self.tallies))
        if faults:
            raise InputError([replace(f, field=f"{name}.{f.field}") for f in faults])
        names = tuple(dict.fromkeys(tally.subclass for tally in self.tallies))
        object.__setattr__(self, "subclasses", names)

    def select(
        self, subclass: str = "", *, since: int | None = None, before: int | None = None
    ) -> "ReferenceClass":
        """Return the counts of one subclass (or all), of years from `since` to before `before`.

        A count over several years is in only if all of them are.

        Raises
        ------
        InputError
            If there is no such subclass, or nothing is left.
        """
        if subclass and subclass not in self.subclasses:
            raise InputError(
                Fault(
                    f"the class '{self.name}' has no subclass '{subclass}'",
                    did_you_mean(subclass, self.subclasses),
                )
            )
        kept = [
            tally
            for tally in self.tallies
            if (not subclass or tally.subclass == subclass)
            and (since is None or tally.first >= since)
            and (before is None or tally.last < before)
        ]
        if not kept:
            first, last = self.period
            raise InputError(
                Fault(
                    f"the class '{self.name}' counted nothing in those years",
                    f"It counts {first} to {last}.",
                )
            )
        return replace_tallies(self, kept)

    @property
    def period(self) -> tuple[int, int]:
        """The first and the last year counted."""
        return min(t.first for t in self.tallies), max(t.last for t in self.tallies)

    def total(self, *, half_life: float | None = None, at: float | None = None) -> Total:
        """Return all onsets and exposure, old ones discounted: a weight 2^(−age/half_life) each.

        Parameters
        ----------
        half_life
            Years.
        at
            The year that ages are counted to; by default the end of the counts.
        """
        weights = dict(zip(self.tallies, self.weights(half_life, at), strict=True))
        onsets = sum(weight * tally.onsets for tally, weight in weights.items())
        exposure = sum(weight * tally.exposure for tally, weight in weights.items())
        return Total(onsets, exposure)

    def weights(self, half_life: float | None, at: float | None = None) -> list[float]:
        """Return the discount of each tally: 1 where there is no half-life."""
        if half_life is None:
            return [1.0] * len(self.tallies)
        if not (isfinite(half_life) and half_life > 0):
            raise InputError(Fault(f"a half-life is above 0 years, not {half_life}"))
        now = self.period[1] + 1 if at is None else at
        return [0.5 ** (max(now - tally.middle, 0.0) / half_life) for tally in self.tallies]

    def prior(
        self, *, weight: float = 1.0, half_life: float | None = None, at: float | None = None
    ) -> Gamma:
        """Return Gamma(w k + ½, w E) of the rate per year of exposure.

        Parameters
        ----------
        weight
            Above 0 and up to 1: how relevant one onset of the class is to the case at hand.
        half_life, at
            See `total`.
        """
        if not 0 < weight <= 1:
            raise InputError(Fault(f"a weight lies above 0 and up to 1, not {weight}"))
        total = self.total(half_life=half_life, at=at)
        return Gamma(weight * total.onsets + 0.5, weight * total.exposure)

    def dispersion(self) -> float:
        """Return the variance of the counts between years, relative to chance alone.

        It is 1 for independent onsets at a steady rate, and more if they come in bursts;
        1/dispersion is the weight at which a Poisson count is as uncertain as these.
        """
        groups = [[(tally.onsets, tally.exposure) for tally in p.tallies] for p in self.parts()]
        return of_counts(groups)

    def burst_size(self, level: float = 0.9) -> tuple[float, float, float]:
        """Return the mean number of entrants of an onset: posterior median and interval."""
        counted = [(t.onsets, t.entrants) for t in self.tallies if t.entrants is not None]
        onsets, entrants = (
            sum(onsets for onsets, _ in counted),
            sum(joined for _, joined in counted),
        )
        if onsets == 0:
            raise InputError(Fault(f"the class '{self.name}' counts no entrants of onsets"))
        return mean_burst_size(onsets, entrants, level)

    def table(self) -> "pd.DataFrame":
        """Return one row per subclass: period, exposure, onsets, rate and its 90% interval."""
        import pandas as pd  # noqa: PLC0415 - takes longer than reading the class

        rows = []
        for part in self.parts():
            total, prior = part.total(), part.prior()
            low, high = prior.interval(0.9)
            first, last = part.period
            numbers = (total.exposure, int(total.onsets), prior.median(), low, high)
            rows.append((part.tallies[0].subclass, first, last, *numbers))
        columns = ["subclass", "first", "last", "exposure", "onsets", "rate", "lower", "upper"]
        return pd.DataFrame(rows, columns=columns).set_index("subclass")

    def parts(self) -> "Iterator[ReferenceClass]":
        """Yield the class of each single subclass."""
        for name in self.subclasses:
            yield self.select(name)


def replace_tallies(whole: ReferenceClass, tallies: Iterable[Tally]) -> ReferenceClass:
    """Return a class with other counts and the same words."""
    words = ("title", "definition", "population", "unit", "source", "licence", "script")
    return ReferenceClass(whole.name, tallies, **{word: getattr(whole, word) for word in words})


def tally_faults(tallies: Iterable[Tally]) -> Iterator[Fault]:
    """Yield the faults of counts; the field of each is the index of its tally."""
    seen: set[tuple[str, int]] = set()
    place = -1
    for place, tally in enumerate(tallies):
        for problem, remedy in _faults_of(tally):
            yield Fault(problem, remedy, field=str(place))
        if tally.first <= tally.last and EARLIEST <= tally.first <= tally.last <= LATEST:
            years = {(tally.subclass, year) for year in range(tally.first, tally.last + 1)}
            if years & seen:
                yield Fault(
                    f"the subclass '{tally.subclass}' is counted twice in {min(years & seen)[1]}",
                    "Remove one of the rows, or join them.",
                    field=str(place),
                )
            seen |= years
    if place < 0:
        yield Fault("a reference class needs at least one count", field="tallies")


def _faults_of(tally: Tally) -> Iterator[tuple[str, str]]:
    if not tally.subclass:
        yield "a count needs the name of its subclass", "Write 'all' if there is only one."
    if not EARLIEST <= tally.first <= tally.last <= LATEST:
        years = f"{tally.first} to {tally.last}"
        yield f"the years {years} are not in order", "Write the first and the last, as in 1946."
    if not (isfinite(tally.exposure) and tally.exposure > 0):
        yield (
            f"an exposure of {tally.exposure:g} is not above 0",
            "Write a number above 0, or leave the row out.",
        )
    if tally.onsets < 0:
        yield f"{tally.onsets} onsets are not possible", "Write a whole number, 0 or more."
    if tally.entrants is not None and tally.entrants < tally.onsets:
        yield (
            f"{tally.entrants} entrants are fewer than {tally.onsets} onsets",
            "Each onset has at least one entrant; leave the cell empty if that has no meaning.",
        )
