"""What a record implies with its network: words on what is certain, days passed, shut gates."""

from typing import Any

import numpy as np
import pytest

import forecast as fc
from forecast.errors import Fault
from forecast.evidence import Item, LikelihoodRatio, Observation, Place, Report, Silence
from forecast.network import Event, Link, Network, Source, SourceType

RATE = "20% [8%, 40%] within 6 months"
OUTLETS = ("afp", "ap", "dpa")
CHANCES: Any = {"left": "60% [50%, 70%]", "right": "the rest"}
EVENTS = (
    Event(id="pact", kind="onset", rate=RATE),
    Event(id="covert", kind="onset", rate=RATE, public=False),
    Event(id="late", kind="onset", rate=RATE, known="within 2 weeks [3 days, 2 months]"),
    Event(id="office", kind="state", initially=True, rate=RATE, off_rate=RATE),
    Event(id="vote", kind="decision", on="2024-06-04", outcomes=CHANCES),
)
TYPE = SourceType(
    id="wire", hit_rate="80%", false_alarm_rate="10%", report_rate="50% within 1 month"
)


def network(*links: Link, events: tuple[Event, ...] = EVENTS) -> Network:
    sources = [Source(id=name, type="wire") for name in OUTLETS]
    return Network(
        name="n",
        start="2024-01-01",
        horizon="2024-12-31",
        events=events,
        links=links,
        source_types=[TYPE],
        sources=sources,
    )


def said(name: str, event: str, day: str = "2024-03-01", **fields: Any) -> Report:
    return Report(
        **{"id": name, "event": event, "published": day, "source": "afp", "claim": "on", **fields}
    )


def seen(name: str, event: str, day: str, state: str = "on") -> Observation:
    return Observation(id=name, event=event, published=day, state=state)  # type: ignore[arg-type]


def weighed(name: str, event: str, day: str = "2024-03-01", **fields: Any) -> LikelihoodRatio:
    ratio: Any = "x2 [1, 4]"
    return LikelihoodRatio(id=name, event=event, published=day, likelihood_ratio=ratio, **fields)


def quiet(event: str, first: str, last: str, published: str = "2024-04-01") -> Silence:
    return Silence(
        id="s", event=event, source="afp", published=published, watched_from=first, watched_to=last
    )


def remarks(*items: Item, links: tuple[Link, ...] = (), as_of: str | None = None) -> list[Fault]:
    places = {item.id: Place("items.csv", line) for line, item in enumerate(items, start=2)}
    evidence = fc.Evidence(items, places=places)
    evidence.check(network(*links))
    return list(evidence.remarks(network(*links), as_of))


# ------------------------------------------------------------------------- what is certain


def test_three_reports_on_a_public_event_are_not_passed_over_without_a_word() -> None:
    rows = [said(f"r{k}", "pact", source=name) for k, name in enumerate(OUTLETS)]
    (remark,) = remarks(*rows)
    assert (remark.file, remark.line, remark.field) == ("items.csv", 2, "item 'r0': event")
    assert "counts as a false word of its source" in remark.problem
    assert "'r1' (items.csv:3), 'r2' (items.csv:4)" in remark.problem
    for way in ("'known: never'", "'known: \"within 2 weeks", "kind: observation, event: pact"):
        assert way in remark.remedy


def test_they_move_nothing_and_cost_their_sources_their_word_as_is_said() -> None:
    rows = [said(f"r{k}", "pact", source=name) for k, name in enumerate(OUTLETS)]
    vague = TYPE.model_copy(
        update={
            "false_alarm_rate": SourceType(
                id="w", hit_rate="80%", false_alarm_rate="10% [3%, 25%]"
            ).false_alarm_rate
        }
    )
    told = network().model_copy(update={"source_types": (vague,)})
    before, after = (
        fc.update(told, fc.Evidence(items), as_of="2024-07-01", draws=1024) for items in ([], rows)
    )
    chances = [post.probability("pact", by="2024-12-31") for post in (before, after)]
    apart = abs(chances[0].mean - chances[1].mean)
    assert apart < 4 * np.hypot(chances[0].mcse, chances[1].mcse)
    table = after.sources().loc[("afp", "false_alarm_rate")]
    assert table["mean"] > 1.5 * table["prior_mean"]


def test_the_ways_out_end_the_warning() -> None:
    report = said("r", "pact")
    assert len(remarks(report)) == 1
    assert remarks(report, seen("o", "pact", "2024-03-01")) == []
    for fields in ({"known": "never"}, {"known": "within 2 weeks [3 days, 2 months]"}):
        event = Event(id="pact", kind="onset", rate=RATE, **fields)
        assert fc.Evidence([report]).remarks(network(events=(event,))) == ()


