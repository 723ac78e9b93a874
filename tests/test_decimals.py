import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.decimals import PLACES, as_written, reaches, same

DUST = st.floats(-1e-15, 1e-15)


def test_sums_and_differences_of_what_was_written_are_what_they_would_be_on_paper() -> None:
    computed = [0.1 + 0.2, 1 - 0.7, 0.29 * 100 / 100, 0.3 - 0.2, 0.7 - 0.2, 0.1 * 3, 1.1 - 0.2]
    assert as_written(computed).tolist() == [0.3, 0.3, 0.29, 0.1, 0.5, 0.3, 0.9]
    assert as_written(sum([0.1] * 10)) == 1.0
    assert as_written(0.1 + 0.2 - 0.3) == 0.0


@given(st.integers(0, 10**6), DUST)
def test_dust_on_a_decimal_changes_nothing(millionths: int, dust: float) -> None:
    written = millionths / 10**6
    assert same(written + dust, written)
    assert reaches(written + dust, written)


@given(st.integers(1, 1000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_share_is_itself_however_it_was_worked_out(share: tuple[int, int]) -> None:
    k, n = share
    assert same(1 - (n - k) / n, k / n)
    assert same(sum([1 / n] * k), k / n) or n > 100  # a long sum gathers more dust


def test_a_chain_of_near_neighbours_joins_nothing_far_apart_in_any_order() -> None:
    chain = 0.3 + np.arange(2000) * 3e-13
    values = np.unique(as_written(chain))
    assert len(values) == pytest.approx(601, abs=1)
    np.testing.assert_array_equal(as_written(chain[::-1]), as_written(chain)[::-1])
    assert not same(chain[0], chain[-1])


def test_what_differs_by_more_than_the_decimals_that_count_differs() -> None:
    assert PLACES == 12
    assert not same(0.3, 0.3 + 2e-12)
    assert not reaches(0.3 - 2e-12, 0.3)
    assert not same(0.0, 1e-12)


def test_nothing_has_no_sign() -> None:
    assert np.signbit(as_written([-1e-17, -0.0])).tolist() == [False, False]
