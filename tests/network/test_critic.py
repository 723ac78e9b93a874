"""The critic: each rule speaks beyond its limit and not before, and what it suggests is sound."""

import re
from math import exp, factorial, log, prod
from typing import Any

import pytest

import forecast as fc
from forecast.errors import Fault
from forecast.network import Event, Link, Network
from forecast.network._critic import PRIORS, RULES, confirming, network_remarks
from forecast.network._rate_belief import RateBelief
from forecast.network._wording import percent, span
from tests.contract.repository import ROOT

START, HORIZON = "2024-01-01", "2024-12-31"
YEARS = 366 / 365.25
RANGED = "20% [8%, 40%] within 1 year"
WRITTEN = re.compile(r"'(\w+): \"([^\"]+)\"'")
ROUNDED = 0.02  # what two digits of each number leave of a probability


def network(*events: Event, links: tuple[Link, ...] = (), horizon: str = HORIZON) -> Network:
    return Network(name="n", start=START, horizon=horizon, events=events, links=links)


def onset(name: str = "pact", /, rate: str = RANGED, **fields: Any) -> Event:
    return Event(id=name, kind="onset", rate=rate, **fields)


def times(parent: str, ratio: str, child: str = "pact", **fields: Any) -> Link:
    return Link(parent=parent, child=child, kind="multiplies", hazard_ratio=ratio, **fields)


def remarks(rule: str, *events: Event, links: tuple[Link, ...] = (), **more: str) -> list[Fault]:
    return list(network_remarks(network(*events, links=links, **more), [rule]))


def written(remark: Fault) -> list[tuple[str, str]]:
    """The fields that a remark suggests, with their text."""
    return [(found[1], found[2]) for found in WRITTEN.finditer(remark.remedy)]


# ---------------------------------------------------------------------------- a constant rate


def within_half_a_year(by_horizon: float) -> str:
    """The chance within half a year that comes to another by the horizon."""
    return f"{100 * (1 - (1 - by_horizon) ** (0.5 / YEARS)):.4f}% [20%, 90%] within 6 months"


def test_a_chance_that_comes_to_more_than_nine_tenths_is_named() -> None:
    assert remarks("constant rate", onset(rate=within_half_a_year(0.899))) == []
    (remark,) = remarks("constant rate", onset(rate=within_half_a_year(0.901)))
    assert (remark.field, remark.value[:4]) == ("events.pact.rate", "68.4")
    assert "90% by the horizon, within" in remark.problem


@pytest.mark.parametrize("chance", [2, 10, 35, 50, 70, 85])
@pytest.mark.parametrize("days", [3, 14, 30, 60])
def test_what_is_suggested_gives_the_stated_chance_within_the_stated_span(
    chance: int, days: int
) -> None:
    rate = f"{chance}% [{chance / 2}%, {chance + 5}%] within {days} days"
    (remark,) = remarks("constant rate", onset(rate=rate), horizon="2099-12-31")
    suggested = dict(written(remark))
    deal = Event(id="deal", kind="onset", ever=suggested["ever"], pace=suggested["pace"])
    assert deal.ever is not None
    assert deal.pace is not None
    ever, half = deal.ever.prior(), log(2) / deal.pace.prior(deal_start()).median()
    within = ever.median() * (1 - 2 ** (-days / 365.25 / half))
    assert within == pytest.approx(chance / 100, abs=ROUNDED, rel=0.05)
    assert chance / 100 < ever.median() < 1
    assert ever.interval()[0] < ever.interval()[1]
    assert list(network_remarks(network(deal, horizon="2099-12-31"))) == []
    kept = onset(rate=suggested["rate"])
    assert remarks("constant rate", kept, horizon="2099-12-31") == []
    assert kept.rate is not None
    stated = onset(rate=rate).rate
    assert stated is not None
    given, found = (each.prior(deal_start()).median() for each in (stated, kept.rate))
    assert found == pytest.approx(given, rel=0.05)


def deal_start() -> Any:
    return network(onset()).start


