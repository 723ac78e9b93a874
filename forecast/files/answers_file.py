"""The answers of an elicitation from a YAML file, so that a session can be run again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from forecast.errors import Fault, InputError, did_you_mean
from forecast.files.yaml_reader import Located, load_yaml
from forecast.history.elicitation import Answer, Expert, Outside
from forecast.network.prior import PoolKind
from forecast.network.rate_belief import read_class

__all__ = ["Answers", "read_answers"]

KEYS = ("experts", "pool", "class", "class_weight", "why")
EXPERT_KEYS = ("name", "weight", "answers")
ANSWER_KEYS = ("within", "low", "median", "high")


@dataclass(frozen=True)
class Answers:
    """What a session hears.

    Parameters
    ----------
    experts
        Who answered what.
    pool
        linear or logarithmic.
    outside
        The reference class and its weight beside the experts; None for a class that is only shown.
    shown
        The class as said; empty where there is none.
    why
        The reason to write beside the number; empty to leave it as it is.
    """

    experts: tuple[Expert, ...]
    pool: PoolKind = "logarithmic"
    outside: Outside | None = None
    shown: str = ""
    why: str = ""


def read_answers(path: str | Path) -> Answers:
    """Return the answers that a YAML file holds.

    ::

        class: class troop_entry/interstate, weight 50%
        class_weight: 1
        pool: logarithmic
        why: What was discussed.
        experts:
          - name: kim
            weight: 2
            answers:
              - {within: 6 months, low: 3%, median: 10%, high: 25%}

    Raises
    ------
    InputError
        With every fault, each with file, line and field.
    """
    located = load_yaml(path)
    top = located.value
    reader = _Reader(located)
    if not isinstance(top, dict):
        reader.note("", "must hold 'key: value' lines", "Begin with 'experts:'.")
        raise InputError(reader.faults)
    reader.keys(top, KEYS, "")
    experts = tuple(
        expert
        for place, entry in enumerate(reader.listed(top, "experts", ""))
        if (expert := reader.expert(entry, place)) is not None
    )
    shown, outside = reader.outside(top)
    pool = top.get("pool", "logarithmic")
    if pool not in ("linear", "logarithmic"):
        reader.note("pool", "a pool is linear or logarithmic", "Write one of them.", pool)
    if reader.faults:
        raise InputError(sorted(reader.faults, key=lambda fault: fault.line))
    return Answers(experts, cast("PoolKind", pool), outside, shown, str(top.get("why", "")))


class _Reader:
    """Makes objects of a file's parts, and notes their faults by line."""

    def __init__(self, located: Located) -> None:
        self.located = located
        self.faults: list[Fault] = []

    def note(self, path: str, problem: str, remedy: str = "", value: object = "") -> None:
        line, file = self.located.line_of(path), self.located.file
        self.faults.append(Fault(problem, remedy, file, line, path, str(value)))

    def keys(self, entry: Mapping[str, Any], known: tuple[str, ...], path: str) -> None:
        for key in entry:
            if key not in known:
                where = f"{path}.{key}" if path else key
                self.note(where, "is not a key of the answers", did_you_mean(key, known))

    def listed(self, entry: Mapping[str, Any], key: str, path: str) -> list[Any]:
        found = entry.get(key, [])
        if isinstance(found, list):
            return found
        self.note(
            f"{path}.{key}".lstrip("."), "must be a list", "Write one entry a line, with '-'."
        )
        return []

    def expert(self, entry: Any, place: int) -> Expert | None:
        path = f"experts.{place}"
        if not isinstance(entry, dict):
            self.note(path, "must be a mapping", "Write name, weight and answers.")
            return None
        self.keys(entry, EXPERT_KEYS, path)
        before = len(self.faults)
        answers = tuple(
            answer
            for place, given in enumerate(self.listed(entry, "answers", path))
            if (answer := self.answer(given, f"{path}.answers.{place}")) is not None
        )
        weight = self.weight(entry.get("weight", 1.0), f"{path}.weight")
        if len(self.faults) > before:
            return None
        try:
            return Expert(str(entry.get("name", f"expert_{place + 1}")), answers, weight)
        except InputError as error:
            self.faults += [self._placed(fault, path) for fault in error.faults]
            return None

    def answer(self, entry: Any, path: str) -> Answer | None:
        if not isinstance(entry, dict) or not set(ANSWER_KEYS) <= set(entry):
            self.note(path, f"must give {', '.join(ANSWER_KEYS)}", "Write {within: 6 months, …}.")
            return None
        self.keys(entry, ANSWER_KEYS, path)
        try:
            return Answer(*(str(entry[key]) for key in ANSWER_KEYS))
        except InputError as error:
            self.faults += [self._placed(fault, path) for fault in error.faults]
            return None

    def outside(self, top: Mapping[str, Any]) -> tuple[str, Outside | None]:
        shown = str(top.get("class", ""))
        if shown:
            try:
                read_class(shown)
            except InputError as error:
                self.faults += [self._placed(fault, "class") for fault in error.faults]
        if "class_weight" not in top:
            return shown, None
        weight = self.weight(top["class_weight"], "class_weight")
        if not shown:
            self.note("class_weight", "there is no class to weigh", "Add 'class: class NAME'.")
        return shown, Outside(shown, weight)

    def weight(self, value: Any, path: str) -> float:
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            return float(value)
        self.note(path, "a weight is a number above 0", "Write for example 1.", value)
        return 1.0

    def _placed(self, fault: Fault, path: str) -> Fault:
        return replace(fault, file=self.located.file, line=self.located.line_of(path), field=path)
