"""A network at real size: twenty events as people state them, and fifty items.

All hang together, and more hidden events at once than the exact filter holds: ``auto`` takes the
path sampler. Events are of every kind: hidden and public onsets, states, a fact, decisions on a day
and upon an onset, repeated, confirmed, ever, and within windows; items are of every kind, opinions
among them that their deadlines have resolved, and that they have not.
"""

from collections.abc import Iterator

from forecast.evidence import Count, Evidence, Forecast, Item, LikelihoodRatio, Regime, Silence
from forecast.network import Event, Link, Network, Source, SourceType, Window
from tests.calibration.generator import said, watch
from tests.calibration.generator_forms import DEAL, VOTE, WIRE, ruling

AS_OF, NIGHT_BEFORE = "2024-06-30", "2024-05-20"
DEADLINES = ("2024-07-31", "2024-12-31")
HIDDEN = ("talks", "buildup", "supply", "defection", "cyber", "covert", "training", "stockpile")
PUBLIC = ("statement", "exercise", "visit", "sanction")
RATES = ("40% [20%, 65%]", "30% [10%, 60%]", "25% [10%, 50%]", "50% [25%, 75%]")
CHAIN = (
    ("talks", "supply", "x2 [1.2, 4]"),
    ("supply", "training", "x3 [1.5, 6]"),
    ("training", "deploy", "x3 [1.5, 6]"),
    ("buildup", "deploy", "x2 [1, 4]"),
    ("stockpile", "buildup", "x2 [1, 4]"),
    ("covert", "cyber", "x3 [1.5, 6]"),
    ("cyber", "sanction", "x2 [1.2, 4]"),
    ("sanction", "talks", "x0.6 [0.3, 1]"),
    ("alert", "exercise", "x3 [1.5, 6]"),
    ("exercise", "buildup", "x2 [1, 4]"),
    ("defection", "alert", "x2 [1, 4]"),
    ("visit", "summit", "x2 [1.2, 4]"),
    ("vote.left", "sanction", "x2 [1.2, 4]"),
)
"""Links by hazard ratio; one circle leads from talks to sanctions and back."""


OPINIONS = (
    ("sanction", "2024-02-08", "2024-03-31"),
    ("statement", "2024-03-08", "2024-05-31"),
    ("deal", "2024-05-08", "2024-10-01"),
    ("summit", "2024-06-08", "2024-10-01"),
)
"""Event, day and deadline; each costs an estimate, of what the network itself says on that day."""


def _onset(number: int, name: str, *, public: bool) -> Event:
    rate = f"{RATES[number % len(RATES)]} within 6 months"
    return Event(id=name, kind="onset", public=public, rate=rate)


def network() -> Network:
    """Return the network."""
    series = SourceType(
        id="series",
        hit_rate="50%",
        false_alarm_rate="50%",
        count_rate_off="20 per year [8, 50]",
        count_rate_on="60 per year [30, 110]",
    )
    forms = [
        Event(
            id="alert",
            kind="state",
            public=False,
            initially="30% [15%, 50%]",
            rate="1 per year [0.5, 2]",
            off_rate="3 endings in 2 years",
        ),
        Event(id="doctrine", kind="fact", initially="40% [20%, 60%]"),
        DEAL,
        VOTE,
        ruling("visit"),
        Event(
            id="summit",
            kind="repeated",
            rate="50% [25%, 75%] within 6 months",
            rate_after="2 per year [0.8, 5]",
            up_to=2,
        ),
        Event(
            id="deploy",
            kind="onset",
            rate="25% [10%, 50%] within 6 months",
            known="within 1 month [10 days, 90 days]",
        ),
        Event(
            id="treaty",
            kind="onset",
            rate="30% [10%, 60%] within 6 months",
            windows=[Window(start="2024-09-01", end="2024-12-31")],
            outside_windows=0.0,
        ),
    ]
    links = [
        Link(parent=parent, child=child, kind="multiplies", hazard_ratio=ratio)
        for parent, child, ratio in CHAIN
    ]
    links += [
        Link(parent="doctrine", child="stockpile", kind="causes", extra_rate="1 per year [0.3, 3]"),
        Link(
            parent="deploy",
            child="statement",
            kind="causes",
            extra_rate="1 per year [0.3, 3]",
            delay="1 month [0.5 months, 2 months]",
        ),
        Link(parent="deal", child="vote.left", kind="multiplies", odds_ratio="x2 [1, 4]"),
        Link(parent="deploy.confirmed", child="treaty", kind="requires"),
        Link(parent="ruling.struck", child="treaty", kind="prevents"),
    ]
    return Network(
        name="sbc_real",
        start="2024-01-01",
        horizon="2024-12-31",
        events=[
            *(_onset(n, name, public=False) for n, name in enumerate(HIDDEN)),
            *(_onset(n, name, public=True) for n, name in enumerate(PUBLIC)),
            *forms,
        ],
        links=links,
        source_types=[WIRE, series],
        sources=[
            *(Source(id=name, type="wire") for name in ("x", "y", "z", "market")),
            Source(id="trains", type="series"),
        ],
    )


def template() -> Evidence:
    """Return items over half a year, some eight a month."""
    return Evidence(list(_items()))


def _items() -> Iterator[Item]:
    about = (*HIDDEN, "deploy", "alert", "deal")
    for month in range(1, 7):
        for n in range(6):  # reports, one source after the other, one event after the other
            event = about[(5 * month + 2 * n) % len(about)]
            source = ("x", "y", "z")[(month + n) % 3]
            yield said(f"r{month}_{n}", event, f"2024-{month:02}-{4 * n + 4:02}", source)
    for n, (event, day, by) in enumerate(OPINIONS):
        yield Forecast(
            id=f"q{n}",
            event=event,
            source="market",
            published=day,
            speaks_of=by,
            probability=0.4,
            base=0.3,
        )
    yield said("copy", "covert", "2024-06-10", "y", derived_from=("r5_1",))
    yield said("left", "vote.left", "2024-04-20", "y", speaks_of="2024-05-15")
    yield said("right", "vote.right", "2024-05-20", "x", credibility=0.8)
    yield said("fact", "doctrine", "2024-03-12", "z")
    yield said("dated", "talks", "2024-04-15", "y", onset=("2024-02-01", "2024-03-31"))
    yield LikelihoodRatio(
        id="l1", event="covert", published="2024-05-20", likelihood_ratio="x2 [1.2, 4]"
    )
    yield Silence(**watch("quiet", "cyber", "2024-02-01", "2024-06-15", "x"))
    yield Silence(**watch("calm", "alert", "2024-03-01", "2024-04-30", "z"))
    yield Silence(**watch("still", "deploy", "2024-01-15", "2024-06-10", "y"))
    yield Count(**watch("n1", "buildup", "2024-02-15", "2024-04-15", "trains"), counted=0)
    yield Count(**watch("n2", "buildup", "2024-04-16", "2024-06-15", "trains"), counted=0)
    yield Regime(
        id="g1",
        event="visit",
        published="2024-04-01",
        hazard_ratio="x2 [0.8, 5]",
        text="A new host.",
    )
