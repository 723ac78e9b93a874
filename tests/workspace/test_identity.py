"""The key of a run: whatever it is made from changes it, and nothing else does."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from forecast.workspace import _run as identity
from forecast.workspace._contents import read_contents
from forecast.workspace._run import run_key
from forecast.workspace._settings import Request, Settings, settle
from tests.workspace.samples import EVIDENCE, NETWORK, write_workspace

type Inputs = tuple[object, object, Settings]


def made_from(folder: Path, **files: str) -> Inputs:
    contents = read_contents(write_workspace(folder, files))
    (inputs,) = contents.inputs
    settings = settle(contents, Request())
    return inputs.network, inputs.evidence.as_of(settings.as_of), settings


@pytest.fixture
def inputs(tmp_path: Path) -> Inputs:
    return made_from(tmp_path)


@pytest.mark.parametrize(
    "changed",
    [
        {"as_of_from": "the command line"},  # who set the cut-off changes nothing that is said
        {"passed": ()},
    ],
)
def test_what_a_run_is_not_made_from_leaves_its_key(inputs: Inputs, changed) -> None:
    network, seen, settings = inputs
    assert run_key(network, seen, replace(settings, **changed)) == run_key(*inputs)


@pytest.mark.parametrize("field", ["as_of", "known", "deadlines", "method", "seed", "draws"])
def test_each_setting_is_part_of_the_key(inputs: Inputs, field: str) -> None:
    network, seen, settings = inputs
    other = {
        "as_of": settings.as_of + timedelta(microseconds=1),
        "known": "recorded",
        "deadlines": (*settings.deadlines, settings.deadlines[-1] + timedelta(days=1)),
        "method": "nuts",
        "seed": settings.seed + 1,
        "draws": 2 * settings.draws,
    }
    assert run_key(network, seen, replace(settings, **{field: other[field]})) != run_key(*inputs)


@pytest.mark.parametrize(("method", "differs"), [("nuts", True), ("auto", True), ("paths", False)])
def test_whose_nuts_it_is_is_part_of_the_key_where_it_may_be_used(
    monkeypatch: pytest.MonkeyPatch, inputs: Inputs, method: str, differs: bool
) -> None:
    network, seen, settings = inputs
    keys = set()
    for sampler in ("nutpie", "pymc"):
        monkeypatch.setattr(identity, "nuts_sampler", lambda sampler=sampler: sampler)
        keys.add(run_key(network, seen, replace(settings, method=method)))
    assert (len(keys) == 2) == differs


def test_what_numbers_are_made_with_is_among_the_versions() -> None:
    assert {"numpy", "scipy", "numba", "pymc", "pytensor", "nutpie"} <= identity.versions().keys()


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("priors/tiny.yaml", "A pact is signed", "The pact is signed"),
        ("priors/tiny.yaml", "x3 [1.5, 6]", "x3 [1.5, 7]"),
        ("priors/tiny.yaml", "70% [50%, 85%]", "71% [50%, 85%]"),
        ("evidence/items.csv", "e1,2024-05-01", "e1,2024-05-02"),
        ("evidence/items.csv", "e1,", "e9,"),
    ],
)
def test_network_and_evidence_are_part_of_the_key(
    tmp_path: Path, inputs: Inputs, file: str, old: str, new: str
) -> None:
    text = NETWORK if file.startswith("priors") else EVIDENCE
    assert old in text
    assert run_key(*made_from(tmp_path, **{file: text.replace(old, new)})) != run_key(*inputs)


def test_the_order_of_rows_is_not(tmp_path: Path, inputs: Inputs) -> None:
    header, *rows = EVIDENCE.splitlines()
    turned = "\n".join([header, *reversed(rows)]) + "\n"
    assert run_key(*made_from(tmp_path, **{"evidence/items.csv": turned})) == run_key(*inputs)


def test_the_version_of_the_library_is_part_of_the_key(
    inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = run_key(*inputs)
    monkeypatch.setattr(identity, "version", lambda _: "9.9.9")
    assert run_key(*inputs) != before
