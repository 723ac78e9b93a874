"""The networks whose answers are kept: those of the generators of other tests."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

import forecast as fc
from forecast.time import Day
from tests import networks as small
from tests import random_models
from tests.calibration import generator as sbc
from tests.estimate import every_kind as random_kinds
from tests.model import every_kind, networks, test_stated_beliefs
from tests.properties import cases as records
from tests.reference.cases import Size, random_case


@dataclass(frozen=True, eq=False)
class Case:
    """A network, a record, and a cut-off."""

    network: fc.Network
    evidence: fc.Evidence
    as_of: Day


type Made = Callable[[], Case]


def _reference(seed: int, size: Size) -> Made:
    def made() -> Case:
        case = random_case(seed, size)
        return Case(case.network, case.evidence, case.as_of)

    return made


def _kinds(seed: int, *, counts: bool) -> Made:
    return lambda: Case(
        *random_kinds.case_of_every_kind(seed, counts=counts), as_of=random_kinds.AS_OF
    )


def _random(seed: int) -> Made:
    return lambda: Case(*random_models.random_case(seed), as_of=random_models.AS_OF)


def _watched(evidence: Callable[[], fc.Evidence], **of_type: object) -> Made:
    return lambda: Case(every_kind.watched_network(**of_type), evidence(), every_kind.AS_OF)


def _without_open_counts() -> fc.Evidence:
    return fc.Evidence([item for item in every_kind.every_kind() if item.id != "many"])


def _record(seed: int) -> Made:
    def made() -> Case:
        items = records.random_items(np.random.default_rng(seed))
        return Case(records.NETWORK, fc.Evidence(items), records.day(records.DAYS))

    return made


def _graded() -> fc.Evidence:
    """Graded reports, one of them confirmed by another, one a copy, one of a prediction."""
    given = {"event": "troops", "published": "2024-03-01", "claim": "on"}
    return fc.Evidence(
        [
            fc.Report(id="a", source="reuters", grade="B1", **given),
            fc.Report(id="b", source="afp", grade="C3", **given),
            fc.Report(
                id="c",
                source="kcna",
                grade="E4",
                derived_from=("a",),
                check=0.4,
                **{**given, "published": "2024-03-03"},
            ),
            fc.Report(
                id="d",
                source="afp",
                grade="C2",
                **{**given, "published": "2024-04-03", "speaks_of": "2024-08-01", "claim": "off"},
            ),
        ]
    )


def _gone() -> fc.Evidence:
    """Copies, some partly, of reports that were taken back: what those said is settled."""

    def told(name: str, source: str, claim: str, day: str, **more: object) -> fc.Report:
        fields = {"event": "troops", "published": day, "claim": claim, **more}
        return fc.Report(id=name, source=source, **fields)

    back = {"event": "troops", "published": "2024-03-20", "retracts": ("a", "b")}
    return fc.Evidence(
        [
            told("a", "reuters", "on", "2024-03-01"),
            told("b", "afp", "off", "2024-03-02"),
            told("c", "kcna", "on", "2024-03-03"),
            told("d", "afp", "on", "2024-03-04", derived_from=("a", "b", "c"), check=0.3),
            told("e", "reuters", "off", "2024-03-05", derived_from=("b",), check=0.4),
            told("f", "kcna", "on", "2024-03-06", derived_from=("a",)),
            told("g", "afp", "off", "2024-03-07", derived_from=("d", "a"), check=0.2),
            fc.Retraction(id="h", **back),
        ]
    )


def _sbc(seed: int, template: Callable[[], fc.Evidence]) -> Made:
    def made() -> Case:
        network = sbc.network()
        world = fc.simulate(network, worlds=1, seed=seed, evidence=template())[0]
        return Case(network, world.evidence, sbc.AS_OF)

    return made


RANGED = Size(5, 1e-2, 10, ranged=True)
RANGED_BY_PATHS = Size(4, 1e-1, 5, ranged=True, counts=True)

NETWORKS: dict[str, Made] = {
    **{f"steady {k}": _reference(k, Size(6, 1e-3, 10)) for k in range(8)},
    **{f"fast {k}": _reference(3000 + k, Size(5, 1e-6, 1000)) for k in range(4)},
    **{f"one day {k}": _reference(3805 + k, Size(5, 30, 1500, day=True)) for k in range(3)},
    **{f"ranged {k}": _reference(5000 + k, RANGED) for k in range(16)},
    **{f"ranged with counts {k}": _reference(7000 + k, RANGED_BY_PATHS) for k in range(8)},
    **{f"every kind {k}": _kinds(k, counts=False) for k in range(14)},
    **{f"every kind with counts {k}": _kinds(k, counts=True) for k in range(14, 22)},
    **{f"random {k}": _random(k) for k in range(4)},
    **{f"record {k}": _record(k) for k in range(6)},
    "demo": lambda: Case(small.demo_network(), small.demo_evidence(), "2024-06-30"),
    "graded": lambda: Case(small.demo_network(), _graded(), "2024-06-30"),
    "copies of what is gone": lambda: Case(small.demo_network(), _gone(), "2024-06-30"),
    "varied": lambda: Case(networks.varied_network(), networks.varied_evidence(), networks.AS_OF),
    "certain": lambda: Case(
        networks.certain_network(), networks.certain_evidence(), networks.AS_OF
    ),
    "stated": lambda: Case(*test_stated_beliefs.stated_case(), as_of=networks.AS_OF),
    "watched": _watched(_without_open_counts),
    "watched with counts": _watched(every_kind.every_kind),
    "watched, rates of their type": _watched(_without_open_counts, spread=0.0),
    "whole generator": _sbc(1, sbc.template),
    "whole generator, again": _sbc(2, sbc.template),
    "whole generator with counts": _sbc(3, sbc.open_template),
}


@cache
def case(name: str) -> Case:
    """Return a network by name, made once."""
    return NETWORKS[name]()
