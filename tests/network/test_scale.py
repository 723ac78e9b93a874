"""Scales of words: data in files, looked up by name in whatever case."""

from importlib.resources import files

import pytest

from forecast.errors import InputError
from forecast.network._phrase import look_up, meanings, scales


def test_every_csv_file_in_the_folder_is_a_scale() -> None:
    folder = files("forecast.network") / "scales"
    names = {entry.name.removesuffix(".csv") for entry in folder.iterdir()}
    assert set(scales()) == names
    assert "icd203" in names


@pytest.mark.parametrize("scale", sorted(scales()))
def test_every_range_can_be_a_prior(scale: str) -> None:
    assert all(0 < low < high < 1 for low, high in scales()[scale].values())


@pytest.mark.parametrize("scale", sorted(scales()))
def test_every_scale_says_where_it_comes_from(scale: str) -> None:
    text = (files("forecast.network") / "scales" / f"{scale}.csv").read_text(encoding="utf-8")
    assert text.startswith("#")


@pytest.mark.parametrize(
    ("word", "low", "high"),
    [
        ("almost no chance", 0.01, 0.05),
        ("highly improbable", 0.05, 0.20),
        ("unlikely", 0.20, 0.45),
        ("roughly even odds", 0.45, 0.55),
        ("probable", 0.55, 0.80),
        ("very likely", 0.80, 0.95),
        ("nearly certain", 0.95, 0.99),
    ],
)
def test_icd_203_is_as_published(word: str, low: float, high: float) -> None:
    """ICD 203, Analytic Standards, 2 January 2015, D.6.e(2)(a)."""
    assert look_up("icd203", word) == (low, high)


@pytest.mark.parametrize(
    ("word", "figure", "give_or_take"),
    [
        ("almost certain", 93, 6),
        ("probable", 75, 12),
        ("chances about even", 50, 10),
        ("probably not", 30, 10),
        ("almost certainly not", 7, 5),
    ],
)
def test_kent_is_as_published(word: str, figure: int, give_or_take: int) -> None:
    """Sherman Kent, Words of Estimative Probability, 1964: a figure, give or take some points."""
    low, high = look_up("kent", word)
    assert 100 * low == pytest.approx(figure - give_or_take)
    assert 100 * high == pytest.approx(figure + give_or_take)


@pytest.mark.parametrize(
    ("word", "low", "high"),
    [
        ("very likely", 0.90, 0.99),
        ("likely", 0.66, 0.90),
        ("about as likely as not", 0.33, 0.66),
        ("unlikely", 0.10, 0.33),
        ("very unlikely", 0.01, 0.10),
    ],
)
def test_ipcc_is_as_published(word: str, low: float, high: float) -> None:
    """IPCC, Fourth Assessment Report, Working Group II, front matter F: ranges that do not nest."""
    assert look_up("ipcc", word) == (low, high)


def test_the_ipcc_ladder_is_the_same_seen_from_either_end() -> None:
    ipcc = scales()["ipcc"]
    for up, down in (
        ("virtually certain", "exceptionally unlikely"),
        ("extremely likely", "extremely unlikely"),
        ("very likely", "very unlikely"),
        ("likely", "unlikely"),
        ("about as likely as not", "about as likely as not"),
    ):
        assert ipcc[down].low == pytest.approx(1 - ipcc[up].high, abs=0.011)
        assert ipcc[down].high == pytest.approx(1 - ipcc[up].low, abs=0.011)


def test_one_word_has_another_meaning_on_another_scale() -> None:
    """Why a scale must be named."""
    known = meanings("unlikely")
    assert known["icd203"] != known["ipcc"]


def test_case_does_not_matter() -> None:
    assert look_up("ICD203", "Very Likely") == look_up("icd203", "very likely")


def test_an_unknown_scale_offers_the_nearest() -> None:
    with pytest.raises(InputError, match=r"no scale of words called 'icd2003'.*mean 'icd203'"):
        look_up("icd2003", "likely")


def test_an_unknown_word_offers_the_nearest() -> None:
    with pytest.raises(InputError, match=r"'icd203' has no expression 'liekly'.*mean 'likely'"):
        look_up("icd203", "liekly")


def test_a_word_has_one_meaning_a_scale() -> None:
    assert meanings("unlikely")["icd203"] == (0.20, 0.45)
    assert meanings("perhaps") == {}
