"""Sources and their types."""

import pytest

import forecast as fc
from forecast.errors import InputError
from forecast.network import Fixed, Source, SourceType, source_prior
from tests.networks import demo_evidence, demo_network

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


@pytest.mark.parametrize(
    ("written", "better"),
    [
        ("https://www.Reuters.com/world?a=1", "reuters.com"),
        ("www.reuters.com", "reuters.com"),
        ("Reuters.com", "reuters.com"),
        ("reuters.com:443", "reuters.com"),
        ("новини.example", "xn--b1amarcd.example"),
        ("reuters", "reuters.com"),
        ("", "reuters.com"),
    ],
)
def test_what_is_no_domain_is_refused_with_the_domain_to_write(written: str, better: str) -> None:
    with pytest.raises(InputError, match=rf"domains\.1: is not a domain.*'{better}'"):
        Source(id="reuters", type="agency", domains=["reuters.com", written])


@pytest.mark.parametrize("alias", [" ISW", "ISW ", "I", "", "123", "a\nb", "x" * 81])
def test_what_is_no_name_is_refused_as_an_alias(alias: str) -> None:
    with pytest.raises(InputError, match=r"aliases\.0: must be a name"):
        Source(id="isw", type="institute", aliases=[alias])


@pytest.mark.parametrize("names", [["ISW", "isw"], ["ISW", "ISW"]])
def test_an_alias_stands_once(names: list[str]) -> None:
    with pytest.raises(InputError, match="aliases: names 'ISW' twice"):
        Source(id="isw", type="institute", aliases=names)


def test_a_source_without_domains_and_aliases_is_written_as_before() -> None:
    written = Source(id="isw", type="institute").model_dump()
    assert not {"domains", "aliases"} & written.keys()
    named = Source(id="isw", type="institute", domains=["isw.example"], aliases=["ISW"])
    assert named.model_dump().items() >= {"domains": ("isw.example",), "aliases": ("ISW",)}.items()


def test_domains_and_aliases_change_no_forecast() -> None:
    plain = demo_network()
    first = plain.sources[0].model_copy(
        update={"domains": ("wire.example",), "aliases": ("The Wire",)}
    )
    named = plain.model_copy(update={"sources": (first, *plain.sources[1:])})
    said, also = (
        fc.update(network, demo_evidence(), as_of="2024-03-01", draws=256).table(by=["2024-06-30"])
        for network in (plain, named)
    )
    assert said.equals(also)


def test_a_type_states_both_rates_or_neither() -> None:
    assert SourceType(id="crowd", forecast_weight="60% [30%, 85%]").hit_rate is None
    told = r"false_alarm_rate: is missing beside hit_rate. State it, such as '5% \[1%, 15%\]'"
    with pytest.raises(InputError, match=told):
        SourceType(id="crowd", hit_rate="80%")
