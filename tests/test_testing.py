import ast
from pathlib import Path

import numpy as np
import pytest

import forecast as fc
from forecast import testing
from forecast.errors import InputError
from forecast.evidence import Evidence, Observation, Report
from forecast.testing import assert_calibrated, assert_no_lookahead, assert_skill
from tests.calibration_scores.worlds import independent, too_bold, too_high, too_timid

SAID = independent(np.random.default_rng(1), 1000)


def test_calibrated_forecasts_pass() -> None:
    assert_calibrated(SAID.p, SAID.y)


def test_a_failure_says_what_is_wrong() -> None:
    with pytest.raises(
        AssertionError,
        match=r"p-value 0.001 over 1000 forecasts, at an error rate of 0.01; 4\d.* too bold",
    ):
        assert_calibrated(too_bold(SAID.p), SAID.y)
    with pytest.raises(
        AssertionError, match=r"Spiegelhalter's Z is -\d+.\d \(forecasts too timid\)"
    ):
        assert_calibrated(too_timid(SAID.p), SAID.y)
    with pytest.raises(AssertionError, match=r"5\d.\d% were forecast to happen, 4\d.\d% did"):
        assert_calibrated(too_high(SAID.p), SAID.y)


def test_one_broken_certainty_is_enough_and_named() -> None:
    with pytest.raises(AssertionError, match=r"1 forecast as certain did not happen \(rows 2\)"):
        assert_calibrated([0.5, 0.4, 1.0], [1, 0, 0])


def test_coin_tosses_have_no_z_but_a_verdict() -> None:
    with pytest.raises(AssertionError, match=r"50.0% were forecast to happen, 100.0% did$"):
        assert_calibrated(np.full(50, 0.5), np.ones(50))


def test_repeated_questions_fail_only_where_they_are_taken_for_independent() -> None:
    rng = np.random.default_rng(4)
    p = np.repeat(rng.beta(0.7, 0.9, 60), 20)
    y = np.repeat(rng.random(60), 20) < p
    cluster = np.repeat(np.arange(60), 20)
    assert_calibrated(p, y, cluster=cluster)
    with pytest.raises(AssertionError, match="1200 forecasts, at"):
        assert_calibrated(p, y)
    with pytest.raises(AssertionError, match="1200 forecasts in 60 clusters"):
        assert_calibrated(too_high(too_high(too_high(p))), y, cluster=cluster)


def test_smaller_error_rates_draw_more() -> None:
    with pytest.raises(AssertionError, match=r"p-value 0\.0001 "):
        assert_calibrated(too_bold(SAID.p), SAID.y, error_rate=0.001)


def test_skill_over_a_coin_passes_and_over_the_truth_fails() -> None:
    assert_skill(SAID.p, SAID.y, 0.5)
    assert_skill(SAID.p, SAID.y, np.full(1000, 0.5), rule="logarithmic")
    with pytest.raises(
        AssertionError, match=r"mean brier loss 0.\d+ against 0.\d+ over 1000 forecasts, p-value"
    ):
        assert_skill(too_bold(SAID.p), SAID.y, SAID.p)


def test_skill_on_a_few_questions_repeated_is_not_shown() -> None:
    rng = np.random.default_rng(1)
    truth = rng.random(30)
    y = np.repeat(rng.random(30) < truth, 40)
    p, reference = np.repeat(truth, 40), np.repeat(np.clip(truth + 0.1, 0, 1), 40)
    assert_skill(p, y, reference)
    with pytest.raises(AssertionError, match=r"1200 forecasts in 30 clusters"):
        assert_skill(p, y, reference, cluster=np.repeat(np.arange(30), 40))


