"""Which steps of a forecast have a line of their own: those that are more than sampling error."""

from collections.abc import Sequence

import numpy as np
import pytest
from scipy.stats import binom, norm

import forecast as fc
from forecast.network import Event, Link, Network, Source, SourceType
from forecast.posterior import _levels as levels
from forecast.probability import CLEAR, NOISE, PRIOR, TIME
from forecast.report._content import OddsStep
from forecast.report._words import LEAST_PUSH, Push, pushes
from forecast.workspace._reasons import steps_of
from tests.tolerances import MONTE_CARLO_Z, SAME_ALGEBRA

ALL = 10_000
REPEATED = 400
RARE = 1e-4
"""Of a tail of the binomial: at fixed seeds a count beyond it means another rate."""


def steps(items: Sequence[tuple[float, float | None]], noise: float = 0.0) -> list[OddsStep]:
    """Return a forecast's steps, each item with its push and its error."""
    told = [(f"e{n}", push, mcse) for n, (push, mcse) in enumerate(items)]
    told = [(PRIOR, -2.0, 0.0), (TIME, -0.5, 0.01), *told, (NOISE, noise, 0.02)]
    return [OddsStep(name, push, 0.5, push / 4, mcse=mcse) for name, push, mcse in told]


def of_items(told: Sequence[Push]) -> dict[str, float]:
    return {push.item: push.log_odds or 0.0 for push in told if push.item}


def test_of_items_that_do_nothing_as_many_have_a_line_as_the_normal_tail_says() -> None:
    rng = np.random.default_rng(1)
    number, share = 50 * REPEATED, 2 * norm.sf(CLEAR)
    errors = rng.uniform(LEAST_PUSH, 0.6, number)  # each above the least push by twice its error
    lines = of_items(
        pushes(steps([*zip(errors * rng.normal(size=number), errors, strict=True)]), ALL)
    )
    low, high = (binom.ppf(p, number, share) for p in (RARE, 1 - RARE))
    assert low <= len(lines) <= high


def test_what_items_do_is_told_however_many_that_do_nothing_stand_beside() -> None:
    rng = np.random.default_rng(2)
    true = np.zeros(60)
    true[[3, 17, 40]] = 1.2, -0.9, 0.6
    errors = np.full(60, 0.1)
    found = steps([*zip(true + errors * rng.normal(size=60), errors, strict=True)])
    lines = of_items(pushes(found))
    assert {"e3", "e17", "e40"} <= set(lines)
    assert sum(each.log_odds for each in found[1:]) == pytest.approx(
        sum(push.log_odds or 0.0 for push in pushes(found)), rel=SAME_ALGEBRA
    )


def test_the_sum_of_items_that_do_nothing_is_called_beyond_its_error_as_rarely_as_that() -> None:
    rng = np.random.default_rng(3)
    errors, called = rng.uniform(0.02, 0.3, 12), 0
    for _ in range(REPEATED):
        moved = errors * rng.normal(size=12)
        told = pushes(steps([*zip(moved, errors, strict=True)], 0.02 * rng.normal()), 0)
        called += told[-1].words.endswith("; their sum is beyond it")
    share = 2 * norm.sf(CLEAR)
    low, high = (binom.ppf(p, REPEATED, share) for p in (RARE, 1 - RARE))
    assert low <= called <= high


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([], "Sampling error"),
        ([(0.03, 0.001)], "1 smaller item, and sampling error"),
        ([(0.03, None), (0.0, None)], "2 smaller items, and sampling error"),
        ([(0.3, 0.2)], "1 more item, not beyond sampling error"),
        ([(0.3, 0.2), (-0.3, 0.2)], "2 more items, none of them beyond sampling error"),
        ([(0.3, 0.2), (0.0, 0.0)], "2 more items, none of them beyond sampling error"),
        ([(0.3, 0.2), (0.04, 0.01)], "2 more items, 1 of them within sampling error"),
        (
            [(0.18, 0.1)] * 12,
            "12 more items, none of them beyond sampling error; their sum is beyond it",
        ),
    ],
)
def test_the_last_line_says_what_it_holds(
    items: list[tuple[float, float | None]], words: str
) -> None:
    *_, last = pushes(steps(items))
    assert last.words == words
    assert last.mcse == pytest.approx(np.sqrt(sum((e or 0.0) ** 2 for _, e in items) + 0.02**2))


def test_a_step_without_an_error_counts_as_exact() -> None:
    assert list(of_items(pushes(steps([(0.3, None), (0.3, 0.2), (0.4, 0.2)])))) == ["e0", "e2"]


def test_time_keeps_its_line_and_says_where_it_is_no_more_than_sampling_error() -> None:
    start, *others = steps([])
    early = [start, OddsStep(TIME, 0.3, 0.5, 0.1, mcse=0.7), *others[1:]]
    words = "Time passed, and nothing was seen to happen"
    assert [push.words for push in pushes(early)][1] == f"{words}; within sampling error"
    assert [push.words for push in pushes(steps([]))][1] == words


def wide() -> tuple[Network, fc.Evidence]:
    """Return a chain to a rare event on which much is said, and a little of what lies apart."""
    wire = SourceType(id="wire", hit_rate="80%", false_alarm_rate="10%", spread=0)
    often = "20% [8%, 45%] within 1 year"
    rates = {"a": often, "b": often, "c": "2% within 1 year", "apart": often}
    network = Network(
        name="wide",
        start="2024-01-01",
        horizon="2025-12-31",
        events=[Event(id=e, kind="onset", public=False, rate=rate) for e, rate in rates.items()],
        links=[
            Link(parent="a", child="b", kind="multiplies", hazard_ratio="x4 [2, 8]"),
            Link(parent="b", child="c", kind="multiplies", hazard_ratio="x30"),
        ],
        source_types=[wire],
        sources=[Source(id="afp", type="wire")],
    )
    said = [("a", "on"), ("apart", "on"), ("b", "on"), ("apart", "off"), ("c", "off"), ("a", "off")]
    items = [
        fc.Report(id=f"r{n}", event=event, published=f"2024-0{n + 2}-01", source="afp", claim=claim)
        for n, (event, claim) in enumerate(said)
    ]
    return network, fc.Evidence(items)


def test_two_seeds_of_the_path_sampler_tell_of_the_same_items_or_differ_by_their_errors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By particles: one of the seeds pushes what lies apart by more than the least push."""
    monkeypatch.setattr(levels, "AFFORDABLE", 0.0)
    network, evidence = wide()

    def told(seed: int) -> tuple[dict[str, OddsStep], set[str]]:
        post = fc.update(
            network, evidence, as_of="2024-08-01", method="paths", draws=512, seed=seed
        )
        moved = steps_of(post.explain("c", by="2025-12-31", order="published"))[0]
        return {step.item: step for step in moved}, set(of_items(pushes(moved)))

    (first, lines), (second, others) = told(1), told(4)
    assert {"r2", "r4"} <= lines & others  # what is said of the event, and of what it hangs on
    assert not {"r1", "r3"} & (lines | others)  # of what it does not hang on
    pairs = {name: (first[name], second[name]) for name in first.keys() - {PRIOR}}
    for one, other in pairs.values():
        error = MONTE_CARLO_Z * np.hypot(one.mcse or 0.0, other.mcse or 0.0)
        assert abs(one.log_odds - other.log_odds) < error
    for one, other in (pairs[name] for name in lines ^ others):
        least = min(one, other, key=lambda step: abs(step.log_odds))
        assert abs(least.log_odds) < max(LEAST_PUSH, CLEAR * (least.mcse or 0.0))
