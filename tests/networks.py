"""Small networks that several tests share."""

import forecast as fc
from forecast.evidence import Evidence, LikelihoodRatio, Observation, Report
from forecast.network import Event, Link, Network, Source, SourceType

WIRE = SourceType(
    id="wire",
    title="Wire agencies",
    hit_rate="80% [60%, 92%]",
    false_alarm_rate="10% [3%, 25%]",
    spread=0.5,
    check=0.1,
)


def demo_network() -> Network:
    """Five events of every kind on a cycle, with a delay of two stages."""
    return Network(
        name="demo",
        start="2024-01-01",
        horizon="2024-12-31",
        events=[
            Event(id="treaty", kind="onset", rate="30% [10%, 50%] within 6 months"),
            Event(id="troops", kind="onset", public=False, rate="10% [3%, 25%] within 6 months"),
            Event(id="arms", kind="onset", rate="5% [1%, 12%] within 6 months"),
            Event(
                id="office",
                kind="state",
                initially=True,
                rate="once in 3 years [1, 6]",
                off_rate="once in 2 years",
            ),
            Event(id="secret", kind="fact", initially="30% [10%, 60%]"),
        ],
        links=[
            Link(parent="treaty", child="troops", kind="multiplies", hazard_ratio="x3 [1.5, 6]"),
            Link(
                parent="troops",
                child="arms",
                kind="multiplies",
                hazard_ratio="if on: 40% [20%, 60%] within 6 months",
                delay="1 month [0.5 months, 3 months]",
                stages=2,
            ),
            Link(
                parent="secret", child="troops", kind="causes", extra_rate="0.5 per year [0.1, 2]"
            ),
            Link(parent="arms", child="treaty", kind="multiplies", hazard_ratio="x1.5"),
        ],
        source_types=[WIRE],
        sources=[Source(id=name, title=name, type="wire") for name in ("reuters", "afp", "kcna")],
    )


def demo_evidence() -> Evidence:
    return Evidence(
        [
            Observation(id="o1", event="treaty", published="2024-02-10", onset="2024-02-09"),
            Report(id="r1", event="troops", published="2024-03-01", source="reuters", claim="on"),
            Report(
                id="r2",
                event="troops",
                published="2024-03-02",
                source="afp",
                claim="on",
                derived_from=("r1",),
            ),
            Report(
                id="r3",
                event="troops",
                published="2024-03-05",
                speaks_of="2024-06-01",
                source="afp",
                claim="off",
            ),
            LikelihoodRatio(
                id="l1", event="secret", published="2024-03-05", likelihood_ratio="x2 [1.2, 4]"
            ),
        ]
    )


def copied_news() -> fc.Posterior:
    """A posterior of a report, its copy and a denial; an event is settled, one hangs on nothing."""
    rate = "20% [8%, 45%] within 1 year"
    events = [
        fc.Event(id="pact", kind="onset", rate=rate),
        fc.Event(id="troops", kind="onset", public=False, rate=rate),
        fc.Event(id="apart", kind="onset", rate=rate),
        fc.Event(id="done", kind="onset", rate=rate),
    ]
    network = fc.Network(
        name="demo",
        start="2024-01-01",
        horizon="2025-12-31",
        events=events,
        links=[fc.Link(parent="pact", child="troops", kind="multiplies", hazard_ratio="x4 [2, 8]")],
        source_types=[
            fc.SourceType(
                id="wire", hit_rate="80% [60%, 90%]", false_alarm_rate="10% [5%, 20%]", check=0.5
            )
        ],
        sources=[fc.Source(id=name, type="wire") for name in ("afp", "copyist")],
    )
    evidence = fc.Evidence(
        [
            fc.Observation(id="seen", event="done", published="2024-02-01", onset="2024-02-01"),
            fc.Report(id="said", event="troops", published="2024-03-01", source="afp", claim="on"),
            fc.Report(
                id="copy",
                event="troops",
                published="2024-03-02",
                source="copyist",
                claim="on",
                derived_from=("said",),
            ),
            fc.Report(id="no", event="troops", published="2024-04-01", source="afp", claim="off"),
        ]
    )
    return fc.update(network, evidence, as_of="2024-06-01", draws=1024)
