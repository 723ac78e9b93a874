"""Random items of every kind that a table can hold, for properties of tables."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

import forecast as fc
from forecast.evidence import KINDS, Item

BEGIN = date(2024, 1, 1)
names = st.sampled_from(["troops", "pact", "vote.left", "war"])
sources = st.sampled_from(["wire", "paper_b", "crowd"])
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12).filter(
    lambda text: text == "" or text.strip() != ""
)
days = st.integers(0, 300).map(lambda n: BEGIN + timedelta(days=n))
times = st.integers(0, 500_000).map(
    lambda n: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=n)
)
shares = st.floats(0.001, 0.999)


@st.composite
def items(draw: st.DrawFn, name: str) -> Item:
    """Return a random item of this name."""
    kind = draw(st.sampled_from(sorted(KINDS)))
    published = draw(days | times)
    day = published.date() if isinstance(published, datetime) else published
    last = day - timedelta(days=1)
    before = last - timedelta(days=draw(st.integers(0, 40)))
    fields: dict[str, Any] = {
        "id": name, "event": draw(names), "published": published, "citation": draw(texts),
        "text": draw(texts), "notes": draw(texts),
    }  # fmt: skip
    if draw(st.booleans()):
        fields["recorded"] = day + timedelta(days=draw(st.integers(1, 9)))
    if draw(st.booleans()):
        fields["retracts"] = ("gone_a", "gone_b")[: draw(st.integers(1, 2))]
    own: dict[str, dict[str, Any]] = {
        "report": {"source": draw(sources), "claim": draw(st.sampled_from(["on", "off"])),
                   "credibility": draw(shares), "derived_from": draw(
                       st.sampled_from([(), ("r0",), ("r0", "r1")]))},
        "observation": draw(st.sampled_from([{"state": "on"}, {"state": "off"},
                                             {"onset": (before, last)}])),
        "forecast": {"source": draw(sources), "probability": draw(shares),
                     "speaks_of": day + timedelta(days=30)},
        "likelihood_ratio": {"likelihood_ratio": draw(st.sampled_from(["x2 [1.2, 4]", "x3"]))},
        "regime": {"hazard_ratio": "x0.4 [0.2, 0.75]", "until": day + timedelta(days=60),
                   "text": "a new commander"},
        "silence": {"source": draw(sources), "watched_from": before, "watched_to": last,
                    "more_events": draw(st.sampled_from([(), ("ferry",), ("ferry", "strike")]))},
        "count": {"source": draw(sources), "watched_from": before, "watched_to": last,
                  "counted": draw(st.integers(0, 10**6))},
        "retraction": {"retracts": ("gone_a",)},
    }  # fmt: skip
    return KINDS[kind](**(fields | own[kind]))


@st.composite
def records(draw: st.DrawFn) -> fc.Evidence:
    """Return a random record."""
    return fc.Evidence(draw(items(f"i{n}")) for n in range(draw(st.integers(0, 6))))