@pytest.mark.parametrize(
    ("item", "named"),
    [
        (said("r", "pact", claim="off"), True),
        (said("r", "covert"), False),
        (said("r", "late"), False),
        (said("r", "late.confirmed"), True),
        (said("r", "office", claim="off"), True),
        (said("r", "vote.left", "2024-07-01"), False),
        (said("r", "pact", speaks_of="2024-06-01"), False),
        (weighed("w", "pact"), True),
        (weighed("w", "pact", speaks_of="2024-06-01"), False),
        (weighed("w", "covert"), False),
        (quiet("pact", "2024-02-01", "2024-03-01"), True),
        (quiet("covert", "2024-02-01", "2024-03-01"), False),
    ],
    ids=lambda item: item if isinstance(item, bool) else f"{item.kind} {item.event}",
)
def test_only_what_is_certain_when_an_item_is_published_is_named(item: Item, named: bool) -> None:
    found = remarks(item)
    assert [remark.field for remark in found] == [f"item '{item.id}': event"] * named
    if named and isinstance(item, Report) and item.claim == "off" and item.event == "pact":
        assert "counts as a true word of its source" in found[0].problem
    if item.event == "office":
        assert "'known: never'" in found[0].remedy
        assert "within" not in found[0].remedy


def test_beside_an_observation_a_report_teaches_and_a_likelihood_ratio_does_not() -> None:
    on = seen("o", "covert", "2024-02-01")
    assert remarks(on, said("r", "covert")) == []
    (remark,) = remarks(on, weighed("w", "covert"))
    assert "it is certain already that event 'covert' was on then" in remark.problem
    assert remarks(seen("o", "covert", "2024-05-01"), weighed("w", "covert")) == []


def test_between_two_observations_that_differ_a_public_onset_is_open() -> None:
    window: Any = ("2024-02-01", "2024-04-01")
    dated = Observation(id="o", event="pact", published="2024-04-02", onset=window)
    assert remarks(dated, said("r", "pact", "2024-04-03", speaks_of="2024-03-01")) == []


def test_a_report_that_dates_an_onset_is_named_where_there_was_none() -> None:
    days: Any = ("2024-02-01", "2024-02-20")
    for claim, word in (("on", "false"), ("off", "true")):
        (remark,) = remarks(said("r", "pact", claim=claim, onset=days))
        assert f"counts as a {word} word" in remark.problem
    window: Any = ("2024-02-10", "2024-02-12")
    dated = Observation(id="o", event="pact", published="2024-02-25", onset=window)
    assert remarks(dated, said("r", "pact", onset=days)) == []


def test_true_and_false_words_are_told_apart() -> None:
    found = remarks(
        said("r", "pact"), said("s", "pact", claim="off"), said("t", "pact", "2024-04-01")
    )
    assert ["'t'" in remark.problem for remark in found] == [True, False]
    assert ["a false word" in remark.problem for remark in found] == [True, False]


def test_a_silence_on_several_events_is_named_where_all_are_certain() -> None:
    both = {"watched_from": "2024-02-01", "watched_to": "2024-03-01", "published": "2024-03-01"}
    for events, named in ((["late.confirmed", "pact"], True), (["pact", "covert"], False)):
        silence = Silence(id="s", event=events, source="afp", **both)  # type: ignore[arg-type]
        assert bool(remarks(silence)) == named


def test_what_is_retracted_is_not_named() -> None:
    back = seen("o", "covert", "2024-05-01", "off").model_copy(update={"retracts": ("r",)})
    assert remarks(said("r", "pact"), back) == []


# ------------------------------------------------------------------------- days that passed


def coming(claim: str = "on", event: str = "pact") -> Report:
    return said("p", event, claim=claim, speaks_of="2024-05-31")


@pytest.mark.parametrize(("as_of", "named"), [("2024-05-30", False), ("2024-05-31", True)])
def test_a_prediction_is_named_from_its_day_on(as_of: str, named: bool) -> None:
    found = remarks(coming(), as_of=as_of)
    assert [remark.field for remark in found] == ["item 'p': speaks_of"] * named
    assert all("published: 2024-05-31, state: on" in remark.remedy for remark in found)
    assert remarks(coming()) == []


@pytest.mark.parametrize(
    "items",
    [
        (coming("off"),),
        (coming(event="covert"),),
        (coming(event="late"),),
        (coming(), seen("o", "pact", "2024-05-31", "off")),
        (coming(), seen("o", "pact", "2024-05-31")),
        (coming(), seen("o", "pact", "2024-04-30")),
    ],
)
def test_a_prediction_whose_outcome_is_filed_or_may_be_unknown_is_not_named(
    items: tuple[Item, ...],
) -> None:
    assert [r for r in remarks(*items, as_of="2024-06-03") if "speaks_of" in r.field] == []


