"""A clock that was put forward or back is told, and spoils no entry but its own."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import forecast.ledger._append as module
from forecast.ledger import Ledger, clock_words, confirm_clock, publish, run_heads, verify
from forecast.ledger._clock import CLOCK, counted_from
from forecast.workspace._history import last_runs
from tests.ledger.samples import run


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def fill(ledger: Ledger, monkeypatch: pytest.MonkeyPatch, *days: str) -> None:
    """Append an entry under each date that the clock says; one with a ! confirms the clock."""
    for stated in days:

        class Clock:
            @staticmethod
            def now(_: object, stated: str = stated) -> datetime:
                return day(stated.rstrip("!"))

        monkeypatch.setattr(module, "datetime", Clock)
        if stated.endswith("!"):
            confirm_clock(ledger)
        else:
            publish(ledger, run(stated))


def counted(ledger: Ledger) -> list[str]:
    return [f"{head.made_at:%Y-%m-%d}" for head in run_heads(ledger)]


def test_a_clock_that_runs_on_is_taken_at_its_word(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(ledger, monkeypatch, "2026-01-01", "2026-01-02", "2029-01-01")
    assert counted(ledger) == ["2026-01-01", "2026-01-02", "2029-01-01"]
    assert clock_words(ledger) == verify(ledger).notes == ()


def test_one_jump_forward_spoils_no_later_entry_once_somebody_says_so(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(ledger, monkeypatch, "2026-01-01", "2031-01-01", "2026-01-03", "2026-01-04")
    assert counted(ledger) == ["2026-01-01", "2031-01-01", "2031-01-01", "2031-01-01"]
    (words,) = clock_words(ledger)
    assert "said 2031-01-01 00:00 at entry 2, and 2026-01-03 00:00 at entry 3" in words
    assert "forecast ledger clock --today" in words
    fill(ledger, monkeypatch, "2026-01-05!")
    assert counted(ledger) == ["2026-01-01", "2026-01-03", "2026-01-03", "2026-01-04"]
    found = verify(ledger)
    assert found.passed
    assert found.notes == clock_words(ledger)
    assert clock_words(ledger, settled=False) == ()
    (words,) = found.notes
    assert words.startswith("entry 2 was made under a clock that ran ahead (2031-01-01 00:00)")


def test_a_clock_put_back_makes_no_entry_older_than_it_is(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(ledger, monkeypatch, "2026-01-01", "2020-01-01", "2026-01-03")
    assert counted(ledger) == ["2026-01-01", "2026-01-01", "2026-01-03"]
    (words,) = clock_words(ledger)
    assert "said 2026-01-01 00:00 at entry 1, and 2020-01-01 00:00 at entry 2" in words
    assert clock_words(ledger, settled=False) == (words,)
    fill(ledger, monkeypatch, "2026-01-04!")
    assert counted(ledger) == ["2026-01-01", "2026-01-01", "2026-01-03"]
    assert clock_words(ledger, settled=False) == ()  # nothing is left to do, night after night
    (left,) = clock_words(ledger)
    assert left.endswith("made later: entries from 2 on count from the former until then")


def test_a_clock_put_right_by_seconds_is_not_worth_a_word(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(ledger, monkeypatch, "2026-01-01T00:00:30", "2026-01-01T00:00:00")
    assert clock_words(ledger) == ()


def test_two_ledgers_open_at_once_see_the_same_times(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Ledger(ledger.address, ledger.engine)
    fill(ledger, monkeypatch, "2031-01-01")
    assert counted(other) == ["2031-01-01"]
    fill(ledger, monkeypatch, "2026-01-03", "2026-01-04!")
    assert counted(other) == counted(ledger) == ["2026-01-03", "2026-01-03"]


START = datetime(2026, 1, 1, tzinfo=UTC)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 30)), max_size=12))
def test_entries_count_in_their_order_and_no_confirmed_one_later_than_the_confirmation(
    made: list[tuple[bool, int]],
) -> None:
    rows = [
        (n, CLOCK if confirms else "run", (START + timedelta(days=days)).isoformat())
        for n, (confirms, days) in enumerate(made, start=1)
    ]
    times = counted_from(rows)
    assert list(times) == [seq for seq, _, _ in rows]
    assert list(times.values()) == sorted(times.values())
    for place, (_, kind, said) in enumerate(rows):
        if kind == CLOCK:
            assert all(times[seq] <= said for seq, _, _ in rows[:place])


def test_a_run_as_of_a_day_that_a_wrong_clock_made_up_is_not_the_last(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All three are as of July 2024; the second was made under a clock that said 2031."""
    fill(ledger, monkeypatch, "2024-05-01", "2031-01-01", "2024-05-03")
    assert [head.ahead for head in run_heads(ledger)] == [False, False, False]  # nobody said so
    fill(ledger, monkeypatch, "2024-05-04!")
    heads = run_heads(ledger)
    assert [head.ahead for head in heads] == [False, True, False]
    later = [replace(head, as_of=head.as_of + timedelta(days=head.ahead)) for head in heads]
    assert last_runs(later)["tiny"].entry == 3
    assert last_runs(later[1:2])["tiny"].entry == 2  # where there is no other
