"""One network and one record with every kind of item, silences, counts and hidden origins among."""

from typing import Any

import forecast as fc

AS_OF = "2024-06-30"


def watched_network(**of_type: Any) -> fc.Network:
    """A hidden onset, a hidden state and a public onset, watched by sources of one type."""
    kind = {
        "hit_rate": "75% [55%, 90%]",
        "false_alarm_rate": "15% [5%, 35%]",
        "report_rate": "60% [30%, 85%] within 2 months",
        "count_rate_off": "12 per year [6, 24]",
        "count_rate_on": "40 per year [20, 80]",
        "check": 0.3,
        **of_type,
    }
    names = ("daily", "weekly", "agency", "official", "satellite", "trains")
    return fc.Network(
        name="watched",
        start="2024-01-01",
        horizon="2024-12-31",
        events=[
            fc.Event(
                id="troops", kind="onset", public=False, rate="40% [20%, 65%] within 6 months"
            ),
            fc.Event(
                id="regime",
                kind="state",
                public=False,
                initially="40% [20%, 60%]",
                rate="40% [20%, 65%] within 6 months",
                off_rate="60% [40%, 80%] within 6 months",
            ),
            fc.Event(id="treaty", kind="onset", rate="15% [5%, 30%] within 6 months"),
        ],
        links=[
            fc.Link(parent="regime", child="troops", kind="multiplies", hazard_ratio="x2 [1, 4]"),
            fc.Link(parent="troops", child="treaty", kind="multiplies", hazard_ratio="x3 [1.5, 6]"),
        ],
        source_types=[fc.SourceType(id="press", **kind)],
        sources=[fc.Source(id=name, type="press") for name in names],
    )


def said(name: str, source: str, claim: str = "on", **more: Any) -> fc.Report:
    fields = {"event": "troops", "published": "2024-04-01", **more}
    return fc.Report(id=name, source=source, claim=claim, **fields)


def watched(kind: type, name: str, first: str, last: str, **more: Any) -> Any:
    fields = {"event": "troops", "published": last, "source": "satellite", **more}
    return kind(id=name, watched_from=first, watched_to=last, **fields)


def every_kind() -> fc.Evidence:
    """Copies, a statement read twice, hidden ones, silences kept and broken, counts."""
    return fc.Evidence(
        [
            said("r1", "daily"),
            said("r2", "weekly", "off", published="2024-04-09", derived_from=("r1",)),
            said("r3", "agency", event="regime", published="2024-05-05"),
            said("r4", "agency", published="2024-05-05", derived_from=("r3",), check=0.4),
            said("h1", "daily", published="2024-05-01", origin="official"),
            said("h2", "weekly", published="2024-05-03", origin="official", check=0.5),
            said("h3", "agency", "off", published="2024-05-04", origin="official"),
            said("p1", "daily", published="2024-05-02", speaks_of="2024-09-01", origin="official"),
            said("p2", "weekly", published="2024-05-09", speaks_of="2024-09-01", origin="official"),
            said("c1", "agency", published="2024-05-09", derived_from=("h1", "r1")),
            fc.LikelihoodRatio(
                id="ratio", event="regime", published="2024-03-01", likelihood_ratio="x2 [1.2, 4]"
            ),
            fc.Forecast(
                id="bet",
                event="treaty",
                source="weekly",
                published="2024-06-01",
                speaks_of="2024-10-01",
                probability=0.4,
                base=0.2,
            ),
            watched(fc.Silence, "quiet", "2024-03-01", "2024-04-30"),
            watched(fc.Silence, "calm", "2024-02-01", "2024-06-15", event="regime"),
            watched(fc.Silence, "broken", "2024-05-01", "2024-06-20", source="daily", claim="on"),
            watched(fc.Count, "few", "2024-02-01", "2024-03-31", event="treaty", source="trains",
                    counted=3),
            watched(fc.Count, "many", "2024-06-21", "2024-06-30", source="trains", counted=2),
        ]
    )  # fmt: skip


def dated() -> fc.Evidence:
    """Reports that date an onset, past, to come, copied and of a hidden origin; a wide silence."""
    march, both = ("2024-03-01", "2024-03-31"), ("2024-04-20", "2024-07-20")
    return fc.Evidence(
        [
            said("d1", "daily", published="2024-04-10", onset=march, credibility=0.8),
            said("d2", "weekly", published="2024-04-12", onset=march, derived_from=("d1",)),
            said("d3", "agency", "off", published="2024-04-14", onset=march, derived_from=("d1",)),
            said("h1", "daily", published="2024-05-01", onset=march, origin="official"),
            said("h2", "weekly", published="2024-05-03", onset=march, origin="official", check=0.5),
            said("now", "agency", published="2024-05-09", onset=both),
            said("soon", "weekly", "off", published="2024-05-11", onset="2024-09-03"),
            said("plain", "weekly", published="2024-05-12"),
            watched(fc.Silence, "wide", "2024-02-01", "2024-05-15", event=["regime", "troops"]),
        ]
    )
