"""An elicitation on disk: answers read from a YAML file, and a belief written to a network file."""

import json
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from forecast.errors import Fault, ForecastError, InputError, did_you_mean
from forecast.files._network_file import read_network
from forecast.files._text_file import replacing
from forecast.files._yaml_reader import Located, load_yaml
from forecast.history._elicitation import Answer, Expert, Outside
from forecast.history._ever import EverAnswer, EverExpert
from forecast.network._base import find
from forecast.network._prior import PoolKind
from forecast.network._rate_belief import read_class
from forecast.network._spoken import Wording

KEYS = ("experts", "pool", "class", "class_weight", "why")
EXPERT_KEYS = ("name", "weight", "answers", "ever", "pace")
ANSWER_KEYS = ("within", "low", "median", "high")
QUANTILE_KEYS = ("low", "median", "high")
WAYS = ("rate", "ever", "pace")
"""The fields of an onset of which either the first or the two others say how likely it is."""


@dataclass(frozen=True)
class Answers:
    """The answers of a session.

    Parameters
    ----------
    experts
        Who answered what of a rate.
    ever
        Who answered whether it ever comes, and how soon; then nobody answered of a rate.
    pool
        linear or logarithmic.
    outside
        The reference class and its weight among the experts; None for a class that is only shown.
    shown
        The class as written; empty if there is none.
    why
        The reason to write with the number; empty to leave it unchanged.
    """

    experts: tuple[Expert, ...] = ()
    ever: tuple[EverExpert, ...] = ()
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

    In place of ``answers``, every expert may have ``ever`` and ``pace``::

        experts:
          - name: kim
            ever: {low: 20%, median: 45%, high: 70%}
            pace: {low: 2 months, median: 4 months, high: 9 months}

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
    heard = [
        expert
        for place, entry in enumerate(reader.listed(top, "experts", ""))
        if (expert := reader.expert(entry, place)) is not None
    ]
    experts = tuple(each for each in heard if isinstance(each, Expert))
    ever = tuple(each for each in heard if isinstance(each, EverExpert))
    if experts and ever:
        remedy = "Let every expert have 'answers', or every expert 'ever' and 'pace'."
        reader.note("experts", "some speak of a rate, and some of whether it ever comes", remedy)
    shown, outside = reader.outside(top)
    pool = top.get("pool", "logarithmic")
    if pool not in ("linear", "logarithmic"):
        reader.note("pool", "a pool is linear or logarithmic", "Write one of them.", pool)
    if ever and outside is not None:
        reader.note(
            "class_weight",
            "a class counts a rate, and cannot be pooled with whether it ever comes",
            "Leave class_weight out: the class is shown all the same.",
        )
    if reader.faults:
        raise InputError(sorted(reader.faults, key=lambda fault: fault.line))
    why = str(top.get("why", ""))
    return Answers(experts, ever, cast("PoolKind", pool), outside, shown, why)


class _Reader:
    """Makes objects from a file's parts, and notes their faults by line."""

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
            f"{path}.{key}".lstrip("."), "must be a list", "Write one entry per line, with '-'."
        )
        return []

    def expert(self, entry: Any, place: int) -> Expert | EverExpert | None:
        path = f"experts.{place}"
        if not isinstance(entry, dict):
            self.note(path, "must be a mapping", "Write name, weight and answers.")
            return None
        self.keys(entry, EXPERT_KEYS, path)
        if "ever" in entry or "pace" in entry:
            return self.ever_expert(entry, place, path)
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

    def ever_expert(self, entry: Mapping[str, Any], place: int, path: str) -> EverExpert | None:
        before = len(self.faults)
        if "answers" in entry:
            remedy = "Keep 'answers' of a rate, or 'ever' and 'pace'."
            self.note(f"{path}.answers", "does not go with ever and pace", remedy)
        ever, pace = (self.quantiles(entry, name, path) for name in ("ever", "pace"))
        weight = self.weight(entry.get("weight", 1.0), f"{path}.weight")
        if ever is None or pace is None or len(self.faults) > before:
            return None
        try:
            answer = EverAnswer(ever, pace)
            return EverExpert(str(entry.get("name", f"expert_{place + 1}")), answer, weight)
        except InputError as error:
            self.faults += [self._placed(fault, path) for fault in error.faults]
            return None

    def quantiles(
        self, entry: Mapping[str, Any], name: str, path: str
    ) -> tuple[str, str, str] | None:
        found = entry.get(name)
        if isinstance(found, dict) and set(QUANTILE_KEYS) == set(found):
            low, median, high = (str(found[key]) for key in QUANTILE_KEYS)
            return low, median, high
        where = f"{path}.{name}" if name in entry else path
        example = {"ever": "20%, median: 45%, high: 70%"}.get(
            name, "2 months, median: 4 months, high: 9 months"
        )
        self.note(
            where,
            f"{name} must give {', '.join(QUANTILE_KEYS)}",
            f"Write '{name}: {{low: {example}}}'.",
        )
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
            self.note("class_weight", "there is no class", "Add 'class: class NAME'.")
        return shown, Outside(shown, weight)

    def weight(self, value: Any, path: str) -> float:
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            return float(value)
        self.note(path, "a weight is a number above 0", "Write for example 1.", value)
        return 1.0

    def _placed(self, fault: Fault, path: str) -> Fault:
        return replace(fault, file=self.located.file, line=self.located.line_of(path), field=path)


WIDTH = 116


