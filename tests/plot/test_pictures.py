"""Pictures are compared with those that the docs show, on fixed data.

``pytest --mpl-generate-path=FOLDER tests/plot`` draws them anew; look at each before you keep it.
"""

import matplotlib.pyplot as plt
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from forecast import plot
from tests.plot.cases import DRAWS, forecasts, ranks, tangle
from tests.plot.kept import ARMS, BY, CURVES, SENT, SOURCE, TROOPS, Kept
from tests.tolerances import PIXELS

KEPT = Kept()
DOCS, HERE = "../../docs/pictures", "baseline"
PHONE = 3.9
"""The width of a phone's page, in inches at 100 dots each."""

PICTURES = {
    "curve": lambda ax: plot.curves(KEPT, TROOPS, ax=ax),
    "curves": lambda ax: plot.curves(KEPT, CURVES, ax=ax),
    "history": lambda ax: plot.history(
        KEPT.history, KEPT.news, title=KEPT.network.event(SENT).title, ax=ax
    ),
    "waterfall": lambda ax: plot.waterfall(KEPT, TROOPS, by=BY, ax=ax),
    "tornado": lambda ax: plot.tornado(KEPT, TROOPS, by=BY, ax=ax),
    "sources": lambda ax: plot.sources(KEPT, ax=ax),
    "scenarios": lambda ax: plot.scenarios(KEPT, by=BY, ax=ax),
    "reliability": lambda ax: plot.reliability(*forecasts(), ax=ax),
    "prior_posterior": lambda ax: plot.prior_posterior(KEPT, "hit_rate", SOURCE, ax=ax),
    "ranks": lambda ax: plot.ranks(ranks(), draws=DRAWS, ax=ax),
}


def picture(
    name: str, *, dpi: int = 100, folder: str = DOCS, style: str = "default"
) -> pytest.MarkDecorator:
    """Compare the figure that a test returns with a kept one."""
    return pytest.mark.mpl_image_compare(
        filename=f"{name}.png",
        tolerance=PIXELS,
        savefig_kwargs={"dpi": dpi},
        baseline_dir=folder,
        style=style,
    )


def of(ax: Axes) -> Figure:
    assert isinstance(ax.figure, Figure)
    return ax.figure


@pytest.mark.parametrize("name", [pytest.param(n, marks=picture(n)) for n in PICTURES])
def test_the_picture_is_as_in_the_docs(name: str) -> Figure:
    return of(PICTURES[name](None))


@picture("network", dpi=72)
def test_the_network_is_as_in_the_docs() -> Figure:
    return of(plot.network(KEPT, by=BY))


@picture("tangle", dpi=50, folder=HERE)
def test_fifty_events_on_cycles_are_drawn_as_they_were() -> Figure:
    return of(plot.network(tangle(50, 75, seed=4)))


@picture("phone", folder=HERE)
def test_pictures_fit_a_phone() -> Figure:
    """As axes that are handed in: side by side and narrow."""
    figure, axes = plt.subplots(2, 3, figsize=(3 * PHONE, 13), layout="constrained")
    for name, ax in zip(["curve", "history", "tornado"], axes[0], strict=True):
        assert PICTURES[name](ax) is ax
    for name, ax in zip(["scenarios", "reliability", "ranks"], axes[1], strict=True):
        assert PICTURES[name](ax) is ax
    return figure


@picture("dark", folder=HERE, style="dark_background")
def test_pictures_follow_a_dark_session() -> Figure:
    figure, axes = plt.subplots(1, 2, figsize=(11, 4.6), layout="constrained")
    plot.curves(KEPT, [TROOPS, ARMS], ax=axes[0])
    plot.sources(KEPT, ax=axes[1])
    return figure
