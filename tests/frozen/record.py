"""Ask every network by every method and keep the answers: `python -m tests.frozen.record`.

Names of methods or of networks after it ask those alone, and leave what is kept of the others.
"""

import gzip
import json
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from forecast.seeds import generator
from tests.commit import commit
from tests.frozen import answers
from tests.frozen.networks import NETWORKS, Case, case

KEPT = Path(__file__).parent / "answers.json.gz"

type Ask = Callable[[Case, Any], Any]


def normals(case: Case, draws: int) -> dict[str, np.ndarray]:
    """Standard normals of every parameter, each the same whatever the order of the rest."""
    return {
        name: generator(1, "frozen", name).normal(size=draws)
        for name in answers.parameter_names(case)
    }


@dataclass(frozen=True)
class Method:
    """A way of asking.

    Parameters
    ----------
    ask
        Takes a case, and of those asked along paths the paths that were kept.
    of
        Which networks are asked.
    within
        Relative tolerance; 0: to the last bit.
    quick
        Which of them are asked in the short form too: of what is drawn none, since another
        processor may round otherwise, and a chain of draws goes elsewhere from there.
    """

    ask: Ask
    of: Callable[[str], bool]
    within: float
    quick: Callable[[str], bool] = lambda _: True


FEW = ("ranged 0", "ranged 7", "every kind 3", "demo", "varied", "stated", "watched")
GONE = "copies of what is gone"
ANOTHER_PROCESSOR = {"whole generator, again": 3e-8}
"""Networks whose answers differ on another processor, and by how much: of AMD and Intel 8e-9 was
seen, of one item, whose event's chance months ahead differs by 1.4e-10. That is within what the
filter's steps may err (`STEP_TOLERANCE`); what there rounds otherwise was not found."""
BY_TABLE = 1e-8
"""Of slopes in z: a rate with a reference class is read from a table, whose slope is a quadratic
between nodes; it was a variable of its own when the answers were recorded."""


def _in(*names: str) -> Callable[[str], bool]:
    return lambda name: name in names


def _filter(name: str) -> bool:
    return answers.reaches(case(name))


def _ranged(name: str) -> bool:
    return _filter(name) and bool(answers.parameter_names(case(name)))


def _every(_: str) -> bool:
    return True


METHODS: dict[str, Method] = {
    "items": Method(lambda c, _: answers.items(c), _every, 0.0),
    "log likelihoods": Method(
        lambda c, _: answers.log_likelihoods(c, normals(c, 8)), _filter, 1e-10
    ),
    "engine slopes": Method(lambda c, _: answers.engine_slopes(c, normals(c, 2)), _filter, 1e-10),
    "slopes": Method(lambda c, _: answers.slopes(c, normals(c, 4)), _ranged, BY_TABLE),
    "importance": Method(lambda c, _: answers.importance(c, 512, 6), _filter, 1e-9, _in()),
    "first paths": Method(lambda c, _: answers.first_paths(c, 5, 1), _every, 0.0, _in()),
    "path log likelihoods": Method(
        lambda c, told: answers.path_log_likelihoods(c, normals(c, 4), told),
        _every,
        1e-10,
    ),
    "path slopes": Method(
        lambda c, told: answers.path_slopes(c, normals(c, 2), told), _every, 1e-10
    ),
    "path chain": Method(lambda c, _: answers.path_chain(c, 20, 1), _every, 0.0, _in()),
    "paths": Method(lambda c, _: answers.paths(c, 64, 4), _every, 1e-9, _in()),
    "nuts": Method(
        lambda c, _: answers.nuts(c, 128, 6), _in("ranged 0", "demo", "random 0"), 1e-9, _in()
    ),
    "worlds": Method(lambda c, _: answers.worlds(c, 2), _every, 1e-12, _in()),
    "drawn evidence": Method(
        lambda c, _: answers.drawn_evidence(c, 12),
        _in(*FEW, GONE, "whole generator"),
        0.0,
        _in(),
    ),
    "reasons": Method(
        lambda c, _: answers.reasons(c, 512),
        _in(*FEW, "graded", "whole generator"),
        1e-8,  # a khat near zero is a difference of large numbers
        _in(),
    ),
}


def asked(name: str, method: str, kept: dict[str, Any]) -> Any:
    """Return a network's answer by a method, as plain numbers, lists and text.

    Parameters
    ----------
    name, method
        What is asked.
    kept
        The answers before this one: what is asked is asked of the record that was kept (which
        simulation made for some networks), and of the paths that were.
    """
    asked_of = case(name) if method == "items" else with_record(name, json.dumps(kept["items"]))
    return plain(METHODS[method].ask(asked_of, kept.get("first paths")))


@lru_cache(maxsize=4)
def with_record(name: str, items: str) -> Case:
    """Return a network with a record that was kept, made once for all methods."""
    return replace(case(name), evidence=answers.read_items(json.loads(items)))


def plain(answer: Any) -> Any:
    """Return an answer as JSON has it: no array, no NumPy number."""
    if isinstance(answer, dict):
        return {str(key): plain(value) for key, value in answer.items()}
    if isinstance(answer, list | tuple | np.ndarray):
        return [plain(value) for value in answer]
    return answer.item() if isinstance(answer, np.generic) else answer


def kept() -> dict[str, Any]:
    """Return what was recorded."""
    return json.loads(gzip.decompress(KEPT.read_bytes()))


def processor() -> str:
    """Return which processor this is: the last bits of a sum may be its own."""
    told = Path("/proc/cpuinfo")
    names = [line for line in told.read_text().splitlines() if line.startswith("model name")]
    return f"{platform.machine()} {names[0].partition(': ')[2] if names else ''}".strip()


def main(chosen: list[str]) -> None:
    """Ask, and keep the answers."""
    before: dict[str, dict[str, Any]] = kept()["answers"] if chosen and KEPT.exists() else {}
    answered = {name: before.get(name, {}) for name in NETWORKS}
    methods = [method for method in METHODS if method in chosen] or list(METHODS)
    networks = [name for name in NETWORKS if name in chosen] or list(NETWORKS)
    spent = dict.fromkeys(METHODS, 0.0)
    for name in networks:
        mine = answered[name]
        for method in methods:
            if METHODS[method].of(name):
                began = time.perf_counter()
                mine[method] = asked(name, method, mine)
                spent[method] += time.perf_counter() - began
    for method, seconds in spent.items():
        sys.stderr.write(f"{seconds:7.1f} s  {method}\n")
    whole = {"commit": commit(), "processor": processor(), "answers": answered}
    text = json.dumps(whole, separators=(",", ":")).encode()
    KEPT.write_bytes(gzip.compress(text, compresslevel=9, mtime=0))
    sys.stderr.write(f"{len(answered)} networks, {KEPT.stat().st_size} bytes\n")


if __name__ == "__main__":
    main(sys.argv[1:])