def test_the_gates_are_told_and_time_counts_from_when_they_can_open() -> None:
    rate = "40% [20%, 60%] within 2 months"
    needs = Link(parent="order", child="pact", kind="requires")
    (remark,) = remarks("constant rate", onset("order"), onset(rate=rate), links=(needs,))
    assert f"95% by the horizon once 'order' is on, within {span(YEARS)}" in remark.problem
    late = Link(parent="order", child="pact", kind="requires", delay="4 months")
    assert remarks("constant rate", onset("order"), onset(rate=rate), links=(late,)) == []
    calendar = [{"start": "2024-07-01", "end": "2024-07-31", "weight": 1}]
    summer = onset("order", windows=calendar)
    assert remarks("constant rate", summer, onset(rate=rate), links=(needs,)) == []
    assert remarks("constant rate", onset("order"), onset(rate=rate, windows=calendar)) == []


@pytest.mark.parametrize(
    "event",
    [
        onset(rate="95% [80%, 99%] within 3 months"),
        onset(rate="80% [60%, 90%] within 9 months"),
        onset(rate="4 per year [2, 8]"),
        onset(rate="40 onsets in 10 years"),
        onset(rate="50% [30%, 70%] within 1 month", initially=True),
        Event(id="pact", kind="onset", ever="40% [20%, 60%]", pace="half of it within 1 month"),
        Event(id="pact", kind="state", rate="50% within 1 month", off_rate="50% within 1 month"),
        Event(id="pact", kind="repeated", rate="50% [30%, 70%] within 1 month"),
    ],
    ids=lambda event: str(event.rate or event.ever),
)
def test_near_certainty_that_is_stated_and_rates_stated_as_rates_are_not_named(
    event: Event,
) -> None:
    assert remarks("constant rate", event) == []


def test_a_pool_of_chances_is_named_by_its_middle_and_one_with_a_count_is_not() -> None:
    chances = [{"belief": "60% [40%, 80%] within 2 months"}, {"belief": "30% within 2 months"}]
    pool: Any = {"pool": "linear", "experts": chances}
    (remark,) = remarks("constant rate", onset(rate=pool))
    assert dict(written(remark))["ever"].startswith("57%")  # 46.6% within 2 months, odds half more
    counted: Any = {"pool": "linear", "experts": [*chances, {"belief": "9 onsets in 2 years"}]}
    assert remarks("constant rate", onset(rate=counted)) == []


def test_links_that_state_a_chance_are_given_a_ratio() -> None:
    on = "if on: 80% [60%, 95%] within 1 month"
    event, order = onset(rate="50% [30%, 70%] within 1 month"), onset("order")
    for kind, field in (("multiplies", "hazard_ratio"), ("causes", "extra_rate")):
        fields: Any = {"parent": "order", "child": "pact", "kind": kind, field: on}
        (remark,) = remarks("constant rate", order, event, links=(Link(**fields),))
        (ratio,) = (text for name, text in written(remark) if name == "hazard_ratio")
        median = float(ratio.split(" ")[0].removeprefix("x"))
        assert median == pytest.approx(log(1 - 0.8) / log(1 - 0.5), rel=0.05)
        suggested = dict(written(remark))
        revised = Event(id="pact", kind="onset", ever=suggested["ever"], pace=suggested["pace"])
        network(order, revised, links=(times("order", ratio),))


# ------------------------------------------------------------------------ a product of ratios

PARENTS = tuple(onset(f"p{k}") for k in range(3))


def acting(*ratios: str) -> tuple[Link, ...]:
    return tuple(times(f"p{k}", ratio) for k, ratio in enumerate(ratios))


@pytest.mark.parametrize(
    ("ratios", "named"),
    [
        (("x2", "x5"), False),
        (("x2", "x5.1"), True),
        (("x0.5", "x0.2"), False),
        (("x0.5", "x0.19"), True),
        (("x20",), False),
        (("x20", "x1"), False),
        (("x20", "x0.4"), False),
        (("x2 [1, 4]", "x2 [1, 40]", "x2 [1, 40]"), False),
    ],
)
def test_ratios_that_multiply_to_more_than_ten_or_less_than_a_tenth_are_named(
    ratios: tuple[str, ...], named: bool
) -> None:
    assert bool(remarks("product of ratios", *PARENTS, onset(), links=acting(*ratios))) == named


