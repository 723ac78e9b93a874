"""What a workspace's files hold: networks, evidence, questions; checked, faults in one go."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from forecast.errors import Fault, InputError
from forecast.evidence import (
    Evidence,
    Item,
    Place,
    Questions,
    Resolution,
    Resolutions,
    Silence,
    question_faults,
    resolution_faults,
)
from forecast.evidence._faults import item_faults
from forecast.evidence._relations import Surroundings
from forecast.evidence._retraction import withdrawn
from forecast.evidence._timeline import clashes
from forecast.files._asked_rows import file_in
from forecast.files._evidence_file import scan_evidence
from forecast.files._network_file import SOURCES_FILE, read_network, read_sources
from forecast.files._questions_file import FORMS, QUESTIONS_FILE, scan_questions
from forecast.files._resolutions_file import RESOLUTIONS_FILE, scan_resolutions
from forecast.files._run_rules import check_alerts, check_deadlines
from forecast.files._workspace_file import Scanned, Workspace, scan_workspace
from forecast.network import Network
from forecast.network._units import shared_name, unknown_event
from forecast.workspace._places import require_inside

if TYPE_CHECKING:  # the ledger reaches the database library
    from forecast.ledger import ResolutionRecord


WORKSPACE_FILE = "forecast.toml"


def workspace_file(folder: Path) -> Path:
    """Return a workspace's file; refuse a folder that has none."""
    file = folder / WORKSPACE_FILE
    if not file.is_file():
        remedy = "Run inside a workspace, or name one: --workspace DIR."
        raise InputError(Fault("there is no workspace here: no such file", remedy, file=str(file)))
    return file


@dataclass(frozen=True)
class Inputs:
    """One network, the evidence on its events, whatever its date, and what is asked of them."""

    network: Network
    evidence: Evidence
    questions: Questions = Questions()  # noqa: RUF009  immutable


@dataclass(frozen=True)
class Contents:
    """A workspace file and what it names.

    Parameters
    ----------
    workspace
        The file.
    inputs
        Its networks, in its order, each with its evidence.
    lines
        Where each key of the file stands, by ``table.key``.
    resolutions
        How past questions came out, those of `questions` among them, to score replays.
    questions
        Those of ``questions.csv``, open and answered.
    told
        What is read otherwise than it is written, and which files are not read.
    """

    workspace: Workspace
    inputs: tuple[Inputs, ...]
    lines: Mapping[str, int]
    resolutions: Resolutions = Resolutions()  # noqa: RUF009  immutable
    questions: Questions = Questions()  # noqa: RUF009  immutable
    told: tuple[Fault, ...] = ()

    @property
    def file(self) -> Path:
        """The workspace file."""
        return self.workspace.folder / WORKSPACE_FILE


class Gathered:
    """A list of faults that grows while work goes on.

    Examples
    --------
    >>> gathered = Gathered()
    >>> with gathered.faults_of():
    ...     raise InputError("the first")
    >>> gathered.add([Fault("the second")])
    >>> gathered.any
    True
    """

    def __init__(self) -> None:
        self._faults: dict[Fault, None] = {}

    @property
    def any(self) -> bool:
        """Whether there is any fault so far."""
        return bool(self._faults)

    def add(self, faults: Iterable[Fault]) -> None:
        """Add faults; one that is there already stays single."""
        self._faults.update(dict.fromkeys(faults))

    @contextmanager
    def faults_of(self) -> Iterator[None]:
        """Keep the faults that the work inside ends with, and go on after it."""
        try:
            yield
        except InputError as error:
            self.add(error.faults)

    def refuse(self) -> None:
        """Raise all that was gathered, if anything was, as one `InputError`."""
        if self._faults:
            raise InputError(tuple(self._faults))


