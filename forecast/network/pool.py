"""Several experts' beliefs, as they are read: a kind of pool, beliefs and weights."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from forecast.errors import did_you_mean
from forecast.network.averaged import PoolKind
from forecast.network.fault import BadValueError, bad
from forecast.network.spoken import reject_unknown_keys

__all__ = ["Expert", "PoolKind", "read_pool"]


@dataclass(frozen=True)
class Expert[B]:
    """One expert's belief and the weight it carries in a pool."""

    belief: B
    weight: float = 1.0


def read_pool[B](
    source: Mapping[str, object], read: Callable[[object], B]
) -> tuple[PoolKind, tuple[Expert[B], ...]]:
    """Return the kind of a pool and its experts, each belief read by `read`.

    Raises
    ------
    BadValueError
        If the mapping is no pool.
    """
    reject_unknown_keys(source, ("pool", "experts"))
    kind = source.get("pool")
    if kind not in ("linear", "logarithmic"):
        raise bad(
            f"a pool is linear or logarithmic, not '{kind}'",
            did_you_mean(str(kind), ("linear", "logarithmic")),
        )
    experts = source.get("experts")
    if not isinstance(experts, Sequence) or isinstance(experts, str) or not experts:
        raise bad(
            "a pool needs a list of experts",
            "Write experts: [{belief: '10% within 1 year', weight: 2}, …].",
        )
    return ("linear" if kind == "linear" else "logarithmic"), tuple(
        _expert(expert, place, read) for place, expert in enumerate(experts, start=1)
    )


def _expert[B](source: object, place: int, read: Callable[[object], B]) -> Expert[B]:
    try:
        if isinstance(source, str):
            return Expert(read(source))
        if not isinstance(source, Mapping) or "belief" not in source:
            raise bad("has no belief", "Write {belief: '10% within 1 year', weight: 2}.")
        reject_unknown_keys(source, ("belief", "weight", "name", "why"))
        return Expert(read(source["belief"]), _weight(source.get("weight", 1.0)))
    except BadValueError as error:
        fault = error.faults[0]
        raise bad(f"expert {place}: {fault.problem}", fault.remedy) from error


def _weight(weight: object) -> float:
    good = isinstance(weight, int | float) and not isinstance(weight, bool)
    if not good or not isfinite(value := float(str(weight))) or value <= 0:
        raise bad(
            f"the weight '{weight}' is not a number above 0",
            "Write for example weight: 2; leave out an expert who is not to count.",
        )
    return value
