"""Where a workspace stands: its last runs, what is new since, what is asked, and what waits."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from forecast.ledger import (
    Ledger,
    RunHead,
    RunRecord,
    items_seen,
    ledger_address,
    read_run,
    run_heads,
)
from forecast.time import day_label
from forecast.workspace._alerts import Alert, alerts_of
from forecast.workspace._contents import WORKSPACE_FILE, Contents, Inputs, read_contents
from forecast.workspace._filed import by_draft, inbox_of, on_file
from forecast.workspace._followed import followed, observed, words_of
from forecast.workspace._head import require_there
from forecast.workspace._history import last_runs, open_kept
from forecast.workspace._run import canonical_text
from forecast.workspace._scores import settled
from forecast.workspace._settings import (
    Request,
    Settings,
    finished,
    settle,
    settle_one,
)
from forecast.workspace._told import seen_on


@dataclass(frozen=True)
class NetworkStatus:
    """One network.

    Parameters
    ----------
    network
        Its name.
    as_of, made_at
        The cut-off of its last run, and when that was made, UTC; empty where there is none.
    entry
        Its place in the ledger; 0 where there is none.
    new_items
        Items on file that the next run would see and the last one did not.
    lost_items
        Items that the last run saw and no run with a cut-off as late would: retracted or removed.
    changed
        Whether the network is another than the last run's.
    finished
        Why there is nothing left to forecast; empty where there is.
    alerts
        Those of the last run.
    behind
        The cut-off in ``forecast.toml``, where it is earlier than that of the last run.
    """

    network: str
    as_of: str = ""
    made_at: str = ""
    entry: int = 0
    new_items: int = 0
    lost_items: int = 0
    changed: bool = False
    finished: str = ""
    alerts: tuple[Alert, ...] = ()
    behind: str = ""

    @property
    def is_stale(self) -> bool:
        """Whether a new run would rest on anything else than the last one, but for the time."""
        return not (self.finished or self.behind) and bool(
            not self.entry or self.new_items or self.lost_items or self.changed
        )


@dataclass(frozen=True)
class Status:
    """A workspace.

    Parameters
    ----------
    at
        The instant of which this is said, UTC.
    networks
        One for each.
    questions_open
        The ids of questions that can be forecast, the next to close first.
    next_closing
        The deadline of the first; empty where there is none.
    unanswered
        The ids of questions that have closed and have no answer.
    answer_with
        For each of these what ``forecast resolve`` takes: ``--on DATE`` or ``--yes``, and ``--no``.
    observed
        Those which an observation answers that nobody has recorded as the answer, with its day.
    drafts
        How many pieces of news wait for a decision.
    """

    at: str
    networks: tuple[NetworkStatus, ...]
    questions_open: tuple[str, ...]
    next_closing: str
    unanswered: tuple[str, ...]
    drafts: int
    answer_with: tuple[str, ...] = ()
    observed: tuple[tuple[str, str], ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Return it for JSON."""
        stale = {each.network: each.is_stale for each in self.networks}
        found = asdict(self)
        found["networks"] = [
            {**each, "stale": stale[each["network"]]} for each in found["networks"]
        ]
        return found


def status(folder: Path, now: datetime | None = None) -> Status:
    """Return where a workspace stands; nothing is written.

    Parameters
    ----------
    folder
        The workspace.
    now
        The instant of which it is said; None for now.

    Raises
    ------
    InputError
        If the workspace has faults.
    """
    now = datetime.now(UTC) if now is None else now
    contents = read_contents(folder)
    settings = settle(contents, Request())
    heads: dict[str, RunHead] = {}
    answered = {each.id for each in contents.questions if each.outcome is not None}
    records: dict[str, tuple[RunRecord, set[str], tuple[Alert, ...]]] = {}
    address = ledger_address(contents.workspace.ledger, folder)
    if address.file is not None and not address.file.exists():
        require_there(contents.workspace, address)
    else:
        with open_kept(folder) as kept:
            heads = last_runs(run_heads(kept.ledger))
            answered = settled(kept.ledger, list(contents.questions))
            contents = followed(contents, words_of(kept.ledger))
            records = {name: _last(kept.ledger, head, contents) for name, head in heads.items()}
    networks = tuple(
        _network_status(inputs, settings, heads.get(inputs.network.name), records)
        for inputs in contents.inputs
    )
    asked = [each for each in contents.questions if each.id not in answered]
    live = sorted((each for each in asked if each.is_open(now)), key=lambda each: each.closed)
    late = [each for each in asked if each.closed <= now]
    seen = {each.id: seen_on(first) for each, first, _ in observed(contents)}
    states = {
        node.id for each in contents.inputs for node in each.network.nodes if node.kind == "state"
    }
    unseen = [each for each in late if each.id not in seen]
    return Status(
        day_label(now),
        networks,
        tuple(each.id for each in live),
        day_label(live[0].closed) if live else "",
        tuple(each.id for each in unseen),
        _drafts(folder, contents),
        tuple("--yes" if each.event in states else "--on DATE" for each in unseen),
        tuple((each.id, seen[each.id]) for each in late if each.id in seen),
    )


def _last(
    ledger: Ledger, head: RunHead, contents: Contents
) -> tuple[RunRecord, set[str], tuple[Alert, ...]]:
    rules = contents.workspace.alerts
    return (
        read_run(ledger, head.entry)[1],
        set(items_seen(ledger, head.entry)),
        alerts_of(ledger, head.entry, rules, contents.questions),
    )


def _network_status(
    inputs: Inputs,
    settings: Settings,
    head: RunHead | None,
    records: dict[str, tuple[RunRecord, set[str], tuple[Alert, ...]]],
) -> NetworkStatus:
    network = inputs.network
    own = settle_one(inputs, settings)
    ended = finished(inputs, own)
    if head is None:
        return NetworkStatus(network.name, finished=ended)
    record, before, alerts = records[network.name]
    seen = inputs.evidence.as_of(settings.as_of, settings.known)
    now = {item.id for item in (*seen, *seen.repeated)}
    later = inputs.evidence.as_of(max(settings.as_of, head.as_of), settings.known)
    still = {item.id for item in (*later, *later.repeated)}
    behind = settings.as_of_from == WORKSPACE_FILE and settings.as_of < head.as_of
    return NetworkStatus(
        network.name,
        as_of=day_label(head.as_of),
        made_at=day_label(head.made_at),
        entry=head.entry,
        new_items=len(now - before),
        lost_items=len(before - still),
        changed=record.network_body != canonical_text(network.model_dump()),
        finished=ended,
        alerts=alerts,
        behind=day_label(settings.as_of) if behind else "",
    )


def _drafts(folder: Path, contents: Contents) -> int:
    """Return how many drafts nobody has decided on."""
    filed = by_draft(item for item, _ in on_file(contents).values())
    return sum(each.id not in filed for each in inbox_of(folder).waiting())
