"""Whether a claim is proposed as on or off."""

import pytest

from forecast.inbox._claims import guess_claims
from tests.inbox.drafts import read


@pytest.mark.parametrize(
    "title",
    [
        "Ministry denies that the strait is closed", "Ministry rules out a ceasefire",
        "No sign of warships", "Warships have not been sent", "Ministerium weist Bericht zurück",
        "Міністерство заперечує", "В министерстве опроверг сообщения", "국방부, 봉쇄 부인",
    ],
)  # fmt: skip
def test_a_denial_is_off(title: str) -> None:
    assert [guess.value for guess in guess_claims(read(title))] == ["off"]


@pytest.mark.parametrize(
    "title",
    [
        "Warships have begun to close the strait", "Ceasefire signed in Karsk",
        "Ormen has sent warships", "Ministerium bestätigt", "Підписав угоду", "병력 파병 결정",
    ],
)  # fmt: skip
def test_what_is_told_as_done_is_on(title: str) -> None:
    assert [guess.value for guess in guess_claims(read(title))] == ["on"]


@pytest.mark.parametrize(
    "title",
    [
        "Ministry cannot confirm that warships were sent", "No confirmation of denied reports",
        "НАТО не може підтвердити", "확인 못해", "A quiet day at the quay", "",
    ],
)  # fmt: skip
def test_a_hedge_or_nothing_is_neither(title: str) -> None:
    assert guess_claims(read(title)) == ()


def test_the_headline_is_read_before_the_text_and_the_reason_names_the_words() -> None:
    (guess,) = guess_claims(read("Ministry denies it", "Warships were sent, a trader said."))
    assert (guess.value, guess.reason) == ("off", '"denies" in the headline')


def test_letters_that_grow_in_small_do_not_shift_what_is_quoted() -> None:
    (guess,) = guess_claims(read("İİİ Straße: Ministry denies it"))
    assert guess.reason == '"denies" in the headline'
