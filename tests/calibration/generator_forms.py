"""The generator of events and items in all forms: ever, confirmed, decided, repeated, dated."""

from forecast.evidence import Evidence, Forecast, LikelihoodRatio, Regime, Silence
from forecast.network import Event, Link, Network, Source, SourceType
from tests.calibration.generator import said, watch

AS_OF = "2024-06-30"
TWO = ["raid", "deal"]
DEADLINES = ("2024-07-31", "2024-12-31")

WIRE = SourceType(
    id="wire",
    hit_rate="80% [60%, 92%]",
    false_alarm_rate="10% [3%, 25%]",
    predictive_hit_rate="65% [40%, 85%]",
    report_rate="60% [30%, 85%] within 2 months",
)
DEAL = Event(
    id="deal",
    kind="onset",
    ever="50% [25%, 75%]",
    pace="half of it within 3 months [1, 9]",
    public=False,
)
VOTE = Event(
    id="vote",
    kind="decision",
    on="2024-05-15",
    outcomes={
        "left": "45% [30%, 61%]",
        "right": "40% [26%, 56%]",
        "other": "the rest",
    },
)


def ruling(on: str) -> Event:
    """Return a decision that comes with an onset."""
    return Event(
        id="ruling",
        kind="decision",
        on=on,
        outcomes={"upheld": "60% [40%, 77%]", "struck": "the rest"},
    )


def network() -> Network:
    """Two groups of events that hang together, so that the exact filter takes many worlds.

    Half of the forms lead to each other: what ever comes bears on a vote, its outcome on what may
    come again. In the other half what is known with time follows a ruling upon an onset.
    """
    return Network(
        name="sbc_forms",
        start="2024-01-01",
        horizon="2024-12-31",
        events=[
            DEAL,
            VOTE,
            Event(
                id="summit",
                kind="repeated",
                rate="50% [25%, 75%] within 6 months",
                rate_after="2 per year [0.8, 5]",
                up_to=3,
            ),
            Event(id="suit", kind="onset", rate="60% [30%, 85%] within 6 months"),
            ruling("suit"),
            Event(
                id="raid",
                kind="repeated",
                rate="50% [25%, 75%] within 6 months",
                up_to=2,
                known="within 1 month [10 days, 90 days]",
            ),
        ],
        links=[
            Link(parent="deal", child="vote.left", kind="multiplies", odds_ratio="x2 [1, 4]"),
            Link(parent="vote.left", child="summit", kind="multiplies", hazard_ratio="x3 [1.5, 6]"),
            Link(parent="vote.right", child="summit.3", kind="prevents"),
            Link(
                parent="ruling.upheld",
                child="raid",
                kind="causes",
                extra_rate="1 per year [0.3, 3]",
                delay="1 month [0.5 months, 2 months]",
            ),
            Link(parent="raid.confirmed", child="ruling.struck", kind="requires"),
        ],
        source_types=[WIRE],
        sources=[Source(id=name, title=name, type="wire") for name in ("x", "y")],
    )


def template() -> Evidence:
    """Return items on outcomes before and after the day, on second times, dated, and a regime."""
    return Evidence(
        [
            said("r1", "deal", "2024-03-01", "x"),
            said("r2", "vote.left", "2024-04-10", "y", speaks_of="2024-05-15"),
            said("r3", "vote.right", "2024-05-20", "x", credibility=0.8),
            said("r4", "raid", "2024-04-20", "x"),
            said("r5", "raid.2", "2024-06-20", "y"),
            said("r6", "ruling.upheld", "2024-05-25", "y"),
            said("r7", "ruling.struck", "2024-06-25", "x"),
            LikelihoodRatio(
                id="l1", event="deal", published="2024-05-20", likelihood_ratio="x2 [1.2, 4]"
            ),
            Forecast(
                id="q1",
                event="summit.2",
                source="x",
                published="2024-05-01",
                speaks_of="2024-10-01",
                probability=0.6,
                base=0.4,
            ),
            Silence(**watch("quiet", "raid", "2024-02-01", "2024-06-15", "x")),
            Silence(**watch("calm", "deal", "2024-01-15", "2024-06-10", "y")),
            Silence(**{**watch("wide", "raid", "2024-03-01", "2024-05-31", "y"), "event": TWO}),
            said("d1", "deal", "2024-04-15", "y", onset=("2024-02-01", "2024-03-31")),
            Regime(
                id="g1",
                event="suit",
                published="2024-04-01",
                hazard_ratio="x2 [0.8, 5]",
                text="A new prosecutor.",
            ),
        ]
    )
