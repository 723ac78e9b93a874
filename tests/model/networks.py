"""Small networks with every kind of parameter and item."""

from typing import Any

import forecast as fc
from forecast.evidence import Forecast

AS_OF = "2024-07-01"


def varied_network() -> fc.Network:
    """Every kind of event, link and prior; two pooled sources, and one with rates of its own."""
    return fc.Network(
        name="varied",
        start="2024-01-01",
        horizon="2024-12-31",
        events=[
            fc.Event(
                id="regime",
                kind="state",
                public=False,
                rate="30% [20%, 40%] within 3 months",
                off_rate="50% [30%, 60%] within 2 months",
                initially="30% [10%, 50%]",
            ),
            fc.Event(id="clause", kind="fact", initially="40% [20%, 60%]"),
            fc.Event(id="troops", kind="onset", public=False, rate="20% [8%, 40%] within 6 months"),
            fc.Event(id="pact", kind="onset", public=False, rate="4 onsets in 20 dyad-years"),
            fc.Event(id="treaty", kind="onset", rate="0.2 per year"),
        ],
        links=[
            fc.Link(parent="clause", child="troops", kind="multiplies", hazard_ratio="x3 [1.5, 6]"),
            fc.Link(
                parent="troops",
                child="pact",
                kind="causes",
                extra_rate="40% [20%, 60%] within 6 months",
            ),
            fc.Link(
                parent="pact",
                child="treaty",
                kind="multiplies",
                hazard_ratio="x2 [1, 4]",
                delay="2 months [1 month, 4 months]",
                stages=2,
            ),
            fc.Link(parent="regime", child="pact", kind="prevents"),
        ],
        source_types=[
            fc.SourceType(
                id="press",
                title="Press",
                hit_rate="70% [50%, 85%]",
                false_alarm_rate="20% [8%, 40%]",
                check=0.4,
            )
        ],
        sources=[
            fc.Source(id="daily", title="Daily", type="press"),
            fc.Source(
                id="agency",
                title="Agency",
                type="press",
                hit_rate="80% [60%, 90%]",
                false_alarm_rate="5%",
            ),
            fc.Source(id="weekly", title="Weekly", type="press"),
        ],
    )


def report(name: str, event: str, source: str, claim: str, **more: Any) -> fc.Report:
    fields: dict[str, Any] = {"published": "2024-05-01", **more}
    return fc.Report(id=name, event=event, source=source, claim=claim, **fields)


def varied_evidence() -> fc.Evidence:
    """Reports, a copy of two origins, a prediction, a ratio, a forecast, an observation."""
    return fc.Evidence(
        [
            report("r1", "troops", "daily", "on"),
            report("r2", "troops", "agency", "off", credibility=0.8),
            report(
                "r3", "troops", "weekly", "on", published="2024-05-09", derived_from=("r1", "r2")
            ),
            report("r4", "pact", "daily", "off", speaks_of="2024-09-01"),
            report("r5", "clause", "weekly", "on", published="2024-06-20"),
            fc.LikelihoodRatio(
                id="lr", event="pact", published="2024-06-01", likelihood_ratio="×2 [1.2, 4]"
            ),
            Forecast(
                id="bet",
                event="treaty",
                source="weekly",
                published="2024-06-01",
                speaks_of="2024-10-01",
                probability=0.4,
                base=0.2,
            ),
            fc.Observation(id="seen", event="regime", published="2024-06-10", state="on"),
        ]
    )


def certain_network() -> fc.Network:
    """A cycle of two events and a public one, with every number known exactly."""
    return fc.Network(
        name="certain",
        start="2024-01-01",
        horizon="2024-12-31",
        events=[
            fc.Event(id="troops", kind="onset", public=False, rate="50% within 4 months"),
            fc.Event(id="pact", kind="onset", public=False, rate="30% within 4 months"),
            fc.Event(id="treaty", kind="onset", rate="25% within 6 months"),
        ],
        links=[
            fc.Link(parent="troops", child="pact", kind="multiplies", hazard_ratio="x4"),
            fc.Link(parent="pact", child="troops", kind="multiplies", hazard_ratio="x2"),
            fc.Link(parent="pact", child="treaty", kind="multiplies", hazard_ratio="x5"),
        ],
        source_types=[
            fc.SourceType(id="press", title="Press", hit_rate="70%", false_alarm_rate="20%")
        ],
        sources=[
            fc.Source(
                id="daily", title="Daily", type="press", hit_rate="80%", false_alarm_rate="20%"
            )
        ],
    )


def certain_evidence() -> fc.Evidence:
    """A report, its copy, a copy that checks nothing and is copied in turn, and a ratio."""
    return fc.Evidence(
        [
            report("r1", "troops", "daily", "on"),
            report("r2", "troops", "daily", "on", derived_from=("r1",), check=0.5),
            report("r3", "troops", "daily", "on", derived_from=("r1",), check=0.0),
            report("r4", "troops", "daily", "off", derived_from=("r3",), check=0.25),
            fc.LikelihoodRatio(
                id="lr", event="pact", published="2024-06-01", likelihood_ratio="×3"
            ),
        ]
    )
