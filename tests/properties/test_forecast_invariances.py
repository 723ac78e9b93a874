"""No look-ahead, and copies that weigh as copies, through the whole library."""

from datetime import date, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logit

from forecast.evidence import Evidence, LikelihoodRatio, Report
from forecast.model._lower import lower
from forecast.network import Event, Network, Source
from forecast.posterior import update
from tests.networks import WIRE, demo_evidence, demo_network
from tests.tolerances import MONTE_CARLO_Z

AS_OF = date(2024, 4, 1)


@st.composite
def later_items(draw: st.DrawFn) -> Report | LikelihoodRatio:
    published = AS_OF + timedelta(days=draw(st.integers(1, 200)))
    speaks = date(2024, 1, 1) + timedelta(days=draw(st.integers(0, 365)))
    common = {
        "id": draw(st.from_regex(r"[a-z_][a-z0-9_]{0,20}", fullmatch=True)) + "_late",
        "event": draw(st.sampled_from(["troops", "arms", "secret", "office"])),
        "published": published,
        "speaks_of": speaks,
    }
    if draw(st.booleans()):
        source = draw(st.sampled_from(["reuters", "afp", "kcna"]))
        return Report(**common, source=source, claim=draw(st.sampled_from(["on", "off"])))
    return LikelihoodRatio(**common, likelihood_ratio="x9 [3, 27]")


@settings(max_examples=50)
@given(items=st.lists(later_items(), min_size=1, max_size=4, unique_by=lambda item: item.id))
def test_an_item_published_after_as_of_changes_nothing(items: list[Report]) -> None:
    network, seen = demo_network(), demo_evidence()
    now, then = (lower(network, record, "2024-04-01") for record in (seen, seen + Evidence(items)))
    assert now.evidence == then.evidence
    for field in ("record", "structure"):
        for left, right in zip(getattr(now, field), getattr(then, field), strict=True):
            np.testing.assert_array_equal(np.asarray(left), np.asarray(right))
    assert now.table == then.table
    assert now.factors == then.factors


def rumour(copies: int, *, derived: bool) -> float:
    """The log-odds of a hidden event after one report and its repeats."""
    network = Network(
        name="rumour",
        start="2024-01-01",
        horizon="2024-12-31",
        events=[Event(id="e", kind="onset", public=False, rate="20% within 3 months")],
        source_types=[WIRE],
        sources=[Source(id=f"s{k}", title="", type="wire") for k in range(6)],
    )
    first = Report(id="first", event="e", published="2024-03-01", source="s0", claim="on")
    repeats = [
        Report(
            id=f"copy{k}",
            event="e",
            published="2024-03-01",
            source=f"s{k + 1}",
            claim="on",
            derived_from=("first",) if derived else (),
        )
        for k in range(copies)
    ]
    post = update(network, Evidence([first, *repeats]), as_of="2024-03-01")
    return float(logit(post.probability("e", by="2024-03-01").mean))


def test_a_rumour_with_five_copies_moves_a_tenth_of_what_five_independent_reports_would() -> None:
    alone = rumour(0, derived=True)
    copied = rumour(5, derived=True) - alone
    independent = rumour(5, derived=False) - alone
    assert 0 < copied <= independent / 10


def test_an_irrelevant_event_does_not_move_a_forecast() -> None:
    network = demo_network()
    fields = {name: getattr(network, name) for name in type(network).model_fields}
    fields["events"] = [*network.events, Event(id="rain", kind="onset", rate="3 per year [1, 9]")]
    chances = [
        update(net, demo_evidence(), as_of="2024-04-01").probability("arms", by="2024-12-31")
        for net in (network, Network(**fields))
    ]
    error = np.hypot(chances[0].mcse, chances[1].mcse)
    assert abs(chances[0].mean - chances[1].mean) < MONTE_CARLO_Z * error
