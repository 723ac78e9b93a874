"""A copy repeats what its origins said, those that were taken back since as well as the rest."""

import numpy as np
import pytest

from forecast.evidence import Evidence, Report, Retraction
from forecast.model._drawn import Drawn
from forecast.model._lower import Lowered, lower
from tests.networks import demo_network
from tests.tolerances import MONTE_CARLO_Z, SAME_ALGEBRA

DRAWS = 1000


def copied(check: float) -> Lowered:
    """Two of three origins, one on and one off, are taken back; the copy says on."""
    told = {"event": "troops", "published": "2024-03-01"}
    origins = {"derived_from": ("a", "b", "c"), "check": check}
    items = [
        Report(id="a", source="reuters", claim="on", **told),
        Report(id="b", source="afp", claim="off", **told),
        Report(id="c", source="kcna", claim="on", **told),
        Report(id="d", source="afp", claim="on", **told, **origins),
        Retraction(id="back", event="troops", published="2024-03-20", retracts=("a", "b")),
    ]
    return lower(demo_network(), Evidence(items), "2024-06-30")


def place_of(lowered: Lowered, item: str) -> int:
    return [factor.item for factor in lowered.factors].index(item)


@pytest.mark.parametrize("check", [0.3, 0.9])
def test_an_unchecked_copy_is_on_by_the_share_of_its_origins(check: float) -> None:
    lowered = copied(check)
    values = lowered.table.from_z(np.zeros((1, lowered.table.dimensions)))
    at = place_of(lowered, "d")
    rates = (lowered.factors[at].false_alarm, lowered.factors[at].hit)
    says_on = np.array([values[name][0, place] for name, place in rates])  # type: ignore[misc]
    found = lowered.theta(values).factors[0, at]
    np.testing.assert_allclose(found, check * says_on + (1 - check) * 2 / 3, rtol=SAME_ALGEBRA)


def test_a_copy_is_drawn_from_them_too(rng: np.random.Generator) -> None:
    lowered = copied(0.001)
    values = lowered.table.flat(lowered.table.from_z(np.zeros((1, lowered.table.dimensions))))[0]
    drawn = Drawn(lowered)
    worlds = np.array([drawn.one(values, rng) for _ in range(DRAWS)])
    shares = (worlds[:, place_of(lowered, "c")] + 1) / 3
    error = np.sqrt((shares * (1 - shares)).mean() / DRAWS)
    off = worlds[:, place_of(lowered, "d")].mean() - shares.mean()
    assert abs(off) < MONTE_CARLO_Z * error + 0.001
