"""What the library answers is what it answered when it was recorded.

A change that means to move numbers records them anew (`python -m tests.frozen.record`), and says
so. The short form asks what no draw is needed for: likelihoods and slopes, in every representation
of the model that the library has. The slow form asks for draws as well, on the processor on which
they were recorded.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest

from tests.frozen.networks import NETWORKS
from tests.frozen.record import ANOTHER_PROCESSOR, METHODS, asked, kept, processor

ROUNDING = 1e-13
"""Of the largest number of an answer: what is left where its terms cancel."""


@cache
def recorded() -> dict[str, Any]:
    return kept()


def pairs() -> Iterator[Any]:
    for name, answered in recorded()["answers"].items():
        for method in answered:
            marks = () if METHODS[method].quick(name) else (pytest.mark.slow,)
            yield pytest.param(name, method, id=f"{method}: {name}", marks=marks)


def leaves(answer: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    """Every number and text of an answer, with the way to it."""
    if isinstance(answer, dict):
        for key, value in answer.items():
            yield from leaves(value, f"{at} / {key}")
    elif isinstance(answer, list):
        for place, value in enumerate(answer):
            yield from leaves(value, f"{at} [{place}]")
    else:
        yield at, answer


def differences(found: Any, wanted: Any, within: float) -> list[str]:
    """Return in words what is not as it was."""
    ours, theirs = dict(leaves(found)), dict(leaves(wanted))
    told = [f"{at}: gone" for at in theirs.keys() - ours.keys()]
    told += [f"{at}: new" for at in ours.keys() - theirs.keys()]
    sizes = [abs(x) for x in theirs.values() if isinstance(x, float) and np.isfinite(x)]
    floor = ROUNDING * max(sizes, default=0.0) if within else 0.0
    for at in theirs.keys() & ours.keys():
        one, other = ours[at], theirs[at]
        same = one == other or (one != one and other != other)  # noqa: PLR0124 - NaN
        if not same and within and isinstance(one, float) and isinstance(other, float):
            same = abs(one - other) <= within * abs(other) + floor
        if not same:
            told.append(f"{at}: {one!r}, was {other!r}")
    return sorted(told)


@pytest.mark.parametrize(("name", "method"), list(pairs()))
def test_the_answer_is_as_it_was(name: str, method: str) -> None:
    whole = recorded()
    answered = whole["answers"][name]
    found = asked(name, method, answered)
    within = METHODS[method].within
    within = within and max(within, ANOTHER_PROCESSOR.get(name, 0.0))
    told = differences(found, answered[method], within)
    where = f"recorded at {whole['commit']} on {whole['processor']}, this is {processor()}"
    assert not told, "\n".join([f"{len(told)} numbers differ; {where}", *told[:12]])


def test_every_network_is_recorded_by_every_method_that_applies() -> None:
    answered = recorded()["answers"]
    assert len(answered) >= 60
    assert list(answered) == list(NETWORKS)
    for name, methods in answered.items():
        assert set(methods) == {method for method, how in METHODS.items() if how.of(name)}


def test_a_difference_is_told() -> None:
    was = {"a": [1.0, float("nan"), -np.inf], "b": "on", "c": {"d": 0.0}}
    assert differences(was, was, 0.0) == []
    assert differences({**was, "a": [1.0 + 1e-12, float("nan"), -np.inf]}, was, 1e-10) == []
    assert len(differences({**was, "a": [1.0 + 1e-12, float("nan"), -np.inf]}, was, 0.0)) == 1
    assert len(differences({**was, "a": [1.0 + 1e-9, 0.0, -np.inf]}, was, 1e-10)) == 2
    assert len(differences({**was, "b": "off", "c": {}}, was, 1e-10)) == 2
