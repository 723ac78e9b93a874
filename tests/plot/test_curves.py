"""Curves of events, and the crowds' words beside them."""

from itertools import combinations

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.text import Text

import forecast as fc
import forecast.plot

TITLES = (
    "North Korean soldiers or engineers are sent to occupied Donetsk",
    "South Korea directly supplies lethal arms to Ukraine",
    "Japan takes a further formal step with NATO",
    "A pact",
    "The treaty between Russia and North Korea enters into force",
    "Seoul asks NATO to involve itself on the Korean Peninsula",
    "A collective-security treaty in East Asia",
    "Agreement on Chinese navigation of the lower Tumen",
)


@pytest.fixture(scope="module")
def eight() -> fc.Posterior:
    """Most of the eight are improbable, so that their lines end close to each other."""
    events = [
        fc.Event(id=f"e{n}", title=title, kind="onset", rate=f"{rate}% within 1 year")
        for n, (title, rate) in enumerate(zip(TITLES, (3, 4, 55, 6, 90, 12, 2, 8), strict=True))
    ]
    network = fc.Network(name="demo", start="2024-01-01", horizon="2024-12-31", events=events)
    return fc.prior(network, draws=64)


def ids(count: int) -> list[str]:
    return [f"e{n}" for n in range(count)]


def bands(ax: Axes) -> int:
    return sum(isinstance(each, PolyCollection) for each in ax.collections)


def test_eight_curves_have_names_beside_them_none_upon_another(eight: fc.Posterior) -> None:
    ax = fc.plot.curves(eight, ids(8))
    ax.figure.canvas.draw()
    names = [text for text in ax.texts if "%" in text.get_text()]
    told = {" ".join(text.get_text().split()[1:]) for text in names}
    assert told == set(TITLES)
    assert ax.get_legend() is None
    colours = {line.get_color() for line in ax.lines} & {text.get_color() for text in names}
    assert len(colours) == 8
    boxes = [Text.get_window_extent(text) for text in names]  # without the lines that join them
    assert not [1 for one, other in combinations(boxes, 2) if one.overlaps(other)]
    whole = ax.figure.bbox
    assert all(box.x1 <= whole.x1 and box.y0 >= 0 and box.y1 <= whole.y1 for box in boxes)


def test_bands_are_those_of_up_to_three_curves_or_as_asked(eight: fc.Posterior) -> None:
    assert [bands(fc.plot.curves(eight, ids(n))) for n in (1, 3, 4)] == [1, 3, 0]
    assert bands(fc.plot.curves(eight, ids(8), bands=True)) == 8
    assert bands(fc.plot.curves(eight, ids(2), bands=False)) == 0
    assert "90%" not in "".join(t.get_text() for t in fc.plot.curves(eight, ids(4)).texts)


def test_on_narrow_axes_the_names_stand_below(eight: fc.Posterior) -> None:
    _, ax = plt.subplots(figsize=(3.9, 4.5), layout="constrained")
    legend = fc.plot.curves(eight, ids(8), ax=ax).get_legend()
    assert legend is not None
    assert len(legend.get_texts()) == 8


def test_items_without_a_text_are_named_by_what_they_say() -> None:
    said = pd.DataFrame({"mean": [0.1, 0.3]}, index=pd.to_datetime(["2024-07-01", "2024-08-01"]))
    items = [
        fc.Observation(id="o1", event="pact", published="2024-07-20", state="on", text="It is on."),
        fc.Observation(id="o2", event="pact", published="2024-07-21", state="on"),
    ]
    (listed,) = [t.get_text() for t in fc.plot.history(said, items).texts if "1. " in t.get_text()]
    assert listed.splitlines() == ["1. 20 Jul: It is on.", "2. 21 Jul: observed to be on"]


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
