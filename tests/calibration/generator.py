"""The whole generator: every kind of event, link, source and item."""

from forecast.evidence import (
    Count,
    Evidence,
    Forecast,
    LikelihoodRatio,
    Report,
    Retraction,
    Silence,
)
from forecast.network import Event, Link, Network, Source, SourceType, Window

AS_OF = "2024-06-30"
DEADLINES = ("2024-07-31", "2024-12-31")


def network() -> Network:
    """A cycle with a delay, gates of both kinds, events of all kinds, and sources of two types."""
    wire = SourceType(
        id="wire",
        title="Wire agencies",
        hit_rate="80% [60%, 92%]",
        false_alarm_rate="10% [3%, 25%]",
        predictive_hit_rate="65% [40%, 85%]",
        report_rate="60% [30%, 85%] within 2 months",
        check=0.3,
    )
    series = SourceType(
        id="series",
        hit_rate="50%",
        false_alarm_rate="50%",
        count_rate_off="20 per year [8, 50]",
        count_rate_on="3 counts in 0.2 years",
    )
    return Network(
        name="sbc",
        start="2024-01-01",
        horizon="2024-12-31",
        events=[
            Event(id="a", kind="onset", rate="40% [20%, 65%] within 6 months"),
            Event(id="b", kind="onset", public=False, rate="30% [10%, 60%] within 6 months"),
            Event(id="f", kind="fact", initially="40% [20%, 60%]"),
            Event(
                id="s",
                kind="state",
                public=False,
                initially="50% [30%, 70%]",
                rate="50% [30%, 75%] within 6 months",
                off_rate="3 endings in 2 years",
            ),
            Event(id="c", kind="onset", public=False, rate="2 onsets in 5 years"),
            Event(
                id="late",
                kind="onset",
                rate="30% [10%, 60%] within 6 months",
                windows=[Window(start="2024-11-01", end="2024-12-31")],
                outside_windows=0.0,
            ),
            Event(id="old", kind="onset", initially=True, rate="1 per year"),
        ],
        links=[
            Link(parent="a", child="b", kind="multiplies", hazard_ratio="x3 [1.5, 6]"),
            Link(parent="f", child="a", kind="causes", extra_rate="1 per year [0.3, 3]"),
            Link(
                parent="b",
                child="a",
                kind="multiplies",
                hazard_ratio="x2 [1, 4]",
                delay="1 month [0.5 months, 2 months]",
            ),
            Link(parent="s", child="c", kind="requires"),
            Link(parent="f", child="c", kind="prevents"),
        ],
        source_types=[wire, series],
        sources=[
            *(Source(id=name, title=name, type="wire") for name in ("x", "y")),
            Source(id="graded", type="wire"),
            Source(id="official", type="wire", hit_rate="70% [40%, 90%]", false_alarm_rate="5%"),
            Source(id="trains", type="series"),
        ],
    )


def said(name: str, event: str, day: str, source: str, **more: object) -> Report:
    return Report(id=name, event=event, published=day, source=source, claim="on", **more)


def watch(name: str, event: str, first: str, last: str, source: str) -> dict[str, str]:
    return {
        "id": name,
        "event": event,
        "published": last,
        "source": source,
        "watched_from": first,
        "watched_to": last,
    }


def template() -> Evidence:
    """Return items of every kind, copies of copies and a hidden origin among them.

    Counts are of times that are known, as the exact filter asks.
    """
    return Evidence(
        [
            said("r1", "b", "2024-03-01", "x"),
            said("r2", "b", "2024-03-10", "y", derived_from=("r1",)),
            said("r2c", "b", "2024-03-12", "x", derived_from=("r1", "r2"), check=0.4),
            said("r3", "b", "2024-04-10", "y"),
            said("r4", "a", "2024-04-12", "x", speaks_of="2024-09-01"),
            said("r5", "f", "2024-05-12", "x"),
            said("r6", "s", "2024-05-20", "y", credibility=0.8),
            said("r6b", "c", "2024-05-20", "y", derived_from=("r6",), check=0.5),
            said("g1", "s", "2024-04-20", "graded", grade="C3"),
            said("r7", "c", "2024-06-20", "x"),
            said("h1", "b", "2024-05-02", "x", origin="official"),
            said("h2", "b", "2024-05-03", "y", origin="official", check=0.5),
            said("w1", "b", "2024-03-20", "y"),
            Retraction(id="w2", event="b", published="2024-04-01", retracts=("w1",)),
            LikelihoodRatio(
                id="l1", event="b", published="2024-05-20", likelihood_ratio="x2 [1.2, 4]"
            ),
            Forecast(
                id="q1",
                event="a",
                source="x",
                published="2024-05-01",
                speaks_of="2024-10-01",
                probability=0.6,
                base=0.4,
            ),
            Silence(**watch("quiet", "b", "2024-02-01", "2024-06-15", "x")),
            Silence(**watch("calm", "s", "2024-03-01", "2024-04-30", "x")),
            Silence(**watch("still", "c", "2024-01-15", "2024-06-10", "y")),
            Count(**watch("n1", "late", "2024-02-01", "2024-03-31", "trains"), counted=0),
            Count(**watch("n2", "old", "2024-04-01", "2024-05-31", "trains"), counted=0),
        ]
    )


def open_template() -> Evidence:
    """The same, and counts over times of which nobody knows whether the event was on."""
    hidden = ("n3", "b", "2024-02-15", "2024-04-15"), ("n4", "s", "2024-05-01", "2024-06-15")
    return template() + Evidence([Count(**watch(*row, "trains"), counted=0) for row in hidden])