def read_contents(
    folder: Path, *, new: Sequence[tuple[Item, Place]] = (), without: Collection[str] = ()
) -> Contents:
    """Return everything that a workspace's ``forecast.toml`` names, checked.

    As it would be with `new` items of evidence, and `without` some of those on file.

    An `InputError` has every fault of every file: of each for itself, of the evidence against the
    networks, and of the deadlines against the horizons. A fault hides only what cannot be judged
    without what it is in: items on events of a network that cannot be read are held against
    nothing.
    """
    file = workspace_file(folder)
    scanned = scan_workspace(file)
    require_inside(folder, _places(folder, scanned))
    gathered = Gathered()
    gathered.add(scanned.faults)
    networks = _networks(scanned.networks, gathered)
    all_networks = scanned.names_all and len(networks) == len(scanned.networks)
    evidence, faults, told, named = scan_evidence(scanned.evidence)
    gathered.add(faults)
    if new or without:
        with gathered.faults_of():
            evidence = _changed(evidence, new, without)
    shares = _shares(networks, evidence, claim_orphans=all_networks)
    record = Surroundings(
        by_id={item.id: item for item in evidence},
        events={event.id for network in networks for event in network.nodes},
        partly_unread=bool(faults) or not scanned.names_all,
    )
    inputs = tuple(Inputs(*each) for each in zip(networks, shares, strict=True))
    if all_networks:
        for broken in named:
            gathered.add(broken.faults(lambda event: _names(networks, event)))
    for each in inputs:
        gathered.add(_evidence_faults(each, record))
    with gathered.faults_of():
        check_deadlines(networks, scanned.deadlines, file=file, lines=scanned.deadline_lines)
    questions, faults, more = scan_asked(folder)
    gathered.add(faults)
    told += more
    resolutions, faults, more = scan_outcomes(scanned.evidence, questions)
    gathered.add(faults)
    told += more
    if all_networks:
        gathered.add(outcome_faults(resolutions, networks))
        gathered.add(question_faults(questions, networks))
    if scanned.workspace is not None:
        events = None if not all_networks else record.events
        gathered.add(_output_faults(scanned.workspace, file, scanned.lines, events, questions))
    gathered.refuse()
    inputs = tuple(replace(each, questions=questions.about(each.network)) for each in inputs)
    return Contents(scanned.whole(), inputs, scanned.lines, resolutions, questions, told)


def _changed(
    evidence: Evidence, new: Sequence[tuple[Item, Place]], without: Collection[str]
) -> Evidence:
    """Return a record with items added, and without others."""
    places = evidence.places
    left = [(each, places[each.id]) for each in evidence if each.id not in without]
    return Evidence.placed([*left, *new])


def _places(folder: Path, scanned: Scanned) -> Iterator[tuple[str, Path]]:
    """Yield the files and folders that are read and written, each with its field."""
    for path in scanned.networks:
        yield "workspace.networks", path
        yield "workspace.networks", path.parent / SOURCES_FILE
    for path in scanned.evidence:
        yield "workspace.evidence", path
    yield "questions", folder / QUESTIONS_FILE
    if scanned.workspace is not None:
        yield "workspace.output", scanned.workspace.output_path
        if scanned.workspace.report is not None:
            yield "report.file", folder / scanned.workspace.report


def _output_faults(
    workspace: Workspace,
    file: Path,
    lines: Mapping[str, int],
    events: Collection[str] | None,
    questions: Questions,
) -> list[Fault]:
    """Return what is wrong with what is to be told, each with its line."""
    faults = []
    if events is not None:
        asked = [each.deadline for each in questions]
        named = {each.id for each in questions}
        every = {*events, *map(shared_name, events), *named}
        faults += check_alerts(workspace.alerts, every, (*workspace.deadlines, *asked))
    if workspace.ledger is not None:
        # Imported here, since it reaches the database library.
        from forecast.ledger import ledger_address  # noqa: PLC0415

        try:
            ledger_address(workspace.ledger, workspace.folder, {})
        except InputError as error:
            faults += error.faults
    return [replace(fault, file=str(file), line=_line(fault.field, lines)) for fault in faults]


def _line(field: str, lines: Mapping[str, int]) -> int:
    """Return the line of a key, else of the one above it."""
    while field not in lines and "." in field:
        field = field.rpartition(".")[0]
    return lines.get(field, 0)


def _networks(paths: Sequence[Path], gathered: Gathered) -> list[Network]:
    """Return the networks that can be read; no two of one name."""
    networks: dict[str, Network] = {}
    for path in paths:
        try:
            network = read_network(path)
        except InputError as error:
            gathered.add(error.faults)
            beside = path.parent / SOURCES_FILE
            with gathered.faults_of():
                if beside.exists():  # what is wrong with the network may have hidden its sources
                    read_sources(beside)
            continue
        if network.name in networks:
            remedy = "Rename one: forecasts are kept by the name of their network."
            fault = Fault("another network has the same name", remedy, str(path), field="name")
            gathered.add([fault])
            continue
        networks[network.name] = network
    return list(networks.values())


