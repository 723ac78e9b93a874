import numpy as np
import pytest

from forecast.engine._components import build_plans
from forecast.engine._packing import pack, unpack
from tests.exact.random_networks import random_problem


@pytest.mark.parametrize("seed", range(20))
def test_packed_plans_come_back_as_they_were(seed: int) -> None:
    structure, record, _ = random_problem(np.random.default_rng(seed))
    plans = build_plans(structure, record, max_step=0.1)
    found = unpack(*pack(plans))
    assert len(found) == len(plans)
    for before, after in zip(plans, found, strict=True):
        for name in before._fields:
            np.testing.assert_array_equal(getattr(after, name), getattr(before, name))
            assert getattr(after, name).dtype == getattr(before, name).dtype