def test_a_rare_loss_that_has_not_come_yet_counts() -> None:
    """At truth 1.05% forecasts of 0.1% and of 2% are even: all that 40 noes say is (1 - p)^40."""
    with pytest.raises(AssertionError, match=r"p-value 0.656.*no outcomes could give less than 0"):
        assert_skill([0.001] * 40, [0] * 40, 0.02)
    with pytest.raises(AssertionError, match="no outcomes could give less than"):
        assert_skill([0.001] * 436, [0] * 436, 0.02)
    assert_skill([0.001] * 437, [0] * 437, 0.02)
    with pytest.raises(AssertionError, match="no outcomes could give less than"):
        assert_skill([0.001] * 437, [0] * 437, 0.02, cluster=np.arange(437) // 2)


def test_who_says_what_the_reference_says_is_no_better() -> None:
    for said, reference in ((0.3, 0.3), (0.3, 1 - 0.7), (0.0, 0.0)):
        for rule in ("brier", "logarithmic"):
            with pytest.raises(AssertionError, match="p-value 1,"):
                assert_skill([said] * 40, [0] * 40, reference, rule=rule)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: assert_skill([0.2] * 30, [1] * 30, [0.5, 0.5]), "one number, or one for each"),
        (lambda: assert_skill([0.0] * 30, [0] * 30, 0.5, rule="logarithmic"), "could be infinite"),
        (
            lambda: assert_calibrated([0.2], [1], error_rate=0),
            "error_rate: must lie above 0 and below 1",
        ),
        (lambda: assert_skill([0.2] * 29, [1] * 29, 0.5), r"fewer than 30 questions .*'29'"),
        (lambda: assert_skill([0.0] * 30, [1] * 30, 0.5, rule="logarithmic"), 'rule="brier"'),
        (lambda: assert_skill([0.2] * 30, [1] * 30, 0.5, rule="briar"), "Did you mean 'brier'"),
    ],
)
def test_what_cannot_be_asserted_is_refused(call, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()


def evidence() -> Evidence:
    source = {"event": "pact", "claim": "on", "source": "wire"}
    return Evidence(
        [
            Report(id="r1", published="2024-02-01", **source),
            Report(id="r2", published="2024-03-01", **source),
            Observation(id="o", event="pact", published="2024-05-01", onset="2024-04-20"),
        ]
    )


def network() -> fc.Network:
    return fc.Network(
        name="small",
        start="2024-01-01",
        horizon="2024-12-31",
        events=[fc.Event(id="pact", kind="onset", public=False, rate="30% within 6 months")],
        source_types=[
            fc.SourceType(
                id="wires",
                title="Wires",
                hit_rate="80% [60%, 92%]",
                false_alarm_rate="10% [5%, 20%]",
            )
        ],
        sources=[fc.Source(id="wire", title="Wire", type="wires")],
    )


def test_this_library_does_not_look_ahead() -> None:
    def by_year_end(items: Evidence, day: str) -> float:
        post = fc.update(
            network(), items, as_of=day, method="importance", draws=256, progressbar=False
        )
        return float(post.probability("pact", by="2024-12-31"))

    assert_no_lookahead(by_year_end, evidence(), ["2024-02-15", "2024-04-01"])


def test_looking_ahead_is_found() -> None:
    def counts_all(items: Evidence, _day: str) -> float:
        return 0.1 * len(items)

    with pytest.raises(
        AssertionError, match=r"after 2024-02-15 changes the forecast, by up to 0.2"
    ):
        assert_no_lookahead(counts_all, evidence(), ["2024-02-15"])
    with pytest.raises(AssertionError, match=r"its shape is \(3,\) with it and \(1,\) without"):
        assert_no_lookahead(lambda items, _: np.arange(len(items)), evidence(), ["2024-02-15"])


def test_a_forecast_without_a_seed_is_found() -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(AssertionError, match="give the forecast a seed"):
        assert_no_lookahead(lambda *_: rng.random(), evidence(), ["2024-02-15"])


def test_dates_after_everything_test_nothing() -> None:
    with pytest.raises(InputError, match="so nothing was tested"):
        assert_no_lookahead(lambda *_: 0.5, evidence(), ["2024-06-01"])


def test_no_gate_takes_the_expected_calibration_error() -> None:
    """Nothing of the library imports it but the package that offers it."""
    package = Path(testing.__file__).parent
    users = {
        file.relative_to(package).as_posix()
        for file in package.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        and any(alias.name == "expected_calibration_error" for alias in node.names)
    }
    assert users == {"calibration/__init__.py"}
