import numpy as np
import pandas as pd
import pytest

from forecast.errors import InputError
from forecast.scoring import brier, cluster_bootstrap, effective_number, gain, skill
from forecast.scoring._clusters import cluster_sums, resampled_rows
from forecast.scoring._inputs import cluster_codes
from tests.tolerances import MONTE_CARLO_Z, SAME_ALGEBRA


def test_clusters_come_whole_and_as_many_as_there_are(rng: np.random.Generator) -> None:
    codes = np.array([2, 0, 0, 1, 2, 2])
    for _ in range(50):
        drawn = codes[resampled_rows(codes, rng)]
        times = np.bincount(drawn, minlength=3) / np.bincount(codes)
        assert times.sum() == 3
        assert (times == times.astype(int)).all()


def test_the_interval_of_a_mean_is_as_wide_as_its_standard_error(rng: np.random.Generator) -> None:
    values = rng.normal(size=400)
    found = cluster_bootstrap(lambda rows: float(values[rows].mean()), np.arange(400))
    assert found.estimate == pytest.approx(values.mean(), rel=SAME_ALGEBRA)
    width = 2 * 1.645 * values.std() / np.sqrt(400)
    assert found.high - found.low == pytest.approx(width, rel=0.1)
    assert found.clusters == 400


def test_repeating_every_question_ten_times_narrows_no_interval(rng: np.random.Generator) -> None:
    ours, theirs = rng.random(100), rng.random(100)
    once = gain(ours, theirs)
    again = gain(np.repeat(ours, 10), np.repeat(theirs, 10), cluster=np.repeat(np.arange(100), 10))
    careless = gain(np.repeat(ours, 10), np.repeat(theirs, 10))
    assert again.estimate == pytest.approx(once.estimate, rel=SAME_ALGEBRA)
    assert (again.low, again.high) == pytest.approx((once.low, once.high), rel=SAME_ALGEBRA)
    assert careless.high - careless.low < (once.high - once.low) / 2


def test_the_interval_of_a_gain_covers_its_truth_nine_times_in_ten() -> None:
    rng = np.random.default_rng(4)
    inside, trials = 0, 400
    cluster = np.repeat(np.arange(80), 4)
    for trial in range(trials):
        loss = 0.2 + 0.1 * rng.normal(size=80)[cluster] + 0.1 * rng.normal(size=320)
        found = gain(loss, np.full(320, 0.25), cluster=cluster, resamples=399, seed=trial)
        inside += found.low < 0.05 < found.high
    spread = np.sqrt(trials * 0.9 * 0.1)
    assert abs(inside - 0.9 * trials) < MONTE_CARLO_Z * spread


def test_repeated_questions_count_once_and_opposed_ones_for_more() -> None:
    residuals = np.random.default_rng(3).normal(size=50)
    assert effective_number(np.repeat(residuals, 7), np.repeat(np.arange(50), 7)) == pytest.approx(
        50, rel=SAME_ALGEBRA
    )
    assert effective_number(residuals, np.arange(50)) == pytest.approx(50, rel=SAME_ALGEBRA)
    opposed = np.column_stack([residuals, -0.5 * residuals]).ravel()
    assert effective_number(opposed, np.repeat(np.arange(50), 2)) > 100


def test_clusters_may_be_named_or_numbered() -> None:
    assert cluster_codes(["b", "a", "b"], 3).tolist() == [1, 0, 1]
    assert cluster_codes(np.array(["b", 1, "b"], dtype=object), 3).tolist() == [1, 0, 1]
    assert cluster_codes(None, 3).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    "clusters",
    [
        ["a", None, "b", np.nan, "a", ""],
        np.array(["a", None, "b", np.nan, "a", " "], dtype=object),
        pd.Series(["a", None, "b", None, "a", None]),
        pd.Series(["a", None, "b", None, "a", None], dtype="string"),
        pd.Categorical(["a", None, "b", None, "a", None], categories=["z", "b", "c", "a"]),
        [1.5, np.nan, 2.0, np.nan, 1.5, np.nan],
        pd.Series([7, None, 9, None, 7, None], dtype="Int64"),
        pd.to_datetime(["2024-01-01", None, "2024-02-01", None, "2024-01-01", None]),
    ],
)
def test_a_row_without_a_cluster_is_one_of_its_own(clusters) -> None:
    assert cluster_codes(clusters, 6).tolist() == [0, 2, 1, 3, 0, 4]


def test_a_name_like_nan_is_a_name() -> None:
    assert cluster_codes(["nan", "nan", np.nan], 3).tolist() == [0, 0, 1]


def test_what_rounding_leaves_of_a_sum_of_nothing_is_nothing() -> None:
    assert cluster_sums(np.array([0.1, 0.2, -0.3, 1e-20]), np.array([0, 0, 0, 1])).tolist() == [
        0.0,
        1e-20,
    ]
    with pytest.raises(InputError, match="there is no such number"):
        effective_number([0.1, 0.2, -0.3], ["a", "a", "a"])


def test_who_never_differs_from_the_reference_gains_nothing_for_certain() -> None:
    found = gain([0.1, 0.2, 0.3], [0.1, 0.2, 0.3])
    assert (found.low, found.estimate, found.high) == (0.0, 0.0, 0.0)


def test_skill_is_the_ratio_of_means() -> None:
    assert skill([0.1, 0.2], [0.3, 0.3]) == pytest.approx(0.5, rel=SAME_ALGEBRA)
    assert skill([0.3], [0.3]) == 0.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cluster_codes(["a"], 2), "one cluster for each forecast"),
        (lambda: cluster_codes("ab", 2), "one cluster for each forecast"),
        (lambda: cluster_codes([["a"], ["b"]], 2), "a cluster has a name or a number"),
        (lambda: cluster_bootstrap(np.mean, ["a", "a"]), "one cluster alone"),
        (
            lambda: cluster_bootstrap(np.mean, ["a", "b"], level=1.0),
            "level: must lie above 0 and below 1",
        ),
        (lambda: effective_number([0.0, 0.0], ["a", "b"]), "there is no such number"),
        (lambda: effective_number([1.0], ["a", "b"]), "one cluster for each"),
        (lambda: skill([0.1], [0.0]), "the reference has no loss"),
        (lambda: skill([0.1], [0.1, 0.2]), "vectors over the same questions"),
        (lambda: gain([np.inf, 0.1], [0.1, 0.2]), "a loss is infinite"),
        (lambda: gain([0.1], [0.2]), "one cluster alone"),
        (lambda: gain(brier([0.001] * 40, [0] * 40), [0.0004] * 40), "the gains are all equal"),
    ],
)
def test_what_cannot_be_resampled_is_refused(call, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()