@pytest.mark.parametrize(
    ("items", "as_of", "named"),
    [
        ((), "2024-06-03", False),
        ((), "2024-06-04", True),
        ((seen("o", "vote.right", "2024-06-04"),), "2024-06-04", False),
        ((seen("o", "vote.right", "2024-06-05"),), "2024-06-04", True),
        ((said("r", "vote.right", "2024-06-05"),), "2024-07-01", True),
    ],
)
def test_a_decision_that_has_fallen_wants_its_outcome(
    items: tuple[Item, ...], as_of: str, named: bool
) -> None:
    found = remarks(*items, as_of=as_of)
    assert [remark.field for remark in found] == ["events.vote.on"] * named
    shown = "{id: vote_left_seen, kind: observation, event: vote.left, published: 2024-06-04"
    assert all(shown in remark.remedy for remark in found)


def test_a_decision_that_links_may_have_stopped_is_not_asked_for() -> None:
    stopped = Link(parent="covert", child="vote", kind="prevents")
    assert fc.Evidence([]).remarks(network(stopped), "2024-07-01") == ()


def test_a_decision_at_an_event_has_fallen_two_days_after_it() -> None:
    heir = Event(id="heir", kind="decision", on="pact", outcomes=CHANCES)
    told = network(events=(*EVENTS[:1], heir))
    record = fc.Evidence([seen("o", "pact", "2024-05-01")])
    assert record.remarks(told, "2024-05-02") == ()
    (remark,) = record.remarks(told, "2024-05-03")
    assert remark.field == "events.heir.on"


# ------------------------------------------------------------------------------ shut gates


def link(kind: Any, parent: str = "covert", child: str = "pact") -> Link:
    return Link(parent=parent, child=child, kind=kind)


def test_an_observation_behind_a_gate_that_was_shut_is_named_with_the_gate() -> None:
    told = network(
        link("requires", "order", "pact"),
        events=(*EVENTS, Event(id="order", kind="onset", rate=RATE)),
    )
    record = fc.Evidence([seen("o", "pact", "2024-05-01")])
    (remark,) = record.remarks(told)
    assert "'pact' requires 'order', which is known at once" in remark.problem
    for way in ("event: order, published: 2024-05-01, state: on", "events.order", "leave out"):
        assert way in remark.remedy
    with pytest.raises(fc.ContradictionError, match="'pact' requires 'order'"):
        fc.update(told, record, as_of="2024-08-01", draws=64)
    filed = fc.Evidence([*record, seen("order_seen", "order", "2024-05-01")])
    assert filed.remarks(told) == ()
    assert fc.update(told, filed, as_of="2024-08-01", draws=512).probability(
        "pact", by="2024-12-31"
    ).mean == pytest.approx(1)


@pytest.mark.parametrize(
    ("kind", "parent", "items", "named"),
    [
        ("requires", "covert", (), False),
        ("requires", "covert", (seen("c", "covert", "2024-05-02", "off"),), True),
        ("requires", "covert", (seen("c", "covert", "2024-04-02", "off"),), False),
        ("prevents", "covert", (seen("c", "covert", "2024-01-01"),), False),
        ("prevents", "office", (), True),
        ("requires", "office", (), False),
        ("prevents", "office", (seen("c", "office", "2024-03-01", "off"),), False),
    ],
)
def test_a_gate_is_named_only_where_it_was_shut_all_the_while(
    kind: str, parent: str, items: tuple[Item, ...], named: bool
) -> None:
    found = remarks(*items, seen("o", "pact", "2024-05-01"), links=(link(kind, parent),))
    assert bool(found) == named
    assert all("Correct" in r.remedy for r in found if parent == "covert")


def test_a_gate_two_steps_away_is_named() -> None:
    order = Event(id="order", kind="onset", rate=RATE)
    links = (link("requires", "order", "covert"), link("requires", "covert", "pact"))
    told = network(*links, events=(*EVENTS, order))
    (remark,) = fc.Evidence([seen("o", "pact", "2024-05-01")]).remarks(told)
    assert "'covert' requires 'order'" in remark.problem


# ---------------------------------------------------------------------------- as it is called


def test_without_evidence_a_decision_that_has_fallen_is_named_too() -> None:
    assert fc.remarks(network()) == ()
    (remark,) = fc.remarks(network(), as_of="2024-07-01")
    assert remark.field == "events.vote.on"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("priors/n.yaml",), "network: is not a forecast.Network"),
        ((network(), [seen("o", "pact", "2024-05-01")]), "evidence: is not a forecast.Evidence"),
    ],
)
def test_what_is_no_network_and_no_record_is_refused(arguments: Any, said: str) -> None:
    with pytest.raises(fc.InputError, match=said):
        fc.remarks(*arguments)
    with pytest.raises(fc.InputError, match="as_of"):
        fc.remarks(network(), as_of="soon")
