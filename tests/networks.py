"""Small networks that several tests share."""

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
