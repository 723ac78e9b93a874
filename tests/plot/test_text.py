"""Text from data is drawn as typed, whatever Matplotlib could make of it."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

import forecast as fc
from forecast import plot
from forecast.plot._style import drawable
from tests.tolerances import PIXELS

HOSTILE = r"_x_ $5 or $6 <b> [/nope] $\foo$ {a} %s & 100%"


def hostile_network() -> fc.Network:
    """Two events and a source, all called by the same hostile text."""
    rate = "40% [20%, 60%] within 1 year"
    return fc.Network(
        name="demo",
        title=HOSTILE,
        start="2024-01-01",
        horizon="2024-12-31",
        events=[
            fc.Event(id="a", title=HOSTILE, kind="onset", public=False, rate=rate),
            fc.Event(id="b", title=f"{HOSTILE} b", kind="onset", rate="10% within 1 year"),
        ],
        links=[fc.Link(parent="a", child="b", kind="multiplies", hazard_ratio="x3 [1.5, 6]")],
        source_types=[
            fc.SourceType(id="wire", hit_rate="80% [60%, 92%]", false_alarm_rate="10%", spread=0.5)
        ],
        sources=[fc.Source(id="afp", title=HOSTILE, type="wire")],
    )


SAID = fc.Report(id="r", event="a", published="2024-03-01", source="afp", claim="on", text=HOSTILE)


@pytest.fixture(scope="module")
def post() -> fc.Posterior:
    network = hostile_network()
    return fc.update(network, fc.Evidence([SAID]), as_of="2024-03-01", draws=128)


def history(post: fc.Posterior) -> pd.DataFrame:
    return post.curve("a", dates=["2024-03-01", "2024-06-01"])


PICTURES = {
    "curve": lambda post: plot.curves(post, "a"),
    "curves": lambda post: plot.curves(post, ["a", "b"]),
    "history": lambda post: plot.history(history(post), list(post.evidence), title=HOSTILE),
    "waterfall": lambda post: plot.waterfall(post, "a", by="2024-12-31"),
    "tornado": lambda post: plot.tornado(post, "a", by="2024-12-31"),
    "sources": plot.sources,
    "scenarios": lambda post: plot.scenarios(post, by="2024-12-31"),
    "reliability": lambda _: plot.reliability([0.2, 0.8], [0, 1], title=HOSTILE),
    "prior_posterior": lambda post: plot.prior_posterior(post, "hit_rate", "afp"),
    "ranks": lambda _: plot.ranks({HOSTILE: [0] * 200}, draws=99),
    "network": lambda post: plot.network(post, by="2024-12-31"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_no_text_from_data_is_read_as_mathematics(name: str, post: fc.Posterior) -> None:
    figure = PICTURES[name](post).figure
    figure.canvas.draw()
    shown = [text for text in figure.findobj(Text) if "$5" in text.get_text().replace("\n", " ")]
    assert shown
    assert not any(text.get_parse_math() or text.get_usetex() for text in shown)
    start = [text.get_text().replace("\n", " ") for text in shown]
    assert any("_x_ $5 or $6" in text for text in start)
    plt.close(figure)


@pytest.mark.mpl_image_compare(
    baseline_dir="baseline", filename="typed.png", tolerance=PIXELS, savefig_kwargs={"dpi": 100}
)
def test_hostile_titles_look_as_typed() -> Figure:
    figure, axes = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
    days = pd.to_datetime(["2024-02-01", "2024-03-02", "2024-04-01"])
    told = pd.DataFrame({"mean": [0.1, 0.4, 0.3]}, index=days)
    plot.history(told, [SAID], title=HOSTILE, ax=axes[0])
    plot.network(hostile_network(), ax=axes[1])
    return figure


def test_letters_without_a_glyph_become_boxes_and_no_warning() -> None:
    assert drawable("서울 a\u202eb\x1b[31m") == r"□□ a\u202eb\x1b[31m"
    ax = plot.reliability([0.2, 0.8], [0, 1], title="서울")
    ax.figure.canvas.draw()
    plt.close(ax.figure)


def test_a_session_with_tex_and_mathematics_on_stays_as_it_was(post: fc.Posterior) -> None:
    with mpl.rc_context({"text.usetex": True}):
        before = dict(mpl.rcParams)
        ax = plot.curves(post, ["a", "b"])
        assert dict(mpl.rcParams) == before
        shown = [text for text in ax.figure.findobj(Text) if "$5" in text.get_text()]
        assert shown
        assert not any(text.get_usetex() for text in shown)
        plt.close(ax.figure)