def test_each_ratio_is_named_and_what_is_suggested_comes_to_what_is_said() -> None:
    ratios = ("x4 [2, 8]", "x5 [3, 9]", "x3 [0.8, 11]")
    (remark,) = remarks("product of ratios", *PARENTS, onset(), links=acting(*ratios))
    assert remark.field == "links.p1__multiplies__pact.hazard_ratio"
    assert "is x60: x4 ('p0'), x5 ('p1'), x3 ('p2')" in remark.problem
    smaller = re.findall(r"'x([\d.]+)( \[[\d., ]+\])?'", remark.remedy)
    assert prod(float(ratio) for ratio, _ in smaller) == pytest.approx(10, rel=0.05)
    again = tuple(f"x{ratio}{ends}" for ratio, ends in smaller)
    network(*PARENTS, onset(), links=acting(*again))
    extra = [text for name, text in written(remark) if name == "extra_rate"]
    base, *added = (
        RateBelief.parse(text).prior(deal_start()).median() for text in (RANGED, *extra)
    )
    assert 1 + sum(added) / base == pytest.approx(1 + 3 + 4 + 2, rel=0.05)
    assert "x10 together: 'kind: causes'" in remark.remedy


def test_if_on_counts_as_the_ratio_that_it_is() -> None:
    base = onset(rate="10% [5%, 20%] within 6 months")
    for chance, named in ((40, False), (46, True)):  # 0.511 / 0.1054 = 4.85, and 5.85
        links = acting("x2", f"if on: {chance}% [30%, 60%] within 6 months")
        assert bool(remarks("product of ratios", *PARENTS, base, links=links)) == named


def test_of_a_decision_one_outcome_acts_at_a_time() -> None:
    chances: Any = {"left": "60% [50%, 70%]", "right": "the rest"}
    vote = Event(id="vote", kind="decision", on="2024-06-04", outcomes=chances)
    links = (times("vote.left", "x4"), times("vote.right", "x5"), times("p0", "x1.5"))
    assert remarks("product of ratios", vote, *PARENTS, onset(), links=links) == []
    more = (*links, times("p1", "x1.5"))
    (remark,) = remarks("product of ratios", vote, *PARENTS, onset(), links=more)
    assert "x11: x5 ('vote.right'), x1.5 ('p0'), x1.5 ('p1')" in remark.problem


def test_what_is_repeated_is_named_once() -> None:
    summit = Event(id="summit", kind="repeated", rate=RANGED, up_to=3)
    links = tuple(times(f"p{k}", "x4", "summit") for k in range(2))
    assert len(remarks("product of ratios", *PARENTS, summit, links=links)) == 1


# ----------------------------------------------------------------------------------- no range


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "onset", "rate": "30% within 6 months"},
        {"kind": "onset", "rate": "1:9 by 2024-06-30"},
        {"kind": "onset", "rate": "0.5% within 1 year"},
        {"kind": "onset", "rate": "once in 8 years"},
        {"kind": "onset", "rate": "once a year"},
        {"kind": "onset", "rate": "2 per week"},
        {"kind": "onset", "rate": {"median": "30%", "within": "6 months"}},
        {"kind": "onset", "rate": {"per_year": 0.3}},
        {"kind": "onset", "ever": "30%", "pace": "half of it within 2 months"},
        {"kind": "onset", "ever": "30%", "pace": {"median": "2 months"}},
        {"kind": "repeated", "rate": "2 per year", "rate_after": "3 per year"},
        {"kind": "fact", "initially": "30%"},
        {"kind": "state", "rate": "2 per year", "off_rate": "3 per year"},
        {"kind": "decision", "on": "2024-06-04", "outcomes": {"a": "30%", "b": "the rest"}},
    ],
    ids=lambda fields: str(fields)[:60],
)
def test_a_number_without_a_range_is_named_and_the_one_suggested_has_it_as_its_middle(
    fields: dict[str, Any],
) -> None:
    event = Event(id="pact", **fields) if "once a" not in str(fields) else onset(rate="1 per year")
    (remark,) = remarks("no range", event)
    suggested = dict(written(remark))
    revised = {name: suggested.get(name, stated) for name, stated in fields.items()}
    if event.kind == "decision":
        revised["outcomes"] = {"a": suggested["a"], "b": "the rest"}
    elif "once a" in str(fields):
        revised["rate"] = suggested["rate"]
    again = Event(id="pact", **revised)
    assert remarks("no range", again) == []
    for name in ("rate", "ever", "pace", "initially", "off_rate", "rate_after"):
        one, two = getattr(event, name), getattr(again, name)
        if one is not None and one is not False:
            start = (deal_start(),) if isinstance(one, RateBelief) else ()
            assert two.prior(*start).median() == pytest.approx(one.prior(*start).median(), rel=0.02)


