"""Scales of words: data in files, looked up by name in whatever case."""

from importlib.resources import files

import pytest

from forecast.errors import InputError
from forecast.network.scale import look_up, meanings, scales


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
