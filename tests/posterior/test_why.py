"""The reasons for one forecast agree with each other, and with the forecast."""

import numpy as np
import pandas as pd
import pytest

import forecast as fc
from forecast.errors import QueryError
from forecast.posterior import Posterior
from forecast.posterior._explain import waterfall
from tests.networks import copied_news
from tests.tolerances import SAME_ALGEBRA

BY = "2024-12-31"


@pytest.fixture(scope="module")
def post() -> Posterior:
    return copied_news()


def test_items_in_order_are_those_of_the_whole_explanation(post: Posterior) -> None:
    whole = post.explain("troops", by=BY)
    ordered = post.explain("troops", by=BY, order="published")
    assert [*whole.columns[:4], *ordered.columns[4:]] == [*ordered.columns]
    assert ordered.equals(whole[ordered.columns])


def test_a_waterfall_has_copies_with_their_origin_and_adds_up_exactly(post: Posterior) -> None:
    steps = post.explain("troops", by=BY, order="published")
    found = waterfall(steps)
    p = post.probability("troops", by=BY).mean
    assert found.index.tolist() == [
        *("(prior)", "(time alone)", "seen", "said", "no", "(Monte Carlo error)")
    ]
    assert found["copies"].tolist() == [0, 0, 0, 1, 0, 0]
    assert found["in_order"].sum() == pytest.approx(np.log(p / (1 - p)), rel=SAME_ALGEBRA)
    both = steps.loc[["said", "copy"], "in_order"].sum()
    assert found.loc["said", "in_order"] == pytest.approx(both, rel=SAME_ALGEBRA)
    assert found["probability"].iloc[0] == pytest.approx(steps["probability"].iloc[0])
    assert found["probability"].iloc[-1] == pytest.approx(p, rel=SAME_ALGEBRA)
    assert found.loc["said", "event"] == "troops"
    assert found.loc[["(prior)", "(Monte Carlo error)"], "event"].isna().all()


def test_a_forecast_goes_with_what_bears_on_it_and_with_nothing_else(post: Posterior) -> None:
    shares = post.shares("troops", by=BY)
    assert ("base_rate", "troops") in shares.index[:2]
    assert shares.loc[("base_rate", "troops"), "low"] < shares.loc[("base_rate", "troops"), "high"]
    assert shares["share"].is_monotonic_decreasing
    for name in ("apart", "done"):
        row = shares.loc[("base_rate", name)]
        assert row["share"] < 5 * row["share_mcse"] + 0.02
    alone = post.shares("apart", by=BY)
    assert alone.index[0] == ("base_rate", "apart")
    assert alone["share"].iloc[0] > 0.9


def test_shares_are_those_of_the_sensitivity(post: Posterior) -> None:
    whole, shares = post.sensitivity("troops", by=BY), post.shares("troops", by=BY)
    columns = ["share", "share_mcse"]
    assert whole[columns].equals(shares.loc[whole.index, columns])


def test_shares_of_all_events_are_those_of_each(post: Posterior) -> None:
    every = post.shares_all(by=BY)
    names = [event.id for event in post.network.events]
    assert every.index.unique("event_of").tolist() == names
    for name in names:
        pd.testing.assert_frame_equal(
            every.loc[name].sort_index(), post.shares(name, by=BY).sort_index(), rtol=SAME_ALGEBRA
        )
    some = post.shares_all(by=BY, events=["apart"])
    assert some.loc["apart"].index[0] == ("base_rate", "apart")
    assert post.shares_all(by=BY, events=[]).empty
    with pytest.raises(QueryError, match="troop"):
        post.shares_all(by=BY, events=["troop"])


def test_all_events_are_all_that_can_be_asked_for() -> None:
    """Outcomes and confirmations too, and no decision by its own name."""
    network = fc.Network(
        name="n",
        start="2024-01-01",
        horizon="2024-12-31",
        events=[
            fc.Event(
                id="vote", kind="decision", on="2024-06-04", outcomes={"yes": "40%", "no": "60%"}
            ),
            fc.Event(id="troops", kind="onset", rate="1 per year", known="within 2 weeks"),
        ],
    )
    asked = ["vote.yes", "vote.no", "troops", "troops.confirmed"]
    post = fc.prior(network, draws=512)
    for table in (post.shares_all(by="2024-12-31"), post.explain_all(by="2024-12-31")):
        assert set(table.index.unique("event_of")) <= set(asked)
    assert len(post.table(by=["2024-12-31"])) == len(asked)


def test_the_tenths_are_means_of_the_draws_at_either_end(post: Posterior) -> None:
    values = post._draws.natural["base_rate"][:, 2]  # of the event apart
    forecast = post.probability("apart", by=BY).draws
    rank = np.argsort(values)
    row = post.shares("apart", by=BY).loc[("base_rate", "apart")]
    assert row["low"] == pytest.approx(forecast[rank[:102]].mean(), rel=SAME_ALGEBRA)
    assert row["high"] == pytest.approx(forecast[rank[-102:]].mean(), rel=SAME_ALGEBRA)


def test_what_is_settled_has_nothing_to_explain(post: Posterior) -> None:
    with pytest.raises(QueryError, match="'done' is settled by then"):
        post.explain("done", by=BY, order="published")


def test_an_order_that_there_is_not_is_refused(post: Posterior) -> None:
    with pytest.raises(QueryError, match="order is 'both', 'published' or 'left_out'"):
        post.explain("troops", by=BY, order="random")  # type: ignore[arg-type]