@pytest.mark.parametrize(("high", "named"), [(20.6, True), (21.2, False)])
def test_a_range_of_less_than_a_point_in_the_middle_is_named(high: float, named: bool) -> None:
    event = onset(rate=f"20.5% [20.1%, {high}%] within 1 year")
    found = remarks("no range", event)
    assert bool(found) == named
    assert all("of a percentage point: 20." in remark.problem for remark in found)


def test_a_narrow_range_of_what_is_rare_and_a_start_that_is_known_are_not_named() -> None:
    assert remarks("no range", onset(rate="1.1% [0.8%, 1.5%] within 1 year")) == []
    assert remarks("no range", onset(rate="20% within 1 year", initially=True)) == []
    chances: Any = {"left": "60% [50%, 70%]", "right": "the rest"}
    vote = Event(id="vote", kind="decision", on="2024-06-04", outcomes=chances)
    half = Event(id="deal", kind="onset", ever="40%", pace="half of it within 6 months [3, 12]")
    assert remarks("no range", vote, half) == []


# ------------------------------------------------------------------------------- confirmation


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("On from the day of arrival, confirmed by both sides.", "confirmed"),
        ("Is publicly\nattributed\n  to the service.", "attributed to"),
        ("Units (at least 100; visitors do not count), Reported by two agencies.", "reported by"),
        ("On from the day of arrival. It need not be confirmed.", None),
        ("Reported by unnamed sources does not count.", None),
        ("Announced and signed by both governments.", None),
        ("Unconfirmed.", None),
        ("", None),
    ],
)
def test_a_rule_that_waits_for_a_word_is_found(text: str, word: str | None) -> None:
    assert confirming(text) == word


RULE = "On from the day of arrival, as confirmed by both sides."


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({}, True),
        ({"known": "at once"}, True),
        ({"public": False}, True),
        ({"known": "never"}, False),
        ({"known": "within 2 weeks"}, False),
        ({"initially": True}, False),
        ({"resolution": "On from the day of the signature."}, False),
    ],
    ids=str,
)
def test_such_an_event_is_named_unless_it_says_how_it_becomes_known(
    fields: dict[str, Any], named: bool
) -> None:
    found = remarks("confirmation", onset(**{"resolution": RULE, **fields}))
    assert [remark.field for remark in found] == ["events.pact.resolution"] * named
    for remark in found:
        (known,) = written(remark)
        revised = network(onset(resolution=RULE, known=known[1]))
        assert [node.id for node in revised.nodes] == ["pact", "pact.confirmed"]
        assert list(network_remarks(revised, ["confirmation"])) == []


# ------------------------------------------------------------------------------------- delays


def delayed(delay: str, stages: int = 1) -> list[Fault]:
    link = times("p0", "x2 [1, 4]", delay=delay, stages=stages)
    return remarks("delay", *PARENTS, onset(), links=(link,))


def test_a_delay_of_less_than_a_hundredth_of_the_time_is_named() -> None:
    assert delayed("3 days [2, 4]") == []
    (remark,) = delayed("2 days [1, 3]", 2)
    assert remark.field == "links.p0__multiplies__pact.delay"
    assert "acts as no delay, and costs 2 hidden events" in remark.problem


@pytest.mark.parametrize("stages", [2, 5])
def test_a_delay_that_has_hardly_a_chance_to_pass_is_named(stages: int) -> None:
    found = {}
    for years in (2, 4, 6, 8, 12, 20):
        x = stages * YEARS / years
        passed = 1 - exp(-x) * sum(x**k / factorial(k) for k in range(stages))
        found[years] = (passed < 0.01, bool(delayed(f"{years} years", stages)))
    assert {expected for expected, _ in found.values()} == {True, False}
    assert all(expected == named for expected, named in found.values())


@pytest.mark.parametrize(
    ("delay", "stages", "named"),
    [
        ("3 months [0.7, 13]", 8, True),  # spread 0.89: √(0.79 + 1/8) = 0.96, with 4 stages 1.02
        ("3 months [2, 4.5]", 8, False),
        ("3 months [1, 9]", 8, False),
        ("3 months", 8, False),
    ],
)
def test_stages_that_a_wide_range_drowns_are_named(delay: str, stages: int, named: bool) -> None:
    found = delayed(delay, stages)
    assert bool(found) == named
    assert all("'stages: 4'" in remark.remedy for remark in found)


# ---------------------------------------------------------------------------------- decisions

CALENDAR = [{"start": "2024-11-05", "end": "2024-11-05", "weight": 1}]


