"""Sources and their types."""

import pytest

from forecast.errors import InputError
from forecast.network import Fixed, Source, SourceType, source_prior

TYPE = SourceType(id="agency", hit_rate="70%", false_alarm_rate="5%")


def test_a_type_predicts_as_it_reports_if_nothing_is_said() -> None:
    assert source_prior(TYPE, "predictive_hit_rate") == Fixed(0.7)
    assert source_prior(TYPE, "predictive_false_alarm_rate") == Fixed(0.05)


def test_a_type_may_predict_otherwise() -> None:
    kind = SourceType(id="agency", hit_rate="70%", false_alarm_rate="5%", predictive_hit_rate="40%")
    assert source_prior(kind, "predictive_hit_rate") == Fixed(0.4)
    assert source_prior(kind, "predictive_false_alarm_rate") == Fixed(0.05)


def test_a_source_is_pooled_where_nothing_is_said() -> None:
    source = Source(id="yonhap", type="agency", hit_rate="90%")
    assert source_prior(source, "hit_rate") == Fixed(0.9)
    assert source_prior(source, "false_alarm_rate") is None
    assert source_prior(source, "predictive_hit_rate") is None


@pytest.mark.parametrize(("check", "share"), [(0.2, 0.2), ("20%", 0.2), ("0%", 0.0), ("100%", 1.0)])
def test_a_share_is_a_number_or_a_percentage(check: float | str, share: float) -> None:
    assert Source(id="yonhap", type="agency", check=check).check == share


@pytest.mark.parametrize(
    ("check", "message"),
    [
        ("130%", "check: must lie between 0% and 100%"),
        (1.3, "check: must be 1 or less"),
        ("often", "check: must be a number"),
        (True, "check: must be a number"),
    ],
)
def test_a_share_beyond_one_is_refused(check: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Source(id="yonhap", type="agency", check=check)


def test_a_type_needs_both_rates() -> None:
    with pytest.raises(InputError, match=r"false_alarm_rate: is missing.*'false_alarm_rate: 5%"):
        SourceType(id="agency", hit_rate="70%")
