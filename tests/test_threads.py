"""How many threads there are to work in, on Pythons that count cores and on those that do not."""

import os

import pytest

from forecast import threads
from forecast.errors import InputError


def test_the_cores_that_this_process_may_use_are_counted() -> None:
    assert threads.cores() >= 1


def test_before_python_3_13_the_cores_are_those_this_process_may_use(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("PYTHON_CPU_COUNT", raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3, 5, 6})
    assert threads._counted() == 3


def test_where_nobody_tells_a_process_its_cores_those_of_the_machine_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("PYTHON_CPU_COUNT", raising=False)
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 12)
    assert threads._counted() == 12


def test_before_python_3_13_the_environment_may_say_how_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    for asked, found in (("7", 7), ("1", 1), ("default", 2), ("", 2)):
        monkeypatch.setenv("PYTHON_CPU_COUNT", asked)
        assert threads._counted() == found


@pytest.mark.parametrize("asked", ["0", "-2", "many", "²", "1.5"])
def test_what_is_no_number_of_cores_is_refused(monkeypatch: pytest.MonkeyPatch, asked: str) -> None:
    monkeypatch.setenv("PYTHON_CPU_COUNT", asked)
    with pytest.raises(InputError, match="PYTHON_CPU_COUNT must be a whole number from 1 on"):
        threads._counted()
