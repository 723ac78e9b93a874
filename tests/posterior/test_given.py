"""Conditions and interventions, as people ask for them."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from forecast.engine._problem import Parameters
from forecast.engine._simulate import simulate_course, wiring
from forecast.errors import QueryError
from forecast.evidence import Count, Evidence, Observation, Report
from forecast.model._lower import lower
from forecast.network import Event, Link, Network, Source, SourceType
from forecast.posterior import Posterior, prior, update
from forecast.posterior import _given as given
from tests.networks import WIRE, demo_evidence, demo_network
from tests.tolerances import MONTE_CARLO_Z, SAME_ALGEBRA, STEP_GRID

AS_OF, YEAR_END = "2024-04-01", "2024-12-31"


@pytest.fixture(scope="module")
def post() -> Posterior:
    return update(demo_network(), demo_evidence(), as_of=AS_OF, draws=1024)


def common_cause(*, public: bool = False) -> Network:
    """A hidden cause of two signs that do not act on each other."""
    return Network(
        name="signs",
        start="2024-01-01",
        horizon=YEAR_END,
        events=[
            Event(id="cause", kind="onset", public=public, rate="40% within 1 year"),
            Event(id="smoke", kind="onset", rate="5% within 1 year"),
            Event(id="heat", kind="onset", rate="5% within 1 year"),
        ],
        links=[
            Link(parent="cause", child="smoke", kind="multiplies", hazard_ratio="x20"),
            Link(parent="cause", child="heat", kind="multiplies", hazard_ratio="x20"),
        ],
        source_types=[WIRE],
        sources=[Source(id="afp", title="AFP", type="wire")],
    )


def test_given_and_do_differ_where_there_is_a_common_cause() -> None:
    post = prior(common_cause(), draws=64)
    heat = post.probability("heat", by=YEAR_END).mean
    seen = post.probability("heat", by=YEAR_END, given={"smoke": "on"}).mean
    made = post.probability("heat", by=YEAR_END, do={"smoke": "on"}).mean
    assert seen > 1.5 * heat
    assert made == pytest.approx(heat, abs=SAME_ALGEBRA)


def test_given_and_do_agree_on_an_event_without_causes() -> None:
    post = prior(common_cause(), draws=64)
    for day in ("2024-05-01", "2024-09-15"):
        seen = post.probability("heat", by=YEAR_END, given={"cause": day}).mean
        begins = post.probability("heat", by=YEAR_END, do={"cause": day}).mean
        ends = post.probability("heat", by=YEAR_END, do={"cause": previous(day)}).mean
        assert begins < seen < ends  # given: some time within the day; do: as it ends
    never = {"cause": "off"}
    seen = post.probability("heat", by=YEAR_END, given=never).mean
    assert seen == pytest.approx(
        post.probability("heat", by=YEAR_END, do=never).mean, abs=STEP_GRID
    )


def previous(day: str) -> str:
    return str(np.datetime64(day) - np.timedelta64(1, "D"))


def test_an_intervention_has_its_closed_form() -> None:
    post = prior(common_cause(), draws=64)
    rate = -np.log(0.95) * 20
    expected = 1 - np.exp(-rate * 366 / 365.25)
    found = post.probability("heat", by=YEAR_END, do={"cause": True}).mean
    assert found == pytest.approx(expected, abs=SAME_ALGEBRA)


def test_an_imposed_event_is_as_imposed(post: Posterior) -> None:
    def asked(by: str, what: str) -> float:
        return post.probability("troops", by=by, do={"troops": what}).mean

    assert asked("2024-05-31", "2024-06-01") == 0.0
    assert asked("2024-06-01", "2024-06-01") == asked(YEAR_END, "on") == asked(AS_OF, "on") == 1.0
    assert asked(YEAR_END, "off") == 0.0


def test_an_intervention_leaves_the_parameters_and_the_past_alone(post: Posterior) -> None:
    for cause in ("secret", "office"):
        plain = post.probability(cause, by=YEAR_END).mean
        made = post.probability(cause, by=YEAR_END, do={"arms": "on"}).mean
        assert made == pytest.approx(plain, abs=STEP_GRID)


def test_what_was_said_of_the_own_future_of_an_imposed_event_is_set_aside() -> None:
    network = common_cause()
    said = Report(
        id="r", event="smoke", published="2024-02-01", speaks_of=YEAR_END, source="afp", claim="on"
    )
    told = update(network, Evidence([said]), as_of="2024-02-01", draws=256)
    quiet = update(network, Evidence([]), as_of="2024-02-01", draws=256)
    heard, unheard = (
        p.probability("heat", by=YEAR_END, do={"smoke": "off"}).mean for p in (told, quiet)
    )
    assert heard == pytest.approx(unheard, abs=STEP_GRID)
    assert told.probability("heat", by=YEAR_END).mean > unheard * 1.05


def test_an_onset_on_a_day_is_off_as_it_begins_and_on_as_it_ends(post: Posterior) -> None:
    day = {"troops": "2024-06-01"}
    before, after = ("2024-05-31", "2024-06-01")
    assert post.probability("troops", by=before, given=day).mean == pytest.approx(0, abs=1e-15)
    assert post.probability("troops", by=after, given=day).mean == pytest.approx(1)
    spelled = {"troops": ("off", before)}
    chance = post.probability("troops", by=after, given=spelled).mean
    weight = post.probability("troops", by=before).mean
    total = post.probability("troops", by=after).mean
    assert chance * (1 - weight) + weight == pytest.approx(total, abs=STEP_GRID)


def test_conditions_are_spelled_in_several_ways(post: Posterior) -> None:
    ways = [{"troops": "on"}, {"troops": True}, {"troops": ("on", YEAR_END)}]
    found = [post.probability("arms", by=YEAR_END, given=way).mean for way in ways]
    assert found[0] == found[1] == found[2]
    both = {"troops": False, "secret": "on"}
    swapped = dict(reversed(both.items()))
    one, other = (post.probability("arms", by=YEAR_END, given=g).mean for g in (both, swapped))
    assert one == pytest.approx(other, abs=SAME_ALGEBRA)


def test_a_condition_is_learned_from_and_weighs_the_draws(post: Posterior) -> None:
    p = post.probability("arms", by=YEAR_END, given={"troops": "2024-04-15"})
    assert p.weights is not None
    assert p.weights.sum() == pytest.approx(1)
    low, high = p.interval(0.9)
    assert low < p.mean < high
    assert p.mcse > 0


def test_where_few_draws_are_left_the_answer_says_so() -> None:
    network = Network(
        name="n",
        start="2024-01-01",
        horizon=YEAR_END,
        events=[
            Event(id="rare", kind="onset", rate="0.1% [0.0001%, 20%] within 1 year"),
            Event(id="other", kind="onset", rate="10% [5%, 20%] within 1 year"),
        ],
    )
    post = prior(network, draws=256)
    p = post.probability("other", by=YEAR_END, given={"rare": "2024-01-02"})
    assert "effective draws are left" in p.note
    assert p.note in repr(p)
    assert post.probability("other", by=YEAR_END).note == ""


@pytest.mark.parametrize(
    "asked",
    [
        {"given": {"troops": "on"}},
        {"given": {"troops": "off", "secret": "on"}},
        {"given": {"treaty": "on"}, "do": {"troops": "2024-06-01"}},
        {"do": {"troops": "off"}},
        {"do": {"secret": "on", "office": "off"}},
    ],
)
def test_counted_and_exact_answers_agree(
    post: Posterior, monkeypatch: pytest.MonkeyPatch, asked: dict[str, dict[str, str]]
) -> None:
    exact = post.probability("arms", by=YEAR_END, **asked)
    monkeypatch.setattr(given, "MOST_BITS", -1)
    counted = post.probability("arms", by=YEAR_END, **asked)
    assert "counted" in counted.note
    assert "counted" not in exact.note
    assert abs(counted.mean - exact.mean) < MONTE_CARLO_Z * counted.mcse


def rarely() -> Network:
    """A cause that is hardly ever on, of an event on a cycle: conditions on it are counted."""
    return Network(
        name="rarely",
        start="2024-01-01",
        horizon=YEAR_END,
        events=[
            Event(id="plot", kind="onset", public=False, rate="0.03% within 1 year"),
            Event(id="strike", kind="onset", public=False, rate="20% within 1 year"),
            Event(id="aid", kind="onset", public=False, rate="50% within 1 year"),
        ],
        links=[
            Link(parent="plot", child="strike", kind="multiplies", hazard_ratio="x4"),
            Link(parent="strike", child="aid", kind="multiplies", hazard_ratio="x3"),
            Link(parent="aid", child="strike", kind="multiplies", hazard_ratio="x3"),
        ],
    )


def test_the_error_of_what_few_courses_tell_is_as_large_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    supposed = {"plot": "on"}
    truth = prior(rarely(), draws=64).probability("strike", by=YEAR_END, given=supposed)
    assert truth.mcse == 0
    monkeypatch.setattr(given, "FEW_CELLS", 0)
    off = []
    for seed in range(1, 13):
        post = update(rarely(), Evidence([]), as_of=AS_OF, draws=512, method="paths", seed=seed)
        p = post.probability("strike", by=YEAR_END, given=supposed)
        assert "counted" in p.note
        assert "effective draws are left" in p.note
        off.append((p.mean - truth.mean) / p.mcse)
    assert np.abs(off).max() < 4  # without an error where all of few courses agree
    assert np.abs(off).mean() > 0.3


def test_courses_that_all_agree_are_no_proof(
    post: Posterior, monkeypatch: pytest.MonkeyPatch
) -> None:
    supposed = {"arms": "on"}
    monkeypatch.setattr(given, "MOST_BITS", -1)
    p = post.probability("arms", by=YEAR_END, given=supposed)
    assert p.mean == pytest.approx(1, abs=1e-12)
    assert 0 < p.mcse < 0.01


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"given": {"treaty": "off"}}, "'treaty' cannot be off at the end of 2024-12-31"),
        ({"given": {"troop": "off"}}, "Did you mean 'troops'"),
        ({"do": {"troop": "off"}}, "Did you mean 'troops'"),
        ({"given": {"troops": "2023-12-30"}}, "ask for a date from 2024-01-01 .* to 2024-12-31"),
        ({"given": {"troops": "2025-01-01"}}, "ask for a date from 2024-01-01 .* to 2024-12-31"),
        ({"do": {"troops": "2025-01-01"}}, "ask for a date from"),
        ({"do": {"troops": "2024-03-31"}}, "what is past is not undone"),
        ({"do": {"troops": ("on", "2024-06-01")}}, "give one of the two"),
        ({"given": {"troops": "maybe"}}, "neither a state nor a date"),
        ({"given": {"troops": 1.5}}, "neither a state nor a date"),
        ({"given": {"troops": ("on",)}}, "is a pair such as"),
        ({"given": {"secret": "2024-06-01"}}, "a fact and has no onset"),
        ({"given": {"troops": "2024-06-01T12:00"}}, "without a time of it"),
        ({"given": ["troops"]}, "maps events to what is supposed"),
    ],
)
def test_what_cannot_be_supposed_says_what_can(post: Posterior, asked, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(QueryError, match=message):
        post.probability("arms", by=YEAR_END, **asked)


def test_conditions_that_exclude_each_other_are_named_together() -> None:
    network = Network(
        name="n",
        start="2024-01-01",
        horizon=YEAR_END,
        events=[
            Event(id="door", kind="onset", rate="40% within 1 year"),
            Event(id="room", kind="onset", rate="40% within 1 year"),
        ],
        links=[Link(parent="door", child="room", kind="requires")],
    )
    post = prior(network, draws=64)
    with pytest.raises(QueryError, match="not together"):
        post.probability("door", by=YEAR_END, given={"room": "on", "door": "off"})


def test_a_counted_condition_that_no_course_meets_is_an_error(
    post: Posterior, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(given, "MOST_BITS", -1)
    with pytest.raises(QueryError, match="simulated courses"):
        post.probability("arms", by=YEAR_END, given={"treaty": "off"})


def test_the_path_sampler_answers_the_same(post: Posterior) -> None:
    network = demo_network()
    sampled = update(network, demo_evidence(), as_of=AS_OF, draws=1024, method="paths")
    for asked in (
        {"given": {"troops": "on"}},
        {"given": {"secret": "off", "troops": ("off", "2024-07-01")}},
    ):
        exact, other = (p.probability("arms", by=YEAR_END, **asked) for p in (post, sampled))
        error = np.hypot(exact.mcse, other.mcse)
        assert abs(exact.mean - other.mean) < MONTE_CARLO_Z * error


def test_conditions_on_the_prior_agree_with_rejection() -> None:
    """Worlds are simulated one by one, and those that disagree with the condition thrown away."""
    network = demo_network()
    post = prior(network, draws=1024)
    rng = np.random.default_rng(5)
    lowered = post.fitted.lowered
    index = lowered.events.index
    z = rng.normal(size=(6000, lowered.table.dimensions))
    theta = lowered.theta(lowered.table.from_z(z))
    held = np.array([world(lowered, theta, d, rng) for d in range(len(z))])
    chosen = held[:, index("troops")]
    expected = held[chosen, index("arms")].mean()
    p = post.probability("arms", by=YEAR_END, given={"troops": "on"})
    error = np.hypot(p.mcse, np.sqrt(expected * (1 - expected) / chosen.sum()))
    assert abs(p.mean - expected) < MONTE_CARLO_Z * error


def world(lowered, theta, d: int, rng: np.random.Generator):  # type: ignore[no-untyped-def]
    """The states of all events at the horizon in one simulated world."""
    structure = lowered.structure
    one = Parameters(*(np.ascontiguousarray(field[d]) for field in theta))
    chance = np.where(structure.initially < 0, one.initial, structure.initially)
    x = (rng.uniform(size=len(chance)) < chance).astype(np.int64)
    seed = int(rng.integers(2**31))
    course = simulate_course(wiring(structure), one, x, 0.0, structure.horizon, seed)
    return np.concatenate([course.on(event, structure.horizon) for event in range(len(x))])


def test_an_observation_filed_is_a_condition_learned() -> None:
    """To suppose what is then observed gives the forecast that follows from the observation."""
    network = common_cause(public=True)
    post = prior(network, draws=64)
    supposed = post.probability("heat", by=YEAR_END, given={"smoke": "2024-03-01"}).mean
    quiet = {"heat": ("off", "2024-03-01"), "cause": ("off", "2024-03-01")}
    both = {"smoke": "2024-03-01", **quiet}
    seen = Observation(id="o", event="smoke", published="2024-03-01", onset="2024-03-01")
    after = update(network, Evidence([seen]), as_of="2024-03-01", draws=64)
    filed = after.probability("heat", by=YEAR_END).mean
    assert post.probability("heat", by=YEAR_END, given=both).mean == pytest.approx(
        filed, abs=STEP_GRID
    )
    assert supposed > filed


def test_what_is_out_of_reach_names_the_counts_and_no_number_of_events() -> None:
    """The first count is of a time at which its event was seen to be off, and stands in no way."""
    kind = SourceType(
        id="camera",
        hit_rate="80%",
        false_alarm_rate="10%",
        count_rate_off="24 per year [12, 48]",
        count_rate_on="60 per year [30, 120]",
    )
    network = Network(
        name="n",
        start="2024-01-01",
        horizon=YEAR_END,
        events=[Event(id="pact", kind="onset", public=False, rate="40% within 1 year")],
        source_types=[kind],
        sources=[Source(id="trains", type="camera")],
    )
    off = Observation(id="o", event="pact", published="2024-02-01", state="off")
    counts = [
        Count(
            id=name,
            event="pact",
            source="trains",
            published=end,
            watched_from=begin,
            watched_to=end,
            counted=4,
        )
        for name, begin, end in (
            ("n1", "2024-01-10", "2024-01-31"),
            ("n2", "2024-02-10", "2024-03-01"),
        )
    ]
    draws: Any = SimpleNamespace(lowered=lower(network, Evidence([off, *counts]), AS_OF))
    told = given.beyond(draws, 1)
    assert "counts over times" in told
    assert told.endswith("('n2')")
    assert "tied together" not in told


def test_of_two_that_are_on_already_whole_courses_tell_which_came_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rate = "50% within 1 year"
    network = Network(
        name="race",
        start="2024-01-01",
        horizon="2024-12-31",
        events=[Event(id=name, kind="onset", public=False, rate=rate) for name in ("a", "b")],
    )
    post = update(network, Evidence([]), as_of="2024-07-01", draws=512)
    now, then = (post.joint(["a", "b"], by=day)["mean"] for day in ("2024-07-01", "2024-12-31"))
    pairs = [("a", "b"), ("b", "a")]
    exact = sum(post.before(*pair, by="2024-12-31").mean for pair in pairs)
    assert exact == pytest.approx(1 - then[0], abs=1e-3)
    monkeypatch.setattr(given, "MOST_BITS", -1)
    found = [post.before(*pair, by="2024-12-31") for pair in pairs]
    error = MONTE_CARLO_Z * sum(p.mcse for p in found)
    assert sum(p.mean for p in found) == pytest.approx(1 - then[0], abs=error)
    assert now[3] > 2 * error


def forms() -> Network:
    """A vote, and summits."""
    return Network(
        name="forms",
        start="2024-01-01",
        horizon=YEAR_END,
        events=[
            Event(id="vote", kind="decision", on="2024-06-04", outcomes={"a": "97%", "b": "3%"}),
            Event(id="summit", kind="repeated", rate="1 per year", up_to=3, known="never"),
        ],
    )


@pytest.mark.parametrize("method", ["importance", "paths"])
def test_an_outcome_that_is_brought_about_excludes_the_others(method: Any) -> None:
    post = prior(forms(), draws=64)
    if method == "paths":
        post = update(forms(), Evidence([]), as_of="2024-01-01", method="paths", draws=64)
    for what in ("on", "2024-09-01"):
        made: dict[str, Any] = {"vote.a": what}
        assert post.probability("vote.b", by="2024-08-01", do=made).mean == 0
        assert post.probability("vote.b", by=YEAR_END, do=made).mean == 0
    other = post.probability("vote.b", by="2024-06-04", do={"vote.a": "off"}).mean
    assert other == pytest.approx(1, abs=1e-6)  # the race is over by midnight but for e^-20


def test_a_second_time_that_is_brought_about_has_a_first() -> None:
    post = prior(forms(), draws=64)
    again: dict[str, Any] = {"summit.2": "on"}
    assert post.probability("summit", by="2024-01-01", do=again).mean == 1
    third = post.probability("summit.3", by=YEAR_END, do=again).mean
    assert third == pytest.approx(1 - np.exp(-366 / 365.25), abs=1e-9)
    assert post.probability("summit.3", by=YEAR_END, do={"summit": "off"}).mean == 0


def test_interventions_that_contradict_each_other_are_refused() -> None:
    post = prior(forms(), draws=64)
    for both in ({"vote.a": "on", "vote.b": "on"}, {"summit": "off", "summit.2": "on"}):
        with pytest.raises(QueryError, match="cannot both be so"):
            post.probability("vote.a", by=YEAR_END, do=both)
    with pytest.raises(QueryError, match=r"'summit\.2' cannot be made to come on a day"):
        post.probability("vote.a", by=YEAR_END, do={"summit.2": "2024-05-01"})


def test_an_event_given_itself_is_certain(post: Posterior) -> None:
    for event in post.network.nodes:
        for state, sure in (("on", 1.0), ("off", 0.0)):
            try:
                told = post.probability(event.id, by=YEAR_END, given={event.id: state})
            except QueryError:  # it cannot be so
                continue
            assert (told.mean, told.interval(), told.mcse) == (sure, (sure, sure), 0.0)


def test_an_onset_that_is_given_lasts_and_a_state_does_not() -> None:
    post = prior(demo_network(), draws=64)
    kinds = {event.kind: event.id for event in post.network.nodes}
    early = {"given": {kinds["onset"]: ("on", "2024-06-30")}, "by": YEAR_END}
    late = {"given": {kinds["onset"]: ("off", YEAR_END)}, "by": "2024-06-30"}
    assert post.probability(kinds["onset"], **early).mean == 1.0  # type: ignore[arg-type]
    assert post.probability(kinds["onset"], **late).mean == 0.0  # type: ignore[arg-type]
    early["given"] = {kinds["state"]: ("on", "2024-06-30")}
    assert 0.0 < post.probability(kinds["state"], **early).mean < 1.0  # type: ignore[arg-type]
