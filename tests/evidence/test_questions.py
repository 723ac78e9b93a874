"""Questions: what may be asked, when it is open, and how it came out."""

from datetime import UTC, datetime

import pytest

from forecast.errors import InputError
from forecast.evidence import Question, Questions
from forecast.network import Event, Network

RATE = "20% [10%, 35%] within 1 year"
NETWORK = Network(
    name="demo",
    start="2024-01-01",
    horizon="2024-12-31",
    events=[
        Event(id="pact", kind="onset", rate=RATE),
        Event(
            id="vote", kind="decision", on="2024-11-05", outcomes={"left": "50%", "right": "50%"}
        ),
    ],
)


def asked(id_: str, event: str = "pact", deadline: str = "2024-09-30", **more: object) -> Question:
    return Question(id=id_, event=event, deadline=deadline, **more)


def at(month: int, day: int) -> datetime:
    return datetime(2024, month, day, tzinfo=UTC)


def test_a_question_is_open_from_its_first_day_to_its_deadline_or_answer() -> None:
    plain = asked("q", opened="2024-03-01")
    assert [plain.is_open(at(2, 28)), plain.is_open(at(3, 1)), plain.is_open(at(9, 30))] == [
        False, True, True,
    ]  # fmt: skip
    assert not plain.is_open(at(10, 1))
    answered = asked("q", outcome="yes", resolved="2024-05-10")
    assert answered.is_open(at(5, 10))
    assert not answered.is_open(at(5, 11))
    assert not asked("q", outcome="annulled").is_open(at(3, 1))


@pytest.mark.parametrize(
    ("written", "outcome", "share"),
    [("yes", "yes", 1.0), ("NO", "no", 0.0), ("annulled", "annulled", None), ("40%", 0.4, 0.4),
     (0.25, 0.25, 0.25), (True, "yes", 1.0)],
)  # fmt: skip
def test_an_answer_is_yes_no_annulled_or_a_share(
    written: object, outcome: object, share: float | None
) -> None:
    found = asked("q", outcome=written, resolved="2024-05-10")
    assert found.outcome == outcome
    assert found.share == share
    assert (found.resolution is None) == isinstance(outcome, float)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"outcome": "perhaps", "resolved": "2024-05-10"}, "is no answer to a question"),
        ({"outcome": "140%", "resolved": "2024-05-10"}, "140%"),
        ({"outcome": "yes"}, "an answer needs the day"),
        ({"outcome": "40%"}, "an answer needs the day"),
        ({"resolved": "2024-05-10"}, "a question that is resolved has an answer"),
    ],
)
def test_what_is_no_answer_is_refused(fields: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        asked("q", **fields)


@pytest.mark.parametrize("opened", ["2024-10-01", "2024-10-01T00:00Z", "2025-01-05"])
def test_what_opens_only_after_its_deadline_is_refused(opened: str) -> None:
    with pytest.raises(InputError, match=r"opened only after its deadline \(2024-09-30\)") as told:
        asked("q", opened=opened)
    (fault,) = told.value.faults
    assert (fault.field, fault.value) == ("opened", opened)
    assert "leave opened empty" in fault.remedy


def test_what_opens_on_its_last_day_can_be_asked() -> None:
    assert asked("q", opened="2024-09-30").is_open(at(9, 30))


def test_a_part_of_an_event_can_be_asked_for() -> None:
    Questions([asked("q", "vote.left", "2024-11-30")]).check(NETWORK)


@pytest.mark.parametrize(
    ("question", "message"),
    [
        (asked("q", "pakt"), "unknown event"),
        (asked("pact"), "called like an event"),
        (asked("q", deadline="2025-03-01"), "outside the period of network 'demo'"),
    ],
)
def test_what_a_network_cannot_answer_is_refused(question: Question, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Questions([question]).check(NETWORK)


def test_the_same_is_asked_once_unless_one_is_left_out() -> None:
    with pytest.raises(InputError, match="'a' asks the same"):
        Questions([asked("a"), asked("b")])
    assert len(Questions([asked("a"), asked("b", left_out="asks for a signature")])) == 2
    with pytest.raises(InputError, match="two questions have one id"):
        Questions([asked("a"), asked("a", deadline="2024-10-31")])


def test_answers_that_cannot_both_be_so_are_refused() -> None:
    both = Questions(
        [
            asked("a", deadline="2024-06-30", outcome="yes", resolved="2024-05-10"),
            asked("b", outcome="no"),
        ]
    )
    with pytest.raises(InputError, match="once on it stays on"):
        both.check(NETWORK)
    assert [each.id for each in both.open_at(at(5, 1))] == ["a", "b"]
    assert [each.id for each in both.open_at(at(6, 1))] == ["b"]
    assert len(both.resolutions) == 2
