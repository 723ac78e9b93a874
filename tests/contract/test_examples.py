"""Every example in a docstring runs."""

import doctest
from importlib import import_module

import pytest

from tests.contract.repository import module_files, module_name

SLOW: set[str] = set()
"""Modules whose examples sample."""

MODULES = [module_name(file) for file in module_files() if ">>>" in file.read_text()]


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=pytest.mark.slow) if n in SLOW else n for n in MODULES],
)
def test_the_examples_run(name: str) -> None:
    result = doctest.testmod(import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert result.failed == 0
    assert result.attempted > 0
