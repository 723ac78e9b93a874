"""Curves of events, and the crowds' words beside them."""

import forecast as fc
import forecast.plot


def test_what_crowds_last_said_is_marked_at_its_deadline() -> None:
    crowd = fc.SourceType(id="crowd", hit_rate="70% [50%, 85%]", false_alarm_rate="10% [4%, 22%]")
    network = fc.Network(
        name="demo",
        start="2024-01-01",
        horizon="2024-12-31",
        events=[fc.Event(id="pact", kind="onset", rate="40% [20%, 60%] within 1 year")],
        source_types=[crowd],
        sources=[fc.Source(id="market", title="A market", type="crowd")],
    )
    said = [
        fc.Forecast(
            id=f"m{month}",
            event="pact",
            published=f"2024-0{month}-01",
            source="market",
            speaks_of="2024-09-30",
            probability=p,
        )
        for month, p in ((2, 0.95), (3, 0.5))
    ]
    post = fc.update(network, fc.Evidence(said), as_of="2024-04-01", draws=512)
    ax = fc.plot.curves(post, "pact")
    marks = [line for line in ax.lines if line.get_marker() == "D"]
    assert [line.get_ydata()[0] for line in marks] == [0.5]  # the newest word alone
    assert "A market 50%" in {text.get_text() for text in ax.texts}
    assert ax.get_ylim()[1] >= 0.5