def _shares(networks: list[Network], evidence: Evidence, *, claim_orphans: bool) -> list[Evidence]:
    """Return each network's evidence: the items on its events.

    An item on an event of no network goes to the first, whose check names it, unless some network
    could not be read: its event may be there. Of a silence on several events each network gets
    those that it has, which are worth as much as if they had been written apart.
    """
    homes: dict[str, list[int]] = {}  # by event, the networks that have it
    for position, network in enumerate(networks):
        for event in network.nodes:
            homes.setdefault(event.id, []).append(position)
    orphans = [0] if claim_orphans and networks else []
    shares: list[list[Item]] = [[] for _ in networks]
    for item in evidence:
        homed: dict[int, list[str]] = {}
        for name in item.events:
            for position in homes.get(name, orphans):
                homed.setdefault(position, []).append(name)
        for position, names in homed.items():
            some = item.on_some(names) if isinstance(item, Silence) else item
            shares[position].append(some if len(names) < len(item.events) else item)
    return [Evidence(mine, places=evidence.places) for mine in shares]


def _names(networks: Sequence[Network], event: str) -> tuple[set[str], set[str]]:
    """Return the events and sources of the networks that have an event; of all, if none has."""
    homes = [one for one in networks if any(node.id == event for node in one.nodes)] or networks
    events = {node.id for one in homes for node in one.nodes}
    return events, {source.id for one in homes for source in one.sources}


def _evidence_faults(inputs: Inputs, record: Surroundings) -> list[Fault]:
    """Return the faults of a network's items, and the contradictions between the sound ones."""
    items, places = inputs.evidence.items, inputs.evidence.places
    by_item = item_faults(inputs.network, items, places, record)
    fallen = withdrawn(items)
    sound = (item for item in items if item.id not in by_item and item.id not in fallen)
    faults = [fault for faults in by_item.values() for fault in faults]
    return [*faults, *clashes(inputs.network, sound, places)]


def scan_asked(folder: Path) -> tuple[Questions, tuple[Fault, ...], tuple[Fault, ...]]:
    """Return the questions of a workspace, if it has a file of them, their faults, and remarks."""
    try:
        file = file_in(folder, QUESTIONS_FILE, FORMS)
    except InputError as error:
        return Questions(), error.faults, ()
    return scan_questions(file) if file.exists() else (Questions(), (), ())


def event_named(folder: Path, name: str) -> str:
    """Return the event that a name means: that of a question of the workspace, else itself."""
    return next((each.event for each in scan_asked(folder)[0] if each.id == name), name)


def scan_outcomes(
    evidence: Iterable[Path], questions: Questions
) -> tuple[Resolutions, tuple[Fault, ...], tuple[Fault, ...]]:
    """Return answers of questions and the resolutions in folders of evidence; faults; remarks."""
    found, faults, told = [questions.resolutions], list[Fault](), list[Fault]()
    for folder in filter(Path.is_dir, evidence):
        try:
            file = file_in(folder, RESOLUTIONS_FILE)
        except InputError as error:
            faults += error.faults
            continue
        if file.exists():
            resolutions, wrong, more = scan_resolutions(file)
            found.append(resolutions)
            faults += wrong
            told += more
    try:
        places = {name: at for each in found for name, at in each.places.items()}
        everything = Resolutions((one for each in found for one in each), places=places)
    except InputError as error:
        return Resolutions(), (*faults, *error.faults), tuple(told)
    return everything, tuple(faults), tuple(told)


def outcome_faults(resolutions: Resolutions, networks: Sequence[Network]) -> Iterator[Fault]:
    """Yield what is wrong with resolutions against the networks of a workspace."""
    events = {event.id for network in networks for event in network.nodes}
    for each in resolutions:
        if each.event not in events:
            file, line = resolutions.places[each.id]
            told = unknown_event(each.event, events)
            field = f"resolution '{each.id}': {told.field}"
            yield replace(told, file=file, line=line, field=field)
    for network in networks:
        yield from resolution_faults(resolutions.about(network), network)


def clashes_with_word(
    resolutions: Resolutions, words: Mapping[str, "ResolutionRecord"]
) -> Iterator[Fault]:
    """Yield each resolution that says otherwise than the last word on its event in the ledger."""
    for each in resolutions.scored:
        word = words.get(each.event)
        said = None if word is None else _by_word(each, word)
        if said is None or said == each.outcome:
            continue
        file, line = resolutions.places.get(each.id, ("", 0))
        yield Fault(
            f"the ledger says {said} of this event by {each.deadline}",
            "Correct the file, or record what became of the event anew with 'forecast resolve'.",
            file,
            line,
            f"resolution '{each.id}': outcome",
            each.outcome,
        )


def _by_word(each: Resolution, word: "ResolutionRecord") -> str | None:
    """Return the answer to a question that follows from the ledger's word, if one does."""
    if word.at is None or word.outcome == "void":
        return None
    if word.outcome == "happened":
        return "yes" if word.at <= each.by else "no"
    return "no" if each.by <= word.at else None