def rivals(*names: str, rate: str, calendar: Any = CALENDAR) -> list[Fault]:
    events = [onset(name, rate=rate, windows=calendar) for name in names]
    links = [
        Link(parent=one, child=other, kind="prevents")
        for one in names
        for other in names
        if one != other
    ]
    return remarks("race", *events, links=tuple(links))


def test_onsets_that_shut_each_other_out_on_a_day_are_one_decision() -> None:
    (remark,) = rivals("left", "right", rate="95% [90%, 98%] within 1 day")
    assert "'on: 2024-11-05'" in remark.remedy
    assert "{left: 50%, right: the rest}" in remark.remedy
    (remark,) = rivals("a", "b", "c", rate="20% [10%, 30%] within 1 day")
    assert "{a: 16%, b: 16%, c: 16%, none: the rest}" in remark.remedy  # (1 - 0.8³) / 3 = 0.163
    week = [{"start": "2024-11-05", "end": "2024-11-11", "weight": 1}]
    assert rivals("left", "right", rate="95% [90%, 98%] within 1 day", calendar=week) == []


def choice(*links: Link, **outcomes: str) -> list[Fault]:
    chances: Any = outcomes or {"yes": "60% [50%, 70%]", "no": "the rest"}
    vote = Event(id="vote", kind="decision", on="2024-06-04", outcomes=chances)
    poll: Any = {"a": "60% [50%, 70%]", "b": "the rest"}
    first = Event(id="poll", kind="decision", on="2024-03-04", outcomes=poll)
    return remarks("no outcome", vote, first, *PARENTS, links=links)


def gate(parent: str, child: str, kind: Any = "requires") -> Link:
    return Link(parent=parent, child=child, kind=kind)


@pytest.mark.parametrize(
    ("links", "named"),
    [
        ((gate("p0", "vote"),), True),
        ((gate("poll.a", "vote", "prevents"),), True),
        ((gate("p0", "vote.yes"), gate("p1", "vote.no")), True),
        ((gate("p0", "vote.yes"), gate("p0", "vote.no", "prevents")), False),
        ((gate("poll.a", "vote.yes"), gate("poll.b", "vote.no")), False),
        (
            (gate("poll.a", "vote.yes", "prevents"), gate("poll.b", "vote.no", "prevents")),
            False,
        ),
        ((gate("p0", "vote.yes"),), False),
        ((), False),
    ],
)
def test_a_decision_that_may_have_no_outcome_left_is_named(
    links: tuple[Link, ...], named: bool
) -> None:
    found = choice(*links)
    assert [remark.field for remark in found] == ["events.vote.outcomes"] * named
    assert all(link.id in found[0].problem for link in links if named)


# -------------------------------------------------------------------------------------- whole


def test_the_rules_on_priors_are_rules_and_all_are_applied_unless_some_are_named() -> None:
    assert set(PRIORS) < set(RULES)
    event = onset(rate="50% within 1 month", resolution=RULE)
    found = list(network_remarks(network(event)))
    assert [remark.field.split(".")[-1] for remark in found] == ["rate", "rate", "resolution"]
    assert fc.remarks(network(event)) == tuple(found)


def test_the_library_s_own_network_is_named_nowhere_and_was_where_it_should_be() -> None:
    """Donetsk was stated by a rate until it was restated: certain to come in the end."""
    own = fc.read_network(ROOT / "priors" / "nato_rok.yaml")
    assert fc.remarks(own) == ()
    donetsk = own.event("dprk_troops_donetsk")
    before = fc.Event(
        id=donetsk.id,
        kind="onset",
        known=donetsk.known,
        rate="35% [12%, 65%] within 3 months",
        resolution=donetsk.resolution,
    )
    as_it_was = fc.Network(
        name=own.name,
        title=own.title,
        start=own.start,
        horizon=own.horizon,
        events=[before if event.id == donetsk.id else event for event in own.events],
        links=own.links,
        source_types=own.source_types,
        sources=own.sources,
    )
    assert "events.dprk_troops_donetsk.rate" in {each.field for each in fc.remarks(as_it_was)}


@pytest.mark.parametrize(
    ("chance", "text"),
    [(0.35, "35%"), (0.904, "90%"), (0.9937, "99.4%"), (0.99996, "99.996%"), (0.0012, "0.12%")],
)
def test_a_chance_is_told_with_the_digits_that_tell(chance: float, text: str) -> None:
    assert percent(chance) == text
