"""What goes into the ledger and comes out of it: frozen records, and what each may hold.

`ForecastRecord` is the one form of a forecast: a run's table is read off into it, the manifest and
the ledger's rows are written from it, and tables and the page show it. No database is in sight.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath, PureWindowsPath
from typing import Literal

from forecast.errors import Fault, InputError
from forecast.time import day_label

type Outcome = Literal["happened", "not_by", "ended", "void", "reopened"]


@dataclass(frozen=True, slots=True)
class ForecastRecord:
    """One forecast: how probable an event is by a deadline, under a condition or none.

    Parameters
    ----------
    event
        The event's id.
    deadline
        The instant that it is on by.
    probability
        From 0 to 1.
    lower, upper
        The central 90% interval over the uncertain parameters; None where there is none.
    mcse
        The Monte Carlo standard error of `probability`.
    prior
        The probability without the evidence.
    valid_until
        From when on it is no longer held to: the deadline at the latest.
    condition
        What it is conditional on, as JSON such as ``{"given":{"pact":"2024-10-01"}}``; empty where
        on nothing.
    lower_mcse, upper_mcse
        The Monte Carlo standard errors of `lower` and `upper`; None where they are not known, as in
        what was published before they were kept.
    title
        The event's title, where it is at hand: the ledger keeps it with the network.
    question, wording
        The question that it answers, where one is asked, and its words.
    recalibrated
        What answered questions say that it would be, with a 90% interval of how well that is known,
        where it is shown beside; the ledger keeps it with the run's settings.
    """

    event: str
    deadline: datetime
    probability: float
    lower: float | None
    upper: float | None
    mcse: float | None
    prior: float | None
    valid_until: datetime
    condition: str = ""
    lower_mcse: float | None = None
    upper_mcse: float | None = None
    title: str = field(default="", compare=False)
    question: str = field(default="", compare=False)
    wording: str = field(default="", compare=False)
    recalibrated: tuple[float, float, float] | None = field(default=None, compare=False)

    @property
    def by(self) -> str:
        """The deadline, as tables show it."""
        return day_label(self.deadline)

    @property
    def change(self) -> float | None:
        """What the evidence changed: the probability less the prior."""
        return None if self.prior is None else self.probability - self.prior

    @property
    def settled(self) -> bool:
        """Whether the evidence leaves no doubt."""
        return self.probability in (0.0, 1.0)


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """An item of evidence as it was seen: its id, and all of it as JSON."""

    item: str
    body: str


@dataclass(frozen=True, slots=True)
class ArtifactRecord:
    """A file that belongs to a run: where it stands in the folder of runs, and what it holds."""

    path: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run of one network.

    Parameters
    ----------
    key
        The SHA-256 of everything that the run was made from; published once.
    network, network_body
        The network's name, and all of it as JSON.
    as_of
        The knowledge cut-off.
    settings, gate
        How it was estimated, and what the convergence gate said: JSON.
    forced
        Whether it was kept although the gate failed.
    forecasts, evidence, artifacts
        What it said, from what, and the files with its draws; their order is kept.
    versions
        Of this library and of those that the numbers depend on.
    """

    key: str
    network: str
    network_body: str
    as_of: datetime
    settings: str
    gate: str
    forced: bool
    forecasts: tuple[ForecastRecord, ...]
    evidence: tuple[ItemRecord, ...] = ()
    artifacts: tuple[ArtifactRecord, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ResolutionRecord:
    """What became of an event, or of a question.

    Parameters
    ----------
    event
        The event's id, or that of a question.
    outcome
        ``"happened"``: it began by `at`, and not before the day that ends then. ``"not_by"``: it
        had not begun by `at`. ``"ended"``: a state ended by `at`, likewise. ``"void"``: its
        questions are annulled. Of a question: it was answered yes, or no, or is annulled.
        ``"reopened"``: all that was said of it before is taken back, and nothing is known.
    at
        The end of the day; None where void or reopened.
    note
        How it is known; free text.
    """

    event: str
    outcome: Outcome
    at: datetime | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One link of the chain.

    Parameters
    ----------
    seq
        Its place: 1 is the first.
    kind
        ``"run"`` or ``"resolution"``; ``"clock"`` of one that says that the clock was right,
        ``"pruned"`` of one that names files that were removed, and ``"page"`` of one that names a
        page of the report.
    made_at
        When it was appended, as the machine's clock said.
    previous
        The digest of the entry before it; zeros for the first.
    digest
        The SHA-256 of all of this and of the entry's rows in canonical JSON.
    """

    seq: int
    kind: str
    made_at: datetime
    previous: str
    digest: str

    @property
    def head(self) -> str:
        """The entry's place and digest, to note elsewhere and hold the ledger against later."""
        return f"{self.seq}:{self.digest}"


PRUNED = "pruned"
"""The kind of an entry that names files of runs that were removed on purpose."""

PAGE = "page"
"""The kind of an entry that names a page of the report as it was written."""

OUTCOMES = ("happened", "not_by", "ended", "void", "reopened")
UNDATED = ("void", "reopened")

LONGEST_BODY = 2_000_000
"""Characters of a network or an item as JSON: twice the largest file that is read."""

LONGEST_NOTE = 2_000
LONGEST_NAME = 64
LONGEST_ITEM = 128
LONGEST_PATH = 400
MOST_ROWS = 100_000

_ID = re.compile(r"[a-z_][a-z0-9_]{0,63}")
_EVENT = re.compile(r"(?=.{1,64}\Z)[a-z_][a-z0-9_]*(@[a-z0-9_]+)?(\.[a-z0-9_]+){0,2}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")  # PostgreSQL takes no NUL, UTF-8 no half a pair
_ENDS_LINES = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")


def check_run(run: RunRecord) -> None:
    """Refuse a run that the ledger cannot hold as it is, with the first faults by field."""
    faults = list(_run_faults(run))
    for number, forecast in enumerate(run.forecasts[:MOST_ROWS]):
        faults += _forecast_faults(forecast, f"forecasts.{number}")
        if len(faults) > 20:  # noqa: PLR2004  enough to see what is wrong
            break
    for number, artifact in enumerate(run.artifacts[:MOST_ROWS]):
        faults += _artifact_faults(artifact, f"artifacts.{number}")
    if faults:
        raise InputError(faults)


def check_resolution(resolution: ResolutionRecord) -> None:
    """Refuse a resolution that the ledger cannot hold, or that does not say what happened when."""
    faults = [
        *_identity("event", resolution.event, _EVENT),
        *_text("note", resolution.note, LONGEST_NOTE),
    ]
    if resolution.outcome not in OUTCOMES:
        rule = "is not an outcome"
        faults.append(Fault(rule, f"Write one of {', '.join(OUTCOMES)}.", field="outcome"))
    elif (resolution.at is None) != (resolution.outcome in UNDATED):
        rule = "an outcome has a date, and an annulled or reopened question none"
        faults.append(Fault(rule, "Give the one or the other.", field="at"))
    if resolution.at is not None:
        faults += _moment("at", resolution.at)
    if faults:
        raise InputError(faults)


def _run_faults(run: RunRecord) -> Iterator[Fault]:
    yield from _digest("key", run.key)
    yield from _identity("network", run.network)
    yield from _moment("as_of", run.as_of)
    for name in ("network_body", "settings", "gate"):
        yield from _text(name, getattr(run, name), LONGEST_BODY)
    for number, item in enumerate(run.evidence[:MOST_ROWS]):
        yield from _line(f"evidence.{number}.item", item.item, LONGEST_ITEM)
        yield from _text(f"evidence.{number}.body", item.body, LONGEST_BODY)
    for package, version in run.versions.items():
        yield from _line("versions", package, LONGEST_NAME)
        yield from _line(f"versions.{package}", version, LONGEST_NAME)
    for name in ("forecasts", "evidence", "artifacts"):
        if len(getattr(run, name)) > MOST_ROWS:
            rule = f"are more than a run may have ({MOST_ROWS:,})"
            yield Fault(rule, field=name, value=f"{len(getattr(run, name)):,}")


def _forecast_faults(forecast: ForecastRecord, where: str) -> Iterator[Fault]:
    yield from _identity(f"{where}.event", forecast.event, _EVENT)
    yield from _text(f"{where}.condition", forecast.condition, LONGEST_NOTE)
    yield from _moment(f"{where}.deadline", forecast.deadline)
    yield from _moment(f"{where}.valid_until", forecast.valid_until)
    for name in ("probability", "lower", "upper", "prior", "mcse", "lower_mcse", "upper_mcse"):
        value = getattr(forecast, name)
        if value is None and name != "probability":
            continue
        if not isinstance(value, float) or not math.isfinite(value) or not 0 <= value <= 1:
            rule = "must be a number from 0 to 1"
            yield Fault(rule, field=f"{where}.{name}", value=str(value)[:80])


def _artifact_faults(artifact: ArtifactRecord, where: str) -> Iterator[Fault]:
    yield from _digest(f"{where}.sha256", artifact.sha256)
    yield from _line(f"{where}.path", artifact.path, LONGEST_PATH)
    path = PurePosixPath(artifact.path.replace("\\", "/"))
    if ".." in path.parts or path.is_absolute() or PureWindowsPath(artifact.path).anchor:
        rule = "leaves the folder of runs"
        yield Fault(rule, "Name a file inside it.", field=f"{where}.path", value=artifact.path)
    if not isinstance(artifact.bytes, int) or not 0 <= artifact.bytes < 2**63:
        yield Fault("must be a size in bytes", field=f"{where}.bytes")


def _identity(field: str, value: str, pattern: re.Pattern[str] = _ID) -> Iterator[Fault]:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        rule = "is not an id"
        dots = ", with @ before a unit, dots before outcomes" if pattern is _EVENT else ""
        remedy = f"Ids are small letters, digits and underscores{dots}, 64 characters at most."
        yield Fault(rule, remedy, field=field, value=str(value)[:200])


def _digest(field: str, value: str) -> Iterator[Fault]:
    if not isinstance(value, str) or not _SHA256.fullmatch(value):
        yield Fault("is not a SHA-256 in hexadecimal", field=field, value=str(value)[:200])


def _moment(field: str, value: datetime) -> Iterator[Fault]:
    if not isinstance(value, datetime) or value.tzinfo is None:
        yield Fault("is not an instant with a time zone", field=field, value=str(value)[:200])


def _line(field: str, value: object, longest: int) -> Iterator[Fault]:
    """Hold a name to one line of text."""
    if isinstance(value, str) and (not value or _ENDS_LINES.search(value)):
        yield Fault("must be one line of text", field=field, value=value[:200])
    yield from _text(field, value, longest)


def _text(field: str, value: object, longest: int) -> Iterator[Fault]:
    if not isinstance(value, str):
        yield Fault("must be text", field=field, value=str(value)[:200])
    elif len(value) > longest:
        rule = f"is longer than the ledger takes ({longest:,} characters)"
        yield Fault(rule, field=field, value=f"{len(value):,} characters")
    elif _UNSTORABLE.search(value):
        yield Fault("holds a character that no text has", field=field, value=value[:200])
