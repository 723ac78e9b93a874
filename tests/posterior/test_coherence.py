"""Answers of one posterior fit together, whatever the network and whatever is asked."""

from functools import cache
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.errors import QueryError
from forecast.network import Network
from forecast.posterior import Posterior, update
from tests.random_models import AS_OF, random_case
from tests.tolerances import COHERENT, STEP_GRID

type Asked = tuple[int, str, str, str]

DATES = ["2024-08-31", "2024-10-15", "2024-12-31"]


@cache
def posterior(seed: int) -> Posterior:
    network, evidence = random_case(seed)
    return update(network, evidence, as_of=AS_OF, draws=64, method="importance")


@st.composite
def questions(draw: st.DrawFn) -> Asked:
    """The seed of a posterior, two of its events, and a date."""
    seed = draw(st.integers(0, 7))
    names = [event.id for event in posterior(seed).network.events]
    one, other = draw(st.permutations(names))[:2]
    return seed, one, other, draw(st.sampled_from(DATES))


def chance(post: Posterior, event: str, by: str, given: dict[str, str]) -> float:
    """P(event | given), 0 where what is given is impossible (its weight is 0 then)."""
    try:
        return post.probability(event, by=by, given=given).mean
    except QueryError:
        return 0.0


@settings(max_examples=25)
@given(questions())
def test_both_conditionals_give_the_same_joint(asked: Asked) -> None:
    post, (a, b, by) = posterior(asked[0]), asked[1:]
    pa, pb = (post.probability(event, by=by).mean for event in (a, b))
    ab, ba = chance(post, a, by, {b: "on"}), chance(post, b, by, {a: "on"})
    assert abs(pa * ba - pb * ab) < COHERENT


@settings(max_examples=25)
@given(questions())
def test_total_probability_and_complement(asked: Asked) -> None:
    post, (a, b, by) = posterior(asked[0]), asked[1:]
    pa, pb = (post.probability(event, by=by).mean for event in (a, b))
    on, off = chance(post, a, by, {b: "on"}), chance(post, a, by, {b: "off"})
    assert abs(pb * on + (1 - pb) * off - pa) < COHERENT
    if pa > COHERENT:
        assert abs(chance(post, a, by, {a: "on"}) - 1) < COHERENT


@settings(max_examples=25)
@given(questions())
def test_a_joint_marginalises_to_the_probabilities(asked: Asked) -> None:
    post, (a, b, by) = posterior(asked[0]), asked[1:]
    joint = post.joint([a, b], by=by)
    assert abs(joint["mean"].sum() - 1) < COHERENT
    for event in (a, b):
        margin = joint.loc[joint[event], "mean"].sum()
        assert abs(margin - post.probability(event, by=by).mean) < COHERENT
    both = joint.loc[joint[a] & joint[b], "mean"].sum()
    assert abs(both - chance(post, a, by, {b: "on"}) * post.probability(b, by=by).mean) < COHERENT


@settings(max_examples=15)
@given(questions())
def test_an_onset_is_no_less_likely_by_a_later_date_under_any_supposition(
    asked: Asked,
) -> None:
    post, (a, b, _) = posterior(asked[0]), asked[1:]
    if not is_onset(post.network, a):
        a, b = b, a
    if not is_onset(post.network, a):
        return
    for day in DATES[:2]:
        supposed = ({"given": {b: ("off", day)}}, {"do": {b: day}}, {"do": {b: "off"}})
        for asking in supposed:
            try:
                found = [post.probability(a, by=by, **asking).mean for by in DATES]
            except QueryError:
                continue
            assert all(later > earlier - STEP_GRID for earlier, later in pairwise(found))


def is_onset(network: Network, event: str) -> bool:
    return network.event(event).kind == "onset"


@settings(max_examples=15)
@given(questions())
def test_one_of_two_comes_first_if_either_happens(asked: Asked) -> None:
    post, (a, b, by) = posterior(asked[0]), asked[1:]
    if not (is_onset(post.network, a) and is_onset(post.network, b)):
        return
    first, second = post.before(a, b, by=by).mean, post.before(b, a, by=by).mean
    joint = post.joint([a, b], by=by)
    either = 1 - joint.loc[~joint[a] & ~joint[b], "mean"].sum()
    assert abs(first + second - either) < STEP_GRID
    assert first <= post.probability(a, by=by).mean + STEP_GRID


@settings(max_examples=10)
@given(questions())
def test_an_intervention_on_what_does_not_bear_on_an_event_changes_nothing(
    asked: Asked,
) -> None:
    post, (a, b, by) = posterior(asked[0]), asked[1:]
    told = [item for item in post.evidence if item.is_prediction]
    if a in reached(post.network, b) or told:
        return
    plain = post.probability(a, by=by).mean
    for what in ("on", "off"):
        made = post.probability(a, by=by, do={b: what}).mean
        assert abs(made - plain) < STEP_GRID


def reached(network: Network, event: str) -> set[str]:
    """The events that one bears on, over any number of links, and itself."""
    found, queue = {event}, [event]
    while queue:
        parent = queue.pop()
        fresh = {link.child for link in network.links if link.parent == parent} - found
        found |= fresh
        queue += fresh
    return found


def test_the_questions_ask_what_they_mean_to() -> None:
    """Enough of the random posteriors have two onsets, and events that do not bear on others."""
    networks = [posterior(seed).network for seed in range(8)]
    onsets = [sum(event.kind == "onset" for event in n.events) for n in networks]
    assert np.sum(np.array(onsets) >= 2) >= 4
    apart = [
        (a.id, b.id)
        for n in networks
        for a in n.events
        for b in n.events
        if a.id not in reached(n, b.id)
    ]
    assert len(apart) >= 8
