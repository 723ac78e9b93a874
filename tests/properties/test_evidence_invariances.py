"""What may not matter in a record does not, over every kind of item; short here, long by --slow.

The long form runs 10,000 cases of each claim, and keeps what it found in properties_result.json.
"""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from forecast.engine._components import build_plans
from forecast.engine._likelihood import log_likelihood
from forecast.engine._problem import ONSET
from forecast.evidence import Clock, Evidence, Item, Report, Retraction
from forecast.model._lower import Lowered, lower, lower_seen
from forecast.network import Network, Source, SourceType
from forecast.time import parse_instant
from tests.commit import commit
from tests.exact.random_networks import HORIZON, random_problem
from tests.properties.cases import DAYS, NETWORK, day, random_items, same
from tests.tolerances import LOG_PROBABILITY, SAME_ALGEBRA

SHORT, LONG = 60, 10_000
CLOCKS: tuple[Clock, ...] = ("published", "recorded")
WEEK = 1 / 52

type Check = Callable[[np.random.Generator], None]


def seen(items: list[Item], as_of: date, clock: Clock = "published") -> Lowered:
    return lower(NETWORK, Evidence(items), _end(as_of), clock)


def _end(as_of: date) -> datetime:
    return parse_instant(as_of, edge="end")


def _without(items: list[Item], names: set[str]) -> list[Item]:
    """Return what is left if some items had never been, nor what did nothing but retract them."""
    left: list[Item] = []
    for item in items:  # what retracts stands after what it retracts
        retracts = tuple(name for name in item.retracts if name not in names)
        if isinstance(item, Retraction) and not retracts:
            names = {*names, item.id}
        if item.id not in names:
            left.append(item.model_copy(update={"retracts": retracts}))
    return left


def an_item_whose_clock_is_after_as_of_changes_nothing(rng: np.random.Generator) -> None:
    items, as_of = random_items(rng), day(rng.integers(15, DAYS))
    for clock in CLOCKS:
        cut = Evidence(items).as_of(as_of, clock)
        known = [item for item in items if getattr(item, f"{clock}_instant") <= _end(as_of)]
        assert set(cut) | set(cut.retracted) | set(cut.replaced) == set(known)
        assert same(seen(items, as_of, clock), seen(known, as_of, clock))


def the_order_of_arrival_changes_nothing(rng: np.random.Generator) -> None:
    items, as_of = random_items(rng), day(DAYS)
    moved = [items[k] for k in rng.permutation(len(items))]
    half = int(rng.integers(len(items) + 1))
    for other in (Evidence(moved), Evidence(moved[:half]) + Evidence(moved[half:])):
        assert other == Evidence(items)
        assert same(lower(NETWORK, other, _end(as_of)), seen(items, as_of))
    on_file = [item for item in items if item.recorded_instant <= _end(as_of)]
    assert same(seen(on_file, as_of, "recorded"), seen(on_file, as_of))


def a_retraction_equals_absence_from_its_publication_on(rng: np.random.Generator) -> None:
    items = random_items(rng)
    copied = {name for item in items if isinstance(item, Report) for name in item.derived_from}
    pairs = [(item, name) for item in items for name in item.retracts if name not in copied]
    assume(pairs)
    back, name = pairs[int(rng.integers(len(pairs)))]
    standing = {item.id for item in Evidence(items).as_of(day(DAYS))}
    assume(back.id in standing)  # and is not itself taken back
    taken = next(item for item in items if item.id == name)
    assume(not taken.retracts)  # what a correction corrected does not come back
    assert name not in standing
    assert same(seen(items, day(DAYS)), seen(_without(items, {name}), day(DAYS)))
    eve = back.published_instant.date() - timedelta(days=2)  # the last day before
    unaware = [item for item in items if item.published_instant <= _end(eve)]
    assert back not in unaware
    assert same(seen(items, eve), seen(unaware, eve))


