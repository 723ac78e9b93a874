"""A run is published once, whole or not at all, and comes back as it was said."""

from dataclasses import replace
from datetime import timedelta

import pytest

import forecast.ledger._append as module
from forecast.errors import InputError, LedgerError
from forecast.ledger import (
    Address,
    Ledger,
    ResolutionRecord,
    find_run,
    first_seen,
    latest_run,
    open_ledger,
    publish,
    read_run,
    resolve,
    said,
    standing,
    verify,
)
from tests.ledger.samples import AS_OF, happened, key_of, run


def test_the_same_run_twice_is_published_once(ledger: Ledger) -> None:
    first, second = publish(ledger, run("a")), publish(ledger, run("a", probability=0.9))
    assert (first.new, second.new) == (True, False)
    assert first.entry == second.entry == find_run(ledger, key_of("a"))
    assert len(said(ledger)) == 3


def test_entries_make_a_chain(ledger: Ledger) -> None:
    first = publish(ledger, run("a")).entry
    second = resolve(ledger, happened())
    third = publish(ledger, run("b")).entry
    assert (first.seq, second.seq, third.seq) == (1, 2, 3)
    assert first.previous == "0" * 64
    assert (second.previous, third.previous) == (first.digest, second.digest)
    assert verify(ledger).head == third.head == f"3:{third.digest}"


def test_forecasts_come_back_as_they_were_said(ledger: Ledger) -> None:
    published = run("a", forecasts=8)
    entry = publish(ledger, published).entry
    found = said(ledger)
    assert [each.forecast for each in found] == list(published.forecasts)
    assert {(each.network, each.as_of, each.made_at, each.key) for each in found} == {
        ("tiny", AS_OF, entry.made_at, key_of("a"))
    }


def test_a_run_reads_back_equal_to_the_record_that_was_published(ledger: Ledger) -> None:
    publish(ledger, run("other", items=1))
    record = run("a", forecasts=8, items=12)
    entry = publish(ledger, record).entry
    assert read_run(ledger, entry.seq) == (entry, record)


def test_a_place_without_a_run_is_told(ledger: Ledger) -> None:
    resolve(ledger, happened())
    with pytest.raises(LedgerError, match="has no run at place 1"):
        read_run(ledger, 1)


@pytest.mark.parametrize("probability", [1 / 3, 5e-324, 0.1 + 0.2, 1 - 2**-53, 0.0, -0.0, 1.0])
def test_a_probability_keeps_every_bit(ledger: Ledger, probability: float) -> None:
    publish(ledger, run("a", forecasts=1, probability=probability))
    (found,) = said(ledger)
    assert found.forecast.probability == probability
    assert verify(ledger).passed


def test_it_is_still_there_when_opened_again(address: Address) -> None:
    with open_ledger(address) as ledger:
        entry = publish(ledger, run("a")).entry
    with open_ledger(address) as ledger:
        assert find_run(ledger, key_of("a")) == entry
        assert verify(ledger).passed


def test_what_can_be_asked_for(ledger: Ledger) -> None:
    publish(ledger, run("a"))
    second = publish(ledger, run("b", probability=0.5)).entry
    publish(ledger, run("c", network="other", forecasts=1))
    assert [each.entry for each in said(ledger, events=["event_1", "event_2"])] == [1, 1, 2, 2]
    assert {each.entry for each in latest_run(ledger, "tiny")} == {2}
    assert {each.entry for each in latest_run(ledger, "tiny", before=second.seq)} == {1}
    assert {each.entry for each in latest_run(ledger, "tiny", before=2, as_of=AS_OF)} == {1}
    assert latest_run(ledger, "tiny", as_of=AS_OF - timedelta(days=1)) == []
    assert latest_run(ledger, "none") == []
    past = publish(ledger, replace(run("d"), as_of=AS_OF - timedelta(days=9))).entry
    assert {each.entry for each in latest_run(ledger, "tiny")} == {2}
    until = AS_OF - timedelta(days=1)
    assert {each.entry for each in latest_run(ledger, "tiny", as_of=until)} == {past.seq}
    assert find_run(ledger, key_of("none")) is None


def test_the_last_word_on_an_event_stands(ledger: Ledger) -> None:
    resolve(ledger, ResolutionRecord("event_0", "not_by", AS_OF))
    resolve(ledger, happened("event_0", AS_OF + timedelta(days=9)))
    resolve(ledger, ResolutionRecord("event_1", "void", None))
    words = standing(ledger)
    assert words["event_0"].resolution == happened("event_0", AS_OF + timedelta(days=9))
    assert words["event_1"].resolution.outcome == "void"
    assert verify(ledger).entries == 3


def test_a_failure_before_the_end_leaves_nothing(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(ledger, run("a"))

    def fail(*_: object) -> str:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(module, "digest", fail)
        with pytest.raises(LedgerError, match="cannot be written: No space left on device"):
            publish(ledger, run("b"))
    found = verify(ledger)
    assert found.passed
    assert (found.entries, found.contents) == (1, 3)
    assert publish(ledger, run("b")).entry.seq == 2


def test_what_the_ledger_cannot_hold_is_refused_before_it_is_touched(ledger: Ledger) -> None:
    with pytest.raises(InputError, match="key: is not a SHA-256"):
        publish(ledger, replace(run("a"), key="../../etc"))
    with pytest.raises(InputError, match="an outcome has a date"):
        resolve(ledger, ResolutionRecord("event_0", "happened", None))
    assert verify(ledger).entries == 0


def test_the_first_run_that_saw_an_item_is_found(ledger: Ledger) -> None:
    assert first_seen(ledger, ["e0"]) == {}
    publish(ledger, run("a", items=1))
    publish(ledger, run("b", items=3))
    assert first_seen(ledger, ["e0", "e2", "e9"]) == {"e0": 1, "e2": 2}