def field_lines(field: str, belief: Wording, indent: int) -> list[str]:
    """Return a field as lines of YAML: a quoted text, or a pool as a block."""
    margin = " " * indent
    if isinstance(belief, str):
        return [f"{margin}{field}: {json.dumps(belief, ensure_ascii=False)}"]
    lines = [f"{margin}{field}:", f"{margin}  pool: {belief['pool']}", f"{margin}  experts:"]
    for voice in belief["experts"]:
        inside = ", ".join(
            f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in voice.items()
        )
        lines.append(f"{margin}    - {{{inside}}}")
    return lines


def write_beliefs(
    path: str | Path, event: str, beliefs: Mapping[str, Wording], *, why: str = ""
) -> None:
    """Replace beliefs of an event in a network file, and the reason if one is given.

    An onset has either a rate, or a chance that it ever comes and a pace: whichever is written
    takes the place of the other. The new file is read before it replaces the old one in one step.
    If it is not sound, or anything else in it has changed meaning, the old one stays.

    Parameters
    ----------
    path
        The network file.
    event
        Which event.
    beliefs
        By field: ``rate``; ``off_rate``; or ``ever`` and ``pace``.
    why
        The reason; empty leaves the old one.

    Raises
    ------
    InputError
        If the file is not sound, has no such event, or has a form that cannot be edited.
    ForecastError
        If it cannot be written.
    """
    path = Path(path)
    before = read_network(path)
    before.stated(event)
    lines = path.read_text(encoding="utf-8").splitlines()
    replaced = _replaced(path, event, beliefs)
    if why:
        _write_text(lines, path, event, "why", why, after=replaced[0])
    _replace(lines, path, event, beliefs, replaced)
    changed = {*beliefs, *(WAYS if set(beliefs) & set(WAYS) else ()), *(["why"] if why else [])}
    try:
        with replacing(path, mode=path.stat().st_mode) as draft:
            draft.write_text("\n".join(lines) + "\n", encoding="utf-8")
            for old, new in zip(before.events, read_network(draft).events, strict=True):
                leave = changed if old.id == event else set()
                if old.model_dump(exclude=leave) != new.model_dump(exclude=leave):
                    raise _cannot(path, 0, event)
    except OSError as error:
        msg = f"{path}: cannot be written: {error.strerror or error}"
        raise ForecastError(msg) from error


def _replaced(path: Path, event: str, beliefs: Mapping[str, Wording]) -> list[str]:
    """Return the fields of an event that beliefs take the place of; there must be one."""
    there = _fields(path, event)
    found = [name for name in (WAYS if set(beliefs) & set(WAYS) else beliefs) if name in there]
    if not found:
        problem = f"has no {next(iter(beliefs))} to replace"
        raise InputError(Fault(problem, "Add one by hand.", str(path), field=f"events.{event}"))
    return found


def _replace(
    lines: list[str], path: Path, event: str, beliefs: Mapping[str, Wording], replaced: list[str]
) -> None:
    """Write beliefs in place of the first of the fields that they replace; drop the others."""
    spans = sorted(_span(lines, path, event, name) for name in replaced)
    (first, last, indent), *others = spans
    for start, end, _ in reversed(others):
        del lines[start:end]
    lines[first:last] = [
        line for field, belief in beliefs.items() for line in field_lines(field, belief, indent)
    ]


def _fields(path: Path, event: str) -> Mapping[str, Any]:
    located = load_yaml(path)
    fields: Mapping[str, Any] = find("event", event, located.value["events"])
    return fields


def _write_text(
    lines: list[str], path: Path, event: str, field: str, text: str, *, after: str
) -> None:
    """Replace a field of prose by a folded block; put it after another field if it is new."""
    if field in _fields(path, event):
        first, last, indent = _span(lines, path, event, field)
    else:
        _, last, indent = _span(lines, path, event, after)
        first = last
    margin = " " * (indent + 2)
    words = textwrap.wrap(
        " ".join(text.split()), WIDTH, initial_indent=margin, subsequent_indent=margin
    )
    lines[first:last] = [f"{' ' * indent}{field}: >-", *words]


def _span(lines: list[str], path: Path, event: str, field: str) -> tuple[int, int, int]:
    """Return the first line of an event's field, the line after its last, and its indent."""
    located = load_yaml(path)
    if field not in _fields(path, event):
        raise InputError(
            Fault(
                f"has no {field} to replace", "Add one by hand.", str(path), field=f"events.{event}"
            )
        )
    top = located.line_of(f"events.{event}")
    indent_of_event = _indent(lines[top - 1])
    for number in range(top, len(lines)):
        line = lines[number]
        if _blank(line):
            continue
        if _indent(line) <= indent_of_event:
            break
        if line.lstrip().startswith(f"{field}:"):
            return number, _end(lines, number), _indent(line)
    raise _cannot(path, top, event)


def _end(lines: list[str], first: int) -> int:
    """Return the line after a field's last, without blank lines and comments that follow."""
    last = first + 1
    for number in range(first + 1, len(lines)):
        if _blank(lines[number]):
            continue
        if _indent(lines[number]) <= _indent(lines[first]):
            break
        last = number + 1
    return last


def _blank(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _cannot(path: Path, line: int, event: str) -> InputError:
    return InputError(
        Fault(
            "has a form that cannot be edited line by line",
            "Write the printed number by hand.",
            str(path),
            line,
            f"events.{event}",
        )
    )