def a_copy_weighs_no_more_than_its_origin_would(rng: np.random.Generator) -> None:
    hit, false = sorted(rng.uniform(0.02, 0.98, 2))[::-1]
    rates = {"hit_rate": f"{100 * hit:.6f}%", "false_alarm_rate": f"{100 * false:.6f}%"}
    network = Network(
        name="copies",
        start=NETWORK.start,
        horizon=NETWORK.horizon,
        events=NETWORK.events,
        links=NETWORK.links,
        source_types=[SourceType(id="press", **rates)],
        sources=[Source(id=name, type="press", **rates) for name in ("first", "second")],
    )
    claim, check = ("on", "off")[int(rng.integers(2))], float(rng.uniform(0.001, 1))
    given = {"event": "troops", "claim": claim, "credibility": float(rng.uniform(0.01, 1))}
    origin = Report(id="a", published=day(40), source="first", **given)
    copy = {"id": "b", "published": day(50), "source": "second", "check": check}
    heard = Report(**copy, **given, derived_from=("a",))
    lowered = lower(network, Evidence([origin, heard]), day(60))
    values = lowered.table.from_z(np.zeros((1, lowered.table.dimensions)))
    weights = np.abs(np.diff(np.log(lowered.theta(values).factors[0]), axis=1)[:, 0])
    assert weights[1] <= weights[0] * (1 + SAME_ALGEBRA)
    by_itself = heard.model_copy(update={"derived_from": (), "check": None})
    lowered = lower(network, Evidence([by_itself]), day(60))
    values = lowered.table.from_z(np.zeros((1, lowered.table.dimensions)))
    alone = np.abs(np.diff(np.log(lowered.theta(values).factors[0, 0])))[0]
    assert weights[1] <= alone * (1 + SAME_ALGEBRA)


def silence_lowers_an_onset_at_every_time_and_never_raises_it(rng: np.random.Generator) -> None:
    """Whatever else is linked to the event and said: its onset's time alone decides on silence."""
    structure, record, theta = random_problem(rng, most=4)
    onsets = np.flatnonzero((structure.kind == ONSET) & (structure.initially == 0))
    assume(len(onsets))
    event, asked = int(rng.choice(onsets)), float(rng.uniform(0.05, HORIZON))
    begin, end = np.sort(rng.uniform(0, HORIZON, 2))
    told = record._replace(
        item_event=np.append(record.item_event, event),
        item_time=np.append(record.item_time, end),
        item_from=np.append(record.first_time, begin),
    )
    others = record.known_event != event
    spans = [(0.0, asked, 0), (asked, np.inf, 1)]

    def log_odds(quiet: float) -> float:
        """Of being on at the time asked, where silence all through has the chance `quiet`."""
        factors = np.vstack([theta.factors, [[1.0, quiet]]])
        ends = []
        for start, until, value in spans:
            known = told._replace(
                known_event=np.append(record.known_event[others], event),
                known_from=np.append(record.known_from[others], start),
                known_to=np.append(record.known_to[others], until),
                known_value=np.append(record.known_value[others], value),
            )
            plans = build_plans(structure, known, max_step=WEEK)
            ends.append(log_likelihood(plans, theta._replace(factors=factors)))
        return ends[1] - ends[0]

    heard = log_odds(1.0)
    assume(bool(np.isfinite(heard)))
    assert log_odds(float(np.exp(-rng.exponential(2.0)))) <= heard + LOG_PROBABILITY


CLAIMS: tuple[Check, ...] = (
    an_item_whose_clock_is_after_as_of_changes_nothing,
    the_order_of_arrival_changes_nothing,
    a_retraction_equals_absence_from_its_publication_on,
    a_copy_weighs_no_more_than_its_origin_would,
    silence_lowers_an_onset_at_every_time_and_never_raises_it,
)


def examined(claim: Check, cases: int) -> int:
    """Hold a claim against so many cases, and return how many were not set aside."""
    done = 0

    @settings(max_examples=cases, suppress_health_check=list(HealthCheck))
    @given(seed=st.integers(0, 2**64 - 1))
    def run(seed: int) -> None:
        nonlocal done
        claim(np.random.default_rng(seed))
        done += 1

    run()
    return done


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.__name__)
def test_it_holds_that(claim: Check) -> None:
    assert examined(claim, SHORT) >= SHORT


def test_the_numbers_compared_do_change_with_an_item_in_force() -> None:
    changed = 0
    for seed in range(SHORT):
        rng = np.random.default_rng(seed)
        items = random_items(rng)
        standing = list(Evidence(items).as_of(day(DAYS)))
        told = [item for item in standing if not isinstance(item, Retraction)]
        if not told:
            continue
        fewer = Evidence(items).as_of(day(DAYS)).without({told[-1].id})
        changed += not same(lower_seen(NETWORK, fewer, _end(day(DAYS))), seen(items, day(DAYS)))
    assert changed > SHORT * 0.8


@pytest.mark.slow
def test_the_long_form_holds_and_its_result_is_kept() -> None:
    result: dict[str, Any] = {"version": version("eventcast"), "commit": commit(), "cases": {}}
    for claim in CLAIMS:
        result["cases"][claim.__name__] = examined(claim, LONG)
    path = Path(__file__).with_name("properties_result.json")
    path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    assert min(result["cases"].values()) >= LONG
